//! The inner loops. Ids have been checked against the table.
//!
//! Some columns at a time stay in registers while the tokens are added to them. Each column's tokens are
//! added in the order of the batch, so this has no bearing on the result.

use std::ops::Range;

use crate::cpu::{Blank, prefetch};
use crate::dispatch::vectorized;

/// How many tokens ahead a row of the table is asked for: the rows lie anywhere in memory.
const AHEAD: usize = 8;

/// Runs the body for all columns: 64 at a time (four registers of AVX-512, eight of AVX2), then 16, then
/// single ones. The body is compiled for each, `$n` being a constant: an array of a length known late would
/// live in memory.
macro_rules! for_columns {
    ($width:expr, |$first:ident, $n:ident| $body:block) => {{
        let mut $first = 0;
        for_columns!(@ $width, $first, $n, 64, $body);
        for_columns!(@ $width, $first, $n, 16, $body);
        for_columns!(@ $width, $first, $n, 1, $body);
    }};
    (@ $width:expr, $first:ident, $n:ident, $count:literal, $body:block) => {{
        const $n: usize = $count;
        while $first + $n <= $width {
            $body
            $first += $n;
        }
    }};
}

/// N columns of row `row` of a matrix, from column `first` on.
#[inline(always)]
fn columns<T, const N: usize>(matrix: &[T], width: usize, row: u32, first: usize) -> &[T; N] {
    let start = row as usize * width + first;
    let (head, _) = matrix[start..start + N].as_chunks::<N>();
    &head[0]
}

#[inline(always)]
fn store<T: Copy, const N: usize>(out: &mut [Blank<T>], first: usize, values: &[T; N]) {
    let (head, _) = out[first..first + N].as_chunks_mut::<N>();
    for (out, &value) in head[0].iter_mut().zip(values) {
        out.write(value);
    }
}

/// Tokens of a batch: ids with their places, and what each counts for.
#[derive(Clone, Copy)]
pub(super) struct Tokens<'a> {
    pub(super) ids: &'a [u32],
    pub(super) weights: Option<&'a [f32]>,
}

/// One token of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// Its place in the batch, over all rows.
    pub(super) position: u32,
    /// Its row of the batch.
    pub(super) row: u32,
}

vectorized! {
    /// out (D) = scale · Σ over the tokens of `place`: weight · row of the table.
    pub(super) fn pool_sum(
        table: &[f32], tokens: Tokens, place: Range<usize>, scale: f32, out: &mut [Blank],
    ) {
        let (width, Tokens { ids, weights }) = (out.len(), tokens);
        for_columns!(width, |first, N| {
            let mut sum = [0f32; N];
            for t in place.clone() {
                if let Some(&next) = ids.get(t + AHEAD) {
                    prefetch(columns::<_, N>(table, width, next, first));
                }
                let row = columns::<_, N>(table, width, ids[t], first);
                let weight = weights.map_or(1.0, |weights| weights[t]);
                sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += weight * x);
            }
            store(out, first, &sum.map(|sum| sum * scale));
        });
    }
}

vectorized! {
    /// out (D) = the largest value of each column over the tokens of `place`; zeros if there is none.
    pub(super) fn pool_max(table: &[f32], ids: &[u32], place: Range<usize>, out: &mut [Blank]) {
        let width = out.len();
        for_columns!(width, |first, N| {
            let mut best = match ids.get(place.start) {
                Some(&id) if !place.is_empty() => *columns::<_, N>(table, width, id, first),
                _ => [0f32; N],
            };
            for t in place.clone().skip(1) {
                if let Some(&next) = ids.get(t + AHEAD) {
                    prefetch(columns::<_, N>(table, width, next, first));
                }
                for (best, &x) in best.iter_mut().zip(columns::<_, N>(table, width, ids[t], first)) {
                    *best = if x > *best { x } else { *best };
                }
            }
            store(out, first, &best);
        });
    }
}

vectorized! {
    /// out (D) = the first token of `place` that has the largest value, which is `best`, of each column;
    /// u32::MAX if none has.
    pub(super) fn find_winners(
        table: &[f32],
        ids: &[u32],
        place: Range<usize>,
        best: &[f32],
        out: &mut [Blank<u32>],
    ) {
        let width = out.len();
        for_columns!(width, |first, N| {
            let (mut winner, best) = ([u32::MAX; N], columns::<_, N>(best, width, 0, first));
            for t in place.clone().rev() {
                let row = columns::<_, N>(table, width, ids[t], first);
                for ((winner, x), best) in winner.iter_mut().zip(row).zip(best) {
                    *winner = if x == best { t as u32 } else { *winner };
                }
            }
            store(out, first, &winner);
        });
    }
}

vectorized! {
    /// out (D) = Σ over the tokens: factor · gradient of the token's batch row.
    pub(super) fn sum_scaled(gradient: &[f32], tokens: &[Token], factors: &[f32], out: &mut [Blank]) {
        let width = out.len();
        for_columns!(width, |first, N| {
            let mut sum = [0f32; N];
            for (token, factor) in tokens.iter().zip(factors) {
                let row = columns::<_, N>(gradient, width, token.row, first);
                sum.iter_mut().zip(row).for_each(|(sum, g)| *sum += factor * g);
            }
            store(out, first, &sum);
        });
    }
}

vectorized! {
    /// out (D) = Σ over the tokens: gradient of the token's batch row in the columns where the token is the
    /// winner.
    pub(super) fn sum_won(gradient: &[f32], winners: &[u32], tokens: &[Token], out: &mut [Blank]) {
        let width = out.len();
        for_columns!(width, |first, N| {
            let mut sum = [0f32; N];
            for token in tokens {
                let row = columns::<_, N>(gradient, width, token.row, first);
                let winners = columns::<_, N>(winners, width, token.row, first);
                for ((sum, &g), &winner) in sum.iter_mut().zip(row).zip(winners) {
                    *sum += if winner == token.position { g } else { 0.0 };
                }
            }
            store(out, first, &sum);
        });
    }
}
