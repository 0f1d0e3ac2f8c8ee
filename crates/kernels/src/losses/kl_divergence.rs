//! Kullback-Leibler divergence of predicted from true probabilities.
//!
//! With x the logits, p = softmax(x) and t the true probabilities, all (B, K), and 0 log 0 = 0:
//! loss = 1/B · Σ t (log t - log p), ∂/∂x_ic = 1/B · (p_ic Σ_k t_ik - t_ic).
//! This is PyTorch's `kl_div(log_softmax(x, 1), t, reduction="batchmean")`. It is cross entropy with soft labels less the
//! labels' own entropy, so it is 0 where the prediction is right.

use candle_core::{Device, Tensor};

use super::{Loss, apply, log_softmax, log_softmax_reference, matrix, values};
use crate::{Error, Result};

/// The mean divergence of logits (B, K) from true probabilities (B, K): a scalar of the logits' type. Truths take no gradient.
///
/// # Errors
/// If the shapes do not fit, a probability is negative or not finite, or the batch is empty.
pub fn kl_divergence(logits: &Tensor, truths: &Tensor) -> Result<Tensor> {
    let (rows, classes) = matrix("logits", "(B, K)", logits)?;
    if truths.dims() != logits.dims() {
        let expected = format!("[{rows}, {classes}], that of the logits");
        return Err(Error::Shape { name: "truths", expected, found: truths.dims().to_vec() });
    }
    let truths = values(truths)?;
    if let Some(&bad) = truths.iter().find(|t| !(t.is_finite() && **t >= 0.0)) {
        let expected = "probabilities of at least 0";
        return Err(Error::Setting { name: "truths", expected, found: f64::from(bad) });
    }
    apply(logits, KlDivergence { truths, classes })
}

struct KlDivergence {
    truths: Vec<f32>,
    classes: usize,
}

impl KlDivergence {
    fn rows<'a>(&'a self, x: &'a [f32]) -> impl Iterator<Item = (&'a [f32], &'a [f32])> {
        x.chunks_exact(self.classes).zip(self.truths.chunks_exact(self.classes))
    }

    /// Σ t log t, which the logits do not change.
    fn own(&self) -> f64 {
        self.truths.iter().filter(|t| **t > 0.0).map(|&t| f64::from(t) * f64::from(t).ln()).sum()
    }
}

impl Loss for KlDivergence {
    const NAME: &'static str = "kl-divergence";

    fn value(&self, x: &[f32]) -> f64 {
        let cross = self.rows(x).map(|(x, t)| {
            let terms = log_softmax(x).into_iter().zip(t);
            terms.map(|(log_p, &t)| if t == 0.0 { 0.0 } else { f64::from(t) * log_p }).sum::<f64>()
        });
        (self.own() - cross.sum::<f64>()) / (x.len() / self.classes) as f64
    }

    fn gradient(&self, x: &[f32], scale: f64) -> Vec<f32> {
        let scale = scale / (x.len() / self.classes) as f64;
        let row = |(x, t): (&[f32], &[f32])| {
            let total: f64 = t.iter().map(|&t| f64::from(t)).sum();
            let slopes = log_softmax(x).into_iter().zip(t.to_vec());
            slopes.map(move |(log_p, t)| ((log_p.exp() * total - f64::from(t)) * scale) as f32)
        };
        self.rows(x).flat_map(row).collect()
    }

    fn reference(&self, x: &Tensor) -> Result<Tensor> {
        let truths = Tensor::from_slice(&self.truths, x.shape(), &Device::Cpu)?;
        let truths = truths.to_device(x.device())?.to_dtype(x.dtype())?;
        let cross = (truths * log_softmax_reference(x)?)?.sum_all()?;
        Ok(((cross.neg()? + self.own())? * (1.0 / x.dims2()?.0 as f64))?)
    }
}
