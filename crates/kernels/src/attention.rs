//! Scaled dot-product attention with several heads over ragged batches, softmax and dropout fused.
//!
//! # Formula
//! For each sequence and head, with Q the head's columns of the sequence's queries, K and V likewise, d their
//! width: S = Q Kᵀ / √d, P = softmax(S) by rows, P' = dropout(P), O = P' V (Vaswani and others 2017). Every
//! query of a sequence attends to every key of that sequence and to no other; nothing is padded.
//! Probabilities below e⁻⁶⁰ of the largest count as 0.
//!
//! With G the gradient of O: ∂V = P'ᵀ G, D = dropout(G Vᵀ) with the same mask, ∂S = P ⊙ (D - δ) with δ the
//! row sums of G ⊙ O, ∂Q = ∂S K / √d, ∂K = ∂Sᵀ Q / √d. (The row sums of P ⊙ D are those of G ⊙ O: Dao and
//! others 2022.)
//!
//! # Shapes
//! q (Nq, H), k and v (Nk, H), with the offsets of the sequences (B + 1) in each; H = heads · d. Output (Nq,
//! H). Queries may be fewer than keys: a classifier that reads the first token alone asks for that one. A
//! sequence without keys gives zeros.
//!
//! # What is kept, and accumulation
//! From the forward pass, log Σ exp of each row of S alone, N · heads numbers; P is made again. Products as
//! the `gemm` crate blocks them, on one thread: each thread takes whole heads of sequences, and no value is
//! written by two, so the bits do not depend on the number of threads. Row sums in 16 partial sums in f32,
//! those in f64.

mod head;
mod loops;
mod op;
mod reference;

#[cfg(test)]
mod tests;

use candle_core::Tensor;

pub(crate) use op::Fused;

use crate::dispatch::is_fused;
use crate::dropout::Dropout;
use crate::{Error, Result};

/// Where the sequences of a batch lie, and how attention looks at them.
#[derive(Clone, Debug)]
pub struct Attention<'a> {
    /// Where each sequence's queries begin, and the end (B + 1).
    pub queries: &'a [u32],
    /// Where each sequence's keys and values begin, and the end (B + 1).
    pub keys: &'a [u32],
    /// The number of heads; it divides H.
    pub heads: usize,
    /// Dropout of the probabilities.
    pub dropout: Dropout,
}

/// The attention of q (Nq, H) to k and v (Nk, H): (Nq, H).
///
/// # Errors
/// If the shapes, the offsets and the number of heads do not fit.
pub fn attention(q: &Tensor, k: &Tensor, v: &Tensor, settings: &Attention) -> Result<Tensor> {
    settings.check(q, k, v)?;
    if is_fused(q) && is_fused(k) && is_fused(v) {
        let op = Fused::new(settings, q.dim(1)?);
        return Ok(q.contiguous()?.apply_op3(&k.contiguous()?, &v.contiguous()?, op)?);
    }
    reference::attention(q, k, v, settings)
}

impl Attention<'_> {
    fn check(&self, q: &Tensor, k: &Tensor, v: &Tensor) -> Result<()> {
        let end = |offsets: &[u32]| offsets.last().map_or(0, |&end| end as usize);
        let width = q.dims().last().copied().unwrap_or(0);
        for (name, tensor, rows) in
            [("q", q, end(self.queries)), ("k", k, end(self.keys)), ("v", v, end(self.keys))]
        {
            if tensor.dims() != [rows, width] {
                let expected = format!("({rows}, {width}): a row for each token, as wide as q");
                return Err(Error::Shape { name, expected, found: tensor.dims().to_vec() });
            }
        }
        let rising = |offsets: &[u32]| offsets.first() == Some(&0) && offsets.is_sorted();
        if !rising(self.queries) || !rising(self.keys) || self.queries.len() != self.keys.len() {
            return Err(Error::Mismatch(
                "the offsets of queries and keys must begin with 0, never fall and be equally many".into(),
            ));
        }
        if self.heads == 0 || !width.is_multiple_of(self.heads) {
            let expected = "a number that divides the width of q";
            return Err(Error::Setting { name: "heads", expected, found: self.heads as f64 });
        }
        Ok(())
    }
}
