//! The inner loops. Ids have been checked against the table.

use crate::cpu::prefetch;
use crate::dispatch::vectorized;

/// How many tokens ahead a row of the table is asked for: the rows lie anywhere in memory.
const AHEAD: usize = 4;

vectorized! {
    /// out (D) = scale · Σ over the tokens of `place`: weight · row of the table.
    pub(super) fn pool_sum(
        table: &[f32], ids: &[u32], weights: Option<&[f32]>, place: std::ops::Range<usize>, scale: f32, out: &mut [f32],
    ) {
        let width = out.len();
        out.fill(0.0);
        for t in place {
            if let Some(&next) = ids.get(t + AHEAD) {
                prefetch(&table[next as usize * width..][..width]);
            }
            let row = &table[ids[t] as usize * width..][..width];
            match weights {
                None => out.iter_mut().zip(row).for_each(|(out, x)| *out += x),
                Some(weights) => {
                    let weight = weights[t];
                    out.iter_mut().zip(row).for_each(|(out, x)| *out += weight * x);
                }
            }
        }
        if scale != 1.0 {
            out.iter_mut().for_each(|out| *out *= scale);
        }
    }
}

vectorized! {
    /// out (D) = the largest value of each column over the tokens of `place`, winner (D) = which token had it.
    /// Both are left alone if there is no token.
    pub(super) fn pool_max(
        table: &[f32], ids: &[u32], place: std::ops::Range<usize>, out: &mut [f32], winner: &mut [u32],
    ) {
        let (width, first) = (out.len(), place.start);
        for t in place {
            if let Some(&next) = ids.get(t + AHEAD) {
                prefetch(&table[next as usize * width..][..width]);
            }
            let row = &table[ids[t] as usize * width..][..width];
            for ((out, winner), &x) in out.iter_mut().zip(winner.iter_mut()).zip(row) {
                let wins = t == first || x > *out;
                *out = if wins { x } else { *out };
                *winner = if wins { t as u32 } else { *winner };
            }
        }
    }
}

vectorized! {
    /// sum (D) += factor · g.
    pub(super) fn add_scaled(sum: &mut [f32], g: &[f32], factor: f32) {
        sum.iter_mut().zip(g).for_each(|(sum, g)| *sum += factor * g);
    }
}

vectorized! {
    /// sum (D) += g where the token was the winner.
    pub(super) fn add_won(sum: &mut [f32], g: &[f32], winner: &[u32], token: u32) {
        for ((sum, &g), &winner) in sum.iter_mut().zip(g).zip(winner) {
            *sum += if winner == token { g } else { 0.0 };
        }
    }
}
