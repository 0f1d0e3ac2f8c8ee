//! The largest eigenvalues of a symmetric matrix with their vectors, by subspace iteration with Rayleigh and
//! Ritz's projection (Halko, Martinsson and Tropp 2011 on the start; Golub and Van Loan, *Matrix
//! Computations*, 8.2).

use assort_random::Seed;
use rayon::prelude::*;

/// Vectors that are iterated beyond the wanted ones: the more, the faster it converges.
const SPARE: usize = 8;
/// It stops when the wanted vectors are right to this share of the largest eigenvalue, or after so many
/// rounds.
const TOLERANCE: f64 = 1e-11;
const ROUNDS: usize = 2_000;

/// The `wanted` largest eigenvalues of a symmetric, positive matrix (D, D), the largest first, with vectors
/// of length 1. A vector's sign is such that its largest part is positive.
pub fn largest(matrix: &[f64], width: usize, wanted: usize) -> Vec<(f64, Vec<f64>)> {
    let count = (wanted + SPARE).min(width);
    let mut generator = Seed::new(0).stream("subspace").generator();
    let mut basis: Vec<Vec<f64>> =
        (0..count).map(|_| (0..width).map(|_| generator.normal()).collect()).collect();
    orthonormalize(&mut basis);
    let mut values = vec![0.0; count];
    for _ in 0..ROUNDS {
        let images: Vec<Vec<f64>> = basis.par_iter().map(|vector| product(matrix, width, vector)).collect();
        let small: Vec<Vec<f64>> =
            basis.iter().map(|a| images.iter().map(|image| dot(a, image)).collect()).collect();
        let turned = jacobi(small);
        let turn = |vectors: &[Vec<f64>]| -> Vec<Vec<f64>> {
            let mixed = |(_, weights): &(f64, Vec<f64>)| {
                let mut sum = vec![0.0; width];
                for (weight, vector) in weights.iter().zip(vectors) {
                    sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += weight * value);
                }
                sum
            };
            turned.iter().map(mixed).collect()
        };
        let (ritz, images) = (turn(&basis), turn(&images));
        values = turned.iter().map(|(value, _)| *value).collect();
        let scale = values.first().copied().unwrap_or(0.0).max(f64::MIN_POSITIVE);
        let residual = |((image, vector), value): ((&Vec<f64>, &Vec<f64>), &f64)| {
            image.iter().zip(vector).map(|(a, v)| (a - value * v).powi(2)).sum::<f64>().sqrt()
        };
        let worst = images.iter().zip(&ritz).zip(&values).take(wanted).map(residual).fold(0.0, f64::max);
        if worst <= TOLERANCE * scale {
            basis = ritz;
            break;
        }
        basis = images;
        orthonormalize(&mut basis);
    }
    basis.truncate(wanted);
    basis.iter_mut().for_each(|vector| settle_sign(vector));
    values.into_iter().zip(basis).collect()
}

fn settle_sign(vector: &mut [f64]) {
    let largest =
        vector.iter().fold(0.0f64, |most, value| if value.abs() > most.abs() { *value } else { most });
    if largest < 0.0 {
        vector.iter_mut().for_each(|value| *value = -*value);
    }
}

fn product(matrix: &[f64], width: usize, vector: &[f64]) -> Vec<f64> {
    matrix.chunks_exact(width).map(|row| dot(row, vector)).collect()
}

pub(crate) fn dot(one: &[f64], other: &[f64]) -> f64 {
    let (one, one_rest) = one.as_chunks::<8>();
    let (other, other_rest) = other.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for (a, b) in one.iter().zip(other) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f64>() + one_rest.iter().zip(other_rest).map(|(a, b)| a * b).sum::<f64>()
}

/// Gram and Schmidt's process, twice for what the first leaves. A vector that depends on those before it
/// becomes zero.
fn orthonormalize(basis: &mut [Vec<f64>]) {
    for at in 0..basis.len() {
        let (before, rest) = basis.split_at_mut(at);
        let Some(vector) = rest.first_mut() else { continue };
        let first = dot(vector, vector).sqrt();
        for _ in 0..2 {
            for other in before.iter() {
                let share = dot(vector, other);
                vector.iter_mut().zip(other).for_each(|(value, other)| *value -= share * other);
            }
        }
        let length = dot(vector, vector).sqrt();
        let scale = if length > first * 1e-12 && length > 0.0 { 1.0 / length } else { 0.0 };
        vector.iter_mut().for_each(|value| *value *= scale);
    }
}

/// All eigenvalues of a small symmetric matrix, the largest first, with their vectors: Jacobi's rotations,
/// row by row.
fn jacobi(mut a: Vec<Vec<f64>>) -> Vec<(f64, Vec<f64>)> {
    let n = a.len();
    let mut vectors: Vec<Vec<f64>> =
        (0..n).map(|i| (0..n).map(|j| if i == j { 1.0 } else { 0.0 }).collect()).collect();
    for _ in 0..50 {
        let off: f64 = (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a[i][j] * a[i][j]).sum();
        let diagonal: f64 = (0..n).map(|i| a[i][i] * a[i][i]).sum();
        if off <= 1e-30 * diagonal {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                if a[p][q] == 0.0 {
                    continue;
                }
                let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let tangent = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let tangent = if theta == 0.0 { 1.0 } else { tangent };
                let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
                let sine = tangent * cosine;
                for row in &mut a {
                    (row[p], row[q]) = (cosine * row[p] - sine * row[q], sine * row[p] + cosine * row[q]);
                }
                for k in 0..n {
                    (a[p][k], a[q][k]) =
                        (cosine * a[p][k] - sine * a[q][k], sine * a[p][k] + cosine * a[q][k]);
                    (vectors[p][k], vectors[q][k]) = (
                        cosine * vectors[p][k] - sine * vectors[q][k],
                        sine * vectors[p][k] + cosine * vectors[q][k],
                    );
                }
            }
        }
    }
    let mut pairs: Vec<(f64, Vec<f64>)> = (0..n).map(|i| a[i][i]).zip(vectors).collect();
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A matrix with these eigenvalues: Q diag(values) Qᵀ of a random orthonormal Q.
    fn made(values: &[f64]) -> Vec<f64> {
        let n = values.len();
        let mut generator = Seed::new(7).generator();
        let mut basis: Vec<Vec<f64>> = (0..n).map(|_| (0..n).map(|_| generator.normal()).collect()).collect();
        orthonormalize(&mut basis);
        let at = |i: usize, j: usize| (0..n).map(|k| values[k] * basis[k][i] * basis[k][j]).sum();
        (0..n * n).map(|place| at(place / n, place % n)).collect()
    }

    #[test]
    fn eigenvalues_that_are_known() {
        let falling: Vec<f64> = (0..60).map(|k| 0.9f64.powi(k)).collect();
        let cases: [&[f64]; 7] = [
            &[3.0],
            &[1.0, 2.0],
            &[5.0, 4.999, 1.0, 0.5],
            &[2.0, 2.0, 2.0],
            &[1.0, 0.0, 0.0, 0.0],
            &[0.0, 0.0, 0.0],
            &falling,
        ];
        for values in cases {
            let n = values.len();
            let matrix = made(values);
            let mut expect = values.to_vec();
            expect.sort_by(|a, b| b.total_cmp(a));
            for ((value, vector), expect) in largest(&matrix, n, 2).iter().zip(&expect) {
                assert!((value - expect).abs() < 1e-9, "{value} {expect} of {values:?}");
                let image = product(&matrix, n, vector);
                let off = image.iter().zip(vector).map(|(a, v)| (a - value * v).abs()).fold(0.0, f64::max);
                assert!(off < 1e-7, "{off} of {values:?}");
                assert!(*expect == 0.0 || (dot(vector, vector) - 1.0).abs() < 1e-9);
            }
        }
    }
}
