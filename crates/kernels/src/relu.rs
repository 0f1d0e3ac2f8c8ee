//! ReLU: y = max(x, 0), of any shape.
//!
//! The gradient passes where y > 0; at 0 it is 0, as in PyTorch (candle's own ReLU lets it pass there). Not a number stays so.
//! Each value by itself: nothing is accumulated.

use candle_core::{CpuStorage, CustomOp1, DType, Layout, Result as CandleResult, Shape, Tensor};

use crate::Result;
use crate::cpu::{Blank, by_values, read, slice};
use crate::dispatch::{Level, vectorized};

/// The larger of each value and 0.
pub fn relu(x: &Tensor) -> Result<Tensor> {
    if x.device().is_cpu() && x.dtype() == DType::F32 {
        return Ok(x.contiguous()?.apply_op1(Relu)?);
    }
    reference(x)
}

struct Relu;

impl CustomOp1 for Relu {
    fn name(&self) -> &'static str {
        "relu"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> CandleResult<(CpuStorage, Shape)> {
        let x = slice(x, layout)?;
        // SAFETY: `forward` writes a value for each of x, and both are equally long.
        let out = unsafe { by_values(x.len(), |at, out| forward(Level::best(), &x[at..][..out.len()], out)) };
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, y: &Tensor, gradient: &Tensor) -> CandleResult<Option<Tensor>> {
        let out = read(y, |y| {
            read(&gradient.contiguous()?, |g| {
                // SAFETY: `backward` writes a value for each of y, and all three are equally long.
                unsafe {
                    by_values(y.len(), |at, out| {
                        backward(Level::best(), &y[at..][..out.len()], &g[at..][..out.len()], out);
                    })
                }
            })
        })??;
        Ok(Some(Tensor::from_vec(out, x.shape(), x.device())?))
    }
}

vectorized! {
    fn forward(x: &[f32], out: &mut [Blank]) {
        for (out, &x) in out.iter_mut().zip(x) {
            out.write(if x <= 0.0 { 0.0 } else { x });
        }
    }
}

vectorized! {
    fn backward(y: &[f32], g: &[f32], out: &mut [Blank]) {
        for ((out, &g), &y) in out.iter_mut().zip(g).zip(y) {
            out.write(if y <= 0.0 { 0.0 } else { g });
        }
    }
}

/// The same from candle's own operations.
fn reference(x: &Tensor) -> Result<Tensor> {
    let zeros = x.zeros_like()?;
    Ok(x.le(&zeros)?.where_cond(&zeros, x)?)
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;
    use crate::testing::check_elementwise;

    #[test]
    fn both_paths_agree_and_gradcheck_holds() -> Result<()> {
        check_elementwise(relu)
    }

    #[test]
    fn nothing_passes_at_zero() -> Result<()> {
        for dtype in [DType::F32, DType::F64] {
            let x = Tensor::new(&[0f32, -0.0, 1e-30, -1.0, f32::INFINITY], &Device::Cpu)?.to_dtype(dtype)?;
            let x = candle_core::Var::from_tensor(&x)?;
            let gradient = relu(&x)?.sum_all()?.backward()?.remove(&x).unwrap();
            assert_eq!(gradient.to_dtype(DType::F32)?.to_vec1::<f32>()?, [0., 0., 1., 0., 1.], "{dtype:?}");
            let y = relu(&Tensor::new(&[f32::NAN, -2.0], &Device::Cpu)?.to_dtype(dtype)?)?;
            let y = y.to_dtype(DType::F32)?.to_vec1::<f32>()?;
            assert!(y[0].is_nan() && y[1] == 0.0, "{dtype:?}");
        }
        Ok(())
    }

    #[test]
    fn levels_give_the_same_bits() {
        let x: Vec<f32> = (0..77).map(|i| (i as f32).sin()).collect();
        let run = |level| {
            let make = |fill: &dyn Fn(&mut [Blank])| {
                let mut out = vec![Blank::new(f32::NAN); 77];
                fill(&mut out);
                // SAFETY: every value has been written above.
                out.iter().map(|value| unsafe { value.assume_init() }).collect::<Vec<f32>>()
            };
            let y = make(&|out| forward(level, &x, out));
            let g = make(&|out| backward(level, &y, &x, out));
            (y, g)
        };
        Level::available().into_iter().for_each(|level| assert_eq!(run(level), run(Level::PORTABLE)));
    }
}
