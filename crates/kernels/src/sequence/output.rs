//! Output of a network from its last layer's states, and the gradient of these states from that of the
//! output.

use assort_tensor::Ragged;
use candle_core::Result;

use super::RecurrentOutput;
use crate::Pooling;
use crate::dispatch::{Level, vectorized};
use crate::embedding_bag::EmbeddingBag;
use crate::matmul::Rows;

/// Gradient of a layer's states, d_y.
#[derive(Clone, Copy)]
pub(super) enum StateGradient<'a> {
    /// Each state has its own (N, S·H).
    Own(Rows<'a>),
    /// The last state of each row and direction has one (B, S·H), the others have zeros.
    Last(Rows<'a>),
    /// All states of a row have the same (B, S·H).
    Same(Rows<'a>),
    /// That of the row (B, S·H) in the columns that the token has won (B, S·H), else zeros.
    ArgMax(Rows<'a>, &'a [u32]),
}

/// Token within its row, as a direction meets it.
pub(super) struct Place {
    pub(super) token: usize,
    /// The token that the direction met just before; `None` where the row begins.
    pub(super) before: Option<usize>,
    /// The row's number in the batch.
    pub(super) row: usize,
    /// Whether the direction ends here.
    pub(super) is_last: bool,
}

impl<'a> StateGradient<'a> {
    /// That of a token from a column on, at least as many values as `scratch` has, where it may be written.
    pub(super) fn of<'s>(
        self,
        place: &Place,
        column: usize,
        level: Level,
        scratch: &'s mut [f32],
    ) -> &'s [f32]
    where
        'a: 's,
    {
        match self {
            Self::Own(rows) => rows.row(place.token, column),
            Self::Same(rows) => rows.row(place.row, column),
            Self::Last(rows) if place.is_last => rows.row(place.row, column),
            Self::Last(_) => {
                scratch.fill(0.0);
                scratch
            }
            Self::ArgMax(rows, winners) => {
                let winners = &winners[place.row * rows.step + column..];
                choose(level, rows.row(place.row, column), winners, place.token as u32, scratch);
                scratch
            }
        }
    }
}

vectorized! {
    fn choose(values: &[f32], winners: &[u32], token: u32, out: &mut [f32]) {
        for ((out, value), winner) in out.iter_mut().zip(values).zip(winners) {
            *out = if *winner == token { *value } else { 0.0 };
        }
    }
}

/// Pooling of the last layer's states, where they are not given as they are.
#[derive(Clone, Copy)]
pub(super) struct Pool<'a> {
    pub(super) output: RecurrentOutput,
    pub(super) rows: &'a Ragged,
    pub(super) directions: usize,
    /// S·H.
    pub(super) width: usize,
}

impl Pool<'_> {
    /// The tokens of each row by their places.
    fn bag(self, pooling: Pooling) -> Result<EmbeddingBag> {
        let places = Ragged::new((0..self.rows.tokens() as u32).collect(), self.rows.offsets().to_vec());
        Ok(EmbeddingBag::new(&places.map_err(candle_core::Error::wrap)?, pooling, None, None))
    }

    /// One state for each row from all of them (N, S·H); `None` where each is given.
    pub(super) fn forward(self, states: &[f32]) -> Result<Option<Vec<f32>>> {
        let Self { output, rows, directions, width } = self;
        Ok(match output {
            RecurrentOutput::States => None,
            RecurrentOutput::Mean => Some(self.bag(Pooling::Mean)?.forward(states, width)),
            RecurrentOutput::Max => Some(self.bag(Pooling::Max)?.forward(states, width)),
            RecurrentOutput::Last => {
                let mut out = vec![0f32; rows.rows() * width];
                let part = width / directions;
                for (row, pair) in rows.offsets().windows(2).enumerate().filter(|(_, pair)| pair[0] < pair[1])
                {
                    for (direction, token) in [pair[1] - 1, pair[0]].into_iter().take(directions).enumerate()
                    {
                        let first = direction * part;
                        let state = &states[token as usize * width + first..][..part];
                        out[row * width + first..][..part].copy_from_slice(state);
                    }
                }
                Some(out)
            }
        })
    }

    /// From the states (N, S·H), what became of them, and the gradient of that.
    pub(super) fn backward(self, states: &[f32], out: &[f32], d_out: &[f32]) -> Result<Pooled> {
        let (mut means, mut winners) = (Vec::new(), Vec::new());
        match self.output {
            RecurrentOutput::Mean => {
                means.extend_from_slice(d_out);
                for (row, length) in means.chunks_mut(self.width.max(1)).zip(self.rows.lengths()) {
                    let scale = 1.0 / length.max(1) as f32;
                    row.iter_mut().for_each(|value| *value *= scale);
                }
            }
            RecurrentOutput::Max => winners = self.bag(Pooling::Max)?.winners(states, out, self.width),
            RecurrentOutput::States | RecurrentOutput::Last => {}
        }
        Ok(Pooled { means, winners })
    }
}

/// Values that the gradient of pooled states is read from, beside that of the output.
pub(super) struct Pooled {
    /// The output's gradient over the number of tokens; empty but for the mean.
    means: Vec<f32>,
    /// The token that gave each value; empty but for the maximum.
    winners: Vec<u32>,
}

impl Pooled {
    /// The gradient of the states from that of the output, rows `step` apart.
    pub(super) fn gradient<'a>(
        &'a self,
        output: RecurrentOutput,
        d_out: &'a [f32],
        step: usize,
    ) -> StateGradient<'a> {
        let rows = Rows { values: d_out, step };
        match output {
            RecurrentOutput::States => StateGradient::Own(rows),
            RecurrentOutput::Last => StateGradient::Last(rows),
            RecurrentOutput::Mean => StateGradient::Same(Rows { values: &self.means, step }),
            RecurrentOutput::Max => StateGradient::ArgMax(rows, &self.winners),
        }
    }
}
