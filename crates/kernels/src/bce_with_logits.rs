//! Binary cross entropy of logits, for labels of which any number may hold at once.
//!
//! # Formula
//! With x the logits, t the truth in [0, 1], both (…, K), and r the weight of the positive truth (K, 1 if
//! none):
//!
//! loss = mean over all elements of (1 - t) x + (1 + (r - 1) t) · softplus(-x), softplus(-x) = log(1 +
//! exp(-|x|)) + max(-x, 0); ∂/∂x = 1/n · ((1 - t) - (1 + (r - 1) t) · sigmoid(-x)).
//!
//! No exponential of a positive number is taken, so large logits of either sign stay finite. This is
//! PyTorch's `binary_cross_entropy_with_logits(…, pos_weight=r)`.
//!
//! # Accumulation
//! Each term in f64, added up in f64 in the order of the elements, on one thread.

use candle_core::{CpuStorage, CustomOp1, DType, Device, Layout, Result as CandleResult, Shape, Tensor};

use crate::cpu::{read, slice};
use crate::dispatch::is_fused;
use crate::{Error, Result};

/// The mean binary cross entropy of logits (…, K) against truths of the same shape: a scalar of the logits'
/// type.
///
/// `positive_weights` (K) weighs the positive truth of each label: above 1 for more recall. Truths take no
/// gradient.
///
/// # Errors
/// If the shapes differ, a weight is negative or not finite, or there is no element to take the mean of.
pub fn bce_with_logits(logits: &Tensor, truths: &Tensor, positive_weights: Option<&[f32]>) -> Result<Tensor> {
    if logits.dims() != truths.dims() {
        let expected = format!("{:?}, that of the logits", logits.dims());
        return Err(Error::Shape { name: "truths", expected, found: truths.dims().to_vec() });
    }
    let labels = logits.dims().last().copied().unwrap_or(1);
    if let Some(weights) = positive_weights {
        if weights.len() != labels {
            let expected = format!("({labels}), one for each label");
            return Err(Error::Shape { name: "positive_weights", expected, found: vec![weights.len()] });
        }
        if let Some(&bad) = weights.iter().find(|w| !(w.is_finite() && **w >= 0.0)) {
            let expected = "finite numbers of at least 0";
            return Err(Error::Setting { name: "positive_weights", expected, found: f64::from(bad) });
        }
    }
    if logits.elem_count() == 0 {
        return Err(Error::Undefined(
            "binary cross entropy of an empty batch has no mean: leave such a batch out",
        ));
    }
    let weights = positive_weights.map_or_else(|| vec![1.0; labels], <[f32]>::to_vec);
    if is_fused(logits) {
        let truths = truths.to_device(&Device::Cpu)?.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?;
        return Ok(logits.contiguous()?.apply_op1(BinaryCrossEntropy { truths, weights })?);
    }
    reference(logits, truths, &weights)
}

struct BinaryCrossEntropy {
    truths: Vec<f32>,
    weights: Vec<f32>,
}

impl BinaryCrossEntropy {
    /// (logit, truth, weight of softplus) of each element.
    fn elements<'a>(&'a self, logits: &'a [f32]) -> impl Iterator<Item = (f64, f64, f64)> + 'a {
        let pairs = logits.iter().zip(&self.truths).zip(self.weights.iter().cycle());
        pairs.map(|((&x, &t), &r)| {
            let (x, t, r) = (f64::from(x), f64::from(t), f64::from(r));
            (x, t, 1.0 + (r - 1.0) * t)
        })
    }

    fn forward(&self, logits: &[f32]) -> f64 {
        let softplus = |x: f64| (-x.abs()).exp().ln_1p() + x.max(0.0);
        let terms = self.elements(logits).map(|(x, t, weight)| (1.0 - t) * x + weight * softplus(-x));
        terms.sum::<f64>() / logits.len() as f64
    }

    fn backward(&self, logits: &[f32], gradient: f64) -> Vec<f32> {
        let scale = gradient / logits.len() as f64;
        let slope = |(x, t, weight): (f64, f64, f64)| {
            let small = (-x.abs()).exp();
            let sigmoid = if x > 0.0 { small } else { 1.0 } / (1.0 + small);
            (((1.0 - t) - weight * sigmoid) * scale) as f32
        };
        self.elements(logits).map(slope).collect()
    }
}

impl CustomOp1 for BinaryCrossEntropy {
    fn name(&self) -> &'static str {
        "binary-cross-entropy"
    }

    fn cpu_fwd(&self, logits: &CpuStorage, layout: &Layout) -> CandleResult<(CpuStorage, Shape)> {
        let loss = self.forward(slice(logits, layout)?);
        Ok((CpuStorage::F32(vec![loss as f32]), Shape::from(())))
    }

    fn bwd(&self, logits: &Tensor, _: &Tensor, gradient: &Tensor) -> CandleResult<Option<Tensor>> {
        let gradient = f64::from(gradient.to_scalar::<f32>()?);
        let flat = read(logits, |x| self.backward(x, gradient))?;
        Ok(Some(Tensor::from_vec(flat, logits.shape(), &Device::Cpu)?))
    }
}

/// The same from candle's own operations.
fn reference(logits: &Tensor, truths: &Tensor, weights: &[f32]) -> Result<Tensor> {
    let work = if logits.dtype() == DType::F64 { DType::F64 } else { DType::F32 };
    let x = logits.to_dtype(work)?;
    let t = truths.to_device(logits.device())?.to_dtype(work)?.detach();
    let r = Tensor::from_slice(weights, weights.len(), logits.device())?.to_dtype(work)?;
    let weight = (t.broadcast_mul(&(r - 1.0)?)? + 1.0)?;
    // The negative part as (|x| - x) / 2: at 0 its slope is 0 where candle's slope of |x| is 1, and the sum's
    // is right.
    let softplus = ((x.abs()?.neg()?.exp()? + 1.0)?.log()? + ((x.abs()? - &x)? * 0.5)?)?;
    let cost = ((t.neg()? + 1.0)? * &x)? + (weight * softplus)?;
    Ok(cost?.mean_all()?.to_dtype(logits.dtype())?)
}

#[cfg(test)]
mod tests {
    use assort_tensor::{Gradcheck, gradcheck};
    use candle_core::Var;
    use serde::Deserialize;

    use super::*;
    use crate::testing::fixture;

    /// `fixtures/kernels/losses.json`, made by `fixtures/kernels/losses.py`.
    #[derive(Deserialize)]
    struct Golden {
        logits: Vec<Vec<f32>>,
        many: Vec<Vec<f32>>,
        bce_with_logits: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        weights: Option<Vec<f32>>,
        loss: f64,
        gradient: Vec<f64>,
    }

    fn golden() -> Golden {
        fixture("kernels/losses.json")
    }

    #[test]
    fn loss_and_gradient_equal_golden() -> Result<()> {
        let golden = golden();
        let logits = Tensor::new(golden.logits, &Device::Cpu)?;
        let truths = Tensor::new(golden.many, &Device::Cpu)?;
        for case in &golden.bce_with_logits {
            for dtype in [DType::F32, DType::F64] {
                let (x, t) = (Var::from_tensor(&logits.to_dtype(dtype)?.t()?)?, truths.t()?.contiguous()?);
                let loss = bce_with_logits(&x.t()?, &t.t()?, case.weights.as_deref())?;
                let gradient = (&loss * 2.0)?.backward()?.remove(&x).unwrap().to_dtype(DType::F64)?;
                let loss = loss.to_dtype(DType::F64)?.to_scalar::<f64>()?;
                assert!((loss - case.loss).abs() < 1e-6 * case.loss, "{loss}, expected {}", case.loss);
                let gradient = (gradient.t()? / 2.0)?.flatten_all()?.to_vec1::<f64>()?;
                for (found, expect) in gradient.iter().zip(&case.gradient) {
                    assert!((found - expect).abs() < 1e-8, "{dtype:?} {found}, expected {expect}");
                }
            }
        }
        Ok(())
    }

    #[test]
    fn gradients_equal_finite_differences() -> Result<()> {
        let truths = Tensor::new(&[[1f32, 0., 1.], [0., 0.3, 1.]], &Device::Cpu)?;
        let logits = Tensor::new(&[[0.4f64, -1.3, 0.0], [-0.2, 0.9, 0.1]], &Device::Cpu)?;
        for (dtype, check) in [(DType::F32, Gradcheck::SINGLE), (DType::F64, Gradcheck::DOUBLE)] {
            gradcheck(&[Var::from_tensor(&logits.to_dtype(dtype)?)?], check, |x, _| {
                Ok(bce_with_logits(&x[0], &truths, Some(&[0.5, 1.0, 3.0]))?)
            })?;
        }
        Ok(())
    }

    #[test]
    fn logits_of_any_size_stay_finite() -> Result<()> {
        for x in [1e4f32, -1e4, 0.0, f32::MAX, f32::MIN] {
            let var = Var::new(&[x, x], &Device::Cpu)?;
            let loss = bce_with_logits(&var, &Tensor::new(&[1f32, 0.], &Device::Cpu)?, None)?;
            let gradient = loss.backward()?.remove(&var).unwrap().to_vec1::<f32>()?;
            assert!(loss.to_scalar::<f32>()?.is_finite() && gradient.iter().all(|g| g.is_finite()), "{x}");
        }
        Ok(())
    }

    #[track_caller]
    fn refuse(logits: &[usize], truths: &[usize], weights: Option<&[f32]>, expect: &str) {
        let zeros = |shape: &[usize]| Tensor::zeros(shape, DType::F32, &Device::Cpu).unwrap();
        let message = bce_with_logits(&zeros(logits), &zeros(truths), weights).unwrap_err().to_string();
        assert!(message.contains(expect), "{message}");
    }

    #[test]
    fn what_has_no_mean_or_does_not_fit_is_refused() {
        refuse(&[0, 3], &[0, 3], None, "empty batch");
        refuse(&[2, 3], &[3, 2], None, "truths: the shape is [3, 2], expected [2, 3]");
        refuse(&[2, 3], &[2, 3], Some(&[1.0]), "positive_weights: the shape is [1], expected (3)");
        refuse(&[1, 1], &[1, 1], Some(&[-1.0]), "positive_weights is -1");
    }
}
