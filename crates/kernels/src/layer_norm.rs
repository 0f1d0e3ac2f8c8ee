//! Layer norm over the last dimension, alone or fused with dropout and a residual connection.
//!
//! # Formula
//! s = residual + dropout(x), or s = x; μ and σ² the mean and the (biased) variance of a row of s;
//! x̂ = (s - μ) / √(σ² + ε), y = γ x̂ + β (Ba, Kiros and Hinton 2016; PyTorch's `layer_norm`).
//!
//! With g the gradient of y and ĝ = γ g: ∂s = (ĝ - mean(ĝ) - x̂ mean(ĝ x̂)) / √(σ² + ε), ∂residual = ∂s,
//! ∂x = ∂s through the dropout; ∂γ = Σ over the rows of g x̂, ∂β = Σ of g.
//!
//! # Shapes
//! x and residual (…, D), γ and β (D); y (…, D).
//!
//! # What is kept, and accumulation
//! From the forward pass, mean and 1/√(σ² + ε) of each row alone: s is made again from x and residual, which
//! live anyway, and the dropout's mask from its seed. Inside a row sums are added up in f32 in 16 partial
//! sums and those in f64; ∂γ and ∂β row by row in f32 within a piece of rows whose size depends on D alone,
//! and the pieces in f64.

mod loops;

#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use candle_core::{CpuStorage, CustomOp2, CustomOp3, Layout, Result as CandleResult, Shape, Tensor, bail};

use crate::cpu::{PIECE, each, read_all, room, slice, written};
use crate::dispatch::{Level, is_fused};
use crate::dropout::Dropout;
use crate::{Error, Result};
pub(crate) use loops::Stats;
use loops::{Known, Rows, backward, forward};

/// The parameters of a layer norm.
#[derive(Clone, Copy, Debug)]
pub struct Norm<'t> {
    /// γ (D).
    pub weight: &'t Tensor,
    /// β (D).
    pub bias: &'t Tensor,
    /// ε, above 0.
    pub epsilon: f64,
}

/// The norm of each row of x (…, D).
///
/// # Errors
/// If the shapes do not fit.
pub fn layer_norm(x: &Tensor, norm: &Norm) -> Result<Tensor> {
    let scale = norm.scale(x)?;
    if !is_fused(x) || !is_fused(&scale) {
        return reference(x, norm);
    }
    Ok(x.contiguous()?.apply_op2(&scale, LayerNorm::new(norm.epsilon, Dropout::NONE))?)
}

/// The norm of each row of residual + dropout(x), both (…, D).
///
/// # Errors
/// If the shapes do not fit.
pub fn residual_norm(x: &Tensor, dropout: Dropout, residual: &Tensor, norm: &Norm) -> Result<Tensor> {
    let scale = norm.scale(x)?;
    if residual.dims() != x.dims() {
        let expected = format!("{:?}, that of x", x.dims());
        return Err(Error::Shape { name: "residual", expected, found: residual.dims().to_vec() });
    }
    if !is_fused(x) || !is_fused(residual) || !is_fused(&scale) {
        let x = match dropout.is_none() {
            true => x.clone(),
            false => (x * dropout.factors(x.shape(), x.dtype(), x.device())?)?,
        };
        return reference(&(residual + x)?, norm);
    }
    let op = LayerNorm::new(norm.epsilon, dropout);
    Ok(x.contiguous()?.apply_op3(&residual.contiguous()?, &scale, op)?)
}

impl Norm<'_> {
    /// γ and β as one tensor (2, D): candle's operations take three arguments at most.
    fn scale(&self, x: &Tensor) -> Result<Tensor> {
        let width = x.dims().last().copied();
        for (name, tensor) in [("weight", self.weight), ("bias", self.bias)] {
            if Some(tensor.elem_count()) != width || tensor.rank() != 1 {
                let expected = format!("({}), as the rows of x are that wide", width.unwrap_or(0));
                return Err(Error::Shape { name, expected, found: tensor.dims().to_vec() });
            }
        }
        Ok(Tensor::stack(&[self.weight, self.bias], 0)?)
    }
}

/// Norm and dropout, without the parameters.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) epsilon: f64,
    pub(crate) dropout: Dropout,
}

/// Values that the backward pass reads.
#[derive(Clone, Copy)]
pub(crate) struct NormBack<'a> {
    pub(crate) x: &'a [f32],
    pub(crate) residual: Option<&'a [f32]>,
    /// γ and β (2, D).
    pub(crate) scale: &'a [f32],
    pub(crate) stats: &'a [Stats],
}

/// Gradients that the backward pass gives.
pub(crate) struct Gradients {
    /// ∂s, which is that of the residual.
    pub(crate) d_sum: Vec<f32>,
    /// ∂x, where it is asked for and not the same.
    pub(crate) d_x: Option<Vec<f32>>,
    /// ∂γ and ∂β (2, D).
    pub(crate) d_scale: Vec<f32>,
}

impl Settings {
    /// Rows that are taken together: a multiple of 4, so that each piece's dropout begins with a whole random
    /// block.
    fn piece(width: usize) -> usize {
        (PIECE / width).max(1).next_multiple_of(4)
    }

    /// y and the stats of each row; γ and β (2, D) are `scale`.
    pub(crate) fn forward(
        self,
        x: &[f32],
        residual: Option<&[f32]>,
        scale: &[f32],
    ) -> (Vec<f32>, Vec<Stats>) {
        // Without columns there are no values either, whatever the number of rows.
        let width = (scale.len() / 2).max(1);
        let rows = Self::piece(width);
        let (mut y, mut stats) = (room(x.len()), room(x.len() / width));
        let pieces = y.chunks_mut(rows * width).zip(stats.chunks_mut(rows)).enumerate();
        each(pieces, x.len(), |(piece, (y, stats))| {
            let at = piece * rows * width;
            let input = Rows::new(x, residual, self.dropout, at..at + y.len(), width);
            forward(Level::best(), &input, scale, self.epsilon, y, stats);
        });
        // SAFETY: the pieces are the whole of both rooms, and `forward` writes each value of its pieces.
        unsafe { (written(y), written(stats)) }
    }

    /// From the gradient g of y.
    pub(crate) fn backward(self, values: NormBack, g: &[f32], wants_d_x: bool) -> Gradients {
        let NormBack { x, residual, scale, stats } = values;
        let (count, width) = (x.len(), (scale.len() / 2).max(1));
        let rows = Self::piece(width);
        let masked = wants_d_x && residual.is_some() && !self.dropout.is_none();
        let (mut d_sum, mut d_x) = (room(count), room(if masked { count } else { 0 }));
        let mut d_x_pieces = d_x.chunks_mut(rows * width);
        let pieces =
            d_sum.chunks_mut(rows * width).map(|piece| (piece, d_x_pieces.next().unwrap_or_default()));
        let sums = each(pieces.enumerate(), count, |(piece, (d_sum, d_x))| {
            let at = piece * rows * width;
            let input = Rows::new(x, residual, self.dropout, at..at + d_sum.len(), width);
            let known = Known { rows: &input, weight: &scale[..width], stats: &stats[piece * rows..] };
            backward(Level::best(), known, &g[at..][..d_sum.len()], d_sum, d_x)
        });
        let total = |i: usize| sums.iter().map(|sums| f64::from(sums[i])).sum::<f64>() as f32;
        let d_scale = (0..scale.len()).map(total).collect();
        // SAFETY: the pieces are the whole of both rooms, and `backward` writes each value of its pieces.
        let (d_sum, d_x) = unsafe { (written(d_sum), written(d_x)) };
        Gradients { d_sum, d_x: masked.then_some(d_x), d_scale }
    }
}

struct LayerNorm {
    settings: Settings,
    stats: OnceLock<Vec<Stats>>,
}

/// The gradients of x, of the residual and of (γ, β).
type Three = [Option<Tensor>; 3];

impl LayerNorm {
    fn new(epsilon: f64, dropout: Dropout) -> Self {
        Self { settings: Settings { epsilon, dropout }, stats: OnceLock::new() }
    }

    fn forward(&self, x: &[f32], residual: Option<&[f32]>, scale: &[f32]) -> Vec<f32> {
        let (y, stats) = self.settings.forward(x, residual, scale);
        // A second forward pass of the same op would find the same.
        let _ = self.stats.set(stats);
        y
    }

    fn backward(
        &self,
        x: &Tensor,
        residual: Option<&Tensor>,
        scale: &Tensor,
        g: &Tensor,
    ) -> CandleResult<Three> {
        let Some(stats) = self.stats.get() else { bail!("layer norm: the forward pass comes first") };
        let g = g.contiguous()?;
        let gradients = read_all([x, residual.unwrap_or(x), scale, &g], |[x_values, other, scale, g]| {
            let values = NormBack { x: x_values, residual: residual.map(|_| other), scale, stats };
            self.settings.backward(values, g, x.track_op())
        })?;
        let tensor = |values, like: &Tensor| Tensor::from_vec(values, like.shape(), like.device());
        let d_sum = tensor(gradients.d_sum, x)?;
        let d_x = gradients.d_x.map_or_else(|| Ok(d_sum.clone()), |d_x| tensor(d_x, x))?;
        let d_scale = scale.track_op().then(|| tensor(gradients.d_scale, scale)).transpose()?;
        let residual = residual.filter(|residual| residual.track_op());
        Ok([x.track_op().then_some(d_x), residual.map(|_| d_sum), d_scale])
    }
}

impl CustomOp2 for LayerNorm {
    fn name(&self) -> &'static str {
        "layer-norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        scale: &CpuStorage,
        ls: &Layout,
    ) -> CandleResult<(CpuStorage, Shape)> {
        let y = self.forward(slice(x, lx)?, None, slice(scale, ls)?);
        Ok((CpuStorage::F32(y), lx.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        scale: &Tensor,
        _: &Tensor,
        g: &Tensor,
    ) -> CandleResult<(Option<Tensor>, Option<Tensor>)> {
        let [d_x, _, d_scale] = self.backward(x, None, scale, g)?;
        Ok((d_x, d_scale))
    }
}

impl CustomOp3 for LayerNorm {
    fn name(&self) -> &'static str {
        "residual-norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        residual: &CpuStorage,
        lr: &Layout,
        scale: &CpuStorage,
        ls: &Layout,
    ) -> CandleResult<(CpuStorage, Shape)> {
        let y = self.forward(slice(x, lx)?, Some(slice(residual, lr)?), slice(scale, ls)?);
        Ok((CpuStorage::F32(y), lx.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        residual: &Tensor,
        scale: &Tensor,
        _: &Tensor,
        g: &Tensor,
    ) -> CandleResult<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let [d_x, d_residual, d_scale] = self.backward(x, Some(residual), scale, g)?;
        Ok((d_x, d_residual, d_scale))
    }
}

/// The same from candle's own operations.
fn reference(s: &Tensor, norm: &Norm) -> Result<Tensor> {
    if s.elem_count() == 0 {
        return Ok(s.clone());
    }
    let centred = s.broadcast_sub(&s.mean_keepdim(candle_core::D::Minus1)?)?;
    let variance = centred.sqr()?.mean_keepdim(candle_core::D::Minus1)?;
    let unit = centred.broadcast_div(&(variance + norm.epsilon)?.sqrt()?)?;
    Ok(unit.broadcast_mul(norm.weight)?.broadcast_add(norm.bias)?)
}
