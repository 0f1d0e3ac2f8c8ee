//! Integrated gradients (Sundararajan, Taly and Yan 2017, "Axiomatic Attribution for Deep Networks").
//!
//! # Formula
//! With x_t a token's embedding, b_t its baseline and F the logits, token t adds
//! `(x_t − b_t) · ∫ ∂F/∂x_t (b + α (x − b)) dα` for α from 0 to 1. All tokens together add F(x) − F(b): the
//! attribution is complete. The integral is a sum at the middles of equal steps, and what it misses is the
//! gap.

use assort_classifier::{Contributions, Embedded, Result};
use candle_core::{Tensor, Var};

use crate::row::{Row, estimate, host};

/// Steps at first, and at most.
const STEPS: (usize, usize) = (32, 256);
/// Steps are doubled while the gap is a larger share of what all tokens add.
const GAP: f64 = 0.02;

/// A network made explainable by integrated gradients over the embeddings of its tokens: from embeddings that
/// say nothing to the row's own, in 32 steps, doubled up to 256 while the gap is above 2 % of the largest
/// change of a logit.
pub struct IntegratedGradients<'m> {
    model: &'m dyn Embedded,
}

impl IntegratedGradients<'_> {
    fn row(&self, ids: &[u32]) -> Result<Contributions> {
        let row = Row::new(self.model, ids)?;
        let change = row.logits.iter().zip(&row.rest).map(|(own, rest)| (own - rest).abs());
        let allowed = GAP * change.fold(0.0, f64::max);
        let mut steps = STEPS.0;
        loop {
            let found = row.contributions(&integrated(&row, steps)?);
            let gap = found.gap().iter().fold(0.0, |most: f64, gap| most.max(gap.abs()));
            if gap <= allowed || steps >= STEPS.1 || row.tokens() == 0 {
                return Ok(found);
            }
            steps *= 2;
        }
    }
}

estimate!(IntegratedGradients);

/// The contribution of each token to each logit, (N, K) by rows.
fn integrated(row: &Row, steps: usize) -> Result<Vec<f64>> {
    let (tokens, classes) = (row.tokens(), row.classes());
    let mut sums = vec![0.0; tokens * classes];
    if tokens == 0 {
        return Ok(sums);
    }
    let middles: Vec<f32> = (0..steps).map(|i| (i as f32 + 0.5) / steps as f32).collect();
    for middles in middles.chunks(row.variants()) {
        let pairs = || row.own.iter().zip(&row.baseline);
        let between = |&share: &f32| pairs().map(move |(own, base)| base + share * (own - base));
        let embedded = Var::from_tensor(&row.lay(middles.iter().flat_map(between).collect())?)?;
        let logits = row.forward(middles.len(), &embedded)?;
        for class in 0..classes {
            let mut store = logits.narrow(1, class, 1)?.sum_all()?.backward()?;
            // A logit that no embedding moves.
            let Some(gradient) = store.remove(&embedded) else { continue };
            let gradient = summed(&gradient, middles.len(), (tokens, row.width))?;
            for (token, gradient) in gradient.chunks_exact(row.width).enumerate() {
                let place = token * row.width..(token + 1) * row.width;
                let way = row.own[place.clone()].iter().zip(&row.baseline[place]);
                let product = way.zip(gradient).map(|((own, base), g)| f64::from(own - base) * g);
                sums[token * classes + class] += product.sum::<f64>() / steps as f64;
            }
        }
    }
    Ok(sums)
}

/// The sum over the variants of a gradient (C · N, D): (N, D).
fn summed(gradient: &Tensor, variants: usize, (tokens, width): (usize, usize)) -> Result<Vec<f64>> {
    let all = host(gradient)?;
    let mut sum = vec![0.0; tokens * width];
    for variant in all.chunks_exact(tokens * width).take(variants) {
        sum.iter_mut().zip(variant).for_each(|(sum, value)| *sum += value);
    }
    Ok(sum)
}

#[cfg(test)]
mod tests;
