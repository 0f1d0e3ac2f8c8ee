//! What the last layer's states become, and how its tasks read the gradient of that.

use assort_tensor::Ragged;
use candle_core::Result;

use super::RecurrentOutput;
use crate::Pooling;
use crate::dispatch::{Level, vectorized};
use crate::embedding_bag::EmbeddingBag;
use crate::matmul::Rows;

/// The gradient of a layer's states.
#[derive(Clone, Copy)]
pub(super) enum StateGradient<'a> {
    /// Each state has its own (N, S·H).
    Own(Rows<'a>),
    /// The last state of each row and direction has one (B, S·H), the others have zeros.
    Last(Rows<'a>),
    /// All states of a row have the same (B, S·H).
    Same(Rows<'a>),
    /// That of the row (B, S·H) in the columns where the token is named (B, S·H), else zeros.
    Named(Rows<'a>, &'a [u32]),
}

/// One token within its row, as a direction meets it.
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
            Self::Named(rows, names) => {
                let names = &names[place.row * rows.step + column..];
                choose(level, rows.row(place.row, column), names, place.token as u32, scratch);
                scratch
            }
        }
    }
}

vectorized! {
    fn choose(values: &[f32], names: &[u32], name: u32, out: &mut [f32]) {
        for ((out, value), own) in out.iter_mut().zip(values).zip(names) {
            *out = if *own == name { *value } else { 0.0 };
        }
    }
}

/// The tokens of each row by their places.
fn bag(rows: &Ragged, pooling: Pooling) -> Result<EmbeddingBag> {
    let places = Ragged::new((0..rows.tokens() as u32).collect(), rows.offsets().to_vec());
    Ok(EmbeddingBag::new(&places.map_err(candle_core::Error::wrap)?, pooling, None, None))
}

/// One state for each row from all of them (N, S·H); `None` where each is given.
pub(super) fn pool(
    output: RecurrentOutput,
    states: &[f32],
    rows: &Ragged,
    width: usize,
    directions: usize,
) -> Result<Option<Vec<f32>>> {
    Ok(match output {
        RecurrentOutput::States => None,
        RecurrentOutput::Mean => Some(bag(rows, Pooling::Mean)?.forward(states, width)),
        RecurrentOutput::Max => Some(bag(rows, Pooling::Max)?.forward(states, width)),
        RecurrentOutput::Last => {
            let mut out = vec![0f32; rows.rows() * width];
            let part = width / directions;
            for (row, pair) in rows.offsets().windows(2).enumerate().filter(|(_, pair)| pair[0] < pair[1]) {
                for (direction, token) in [pair[1] - 1, pair[0]].into_iter().take(directions).enumerate() {
                    let first = direction * part;
                    let state = &states[token as usize * width + first..][..part];
                    out[row * width + first..][..part].copy_from_slice(state);
                }
            }
            Some(out)
        }
    })
}

/// The gradient of the states from that of the output, of one kind of [`StateGradient`].
pub(super) struct Prepared {
    values: Vec<f32>,
    names: Vec<u32>,
}

impl Prepared {
    /// From the states (N, S·H) and what became of them.
    pub(super) fn new(
        output: RecurrentOutput,
        states: &[f32],
        out: &[f32],
        gradient: &[f32],
        rows: &Ragged,
        width: usize,
    ) -> Result<Self> {
        let (mut values, mut names) = (Vec::new(), Vec::new());
        match output {
            RecurrentOutput::Mean => {
                values.extend_from_slice(gradient);
                for (row, length) in values.chunks_mut(width.max(1)).zip(rows.lengths()) {
                    let scale = 1.0 / length.max(1) as f32;
                    row.iter_mut().for_each(|value| *value *= scale);
                }
            }
            RecurrentOutput::Max => names = bag(rows, Pooling::Max)?.winners(states, out, width),
            RecurrentOutput::States | RecurrentOutput::Last => {}
        }
        Ok(Self { values, names })
    }

    pub(super) fn read<'a>(
        &'a self,
        output: RecurrentOutput,
        gradient: &'a [f32],
        step: usize,
    ) -> StateGradient<'a> {
        let rows = Rows { values: gradient, step };
        match output {
            RecurrentOutput::States => StateGradient::Own(rows),
            RecurrentOutput::Last => StateGradient::Last(rows),
            RecurrentOutput::Mean => StateGradient::Same(Rows { values: &self.values, step }),
            RecurrentOutput::Max => StateGradient::Named(rows, &self.names),
        }
    }
}
