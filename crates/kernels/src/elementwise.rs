//! Operations on each value by itself, of any shape: [`gelu`] and [`relu`]. Nothing is accumulated.

mod gelu;
mod relu;

use candle_core::{CpuStorage, CustomOp1, Layout, Result as CandleResult, Shape, Tensor};

use crate::Result;
use crate::cpu::{Blank, by_values, read_all, slice};
use crate::dispatch::{Level, is_fused};

pub(crate) use gelu::activated;
pub use gelu::gelu;
pub use relu::relu;

/// Function of one value, as loops over equally long slices, which write every value of their output.
trait Elementwise: Send + Sync {
    /// Its name in candle's messages.
    const NAME: &'static str;

    /// Writes y.
    fn forward(level: Level, x: &[f32], y: &mut [Blank]);

    /// Writes d_x from the gradient g of y.
    fn backward(level: Level, x: &[f32], y: &[f32], g: &[f32], d_x: &mut [Blank]);

    /// The same from candle's own operations.
    fn reference(x: &Tensor) -> Result<Tensor>;
}

/// The function of each value, through the way that device and type allow.
fn apply<F: Elementwise + 'static>(x: &Tensor, function: F) -> Result<Tensor> {
    if is_fused(x) { Ok(x.contiguous()?.apply_op1(Op(function))?) } else { F::reference(x) }
}

struct Op<F>(F);

impl<F: Elementwise> CustomOp1 for Op<F> {
    fn name(&self) -> &'static str {
        F::NAME
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> CandleResult<(CpuStorage, Shape)> {
        let x = slice(x, layout)?;
        // SAFETY: `forward` writes a value for each of x, and both are equally long.
        let y = unsafe { by_values(x.len(), |at, y| F::forward(Level::best(), &x[at..][..y.len()], y)) };
        Ok((CpuStorage::F32(y), layout.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, y: &Tensor, gradient: &Tensor) -> CandleResult<Option<Tensor>> {
        let d_x = read_all([x, y, &gradient.contiguous()?], |values| {
            let work = |at: usize, d_x: &mut [Blank]| {
                let [x, y, g] = values.map(|values| &values[at..][..d_x.len()]);
                F::backward(Level::best(), x, y, g, d_x);
            };
            // SAFETY: `backward` writes a value for each of x, and all four are equally long.
            unsafe { by_values(x.elem_count(), work) }
        })?;
        Ok(Some(Tensor::from_vec(d_x, x.shape(), x.device())?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::{room, written};

    /// All vector widths give the same bits, forward and backward.
    pub(super) fn check_levels<F: Elementwise>() {
        let x: Vec<f32> = (0..77).map(|i| (i as f32).sin() * 9.0).collect();
        let run = |level| {
            let (mut y, mut d_x) = (room(x.len()), room(x.len()));
            F::forward(level, &x, &mut y);
            // SAFETY: every value has been written.
            let y = unsafe { written(y) };
            F::backward(level, &x, &y, &x, &mut d_x);
            // SAFETY: every value has been written.
            (y, unsafe { written(d_x) })
        };
        Level::available().into_iter().for_each(|level| assert_eq!(run(level), run(Level::PORTABLE)));
    }
}
