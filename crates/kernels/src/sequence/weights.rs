//! A direction's weights within one flat tensor, and packed for either pass.
//!
//! # Layout
//! Flat, direction after direction: input (G·H, D), hidden (G·H, H), input bias (G·H), hidden bias (G·H), row
//! after row. A row of slots has H values for each sum that a cell keeps apart: one for each gate, but two
//! for n of the gated recurrent unit, whose parts from the state (q) and from the input stand apart: r, z, q,
//! n.

use super::Cell;
use crate::matmul::{Packed, Rows};

impl Cell {
    /// Number of sums of H values in a row of slots.
    fn slots(self) -> usize {
        match self {
            Self::Rnn => 1,
            Self::Lstm | Self::Gru => 4,
        }
    }

    /// The slots that the input adds nothing to.
    fn apart(self) -> Option<usize> {
        match self {
            Self::Rnn | Self::Lstm => None,
            Self::Gru => Some(2),
        }
    }

    /// Gates of the input with their slots: (first gate, gates, first slot). The state's go to the first
    /// slots in order.
    fn blocks(self) -> &'static [(usize, usize, usize)] {
        match self {
            Self::Rnn => &[(0, 1, 0)],
            Self::Lstm => &[(0, 4, 0)],
            Self::Gru => &[(0, 2, 0), (2, 1, 3)],
        }
    }
}

/// Sizes of a layer in one direction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) cell: Cell,
    /// D.
    pub(super) width: usize,
    /// H.
    pub(super) states: usize,
}

impl Sizes {
    /// G · H.
    fn gates(self) -> usize {
        self.cell.gates() * self.states
    }

    /// The length of a row of slots.
    pub(super) fn slots(self) -> usize {
        self.cell.slots() * self.states
    }

    /// Part of a row of slots that the input adds nothing to.
    pub(super) fn apart(self) -> Option<std::ops::Range<usize>> {
        self.cell.apart().map(|slot| slot * self.states..(slot + 1) * self.states)
    }

    /// The length of c, 0 where the cell has none.
    pub(super) fn memory(self) -> usize {
        if self.cell == Cell::Lstm { self.states } else { 0 }
    }

    /// The number of values in the flat tensor.
    pub(super) fn total(self) -> usize {
        self.gates() * (self.width + self.states + 2)
    }

    /// Where input, hidden and the input bias end in the flat tensor.
    fn ends(self) -> [usize; 3] {
        let input = self.gates() * self.width;
        let hidden = input + self.gates() * self.states;
        [input, hidden, hidden + self.gates()]
    }
}

/// A product whose other side begins at a slot.
struct Block {
    weight: Packed,
    /// The first of a row of slots that is read or written.
    place: usize,
}

/// A direction's weights for one pass.
pub(super) struct Weights {
    input: Vec<Block>,
    hidden: Packed,
    /// Values that a row of slots begins with.
    pub(super) bias: Vec<f32>,
}

/// Pass that weights are packed for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    Forward,
    Backward,
}

impl Weights {
    /// From a direction's part of the flat tensor.
    pub(super) fn new(sizes: Sizes, flat: &[f32], pass: Pass) -> Self {
        let Sizes { cell, width, states } = sizes;
        let [input, hidden, bias] = sizes.ends();
        let packed = |values: &[f32], step: usize, gates: usize| match pass {
            Pass::Forward => Packed::transposed(Rows { values, step }, step, gates * states),
            Pass::Backward => Packed::new(Rows { values, step }, gates * states, step),
        };
        let block = |&(gate, gates, slot): &(usize, usize, usize)| Block {
            weight: packed(&flat[gate * states * width..input], width, gates),
            place: slot * states,
        };
        let mut start = vec![0f32; sizes.slots()];
        for &(gate, gates, slot) in cell.blocks() {
            let bias = &flat[hidden..bias][gate * states..][..gates * states];
            start[slot * states..][..gates * states].copy_from_slice(bias);
        }
        start.iter_mut().zip(&flat[bias..]).for_each(|(start, bias)| *start += bias);
        Self {
            input: cell.blocks().iter().map(block).collect(),
            hidden: packed(&flat[input..hidden], states, cell.gates()),
            bias: start,
        }
    }

    /// Weights of the input, each with its first slot.
    pub(super) fn input(&self) -> impl Iterator<Item = (&Packed, usize)> {
        self.input.iter().map(|block| (&block.weight, block.place))
    }

    pub(super) fn hidden(&self) -> &Packed {
        &self.hidden
    }
}

/// Writes a direction's part of the flat gradient from products (D + 1 + H, slots): inputs, ones and states
/// before, each times the gradients of the slots.
pub(super) fn flatten(sizes: Sizes, products: &[f32], d_flat: &mut [f32]) {
    let Sizes { cell, width, states } = sizes;
    let [input, hidden, bias] = sizes.ends();
    let (products, d_hidden) = products.split_at((width + 1) * sizes.slots());
    let (d_input, ones) = products.split_at(width * sizes.slots());
    for &(gate, gates, slot) in cell.blocks() {
        let (first, count) = (gate * states, gates * states);
        let d_weight = &mut d_flat[first * width..][..count * width];
        transpose(&d_input[slot * states..], sizes.slots(), d_weight, width);
        d_flat[hidden + first..][..count].copy_from_slice(&ones[slot * states..][..count]);
    }
    transpose(d_hidden, sizes.slots(), &mut d_flat[input..hidden], states);
    d_flat[bias..].copy_from_slice(&ones[..sizes.gates()]);
}

/// The columns of `from`, whose rows begin `step` apart, become rows of `width` values. By squares, so that
/// lines are read whole.
fn transpose(from: &[f32], step: usize, to: &mut [f32], width: usize) {
    const SIDE: usize = 16;
    for (at, rows) in to.chunks_mut((SIDE * width).max(1)).enumerate() {
        for first in (0..width).step_by(SIDE) {
            for j in first..width.min(first + SIDE) {
                let values = &from[j * step + at * SIDE..];
                rows[j..].iter_mut().step_by(width).zip(values).for_each(|(to, value)| *to = *value);
            }
        }
    }
}
