//! Both passes of a layer, whose directions and groups are tasks that all threads share.

use std::sync::Arc;

use rayon::prelude::*;

use super::output::StateGradient;
use super::passes::{Keeping, Kept, SharedRows, Task};
use super::schedule::{Group, Order, Schedule};
use super::weights::{Pass, Sizes, Weights, flatten};
use crate::Dropout;
use crate::cpu::Blank;
use crate::dispatch::{Level, vectorized};
use crate::matmul::{Rows, Zeros};

/// Values that tasks keep, in their order.
pub(super) type AllKept = Vec<Vec<Kept>>;

pub(super) struct Layer {
    pub(super) sizes: Sizes,
    pub(super) groups: Arc<Vec<Group>>,
    pub(super) tokens: usize,
    pub(super) directions: usize,
    pub(super) truncation: Option<usize>,
    /// Dropout of the input before the layer sees it.
    pub(super) dropout: Dropout,
}

/// Values that the backward pass of a layer reads.
#[derive(Clone, Copy)]
pub(super) struct LayerBack<'a> {
    /// The input (N, D).
    pub(super) x: &'a [f32],
    pub(super) flat: &'a [f32],
    /// The states (N, S·H) and their gradients.
    pub(super) states: &'a [f32],
    pub(super) d_states: StateGradient<'a>,
}

const ORDERS: [Order; 2] = [Order::FirstToLast, Order::LastToFirst];

/// Share of dropped inputs from which on it pays to look for zeros.
///
/// PERF: at this share 291 -> 275 ms forward, 887 -> 877 ms with the backward pass, where `matmul::sparse`
/// tells of a half.
const MANY: f32 = 0.4;

/// Values that a thread takes at a time.
const PIECE: usize = 1 << 14;

impl Layer {
    /// S·H, the length of a state.
    pub(super) fn step(&self) -> usize {
        self.directions * self.sizes.states
    }

    /// The number of values in the flat weights of all directions.
    pub(super) fn total(&self) -> usize {
        self.directions * self.sizes.total()
    }

    fn weights(&self, flat: &[f32], pass: Pass) -> Vec<Weights> {
        let parts = flat.par_chunks(self.sizes.total().max(1));
        parts.map(|part| Weights::new(self.sizes, part, pass)).collect()
    }

    /// A task for each direction and group, with its direction and its number of rows.
    fn tasks<'a>(&'a self, x: &'a [f32], weights: &'a [Weights]) -> Vec<(usize, usize, Task<'a>)> {
        let (level, sizes) = (Level::best(), self.sizes);
        let zeros = if self.dropout.p() >= MANY { Zeros::Many } else { Zeros::Few };
        let directions = weights.iter().zip(ORDERS).enumerate();
        let tasks = directions.flat_map(|(direction, (weights, order))| {
            self.groups.iter().map(move |group| {
                let schedule = Schedule::new(group, order, self.truncation);
                let column = direction * sizes.states;
                (direction, group.count(), Task { schedule, sizes, weights, x, column, zeros, level })
            })
        });
        tasks.collect()
    }

    /// The states (N, S·H) from the input (N, D), and what the backward pass needs.
    pub(super) fn forward(&self, x: &[f32], flat: &[f32], keeping: Keeping) -> (Vec<f32>, AllKept) {
        let weights = self.weights(flat, Pass::Forward);
        let step = self.step();
        let mut kept = Vec::new();
        let fill = |blank: &mut [Blank]| {
            let states = SharedRows::new(blank, step);
            let tasks = self.tasks(x, &weights).into_par_iter();
            kept = tasks.map(|(_, rows, task)| task.forward(rows, keeping, &states)).collect();
        };
        // SAFETY: each token belongs to one group, and each direction's task writes its columns of the
        // token's row.
        let out = unsafe { filled(self.tokens * step, fill) };
        (out, kept)
    }

    /// Writes the gradient of the flat weights, and gives that of the input before its dropout, if it is
    /// wanted.
    pub(super) fn backward(
        &self,
        read: LayerBack,
        kept: AllKept,
        wants_d_x: bool,
        d_flat: &mut [f32],
    ) -> Option<Vec<f32>> {
        let (LayerBack { x, flat, states, d_states }, sizes, width) = (read, self.sizes, self.sizes.width);
        let weights = self.weights(flat, Pass::Backward);
        let states = Rows { values: states, step: self.step() };
        let mut products = Vec::new();
        let fill = |blank: Option<&mut [Blank]>| {
            let rows = blank.map(|blank| {
                let parts = blank.chunks_mut((self.tokens * width).max(1));
                parts.map(|part| SharedRows::new(part, width)).collect::<Vec<_>>()
            });
            let d_x = |direction: usize| rows.as_ref().and_then(|rows| rows.get(direction));
            let tasks = self.tasks(x, &weights).into_iter().zip(kept).collect::<Vec<_>>();
            let tasks = tasks.into_par_iter();
            products = tasks
                .map(|((direction, rows, task), kept)| {
                    task.backward(rows, kept, states, d_states, d_x(direction))
                })
                .collect();
        };
        let d_x = match wants_d_x {
            true => {
                let (count, dropout) = (self.tokens * width, self.dropout);
                // SAFETY: each token belongs to one group, whose task of each direction writes the token's
                // row in its part.
                let mut parts = unsafe { filled(self.directions * count, |blank| fill(Some(blank))) };
                let (sum, other) = parts.split_at_mut(count);
                if !(other.is_empty() && dropout.is_none()) {
                    let level = Level::best();
                    sum.par_chunks_mut(PIECE).enumerate().for_each(|(piece, sum)| {
                        let at = piece * PIECE;
                        let other = if other.is_empty() { &[][..] } else { &other[at..][..sum.len()] };
                        join(level, sum, other, at as u64, dropout);
                    });
                }
                parts.truncate(count);
                Some(parts)
            }
            false => {
                fill(None);
                None
            }
        };
        let groups = self.groups.len();
        if groups > 0 {
            let parts = d_flat.par_chunks_mut(sizes.total().max(1)).zip(products.par_chunks_mut(groups));
            parts.for_each(|(d_flat, products)| {
                let Some((sum, others)) = products.split_first_mut() else { return };
                for other in others {
                    sum.iter_mut().zip(other).for_each(|(sum, value)| *sum += *value);
                }
                flatten(sizes, sum, d_flat);
            });
        }
        d_x
    }
}

vectorized! {
    /// Adds the other part, if there is one, and drops what the input's mask drops. `first` is the index of
    /// the first value.
    fn join(sum: &mut [f32], other: &[f32], first: u64, dropout: Dropout) {
        sum.iter_mut().zip(other).for_each(|(sum, part)| *sum += part);
        if dropout.is_none() {
            return;
        }
        const COUNT: usize = 64;
        for (block, sum) in sum.chunks_mut(COUNT).enumerate() {
            let mut factors = [0f32; COUNT];
            dropout.fill(first + (block * COUNT) as u64, &mut factors);
            for (sum, factor) in sum.iter_mut().zip(factors) {
                *sum = if factor > 0.0 { *sum * factor } else { 0.0 };
            }
        }
    }
}

/// `count` values that `fill` writes.
///
/// # Safety
/// `fill` writes all of them.
unsafe fn filled(count: usize, fill: impl FnOnce(&mut [Blank])) -> Vec<f32> {
    let mut values = Vec::with_capacity(count);
    fill(&mut values.spare_capacity_mut()[..count]);
    // SAFETY: the capacity is at least `count`, and the caller promises that all are written.
    unsafe { values.set_len(count) };
    values
}
