//! Helpers of this crate's tests.

use assort_tensor::{Gradcheck, Ragged, gradcheck};
use candle_core::{DType, Device, Tensor, Var};
use serde::de::DeserializeOwned;

use crate::Result;

/// Output of a script below `fixtures/`.
pub(crate) fn fixture<T: DeserializeOwned>(path: &str) -> T {
    let path = format!("{}/../../fixtures/{path}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A batch of rows of these lengths.
pub(crate) fn rows(lengths: &[usize]) -> Ragged {
    Ragged::from_rows(lengths.iter().map(|&length| vec![0; length]))
}

/// All values in f64.
pub(crate) fn flat(tensor: &Tensor) -> Vec<f64> {
    tensor.to_dtype(DType::F64).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

/// Equal up to a share of the expected value, or of 1 where that is smaller.
#[track_caller]
pub(crate) fn near(found: &[f64], expect: &[f64], allowed: f64) {
    assert_eq!(found.len(), expect.len());
    for (i, (found, expect)) in found.iter().zip(expect).enumerate() {
        let close = (found - expect).abs() <= allowed * expect.abs().max(1.0);
        assert!(close, "value {i}: {found}, expected {expect}");
    }
}

/// Equal up to a share of the largest expected value, or of 1 where that is smaller: for sums whose terms
/// cancel.
#[track_caller]
pub(crate) fn near_largest(found: &[f64], expect: &[f64], allowed: f64) {
    assert_eq!(found.len(), expect.len());
    let largest = expect.iter().fold(1f64, |a, b| a.max(b.abs()));
    for (i, (found, expect)) in found.iter().zip(expect).enumerate() {
        assert!((found - expect).abs() <= allowed * largest, "value {i}: {found}, expected {expect}");
    }
}

/// The op in f32 (fused) against f64 (reference), value and gradient, on several shapes, a view among them;
/// and both against finite differences.
pub(crate) fn check_elementwise(op: impl Fn(&Tensor) -> Result<Tensor>) -> Result<()> {
    // Away from 0, where a slope may jump.
    let values = |count: usize| -> Vec<f64> {
        (0..count).map(|i| (i as f64 * 1.7 + 0.4).sin() * 3.0).map(|x| x + 0.05 * x.signum()).collect()
    };
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
                Ok((flat(&y), flat(&gradient)))
            };
            let (single, double) = (run(DType::F32)?, run(DType::F64)?);
            for (found, expect) in [(&single.0, &double.0), (&single.1, &double.1)] {
                near(found, expect, 1e-6);
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
