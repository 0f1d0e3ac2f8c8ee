//! Products of a dense matrix, by the workspace's own: their sums are blocked as shapes and processor say, so
//! the bits do not depend on the number of threads.

use std::borrow::Cow;

use assort_kernels::{Matmul, Matrix};
use assort_rows::DenseRows;
use rayon::prelude::*;

use super::sum::Sum;

/// Entries that one task handles, and rows whose products are summed in f32: both fixed numbers.
const TASK: usize = 1 << 12;

/// A dense matrix.
pub(super) struct Dense<'r>(pub &'r DenseRows);

impl Dense<'_> {
    pub(super) fn multiply(&self, vectors: &[f32], lanes: usize, output: &mut [f32]) {
        let (rows, width) = (self.0.rows(), self.0.width());
        let left = Matrix::new(self.0.values(), rows, width);
        Matmul::new(left, Matrix::new(vectors, width, lanes)).write(output);
    }

    pub(super) fn multiply_transposed<S: Sum>(
        &self,
        vectors: &[f32],
        lanes: usize,
        output: &mut [f32],
        finish: impl Fn(usize, S) -> (f32, f64) + Sync,
    ) -> f64 {
        let sums = self.sums::<S>(vectors, lanes, |values| Cow::Borrowed(values));
        let totals: Vec<f64> = (output.par_chunks_mut(TASK).zip(sums.par_chunks(TASK)).enumerate())
            .map(|(task, (output, sums))| {
                let mut total = 0.0;
                for (at, (entry, sum)) in (task * TASK..).zip(output.iter_mut().zip(sums)) {
                    let (value, summand) = finish(at, *sum);
                    *entry = value;
                    total += summand;
                }
                total
            })
            .collect();
        totals.iter().sum()
    }

    pub(super) fn multiply_squares(
        &self,
        vectors: &[f32],
        lanes: usize,
        output: &mut [f32],
        finish: impl Fn(usize, f32) -> f32 + Sync,
    ) {
        let sums = self.sums::<f32>(vectors, lanes, |values| values.iter().map(|x| x * x).collect());
        output.par_chunks_mut(TASK).zip(sums.par_chunks(TASK)).enumerate().for_each(
            |(task, (output, sums))| {
                for (at, (entry, sum)) in (task * TASK..).zip(output.iter_mut().zip(sums)) {
                    *entry = finish(at, *sum);
                }
            },
        );
    }

    /// Xᵀ · U with the values of X changed first; some rows at a time, so that long sums are in `S`.
    fn sums<S: Sum>(&self, vectors: &[f32], lanes: usize, change: impl Fn(&[f32]) -> Cow<[f32]>) -> Vec<S> {
        let width = self.0.width();
        let mut sums = vec![S::default(); width * lanes];
        let mut product = vec![0.0; width * lanes];
        for (rows, own) in self.0.values().chunks(TASK * width).zip(vectors.chunks(TASK * lanes)) {
            let (rows, count) = (change(rows), rows.len() / width);
            let left = Matrix::new(&rows, count, width).transposed();
            Matmul::new(left, Matrix::new(own, count, lanes)).write(&mut product);
            sums.iter_mut().zip(&product).for_each(|(sum, value)| *sum += S::from(*value));
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_those_of_each_entry() {
        let (rows, width) = (2 * TASK + 3, 5);
        let value = |row: usize, column: usize| ((row * 7 + column * 3) % 5) as f32 - 2.0;
        let values = (0..rows * width).map(|at| value(at / width, at % width)).collect();
        let dense = DenseRows::new(values, width).unwrap();
        for lanes in [1, 3, 8, 17] {
            let right: Vec<f32> = (0..width * lanes).map(|at| (at % 7) as f32 - 3.0).collect();
            let mut output = vec![9.0; rows * lanes];
            Dense(&dense).multiply(&right, lanes, &mut output);
            for (at, found) in output.iter().enumerate() {
                let sum: f32 = (0..width).map(|i| value(at / lanes, i) * right[i * lanes + at % lanes]).sum();
                assert_eq!(*found, sum, "{lanes} lanes, {at}");
            }
            let left: Vec<f32> = (0..rows * lanes).map(|at| (at % 5) as f32 - 2.0).collect();
            let (mut plain, mut squares) = (vec![9.0; width * lanes], vec![9.0; width * lanes]);
            let total = Dense(&dense).multiply_transposed::<f64>(&left, lanes, &mut plain, |at, sum| {
                (sum as f32 + at as f32, sum)
            });
            Dense(&dense).multiply_squares(&left, lanes, &mut squares, |at, sum| sum - at as f32);
            let mut expect_total = 0.0;
            for at in 0..width * lanes {
                let sum = |power: i32| -> f32 {
                    let row =
                        |row: usize| value(row, at / lanes).powi(power) * left[row * lanes + at % lanes];
                    (0..rows).map(row).sum()
                };
                let expect = (sum(1) + at as f32, sum(2) - at as f32);
                assert_eq!((plain[at], squares[at]), expect, "{lanes} lanes, {at}");
                expect_total += f64::from(sum(1));
            }
            assert_eq!(total, expect_total);
        }
    }
}
