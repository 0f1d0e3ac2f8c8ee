//! Embedding bag: looks the tokens of each row up in a table and pools them into one vector.
//!
//! # Formula
//! With E the table (V, D), row b of the batch holding the ids i_1 … i_n and, if given, the weights w (1
//! otherwise):
//!
//! | pooling | output of row b | gradient of E's row r from the output's gradient g |
//! | --- | --- | --- |
//! | sum | Σ_t w_t E[i_t] | Σ over all tokens with id r: w_t g_b |
//! | mean | 1/n Σ_t w_t E[i_t] | Σ over all tokens with id r: w_t / n · g_b |
//! | max | for each column the largest E[i_t], the first of equals | g_b where a token of id r was it |
//!
//! A row without tokens gives zeros. PyTorch's `embedding_bag`; the mean divides by the number of tokens,
//! also where weights are given, which PyTorch allows for sums alone. Weights take no gradient.
//!
//! # Sparse gradient
//! Where a [`RowSink`] is given and the table is a variable, the backward pass leaves a [`RowGradient`] in
//! the sink and nothing in candle's store: rows that no token named are neither written nor read. Otherwise
//! the gradient is a dense tensor.
//!
//! # Accumulation, and why ten runs give one digest
//! Forward, each row of the batch has one owner, which adds its tokens in their order, in f32. Backward, the
//! tokens are sorted by (id, position); each touched row of the table has one owner, which adds its tokens in
//! that order. No value is ever written by two threads, so there is nothing to race for: the bits depend
//! neither on scheduling nor on the number of threads or the vector width. The price is the sort, and that
//! one very frequent token is added up by one thread.
//!
//! PERF: 32 rows of 14 words, D = 256, V = 40,600, ids as Zipf's law has them (306 different ones a batch),
//! one core: forward 17 µs, backward 20 µs, and with the sparse Adam step of 58 µs 87 to 93 µs in all; with
//! ids all alike (445 different ones) 140 µs. Maximum: 105 µs (`cargo run --release -p assort-kernels
//! --example measure bag`).
//!
//! On the CPU in f32 the loops are fused; elsewhere candle's own operations compute the same on rows that are
//! padded to the longest, and the gradient is dense.

mod loops;
mod op;
mod reference;
mod rows;

#[cfg(test)]
mod tests;

use assort_tensor::{Ragged, RowSink};
use candle_core::Tensor;

pub(crate) use op::EmbeddingBag;

use crate::dispatch::is_fused;
use crate::{Error, Result};

/// How the tokens of a row become one vector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pooling {
    /// Their sum.
    Sum,
    /// Their mean.
    #[default]
    Mean,
    /// The largest value of each column.
    Max,
}

/// The pooled rows of a batch: table (V, D), ids (B rows of any length), weights (N) → (B, D).
///
/// # Errors
/// If the table is not of rank 2, an id has no row in it, or the weights are not one a token or come with
/// [`Pooling::Max`].
pub fn embedding_bag(
    table: &Tensor,
    bag: &Ragged,
    pooling: Pooling,
    weights: Option<&[f32]>,
    sink: Option<&RowSink>,
) -> Result<Tensor> {
    check(table, bag, pooling, weights)?;
    if is_fused(table) {
        let op = EmbeddingBag::new(bag, pooling, weights, sink);
        return Ok(table.contiguous()?.apply_op1(op)?);
    }
    reference::embedding_bag(table, bag, pooling, weights)
}

fn check(table: &Tensor, bag: &Ragged, pooling: Pooling, weights: Option<&[f32]>) -> Result<()> {
    let &[vocabulary, _] = table.dims() else {
        let found = table.dims().to_vec();
        return Err(Error::Shape { name: "table", expected: "(V, D)".into(), found });
    };
    if let Some(weights) = weights {
        if weights.len() != bag.tokens() {
            let expected = format!("({}), one for each token", bag.tokens());
            return Err(Error::Shape { name: "weights", expected, found: vec![weights.len()] });
        }
        if pooling == Pooling::Max {
            return Err(Error::Mismatch(
                "weights have no meaning for the largest value: pool by sum or mean".into(),
            ));
        }
    }
    let Some(at) = bag.ids().iter().position(|&id| id as usize >= vocabulary) else { return Ok(()) };
    let row = bag.offsets().partition_point(|&offset| offset as usize <= at).saturating_sub(1);
    let position = at - bag.offsets()[row] as usize;
    Err(Error::TokenId { row, position, id: bag.ids()[at], vocabulary })
}
