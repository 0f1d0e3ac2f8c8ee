//! Both passes of one direction over one group, on one thread.

use std::marker::PhantomData;
use std::mem::{MaybeUninit, take};

use super::cells::{State, StateGradients, StepBack, backward, forward};
use super::output::StateGradient;
use super::schedule::Schedule;
use super::weights::{Sizes, Weights};
use crate::dispatch::Level;
use crate::matmul::{Left, Packed, PickedRows, Rows, Zeros, transpose_rows};

/// Values of a piece that the forward pass keeps for the backward pass.
pub(super) struct Kept {
    /// The gates of each token (tokens, slots).
    slots: Vec<f32>,
    /// c before each token (tokens, H); empty where the cell has none.
    memory: Vec<f32>,
}

/// Whether the forward pass keeps what the backward pass needs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keeping {
    All,
    Nothing,
}

/// Rows of a matrix that several threads write, each its own.
pub(super) struct SharedRows<'a> {
    values: *mut f32,
    count: usize,
    step: usize,
    life: PhantomData<&'a mut [MaybeUninit<f32>]>,
}

// SAFETY: the pointer is only written through, by `write`, whose callers promise that no two threads write
// one row.
unsafe impl Sync for SharedRows<'_> {}

impl<'a> SharedRows<'a> {
    /// Rows of `step` values.
    pub(super) fn new(values: &'a mut [MaybeUninit<f32>], step: usize) -> Self {
        Self { values: values.as_mut_ptr().cast(), count: values.len(), step, life: PhantomData }
    }

    /// Writes some values of a row, from a column on.
    ///
    /// # Safety
    /// No other thread writes or reads them.
    unsafe fn write(&self, row: usize, column: usize, values: &[f32]) {
        let first = row * self.step + column;
        assert!(first + values.len() <= self.count && column + values.len() <= self.step, "row {row}");
        // SAFETY: the values lie within the slice by the assert; no one else touches them by the caller's
        // promise.
        unsafe { self.values.add(first).copy_from_nonoverlapping(values.as_ptr(), values.len()) };
    }
}

/// Direction over one group.
pub(super) struct Task<'a> {
    pub(super) schedule: Schedule<'a>,
    pub(super) sizes: Sizes,
    pub(super) weights: &'a Weights,
    /// The input (N, D).
    pub(super) x: &'a [f32],
    /// The first column of this direction in the states.
    pub(super) column: usize,
    /// Whether dropout has left many zeros in the input.
    pub(super) zeros: Zeros,
    pub(super) level: Level,
}

impl Task<'_> {
    /// Writes the states of the group's tokens into their rows.
    pub(super) fn forward(&self, rows: usize, keeping: Keeping, states: &SharedRows) -> Vec<Kept> {
        let Sizes { cell, width, states: height } = self.sizes;
        let (step, memory) = (self.sizes.slots(), self.sizes.memory());
        let (mut h, mut c) = (vec![0f32; rows * height], vec![0f32; rows * memory]);
        let (mut inputs, mut slots, mut before) = (Vec::new(), Vec::<f32>::new(), Vec::new());
        let mut kept = Vec::new();
        for piece in self.schedule.pieces() {
            let count = self.schedule.count(&piece);
            inputs.clear();
            slots.clear();
            for token in piece.clone().flat_map(|s| self.schedule.tokens(s)) {
                inputs.extend_from_slice(&self.x[token * width..][..width]);
            }
            before.resize(count * memory, 0f32);
            let x = Rows { values: &inputs, step: width };
            slots.reserve(count * step);
            let blank = &mut slots.spare_capacity_mut()[..count * step];
            let bias = &self.weights.bias;
            for (weight, place) in self.weights.input() {
                let left = Left { rows: x, count, zeros: self.zeros };
                weight.multiply_from(left, &bias[place..], &mut blank[place.min(count * step)..], step);
            }
            if let Some(apart) = self.sizes.apart() {
                for row in blank.chunks_mut(step.max(1)) {
                    let start = &bias[apart.clone()];
                    row[apart.clone()].iter_mut().zip(start).for_each(|(slot, bias)| {
                        slot.write(*bias);
                    });
                }
            }
            // SAFETY: the input's blocks and what stands apart from it are all slots, and all rows of them
            // have been written.
            unsafe { slots.set_len(count * step) };
            let mut first = 0;
            for s in piece {
                if s > 0 {
                    let rows = Rows { values: &h, step: height };
                    let h = Left { rows, count: self.schedule.alive(s), zeros: Zeros::Few };
                    self.weights.hidden().multiply(h, &mut slots[first * step..], step);
                }
                for (row, token) in self.schedule.tokens(s).enumerate() {
                    let h = &mut h[row * height..][..height];
                    let c = &mut c[row * memory..][..memory];
                    let c_before = &mut before[(first + row) * memory..][..memory];
                    let state = State { h, c, c_before };
                    forward(self.level, cell, &mut slots[(first + row) * step..][..step], state);
                    // SAFETY: the token belongs to one row, the row to one group, the columns to one
                    // direction: no other task writes here.
                    unsafe { states.write(token, self.column, h) };
                }
                first += self.schedule.alive(s);
            }
            if keeping == Keeping::All {
                kept.push(Kept { slots: take(&mut slots), memory: take(&mut before) });
            }
        }
        kept
    }

    /// Gradients of the weights, as [`flatten`](super::weights::flatten) takes them, from the states and
    /// their gradients; those of the inputs go into their rows, if they are wanted.
    pub(super) fn backward(
        &self,
        rows: usize,
        kept: Vec<Kept>,
        states: Rows,
        d_states: StateGradient,
        d_x: Option<&SharedRows>,
    ) -> Vec<f32> {
        let Sizes { cell, width, states: height } = self.sizes;
        let (step, memory) = (self.sizes.slots(), self.sizes.memory());
        let (mut d_h, mut d_c) = (vec![0f32; rows * height], vec![0f32; rows * memory]);
        let mut products = vec![0f32; (width + 1 + height) * step];
        let (nothing, mut scratch) = (vec![0f32; height], vec![0f32; height]);
        let (mut packed, mut columns, mut d_inputs) = (Packed::empty(), Vec::new(), Vec::new());
        for (piece, mut kept) in self.schedule.pieces().into_iter().zip(kept).rev() {
            let count = self.schedule.count(&piece);
            let slots = &mut kept.slots;
            let mut first = count;
            for s in piece.clone().rev() {
                first -= self.schedule.alive(s);
                for (row, place) in self.schedule.places(s).enumerate() {
                    let state = StateGradients {
                        d_h: &mut d_h[row * height..][..height],
                        d_c: &mut d_c[row * memory..][..memory],
                    };
                    let step_back = StepBack {
                        d_y: d_states.of(&place, self.column, self.level, &mut scratch),
                        h_before: place.before.map_or(&nothing[..], |token| states.row(token, self.column)),
                        c_before: &kept.memory[(first + row) * memory..][..memory],
                    };
                    let slots = &mut slots[(first + row) * step..][..step];
                    backward(self.level, cell, slots, state, step_back);
                }
                if self.schedule.is_cut_before(s) {
                    d_h.fill(0.0);
                    d_c.fill(0.0);
                } else if s > 0 {
                    let rows = Rows { values: &slots[first * step..], step };
                    let sums = Left { rows, count: self.schedule.alive(s), zeros: Zeros::Few };
                    self.weights.hidden().multiply(sums, &mut d_h, height);
                }
            }
            let column_step = stride(count);
            self.columns(&piece, count, states, &mut columns);
            packed.fill(Rows { values: slots, step }, count, step);
            // Dropout's zeros are in the input alone.
            let (d_input, d_rest) = products.split_at_mut(width * step);
            let left = |first: usize, count, zeros| {
                let rows = Rows { values: &columns[first * column_step..], step: column_step };
                Left { rows, count, zeros }
            };
            packed.multiply(left(0, width, self.zeros), d_input, step);
            packed.multiply(left(width, 1 + height, Zeros::Few), d_rest, step);
            if let Some(d_x) = d_x {
                d_inputs.clear();
                d_inputs.resize(count * width, 0f32);
                for (weight, place) in self.weights.input() {
                    let rows = Rows { values: &slots[place..], step };
                    weight.multiply(Left { rows, count, zeros: Zeros::Few }, &mut d_inputs, width);
                }
                let tokens = piece.flat_map(|s| self.schedule.tokens(s));
                for (token, values) in tokens.zip(d_inputs.chunks_exact(width.max(1))) {
                    // SAFETY: the token belongs to one row, the row to one group, and each direction has rows
                    // of its own.
                    unsafe { d_x.write(token, 0, values) };
                }
            }
        }
        products
    }

    /// Inputs, ones and states before, a column for each token of the piece: (D + 1 + H, tokens), rows
    /// [`stride`] apart.
    fn columns(&self, piece: &std::ops::Range<usize>, count: usize, states: Rows, out: &mut Vec<f32>) {
        let Sizes { width, states: height, .. } = self.sizes;
        let step = stride(count);
        // What an earlier piece left is written over, but for the ends of the rows, which nobody reads.
        out.resize((width + 1 + height) * step, 0.0);
        let (inputs, rest) = out.split_at_mut(width * step);
        let (ones, befores) = rest.split_at_mut(step);
        ones[..count].fill(1.0);
        let tokens: Vec<_> = piece.clone().flat_map(|s| self.schedule.tokens(s)).map(Some).collect();
        let picked = PickedRows { rows: Rows { values: self.x, step: width }, numbers: &tokens, width };
        transpose_rows(self.level, picked, inputs, step);
        let before: Vec<_> =
            piece.clone().flat_map(|s| self.schedule.places(s)).map(|place| place.before).collect();
        let rows = Rows { values: &states.values[self.column.min(states.values.len())..], step: states.step };
        transpose_rows(self.level, PickedRows { rows, numbers: &before, width: height }, befores, step);
    }
}

/// How far apart rows of so many values lie: not a power of two, which would put them all into the same part
/// of a cache.
fn stride(count: usize) -> usize {
    count.next_multiple_of(16) + 16
}
