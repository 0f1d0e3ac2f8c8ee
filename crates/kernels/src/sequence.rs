//! Recurrent layers over the rows of a ragged batch: one on the other, in one direction or in both, with
//! dropout before each.
//!
//! # Shapes
//! x (N, D), row after row; for each direction the weights as PyTorch stores them: input (G·H, D), hidden
//! (G·H, H), both biases (G·H). The states of a layer (N, S·H) for S directions lie side by side; the token's
//! own place in x is its place in the states. A layer reads what the one below gives. The result is the last
//! layer's states, or one state for each row (B, S·H).
//!
//! # Formula
//! h and c are zero before the first token of a row, so a row without tokens leaves nothing. With the sums a
//! = W_i x_t + b_i and u = W_h h + b_h, cut into G gates, and y_t = h' the state that the layer gives for the
//! token:
//!
//! | cell | G | |
//! | --- | --- | --- |
//! | Elman's (1990) | 1 | h' = tanh(a + u) |
//! | LSTM | 4: i f g o | i, f, o = σ(a + u), g = tanh(a + u), c' = f c + i g, h' = o tanh(c') |
//! | gated recurrent unit | 3: r z n | r, z = σ(a + u), q = u_n, n = tanh(a_n + r q), h' = (1 - z) n + z h |
//!
//! PyTorch's `RNN`, `LSTM` (with a forget gate, Gers and others 2000, without peepholes) and `GRU` (reset
//! after the product). The second direction goes from a row's last token to its first.
//!
//! # Gradients
//! Back through time, from the last step to the first; d_v is the gradient of the loss with respect to v.
//! Behind the last step d_h and d_c are zero. At each step (all of H values), where d_a_i is the gradient of
//! gate i's sum:
//!
//! 1. d_h' = d_y + d_h, what the layer above wants of the token's state and what the following step left.
//! 2. The gates:
//!
//! | cell | |
//! | --- | --- |
//! | Elman's | d_a = d_h' (1 - h'²) |
//! | long short-term memory | d_c' = d_c + d_h' o (1 - tanh²(c')) |
//! | | d_a_i = d_c' g · i (1 - i), d_a_f = d_c' c · f (1 - f), d_a_g = d_c' i (1 - g²) |
//! | | d_a_o = d_h' tanh(c') · o (1 - o) |
//! | gated recurrent unit | d_a_n = d_h' (1 - z) (1 - n²), d_q = d_a_n r |
//! | | d_a_r = d_a_n q · r (1 - r), d_a_z = d_h' (h - n) · z (1 - z) |
//!
//! 3. The state before, with d_u = d_a but for d_u_n = d_q of the gated recurrent unit:
//!    d_h = d_u W_h (G·H by G·H, H), and d_h' z more for the gated recurrent unit; d_c = d_c' f.
//!
//! Of the input d_x_t = d_a W_i (D). Of the weights, over all tokens: d_W_i = Σ d_aᵀ x_t (G·H, D), d_W_h = Σ
//! d_uᵀ h (G·H, H), d_b_i = Σ d_a, d_b_h = Σ d_u (G·H).
//!
//! # Accumulation
//! The sums over tokens go by groups of up to 32 rows, each by one thread: within a group from the last piece
//! of some hundred tokens to the first, within a piece in the order of the steps, all in f32; then the groups
//! in their order. d_x of the second direction is added to that of the first. Which rows form a group depends
//! on the batch alone.
//!
//! # Truncation
//! With a truncation of k, the backward pass takes the states between a row's tokens k·j - 1 and k·j as
//! given, in both directions. The forward pass is the same.
//!
//! # One operation
//! All layers with their dropout and the pooling are one operation of candle's. Between two of its operations
//! candle adds a gradient to zeros of its size, on one thread and in new memory; here none of the states'
//! gradients is ever stored more than once, and of a pooled output not at all.
//!
//! PERF: training on IMDb, batches of 64 reviews of 256 tokens at most, two threads, on a machine whose two
//! cores multiply matrices at 230 GFLOP/s. Two layers of LSTM in both directions, H = 256, half of each
//! layer's inputs dropped: 12,300 to 15,500 tokens a second as the machine is busy or quiet; if no zeros were
//! skipped, products alone would allow 16,700. One layer of Elman's network: 282,000 to 317,000; two layers
//! of gated recurrent units: 16,900 (`cargo xtask bench lstm`, `rnn`, `gru`, each with `--data DIR`).
//!
//! # Elsewhere
//! On CUDA, on Metal and for other types than f32 the same is composed of candle's own operations, step after
//! step: some dozens of nodes a token and direction, and time and memory of tokens · log tokens. candle walks
//! and frees that graph by recursion: rows of 4,000 tokens need a thread with a stack of 64 MiB, as the
//! program's threads have. A truncation bounds the depth.

mod cells;
mod layer;
mod op;
mod output;
mod passes;
mod reference;
mod schedule;
mod weights;

use assort_tensor::{Ragged, RowSink};
use candle_core::Tensor;

use crate::dispatch::is_fused;
use crate::{Dropout, Error, Result};

/// Kind of a recurrent cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecurrentCell {
    /// Elman's network (1990), with the hyperbolic tangent.
    Rnn,
    /// Long short-term memory (Hochreiter and Schmidhuber 1997), with a forget gate.
    Lstm,
    /// Gated recurrent unit (Cho and others 2014), with the reset gate after the product as in PyTorch.
    Gru,
}

use RecurrentCell as Cell;

impl RecurrentCell {
    /// G, the number of a weight's rows for each value of a state.
    pub fn gates(self) -> usize {
        match self {
            Self::Rnn => 1,
            Self::Lstm => 4,
            Self::Gru => 3,
        }
    }
}

/// Weights of one direction of a layer.
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

impl RecurrentWeights {
    fn parts(&self) -> [&Tensor; 4] {
        [&self.input, &self.hidden, &self.input_bias, &self.hidden_bias]
    }
}

/// Output of the last layer. A row without tokens pools to zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecurrentOutput {
    /// The state of each token (N, S·H).
    States,
    /// The state that each direction ends with: the last token's for the first, the first token's for the
    /// second (B, S·H).
    Last,
    /// The mean of a row's states (B, S·H).
    Mean,
    /// The largest value of each column over a row (B, S·H); the gradient goes to the first of equals.
    Max,
}

/// Recurrent layers, one on the other.
#[derive(Clone, Debug)]
pub struct Recurrent {
    /// The kind of all cells.
    pub cell: RecurrentCell,
    /// The weights of each layer in one direction or two.
    pub layers: Vec<Vec<RecurrentWeights>>,
    /// Dropout of each layer's input; layers behind the list's end drop nothing.
    pub dropouts: Vec<Dropout>,
    /// Number of tokens that gradients go back through; `None` for the whole row.
    pub truncation: Option<usize>,
    /// Output of the last layer.
    pub output: RecurrentOutput,
}

impl Recurrent {
    fn dropout(&self, layer: usize) -> Dropout {
        self.dropouts.get(layer).copied().unwrap_or(Dropout::NONE)
    }

    fn weights(&self) -> impl Iterator<Item = &Tensor> {
        self.layers.iter().flatten().flat_map(RecurrentWeights::parts)
    }
}

/// Output of the network for x (N, D). With a sink, gradients of weights that are variables go there and not
/// through candle's store, as [`linear_into`](crate::linear_into) does it.
///
/// # Errors
/// If the shapes do not fit, or the truncation is 0.
pub fn recurrent(x: &Tensor, rows: &Ragged, network: &Recurrent, sink: Option<&RowSink>) -> Result<Tensor> {
    check(x, rows, network)?;
    if is_fused(x) && network.weights().all(is_fused) {
        return Ok(op::Network::apply(x, rows, network, sink)?);
    }
    reference::recurrent(x, rows, network)
}

fn check(x: &Tensor, rows: &Ragged, network: &Recurrent) -> Result<()> {
    let shape = |name, expected: String, found: &Tensor| {
        Err(Error::Shape { name, expected, found: found.dims().to_vec() })
    };
    let setting = |name, expected, found: usize| Err(Error::Setting { name, expected, found: found as f64 });
    let &[tokens, mut width] = x.dims() else {
        return shape("x", "(N, D)".into(), x);
    };
    if tokens != rows.tokens() {
        return shape("x", format!("({}, D), a row for each token", rows.tokens()), x);
    }
    if network.layers.is_empty() {
        return setting("layers", "the weights of at least one", 0);
    }
    if network.dropouts.len() > network.layers.len() {
        return setting("dropouts", "at most one for each layer", network.dropouts.len());
    }
    if network.truncation == Some(0) {
        return setting("truncation", "at least 1 token", 0);
    }
    let gates = network.cell.gates();
    for directions in &network.layers {
        if !(1..=2).contains(&directions.len()) {
            return setting("directions", "the weights of one or two", directions.len());
        }
        let states = directions[0].hidden.dims().last().copied().unwrap_or(0);
        let outputs = gates * states;
        for RecurrentWeights { input, hidden, input_bias, hidden_bias } in directions {
            if hidden.dims() != [outputs, states] {
                return shape(
                    "hidden weight",
                    format!("({gates} H, H), the same in both directions"),
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
        width = directions.len() * states;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
