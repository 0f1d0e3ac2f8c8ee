//! Parameters of a layer as the operation holds them, and what a linear layer does with its own.

use candle_core::{Result, Tensor};

use super::low_rank::OwnedLowRank;
use super::{Dense, EncoderLayer};
use crate::cpu::{read, read_all};
use crate::dropout::Dropout;
use crate::layer_norm::{Norm, Settings};
use crate::matmul::{Matmul, Matrix};

/// Parameters of the layer's parts, contiguous.
pub(super) struct Parameters {
    pub(super) query: OwnedDense,
    pub(super) key: OwnedDense,
    pub(super) value: OwnedDense,
    pub(super) out: OwnedDense,
    pub(super) attention_norm: OwnedNorm,
    pub(super) inner: OwnedDense,
    pub(super) outer: OwnedDense,
    pub(super) outer_norm: OwnedNorm,
}

impl Parameters {
    pub(super) fn new(layer: &EncoderLayer) -> Result<Self> {
        Ok(Self {
            query: OwnedDense::new(&layer.query)?,
            key: OwnedDense::new(&layer.key)?,
            value: OwnedDense::new(&layer.value)?,
            out: OwnedDense::new(&layer.out)?,
            attention_norm: OwnedNorm::new(&layer.attention_norm, layer.out_dropout)?,
            inner: OwnedDense::new(&layer.inner)?,
            outer: OwnedDense::new(&layer.outer)?,
            outer_norm: OwnedNorm::new(&layer.outer_norm, layer.outer_dropout)?,
        })
    }

    /// All tensors that may learn.
    pub(super) fn tensors(&self) -> impl Iterator<Item = &Tensor> {
        let dense = [&self.query, &self.key, &self.value, &self.out, &self.inner, &self.outer];
        let norms =
            [&self.attention_norm, &self.outer_norm].into_iter().flat_map(|norm| [&norm.weight, &norm.bias]);
        let low_ranks = dense.into_iter().filter_map(|dense| dense.low_rank.as_ref());
        let low_ranks = low_ranks.flat_map(|low_rank| [&low_rank.down, &low_rank.up]);
        dense.into_iter().flat_map(|dense| [&dense.weight, &dense.bias]).chain(norms).chain(low_ranks)
    }
}

/// Linear layer.
pub(super) struct OwnedDense {
    /// W (O, I), with what is added to it.
    pub(super) weight: Tensor,
    /// b (O).
    pub(super) bias: Tensor,
    pub(super) low_rank: Option<OwnedLowRank>,
}

impl OwnedDense {
    fn new(dense: &Dense) -> Result<Self> {
        let weight = match dense.low_rank {
            Some(_) => dense.whole()?.detach(),
            None => dense.weight.contiguous()?,
        };
        let low_rank = dense.low_rank.as_ref().map(OwnedLowRank::new).transpose()?;
        Ok(Self { weight, bias: dense.bias.contiguous()?, low_rank })
    }

    /// x Wᵀ + b.
    pub(super) fn forward(&self, x: &[f32]) -> Result<Vec<f32>> {
        let (outputs, inputs) = self.weight.dims2()?;
        read_all([&self.weight, &self.bias], |[weight, bias]| {
            let x = Matrix::new(x, x.len() / inputs.max(1), inputs);
            Matmul::new(x, Matrix::new(weight, outputs, inputs).transposed()).with_bias(Some(bias)).run()
        })
    }

    /// d_x = g W, handed over as a product that is still to be computed.
    fn input_gradient<T>(&self, g: &[f32], run: impl FnOnce(Matmul) -> T) -> Result<T> {
        let (outputs, inputs) = self.weight.dims2()?;
        read(&self.weight, |weight| {
            let g = Matrix::new(g, g.len() / outputs.max(1), outputs);
            run(Matmul::new(g, Matrix::new(weight, outputs, inputs)))
        })
    }

    /// d_x = g W from the gradient g of the output.
    pub(super) fn backward(&self, g: &[f32]) -> Result<Vec<f32>> {
        self.input_gradient(g, |product| product.run())
    }

    /// d_x += g W.
    pub(super) fn add_backward(&self, g: &[f32], d_x: &mut [f32]) -> Result<()> {
        self.input_gradient(g, |product| product.add_to(d_x))
    }
}

/// Layer norm with the dropout before it.
pub(super) struct OwnedNorm {
    /// γ (D).
    pub(super) weight: Tensor,
    /// β (D).
    pub(super) bias: Tensor,
    pub(super) settings: Settings,
}

impl OwnedNorm {
    fn new(norm: &Norm, dropout: Dropout) -> Result<Self> {
        let settings = Settings { epsilon: norm.epsilon, dropout };
        Ok(Self { weight: norm.weight.contiguous()?, bias: norm.bias.contiguous()?, settings })
    }

    /// γ and β (2, D).
    pub(super) fn scale(&self) -> Result<Vec<f32>> {
        read_all([&self.weight, &self.bias], |values| values.concat())
    }
}
