//! The touched rows of a table, and the sum of each one's tokens.

use assort_tensor::Ragged;
use rayon::prelude::*;

use super::loops::{add_scaled, add_won};
use crate::dispatch::Level;

/// Rows of the table that one thread takes at a time, if there are enough of them.
const PIECE: usize = 64;

/// The tokens of a batch by the table's row that they name.
pub(super) struct Touched {
    /// Ids, ascending, each once (R).
    rows: Vec<u32>,
    /// Where the tokens of each begin, and the end (R + 1).
    starts: Vec<u32>,
    /// Tokens (position in the batch, row of the batch), by id and then by position (N).
    tokens: Vec<(u32, u32)>,
}

impl Touched {
    pub(super) fn new(bag: &Ragged) -> Self {
        let mut keys: Vec<u64> =
            (0u64..).zip(bag.ids()).map(|(position, &id)| u64::from(id) << 32 | position).collect();
        keys.sort_unstable();
        let mut batch_row = Vec::with_capacity(keys.len());
        for (b, row) in (0u32..).zip(bag.iter()) {
            batch_row.resize(batch_row.len() + row.len(), b);
        }
        let (mut rows, mut starts, mut tokens) = (Vec::new(), Vec::new(), Vec::with_capacity(keys.len()));
        for (at, key) in (0u32..).zip(keys) {
            let (id, position) = ((key >> 32) as u32, key as u32);
            if rows.last() != Some(&id) {
                rows.push(id);
                starts.push(at);
            }
            tokens.push((position, batch_row[position as usize]));
        }
        starts.push(tokens.len() as u32);
        Self { rows, starts, tokens }
    }

    pub(super) fn into_rows(self) -> Vec<u32> {
        self.rows
    }

    /// Σ over each row's tokens: scale of the token's batch row · weight of the token · gradient of the batch row.
    pub(super) fn add_scaled(
        &self,
        gradient: &[f32],
        scales: &[f32],
        weights: Option<&[f32]>,
        width: usize,
    ) -> Vec<f32> {
        let level = Level::best();
        self.sum(width, |(position, b), sum| {
            let weight = weights.map_or(1.0, |weights| weights[position as usize]);
            let b = b as usize;
            add_scaled(level, sum, &gradient[b * width..][..width], scales[b] * weight);
        })
    }

    /// Σ over each row's tokens: gradient of the batch row in the columns that the token won.
    pub(super) fn add_won(&self, gradient: &[f32], winners: &[u32], width: usize) -> Vec<f32> {
        let level = Level::best();
        self.sum(width, |(position, b), sum| {
            let place = b as usize * width..(b as usize + 1) * width;
            add_won(level, sum, &gradient[place.clone()], &winners[place], position);
        })
    }

    fn sum(&self, width: usize, add: impl Fn((u32, u32), &mut [f32]) + Sync) -> Vec<f32> {
        let mut values = vec![0f32; self.rows.len() * width];
        if width == 0 {
            return values;
        }
        let own = |(r, sum): (usize, &mut [f32])| {
            let tokens = &self.tokens[self.starts[r] as usize..self.starts[r + 1] as usize];
            tokens.iter().for_each(|&token| add(token, sum));
        };
        if self.tokens.len() <= PIECE {
            values.chunks_mut(width).enumerate().for_each(own);
        } else {
            values.par_chunks_mut(width).enumerate().with_min_len(PIECE).for_each(own);
        }
        values
    }
}
