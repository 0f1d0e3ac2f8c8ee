//! One layer of a transformer encoder (Vaswani and others 2017, normed behind the residual connections) as
//! one operation.
//!
//! # Formula
//! With a linear layer for each name and the norms n₁ and n₂: y = n₁(x + dropout(out(attention(query(x),
//! key(x), value(x))))), result = n₂(y + dropout(outer(gelu(inner(y))))). The attention is
//! [`attention`](crate::attention())'s, within each row; the gradients are those of the parts.
//!
//! # Shapes
//! x (N, D), the rows' tokens end to end; query, key, value and out (D, D), inner (F, D), outer (D, F), each
//! with a bias. The result is (N, D), or (B, D) where the first token of each row is all that is wanted: then
//! only keys and values are computed for all. A row without tokens reads zeros and attends to nothing.
//!
//! # Low rank
//! A linear layer may have a frozen weight and learn by two low-rank matrices (Hu and others 2021, LoRA): W +
//! s · up · down in place of W, with down (R, I), up (O, R). With g the gradient of the layer's result and x
//! its input, that of up is s · gᵀ (x downᵀ), that of down s · (g up)ᵀ x: the one operation never makes the
//! large product gᵀ x.
//!
//! # Precision
//! Where `compute_dtype` asks for another type than x's, the linear layers' products are computed in it and
//! everything else in x's, each weight rounded from what the optimizer keeps, as PyTorch's autocast has it;
//! then the layer is made of its parts.
//!
//! # One operation
//! candle adds each gradient to zeros of its size on its way from one operation to the next, on one thread
//! and in new memory; in here gradients are added where they are made. What the forward pass keeps is freed
//! as the backward pass goes; a second backward pass through one graph makes it again.
//!
//! # Accumulation
//! That of the parts; x's gradient is the sum of the residual's, then of query's, key's and value's.

mod backward;
mod low_rank;
mod op;
mod parameters;
mod reference;

#[cfg(test)]
mod tests;

use assort_tensor::{Ragged, RowSink};
use candle_core::{DType, Tensor};

use crate::dispatch::is_fused;
use crate::dropout::Dropout;
use crate::layer_norm::Norm;
use crate::linear::check as check_linear;
use crate::{Error, Result};

pub use low_rank::LowRank;

/// Activation after the first half of a feed-forward block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// In its exact form, with the error function.
    Gelu,
    /// max(x, 0).
    Relu,
}

/// The parameters of a linear layer.
#[derive(Clone, Copy, Debug)]
pub struct Dense<'t> {
    /// W (O, I).
    pub weight: &'t Tensor,
    /// b (O).
    pub bias: &'t Tensor,
    /// The update of W.
    pub low_rank: Option<LowRank<'t>>,
}

/// A layer's parameters, and what it drops.
#[derive(Clone, Copy, Debug)]
pub struct EncoderLayer<'t> {
    /// Projection to queries.
    pub query: Dense<'t>,
    /// Projection to keys.
    pub key: Dense<'t>,
    /// Projection to values.
    pub value: Dense<'t>,
    /// Projection after the attention.
    pub out: Dense<'t>,
    /// The norm behind it.
    pub attention_norm: Norm<'t>,
    /// The first half of the feed-forward block.
    pub inner: Dense<'t>,
    /// Norm after it.
    pub activation: Activation,
    /// The second half.
    pub outer: Dense<'t>,
    /// The norm behind it.
    pub outer_norm: Norm<'t>,
    /// The number of heads; it divides D.
    pub heads: usize,
    /// Dropout of the attention's probabilities.
    pub attention_dropout: Dropout,
    /// Dropout behind `out`.
    pub out_dropout: Dropout,
    /// Dropout behind `outer`.
    pub outer_dropout: Dropout,
    /// The type that the linear layers' products are computed in.
    pub compute_dtype: DType,
}

/// Which hidden states a layer gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayerStates {
    /// That of every token (N, D).
    All,
    /// That of each row's first token (B, D).
    First,
}

/// Output of the layer for x (N, D), whose tokens belong to `rows`. With a sink, gradients of parameters that
/// are variables are left there, as [`linear_into`](crate::linear_into()) does it.
///
/// # Errors
/// If the shapes, the rows and the number of heads do not fit.
pub fn encoder_layer(
    x: &Tensor,
    rows: &Ragged,
    layer: &EncoderLayer,
    states: LayerStates,
    sink: Option<&RowSink>,
) -> Result<Tensor> {
    layer.check(x, rows)?;
    let left = |tensor: &Tensor| !tensor.track_op() || (sink.is_some() && tensor.is_variable());
    let adapted =
        |dense: Dense| dense.low_rank.is_none_or(|low| !dense.weight.track_op() && low.is_taken(left));
    let fused = is_fused(x)
        && layer.parameters().all(|tensor| is_fused(tensor) && left(tensor))
        && layer.dense().into_iter().all(adapted);
    if fused && layer.activation == Activation::Gelu && layer.compute_dtype == DType::F32 {
        return Ok(op::Layer::apply(x, rows, layer, states, sink)?);
    }
    reference::encoder_layer(x, rows, layer, states, sink)
}

impl<'t> EncoderLayer<'t> {
    /// The linear layers.
    fn dense(&self) -> [Dense<'t>; 6] {
        [self.query, self.key, self.value, self.out, self.inner, self.outer]
    }

    /// Weight and bias of each linear layer, then of each norm.
    fn parameters(&self) -> impl Iterator<Item = &'t Tensor> {
        let norms = [self.attention_norm, self.outer_norm].into_iter();
        let dense = self.dense().into_iter().flat_map(|dense| [dense.weight, dense.bias]);
        dense.chain(norms.flat_map(|norm| [norm.weight, norm.bias]))
    }

    fn check(&self, x: &Tensor, rows: &Ragged) -> Result<()> {
        let width = x.dims().last().copied().unwrap_or(0);
        let shape = |name, expected: [usize; 2], found: &Tensor| {
            let fits = found.dims() == expected || (expected[0] == 0 && found.dims() == [expected[1]]);
            let (expected, found) = (format!("{expected:?}"), found.dims().to_vec());
            if fits { Ok(()) } else { Err(Error::Shape { name, expected, found }) }
        };
        shape("x", [rows.tokens(), width], x)?;
        for dense in [self.query, self.key, self.value, self.out] {
            check_linear(x, dense.weight, Some(dense.bias))?;
            shape("weight", [width, width], dense.weight)?;
        }
        check_linear(x, self.inner.weight, Some(self.inner.bias))?;
        shape("outer weight", [width, self.inner.weight.dim(0)?], self.outer.weight)?;
        shape("outer bias", [0, width], self.outer.bias)?;
        for dense in self.dense() {
            let (outputs, inputs) = dense.weight.dims2()?;
            if let Some(low) = dense.low_rank {
                let rank = low.down.dim(0)?;
                shape("down", [rank, inputs], low.down)?;
                shape("up", [outputs, rank], low.up)?;
            }
        }
        for norm in [self.attention_norm, self.outer_norm] {
            shape("norm weight", [0, width], norm.weight)?;
            shape("norm bias", [0, width], norm.bias)?;
        }
        if self.heads == 0 || !width.is_multiple_of(self.heads) {
            let expected = "a number that divides the width of x";
            return Err(Error::Setting { name: "heads", expected, found: self.heads as f64 });
        }
        Ok(())
    }
}
