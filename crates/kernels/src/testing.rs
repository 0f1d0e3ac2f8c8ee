//! Cases that every elementwise op must pass.

use assort_tensor::{Gradcheck, gradcheck};
use candle_core::{DType, Device, Tensor, Var};

use crate::Result;

/// The op in f32 (fused) against f64 (reference), value and gradient, on several shapes, a view among them; and both against
/// finite differences.
pub(crate) fn check_elementwise(op: impl Fn(&Tensor) -> Result<Tensor>) -> Result<()> {
    // Away from 0, where a slope may jump.
    let values = |count: usize| -> Vec<f64> {
        (0..count).map(|i| (i as f64 * 1.7 + 0.4).sin() * 3.0).map(|x| x + 0.05 * x.signum()).collect()
    };
    let flat = |t: &Tensor| t.to_dtype(DType::F64)?.flatten_all()?.to_vec1::<f64>();
    for shape in [&[7][..], &[3, 67], &[0, 4], &[2, 0, 3], &[1], &[2, 3, 5], &[11, 13_000]] {
        let count = shape.iter().product();
        let double = Tensor::from_vec(values(count), shape, &Device::Cpu)?;
        let views: &[bool] = if shape.len() == 2 { &[false, true] } else { &[false] };
        for &turned in views {
            let run = |dtype| -> Result<(Vec<f64>, Vec<f64>)> {
                let x = double.to_dtype(dtype)?;
                let var = Var::from_tensor(&if turned { x.t()?.contiguous()? } else { x })?;
                let y = op(&if turned { var.t()? } else { var.as_tensor().clone() })?;
                assert_eq!((y.dims(), y.dtype()), (shape, dtype));
                let outer = Tensor::from_vec(values(count), shape, &Device::Cpu)?.to_dtype(dtype)?;
                let gradient = (&y * outer)?.sum_all()?.backward()?.remove(&var).unwrap();
                Ok((flat(&y)?, flat(&gradient)?))
            };
            let (single, double) = (run(DType::F32)?, run(DType::F64)?);
            for (found, expect) in [(&single.0, &double.0), (&single.1, &double.1)] {
                for (found, expect) in found.iter().zip(expect) {
                    let close = (found - expect).abs() <= 1e-6 * expect.abs().max(1.0);
                    assert!(close, "shape {shape:?}: {found}, expected {expect}");
                }
            }
        }
        if count < 50 {
            for (dtype, settings) in [(DType::F32, Gradcheck::SINGLE), (DType::F64, Gradcheck::DOUBLE)] {
                gradcheck(&[Var::from_tensor(&double.to_dtype(dtype)?)?], settings, |x, _| Ok(op(&x[0])?))?;
            }
        }
    }
    Ok(())
}
