//! The entropy of predicted probabilities.
//!
//! With x the logits (B, K) and p = softmax(x): H = -1/B · Σ p log p, in nats, from 0 (sure) to ln K
//! (undecided), and ∂H/∂x_ic = -1/B · p_ic (log p_ic + H_i), H_i that of the row. Taken from the loss with a
//! small weight it keeps a model from being too sure (the confidence penalty of Pereyra and others 2017);
//! added to it, it makes a model decide (Grandvalet and Bengio 2005).

use candle_core::Tensor;

use super::{Loss, apply, log_softmax, log_softmax_reference, matrix};
use crate::Result;

/// The mean entropy of the probabilities of logits (B, K): a scalar of the logits' type.
///
/// # Errors
/// If the logits are not of rank 2 or the batch is empty.
pub fn entropy(logits: &Tensor) -> Result<Tensor> {
    let (_, classes) = matrix("logits", "(B, K)", logits)?;
    apply(logits, Entropy { classes })
}

struct Entropy {
    classes: usize,
}

/// Of one row, from the logarithms of its probabilities. A probability of 0 adds nothing.
fn row_entropy(log_p: &[f64]) -> f64 {
    log_p.iter().map(|l| if *l < -700.0 { 0.0 } else { -l.exp() * l }).sum()
}

impl Loss for Entropy {
    const NAME: &'static str = "entropy";

    fn value(&self, x: &[f32]) -> f64 {
        let rows = x.chunks_exact(self.classes).map(|row| row_entropy(&log_softmax(row)));
        rows.sum::<f64>() / (x.len() / self.classes) as f64
    }

    fn gradient(&self, x: &[f32], scale: f64) -> Vec<f32> {
        let scale = scale / (x.len() / self.classes) as f64;
        let row = |row: &[f32]| {
            let log_p = log_softmax(row);
            let own = row_entropy(&log_p);
            let slope = move |l: f64| if l < -700.0 { 0.0 } else { (-l.exp() * (l + own) * scale) as f32 };
            log_p.into_iter().map(slope)
        };
        x.chunks_exact(self.classes).flat_map(row).collect()
    }

    fn reference(&self, x: &Tensor) -> Result<Tensor> {
        let log_p = log_softmax_reference(x)?;
        Ok(((log_p.exp()? * log_p)?.sum_all()? * (-1.0 / x.dims2()?.0 as f64))?)
    }
}
