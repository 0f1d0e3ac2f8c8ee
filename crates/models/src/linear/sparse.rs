//! Products of a sparse matrix with dense vectors, from the left and from the right, for several vectors at
//! once.
//!
//! The matrix stands by rows and, in a copy, by columns: so each number of a product is one sum in one fixed
//! order, nothing is added up across threads, and the bits do not depend on their number. Vectors of one
//! problem lie interleaved: value k of entry i is `i * lanes + k`.

use assort_rows::SparseRows;
use rayon::prelude::*;
use std::ops::Range;

use super::sum::Sum;

/// Stored values that one task handles: a fixed number.
const TASK: usize = 1 << 15;

/// A sparse matrix by rows and by columns.
pub(super) struct Sparse<'r> {
    pub rows: &'r SparseRows,
    columns: Columns,
    row_tasks: Vec<Range<usize>>,
    column_tasks: Vec<Range<usize>>,
}

struct Columns {
    offsets: Vec<usize>,
    rows: Vec<u32>,
    values: Vec<f32>,
}

impl<'r> Sparse<'r> {
    pub(super) fn new(rows: &'r SparseRows) -> Self {
        let columns = transpose(rows);
        let (row_tasks, column_tasks) = (tasks(rows.offsets()), tasks(&columns.offsets));
        Self { rows, columns, row_tasks, column_tasks }
    }

    /// The stored values of a column, with their rows.
    pub(super) fn column(&self, column: usize) -> (&[u32], &[f32]) {
        let range = match (self.columns.offsets.get(column), self.columns.offsets.get(column + 1)) {
            (Some(start), Some(end)) => *start..*end,
            _ => 0..0,
        };
        (
            self.columns.rows.get(range.clone()).unwrap_or_default(),
            self.columns.values.get(range).unwrap_or_default(),
        )
    }

    /// X · V: (B, lanes) from V (width, lanes).
    pub(super) fn multiply(&self, vectors: &[f32], lanes: usize, output: &mut [f32]) {
        let pieces = split(output, &self.row_tasks, lanes);
        self.row_tasks.par_iter().zip(pieces).for_each(|(task, piece)| {
            for (row, sums) in task.clone().zip(piece.chunks_exact_mut(lanes)) {
                let (columns, values) = self.rows.row(row).unwrap_or_default();
                gather::<f32>(columns, values, vectors, lanes, |lane, sum| sums[lane] = sum);
            }
        });
    }

    /// Xᵀ · U of U (B, lanes), entry by entry handed to `finish` with its index in (width, lanes); its two
    /// results are put into `output` and summed up. `factor` is applied to the matrix's values first.
    pub(super) fn multiply_transposed<S: Sum>(
        &self,
        vectors: &[f32],
        lanes: usize,
        output: &mut [f32],
        finish: impl Fn(usize, S) -> (f32, f64) + Sync,
    ) -> f64 {
        let pieces = split(output, &self.column_tasks, lanes);
        let sums: Vec<f64> = (self.column_tasks.par_iter().zip(pieces))
            .map(|(task, piece)| {
                let mut total = 0.0;
                for (column, entry) in task.clone().zip(piece.chunks_exact_mut(lanes)) {
                    let (rows, values) = self.column(column);
                    gather::<S>(rows, values, vectors, lanes, |lane, sum| {
                        let (value, summand) = finish(column * lanes + lane, sum);
                        entry[lane] = value;
                        total += summand;
                    });
                }
                total
            })
            .collect();
        sums.iter().sum()
    }

    /// As [`Sparse::multiply_transposed`], of the matrix's squared values.
    pub(super) fn multiply_squares(
        &self,
        vectors: &[f32],
        lanes: usize,
        output: &mut [f32],
        finish: impl Fn(usize, f32) -> f32 + Sync,
    ) {
        let pieces = split(output, &self.column_tasks, lanes);
        self.column_tasks.par_iter().zip(pieces).for_each(|(task, piece)| {
            let mut squares = Vec::new();
            for (column, entry) in task.clone().zip(piece.chunks_exact_mut(lanes)) {
                let (rows, values) = self.column(column);
                squares.clear();
                squares.extend(values.iter().map(|value| value * value));
                gather::<f32>(rows, &squares, vectors, lanes, |lane, sum| {
                    entry[lane] = finish(column * lanes + lane, sum);
                });
            }
        });
    }
}

/// Sums of `values` times the entries that `indices` name, lane by lane; blocks of lanes stay in registers.
#[inline(always)]
pub(super) fn gather<S: Sum>(
    indices: &[u32],
    values: &[f32],
    vectors: &[f32],
    lanes: usize,
    mut each: impl FnMut(usize, S),
) {
    let mut lane = 0;
    while lane < lanes {
        lane += match lanes - lane {
            1 => {
                each(lane, single::<S>(indices, values, vectors, lanes, lane));
                1
            }
            2 => block::<S, 2>(indices, values, vectors, lanes, lane, &mut each),
            3 => block::<S, 3>(indices, values, vectors, lanes, lane, &mut each),
            4..8 => block::<S, 4>(indices, values, vectors, lanes, lane, &mut each),
            _ => block::<S, 8>(indices, values, vectors, lanes, lane, &mut each),
        };
    }
}

/// One lane, in four sums that do not wait for one another.
#[inline(always)]
fn single<S: Sum>(indices: &[u32], values: &[f32], vectors: &[f32], lanes: usize, lane: usize) -> S {
    let mut sums = [S::default(); 4];
    let (indices, index_rest) = indices.as_chunks::<4>();
    let (values, value_rest) = values.as_chunks::<4>();
    for (indices, values) in indices.iter().zip(values) {
        for part in 0..4 {
            sums[part] += S::from(values[part]) * S::from(vectors[indices[part] as usize * lanes + lane]);
        }
    }
    for (index, value) in index_rest.iter().zip(value_rest) {
        sums[0] += S::from(*value) * S::from(vectors[*index as usize * lanes + lane]);
    }
    let [mut first, second, mut third, fourth] = sums;
    first += second;
    third += fourth;
    first += third;
    first
}

#[inline(always)]
fn block<S: Sum, const L: usize>(
    indices: &[u32],
    values: &[f32],
    vectors: &[f32],
    lanes: usize,
    lane: usize,
    each: &mut impl FnMut(usize, S),
) -> usize {
    let mut sums = [S::default(); L];
    for (index, value) in indices.iter().zip(values) {
        let from = *index as usize * lanes + lane;
        let entries = &vectors[from..from + L];
        for (sum, entry) in sums.iter_mut().zip(entries) {
            *sum += S::from(*value) * S::from(*entry);
        }
    }
    sums.into_iter().enumerate().for_each(|(part, sum)| each(lane + part, sum));
    L
}

/// Cuts lines into ranges of about equal work.
fn tasks(offsets: &[usize]) -> Vec<Range<usize>> {
    let (mut tasks, mut start, mut work) = (Vec::new(), 0, 0);
    let lines = offsets.len().saturating_sub(1);
    for (line, pair) in offsets.windows(2).enumerate() {
        // A line costs some work of its own.
        work += pair[1] - pair[0] + 4;
        if work >= TASK || line + 1 == lines {
            tasks.push(start..line + 1);
            (start, work) = (line + 1, 0);
        }
    }
    tasks
}

/// The pieces of `values` that belong to the tasks.
fn split<'v, T>(mut values: &'v mut [T], tasks: &[Range<usize>], lanes: usize) -> Vec<&'v mut [T]> {
    (tasks.iter())
        .map(|task| {
            let (piece, rest) = std::mem::take(&mut values).split_at_mut(task.len() * lanes);
            values = rest;
            piece
        })
        .collect()
}

fn transpose(rows: &SparseRows) -> Columns {
    let mut offsets = vec![0; rows.width() + 1];
    for column in rows.columns() {
        offsets[*column as usize + 1] += 1;
    }
    let mut end = 0;
    for offset in &mut offsets {
        end += *offset;
        *offset = end;
    }
    let mut next = offsets.clone();
    let mut columns = Columns { offsets, rows: vec![0; end], values: vec![0.0; end] };
    for (row, (own, values)) in (0u32..).zip(rows.iter()) {
        for (column, value) in own.iter().zip(values) {
            let place = &mut next[*column as usize];
            columns.rows[*place] = row;
            columns.values[*place] = *value;
            *place += 1;
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_in_every_number_of_lanes() {
        // Rows: (), (0: 1, 2: 2), (1: -1), and one with many columns.
        let mut columns = vec![0, 2, 1];
        columns.extend((0..40).step_by(3));
        let mut values = vec![1., 2., -1.];
        values.extend((0..14).map(|value| value as f32 - 5.0));
        let rows = SparseRows::new(vec![0, 0, 2, 3, 17], columns, values, 41).unwrap();
        let matrix = Sparse::new(&rows);
        let value = |row: usize, column: usize| {
            let (columns, values) = rows.row(row).unwrap();
            columns.iter().position(|own| *own as usize == column).map_or(0.0, |at| values[at])
        };
        for lanes in [1, 2, 3, 4, 5, 7, 8, 9, 13, 16] {
            let right: Vec<f32> = (0..41 * lanes).map(|at| (at % 7) as f32 - 3.0).collect();
            let mut output = vec![9.0; 4 * lanes];
            matrix.multiply(&right, lanes, &mut output);
            for (at, found) in output.iter().enumerate() {
                let sum: f32 = (0..41)
                    .map(|column| value(at / lanes, column) * right[column * lanes + at % lanes])
                    .sum();
                assert_eq!(*found, sum, "{lanes} lanes, {at}");
            }
            let left: Vec<f32> = (0..4 * lanes).map(|at| (at % 5) as f32 - 2.0).collect();
            let (mut plain, mut squares) = (vec![9.0; 41 * lanes], vec![9.0; 41 * lanes]);
            let total = matrix.multiply_transposed::<f64>(&left, lanes, &mut plain, |at, sum| {
                (sum as f32 + at as f32, sum)
            });
            matrix.multiply_squares(&left, lanes, &mut squares, |_, sum| sum);
            let mut expect_total = 0.0;
            for at in 0..41 * lanes {
                let sum = |power: i32| -> f32 {
                    (0..4)
                        .map(|row| value(row, at / lanes).powi(power) * left[row * lanes + at % lanes])
                        .sum()
                };
                assert_eq!((plain[at], squares[at]), (sum(1) + at as f32, sum(2)), "{lanes} lanes, {at}");
                expect_total += f64::from(sum(1));
            }
            assert_eq!(total, expect_total);
        }
    }
}
