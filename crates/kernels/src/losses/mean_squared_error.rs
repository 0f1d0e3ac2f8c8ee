//! Mean squared error.
//!
//! With x the predictions and t the truths, both of any shape with n values: loss = 1/n · Σ (x - t)², ∂/∂x = 2/n · (x - t).
//! This is PyTorch's `mse_loss(x, t)`.

use candle_core::Tensor;

use super::{Loss, apply, values};
use crate::{Error, Result};

/// The mean squared error of predictions against truths of the same shape: a scalar of the predictions' type. Truths take no
/// gradient.
///
/// # Errors
/// If the shapes differ or there is no value to take the mean of.
pub fn mean_squared_error(predictions: &Tensor, truths: &Tensor) -> Result<Tensor> {
    if predictions.dims() != truths.dims() {
        let expected = format!("{:?}, that of the predictions", predictions.dims());
        return Err(Error::Shape { name: "truths", expected, found: truths.dims().to_vec() });
    }
    if predictions.elem_count() == 0 {
        return Err(Error::Undefined("a squared error of nothing has no mean: leave such a batch out"));
    }
    apply(predictions, MeanSquaredError { truths: truths.detach(), values: values(truths)? })
}

struct MeanSquaredError {
    truths: Tensor,
    values: Vec<f32>,
}

impl Loss for MeanSquaredError {
    const NAME: &'static str = "mean-squared-error";

    fn value(&self, x: &[f32]) -> f64 {
        let squares = x.iter().zip(&self.values).map(|(&x, &t)| (f64::from(x) - f64::from(t)).powi(2));
        squares.sum::<f64>() / x.len() as f64
    }

    fn gradient(&self, x: &[f32], scale: f64) -> Vec<f32> {
        let scale = 2.0 * scale / x.len() as f64;
        let slope = |(&x, &t): (&f32, &f32)| ((f64::from(x) - f64::from(t)) * scale) as f32;
        x.iter().zip(&self.values).map(slope).collect()
    }

    fn reference(&self, x: &Tensor) -> Result<Tensor> {
        let truths = self.truths.to_device(x.device())?.to_dtype(x.dtype())?;
        Ok((x - truths)?.sqr()?.mean_all()?)
    }
}
