//! The inner loops.

use crate::dispatch::vectorized;

vectorized! {
    /// best (F) = the largest score of each filter over the windows, of equals the first, and which window it
    /// was.
    pub(super) fn best_windows(scores: &[f32], best: &mut [f32], winners: &mut [u32]) {
        let mut windows = scores.chunks_exact(best.len());
        if let Some(first) = windows.next() {
            best.copy_from_slice(first);
            winners.fill(0);
        }
        for (t, window) in (1u32..).zip(windows) {
            for ((best, winner), &score) in best.iter_mut().zip(winners.iter_mut()).zip(window) {
                *winner = if score > *best { t } else { *winner };
                *best = if score > *best { score } else { *best };
            }
        }
    }
}

vectorized! {
    /// sum += factor · values.
    pub(super) fn add_scaled(factor: f32, values: &[f32], sum: &mut [f32]) {
        for (sum, value) in sum.iter_mut().zip(values) {
            *sum += factor * value;
        }
    }
}
