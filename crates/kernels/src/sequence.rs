//! Recurrent layers over the rows of a ragged batch: one layer, in one direction or in both.
//!
//! # Shapes
//! x (N, D), row after row; for each direction the weights as PyTorch stores them: input (G·H, D), hidden (G·H, H), both biases
//! (G·H). States (N, H), those of the two directions side by side (N, 2H); the token's own place in x is its place in the states.
//!
//! # Formula
//! h and c are zero before the first token of a row, so a row without tokens leaves nothing. With a = W_i x_t + b_i and
//! u = W_h h + b_h, cut into G gates:
//!
//! | cell | G | |
//! | --- | --- | --- |
//! | Elman's (1990) | 1 | h ← tanh(a + u) |
//! | long short-term memory | 4: i f g o | c ← σ(f) c + σ(i) tanh(g), h ← σ(o) tanh(c), each gate a + u |
//! | gated recurrent unit | 3: r z n | r, z ← σ(a + u), n ← tanh(a + r u), h ← (1 - z) n + z h |
//!
//! PyTorch's `RNN`, `LSTM` (with a forget gate, Gers and others 2000, without peepholes) and `GRU` (reset after the product). The
//! second direction walks from a row's last token to its first.
//!
//! # Truncation
//! With a truncation of k, the backward pass takes the states between a row's tokens k·j - 1 and k·j as given, in both
//! directions. The forward pass is the same.

mod cells;
mod op;
mod panels;
mod passes;
mod reference;
mod walk;
mod weights;

use assort_tensor::Ragged;
use candle_core::{DType, Tensor};

use crate::{Error, Result};

/// What one direction of a layer learns.
#[derive(Clone, Debug)]
pub struct RecurrentWeights {
    /// (G·H, D).
    pub input: Tensor,
    /// (G·H, H).
    pub hidden: Tensor,
    /// (G·H).
    pub input_bias: Tensor,
    /// (G·H).
    pub hidden_bias: Tensor,
}

/// States of Elman's network: x (N, D), weights of one direction or two → (N, H) or (N, 2H).
///
/// # Errors
/// If the shapes do not fit, or the truncation is 0.
pub fn rnn_sequence(
    x: &Tensor,
    rows: &Ragged,
    directions: &[RecurrentWeights],
    truncation: Option<usize>,
) -> Result<Tensor> {
    sequence(Cell::Rnn, x, rows, directions, truncation)
}

/// States of a long short-term memory: x (N, D), weights of one direction or two → (N, H) or (N, 2H).
///
/// # Errors
/// If the shapes do not fit, or the truncation is 0.
pub fn lstm_sequence(
    x: &Tensor,
    rows: &Ragged,
    directions: &[RecurrentWeights],
    truncation: Option<usize>,
) -> Result<Tensor> {
    sequence(Cell::Lstm, x, rows, directions, truncation)
}

/// States of a gated recurrent unit: x (N, D), weights of one direction or two → (N, H) or (N, 2H).
///
/// # Errors
/// If the shapes do not fit, or the truncation is 0.
pub fn gru_sequence(
    x: &Tensor,
    rows: &Ragged,
    directions: &[RecurrentWeights],
    truncation: Option<usize>,
) -> Result<Tensor> {
    sequence(Cell::Gru, x, rows, directions, truncation)
}

/// The kinds of cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
    Rnn,
    Lstm,
    Gru,
}

impl Cell {
    /// G.
    fn gates(self) -> usize {
        match self {
            Self::Rnn => 1,
            Self::Lstm => 4,
            Self::Gru => 3,
        }
    }
}

fn sequence(
    cell: Cell,
    x: &Tensor,
    rows: &Ragged,
    directions: &[RecurrentWeights],
    truncation: Option<usize>,
) -> Result<Tensor> {
    check(cell, x, rows, directions, truncation)?;
    let fused = |tensor: &Tensor| tensor.device().is_cpu() && tensor.dtype() == DType::F32;
    let all_fused =
        |w: &RecurrentWeights| [&w.input, &w.hidden, &w.input_bias, &w.hidden_bias].into_iter().all(fused);
    if fused(x) && directions.iter().all(all_fused) {
        return Ok(op::Layer::apply(cell, x, rows, directions, truncation)?);
    }
    reference::sequence(cell, x, rows, directions, truncation)
}

fn check(
    cell: Cell,
    x: &Tensor,
    rows: &Ragged,
    directions: &[RecurrentWeights],
    truncation: Option<usize>,
) -> Result<()> {
    let shape = |name, expected: String, found: &Tensor| {
        Err(Error::Shape { name, expected, found: found.dims().to_vec() })
    };
    let &[tokens, width] = x.dims() else {
        return shape("x", "(N, D)".into(), x);
    };
    if tokens != rows.tokens() {
        return shape("x", format!("({}, D), a row for each token", rows.tokens()), x);
    }
    if !(1..=2).contains(&directions.len()) {
        let found = directions.len() as f64;
        return Err(Error::Setting { name: "directions", expected: "the weights of one or two", found });
    }
    if truncation == Some(0) {
        return Err(Error::Setting { name: "truncation", expected: "at least 1 token", found: 0.0 });
    }
    let states = directions[0].hidden.dims().last().copied().unwrap_or(0);
    let outputs = cell.gates() * states;
    for weights in directions {
        let RecurrentWeights { input, hidden, input_bias, hidden_bias } = weights;
        if hidden.dims() != [outputs, states] {
            return shape(
                "hidden weight",
                format!("({} H, H), the same in both directions", cell.gates()),
                hidden,
            );
        }
        if input.dims() != [outputs, width] {
            return shape("input weight", format!("({outputs}, {width})"), input);
        }
        for (name, bias) in [("input bias", input_bias), ("hidden bias", hidden_bias)] {
            if bias.dims() != [outputs] {
                return shape(name, format!("({outputs})"), bias);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
