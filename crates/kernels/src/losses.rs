//! Losses besides cross entropy: [`supervised_contrastive`] and [`entropy`].
//!
//! Each file gives its formula and source. A loss is a scalar of one tensor; on the CPU in f32 its value and
//! its gradient are one pass each, added up in f64 in the order of the rows, on one thread; elsewhere the
//! `reference` runs.

mod contrastive;
mod entropy;

use candle_core::{CpuStorage, CustomOp1, DType, Device, Layout, Result as CandleResult, Shape, Tensor};

use crate::cpu::{read, slice};
use crate::dispatch::is_fused;
use crate::{Error, Result};

pub use contrastive::supervised_contrastive;
pub use entropy::entropy;

/// A scalar of f32 values.
trait Loss: Send + Sync {
    /// Its name in candle's messages.
    const NAME: &'static str;

    /// The loss.
    fn value(&self, x: &[f32]) -> f64;

    /// Its gradient, times `scale`.
    fn gradient(&self, x: &[f32], scale: f64) -> Vec<f32>;

    /// The loss from candle's own operations, of `x` in f32 or f64.
    fn reference(&self, x: &Tensor) -> Result<Tensor>;
}

struct Op<L>(L);

impl<L: Loss> CustomOp1 for Op<L> {
    fn name(&self) -> &'static str {
        L::NAME
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> CandleResult<(CpuStorage, Shape)> {
        let loss = self.0.value(slice(x, layout)?);
        Ok((CpuStorage::F32(vec![loss as f32]), Shape::from(())))
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, gradient: &Tensor) -> CandleResult<Option<Tensor>> {
        let scale = f64::from(gradient.to_scalar::<f32>()?);
        let flat = read(x, |x| self.0.gradient(x, scale))?;
        Ok(Some(Tensor::from_vec(flat, x.shape(), &Device::Cpu)?))
    }
}

/// The loss of a tensor, through the way that its device and type allow.
fn apply<L: Loss + 'static>(x: &Tensor, loss: L) -> Result<Tensor> {
    if is_fused(x) {
        return Ok(x.contiguous()?.apply_op1(Op(loss))?);
    }
    let work = if x.dtype() == DType::F64 { DType::F64 } else { DType::F32 };
    Ok(loss.reference(&x.to_dtype(work)?)?.to_dtype(x.dtype())?)
}

/// B and K of logits or states.
fn matrix(name: &'static str, letters: &str, x: &Tensor) -> Result<(usize, usize)> {
    match x.dims() {
        &[rows, columns] if rows > 0 && columns > 0 => Ok((rows, columns)),
        [_, _] => Err(Error::Undefined("a loss of an empty batch has no mean: leave such a batch out")),
        dims => Err(Error::Shape { name, expected: letters.into(), found: dims.to_vec() }),
    }
}

/// log softmax of a row.
fn log_softmax(row: &[f32]) -> Vec<f64> {
    let top = row.iter().fold(f32::NEG_INFINITY, |top, &x| top.max(x));
    let shifted: Vec<f64> = row.iter().map(|&x| f64::from(x) - f64::from(top)).collect();
    let log_sum = shifted.iter().map(|x| x.exp()).sum::<f64>().ln();
    shifted.iter().map(|x| x - log_sum).collect()
}

/// The same from candle's own operations.
fn log_softmax_reference(x: &Tensor) -> Result<Tensor> {
    let shifted = x.broadcast_sub(&x.max_keepdim(1)?.detach())?;
    let log_sum = shifted.exp()?.sum_keepdim(1)?.log()?;
    Ok(shifted.broadcast_sub(&log_sum)?)
}

#[cfg(test)]
mod tests;
