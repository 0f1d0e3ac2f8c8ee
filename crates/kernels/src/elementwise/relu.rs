//! ReLU: y = max(x, 0), of any shape.
//!
//! The gradient passes where y > 0; at 0 it is 0, as in PyTorch (candle's own ReLU lets it pass there). Not a
//! number stays so.

use candle_core::Tensor;

use super::{Elementwise, apply};
use crate::Result;
use crate::cpu::Blank;
use crate::dispatch::{Level, vectorized};

/// The larger of each value and 0.
pub fn relu(x: &Tensor) -> Result<Tensor> {
    apply(x, Relu)
}

struct Relu;

impl Elementwise for Relu {
    const NAME: &'static str = "relu";

    fn forward(level: Level, x: &[f32], y: &mut [Blank]) {
        forward(level, x, y);
    }

    fn backward(level: Level, _: &[f32], y: &[f32], g: &[f32], d_x: &mut [Blank]) {
        backward(level, y, g, d_x);
    }

    fn reference(x: &Tensor) -> Result<Tensor> {
        let zeros = x.zeros_like()?;
        Ok(x.le(&zeros)?.where_cond(&zeros, x)?)
    }
}

vectorized! {
    fn forward(x: &[f32], y: &mut [Blank]) {
        for (y, &x) in y.iter_mut().zip(x) {
            y.write(if x <= 0.0 { 0.0 } else { x });
        }
    }
}

vectorized! {
    fn backward(y: &[f32], g: &[f32], d_x: &mut [Blank]) {
        for ((d_x, &g), &y) in d_x.iter_mut().zip(g).zip(y) {
            d_x.write(if y <= 0.0 { 0.0 } else { g });
        }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device};

    use super::super::tests::check_levels;
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
        check_levels::<Relu>();
    }
}
