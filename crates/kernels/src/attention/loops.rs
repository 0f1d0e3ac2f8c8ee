//! The inner loops, over the rows of one head's scores (queries, keys).

use crate::dispatch::vectorized;
use crate::dropout::Dropout;
use crate::math::{exp, largest, sum};

/// Scores that lie further below the largest count as infinitely far: e⁻⁶⁰ is lost beside 1, and products
/// with it would become subnormal.
const LOWEST: f32 = -60.0;

/// The dropout of one head's probabilities.
pub(super) struct Mask<'a> {
    pub(super) dropout: Dropout,
    /// The index of the first probability, a multiple of 4.
    pub(super) first: u64,
    /// Room for a factor for each probability; empty if nothing is dropped.
    pub(super) factors: &'a mut [f32],
}

#[inline(always)]
fn exponential(x: f32) -> f32 {
    if x < LOWEST { 0.0 } else { exp(x) }
}

vectorized! {
    /// Scores become dropout(softmax) by rows; `log_sums` gets log Σ exp of each row, negative infinity
    /// without keys.
    pub(super) fn softmax(
        keys: usize, mask: &mut Mask, scores: &mut [f32], log_sums: &mut [f32],
    ) {
        if keys == 0 {
            return log_sums.fill(f32::NEG_INFINITY);
        }
        for (row, log_sum) in scores.chunks_exact_mut(keys).zip(log_sums) {
            let top = largest(row);
            row.iter_mut().for_each(|x| *x = exponential(*x - top));
            let total = sum(row);
            let share = (1.0 / total) as f32;
            row.iter_mut().for_each(|x| *x *= share);
            *log_sum = top + total.ln() as f32;
        }
        if !mask.factors.is_empty() {
            mask.dropout.fill(mask.first, mask.factors);
            scores.iter_mut().zip(&*mask.factors).for_each(|(x, factor)| *x *= factor);
        }
    }
}

vectorized! {
    /// Scores become softmax by rows, as it was in the forward pass.
    pub(super) fn probabilities(keys: usize, log_sums: &[f32], scores: &mut [f32]) {
        for (row, &log_sum) in scores.chunks_exact_mut(keys.max(1)).zip(log_sums) {
            row.iter_mut().for_each(|x| *x = exponential(*x - log_sum));
        }
    }
}

vectorized! {
    /// From P in `scores` and G Vᵀ in `other`: P' in `scores` and ∂S in `other`. `sums` has δ of each row.
    pub(super) fn softmax_backward(
        keys: usize, mask: &mut Mask, sums: &[f32], scores: &mut [f32], other: &mut [f32],
    ) {
        let keys = keys.max(1);
        if mask.factors.is_empty() {
            let rows = scores.chunks_exact(keys).zip(other.chunks_exact_mut(keys));
            for ((row, other), &sum) in rows.zip(sums) {
                other.iter_mut().zip(row).for_each(|(d, p)| *d = p * (*d - sum));
            }
            return;
        }
        mask.dropout.fill(mask.first, mask.factors);
        let rows = scores.chunks_exact_mut(keys).zip(other.chunks_exact_mut(keys));
        let rows = rows.zip(mask.factors.chunks_exact(keys));
        for (((row, other), factors), &sum) in rows.zip(sums) {
            for ((p, d), factor) in row.iter_mut().zip(other).zip(factors) {
                *d = *p * (*d * factor - sum);
                *p *= factor;
            }
        }
    }
}
