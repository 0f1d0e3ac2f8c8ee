//! The inner loops. Ids have been checked against the table.
//!
//! A block of columns at a time stays in registers while the tokens are added to it. The tokens' order is that of the batch, so
//! the blocks have no bearing on the result.

use std::ops::Range;

use super::rows::Token;
use crate::cpu::{Blank, prefetch};
use crate::dispatch::vectorized;

/// Columns that are added up at a time: four registers of AVX-512, eight of AVX2.
const BLOCK: usize = 64;
/// How many tokens ahead a row of the table is asked for: the rows lie anywhere in memory.
const AHEAD: usize = 8;

vectorized! {
    /// out (D) = scale · Σ over the tokens of `place`: weight · row of the table.
    pub(super) fn pool_sum(
        table: &[f32], ids: &[u32], weights: Option<&[f32]>, place: Range<usize>, scale: f32, out: &mut [Blank],
    ) {
        let width = out.len();
        for (block, out) in out.chunks_mut(BLOCK).enumerate() {
            let row = |id: u32| &table[id as usize * width + block * BLOCK..][..out.len()];
            let mut sum = [0f32; BLOCK];
            for t in place.clone() {
                if let Some(&next) = ids.get(t + AHEAD) {
                    prefetch(row(next));
                }
                let weight = weights.map_or(1.0, |weights| weights[t]);
                add(&mut sum, row(ids[t]), weight);
            }
            out.iter_mut().zip(&sum).for_each(|(out, &sum)| { out.write(sum * scale); });
        }
    }
}

/// sum += factor · row; a row of the full block is added without a loop over a length that is known late.
#[inline(always)]
fn add(sum: &mut [f32; BLOCK], row: &[f32], factor: f32) {
    match row.first_chunk::<BLOCK>() {
        Some(row) => sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += factor * x),
        None => sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += factor * x),
    }
}

vectorized! {
    /// out (D) = the largest value of each column over the tokens of `place`; zeros if there is none.
    pub(super) fn pool_max(table: &[f32], ids: &[u32], place: Range<usize>, out: &mut [Blank]) {
        let width = out.len();
        for (block, out) in out.chunks_mut(BLOCK).enumerate() {
            let row = |id: u32| &table[id as usize * width + block * BLOCK..][..out.len()];
            let mut best = [0f32; BLOCK];
            for t in place.clone() {
                if let Some(&next) = ids.get(t + AHEAD) {
                    prefetch(row(next));
                }
                for (best, &x) in best.iter_mut().zip(row(ids[t])) {
                    *best = if t == place.start || x > *best { x } else { *best };
                }
            }
            out.iter_mut().zip(&best).for_each(|(out, &best)| { out.write(best); });
        }
    }
}

vectorized! {
    /// out (D) = the first token of `place` that has the largest value, which is `best`, of each column; u32::MAX if none has.
    pub(super) fn find_winners(table: &[f32], ids: &[u32], place: Range<usize>, best: &[f32], out: &mut [Blank<u32>]) {
        let width = out.len();
        for (block, (out, best)) in out.chunks_mut(BLOCK).zip(best.chunks(BLOCK)).enumerate() {
            let mut winner = [u32::MAX; BLOCK];
            for t in place.clone().rev() {
                let row = &table[ids[t] as usize * width + block * BLOCK..][..out.len()];
                for ((winner, &x), &best) in winner.iter_mut().zip(row).zip(best) {
                    *winner = if x == best { t as u32 } else { *winner };
                }
            }
            out.iter_mut().zip(&winner).for_each(|(out, &winner)| { out.write(winner); });
        }
    }
}

vectorized! {
    /// out (D) = Σ over the tokens: factor · gradient of the token's batch row.
    pub(super) fn sum_scaled(gradient: &[f32], tokens: &[Token], factors: &[f32], out: &mut [Blank]) {
        let width = out.len();
        for (block, out) in out.chunks_mut(BLOCK).enumerate() {
            let mut sum = [0f32; BLOCK];
            for (token, &factor) in tokens.iter().zip(factors) {
                let row = &gradient[token.row as usize * width + block * BLOCK..][..out.len()];
                add(&mut sum, row, factor);
            }
            out.iter_mut().zip(&sum).for_each(|(out, &sum)| { out.write(sum); });
        }
    }
}

vectorized! {
    /// out (D) = Σ over the tokens: gradient of the token's batch row in the columns where the token is the winner.
    pub(super) fn sum_won(gradient: &[f32], winners: &[u32], tokens: &[Token], out: &mut [Blank]) {
        let width = out.len();
        for (block, out) in out.chunks_mut(BLOCK).enumerate() {
            let mut sum = [0f32; BLOCK];
            for token in tokens {
                let place = token.row as usize * width + block * BLOCK..;
                let (row, winners) = (&gradient[place.clone()][..out.len()], &winners[place][..out.len()]);
                for ((sum, &g), &winner) in sum.iter_mut().zip(row).zip(winners) {
                    *sum += if winner == token.position { g } else { 0.0 };
                }
            }
            out.iter_mut().zip(&sum).for_each(|(out, &sum)| { out.write(sum); });
        }
    }
}
