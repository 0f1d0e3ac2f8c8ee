//! Cross entropy of logits against labels or probabilities, with class weights and label smoothing.
//!
//! # Formula
//! With x the logits (B, K), w the class weights (1 if none), ε the smoothing, t the truth (one-hot for
//! labels) and q_ic = w_c ((1 - ε) t_ic + ε / K):
//!
//! loss = 1/Z · Σ_i Σ_c q_ic (log Σ_k exp x_ik - x_ic), and ∂loss/∂x_ic = 1/Z · (softmax(x_i)_c Σ_k q_ik -
//! q_ic).
//!
//! Z is the sum of the labels' weights for labels and B for probabilities. This is PyTorch's
//! `cross_entropy(…, reduction="mean")`; smoothing after Szegedy and others 2015.
//!
//! # Accumulation
//! Inside a row, after subtraction of its largest logit, blocks of 256 classes in f32 in 16 partial sums, and
//! the blocks in f64; over rows in f64, in their order. The bits do not depend on the number of threads.

use assort_tensor::Targets;
use candle_core::{CpuStorage, CustomOp1, DType, Device, Layout, Result as CandleResult, Shape, Tensor};
use rayon::prelude::*;

use crate::cpu::{read, slice};
use crate::dispatch::{Level, is_fused, vectorized};
use crate::math::{exp, largest, sum};
use crate::{Error, Result};

/// How cross entropy counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CrossEntropy {
    /// A weight for each class (K); `None` weighs all alike.
    pub class_weights: Option<Vec<f32>>,
    /// ε: the share of the truth that is spread evenly over all classes, in [0, 1].
    pub smoothing: f32,
}

/// Classes that are taken together.
const BLOCK: usize = 256;

/// The mean cross entropy of logits (B, K): a scalar of the logits' type.
///
/// # Errors
/// If the logits are not of rank 2, the targets do not fit them, a setting is out of its range, or the mean
/// is undefined: an empty batch, or labels whose weights are all zero.
pub fn cross_entropy(logits: &Tensor, targets: &Targets, settings: &CrossEntropy) -> Result<Tensor> {
    let truth = Truth::new(logits, targets, settings)?;
    if is_fused(logits) {
        return Ok(logits.contiguous()?.apply_op1(truth)?);
    }
    reference(logits, &truth)
}

/// The checked targets: what each row should say, and by what the sum is divided.
struct Truth {
    rows: Rows,
    classes: usize,
    class_weights: Option<Vec<f32>>,
    smoothing: f32,
    total: f64,
}

enum Rows {
    Labels(Vec<u32>),
    Probabilities(Vec<f32>),
}

impl Truth {
    fn new(logits: &Tensor, targets: &Targets, settings: &CrossEntropy) -> Result<Self> {
        let &[batch, classes] = logits.dims() else {
            let found = logits.dims().to_vec();
            return Err(Error::Shape { name: "logits", expected: "(B, K)".into(), found });
        };
        let CrossEntropy { class_weights, smoothing } = settings.clone();
        if targets.rows() != batch {
            let expected = format!("({batch}), as many rows as the logits");
            return Err(Error::Shape { name: "targets", expected, found: vec![targets.rows()] });
        }
        if !(0.0..=1.0).contains(&smoothing) {
            let expected = "a number from 0 to 1";
            return Err(Error::Setting { name: "smoothing", expected, found: f64::from(smoothing) });
        }
        if let Some(weights) = &class_weights {
            if weights.len() != classes {
                let expected = format!("({classes}), one for each class");
                return Err(Error::Shape { name: "class_weights", expected, found: vec![weights.len()] });
            }
            if let Some(&bad) = weights.iter().find(|w| !(w.is_finite() && **w >= 0.0)) {
                let expected = "finite numbers of at least 0";
                return Err(Error::Setting { name: "class_weights", expected, found: f64::from(bad) });
            }
        }
        if batch == 0 || classes == 0 {
            return Err(Error::Undefined(
                "cross entropy of an empty batch has no mean: leave such a batch out",
            ));
        }
        let (rows, total) = match targets {
            Targets::Hard(labels) => {
                if let Some(row) = labels.iter().position(|&label| label as usize >= classes) {
                    return Err(Error::Label { row, label: labels[row], classes });
                }
                let weight =
                    |&label: &u32| class_weights.as_ref().map_or(1.0, |w| f64::from(w[label as usize]));
                (Rows::Labels(labels.clone()), labels.iter().map(weight).sum())
            }
            Targets::Sets(_) => {
                return Err(Error::Undefined(
                    "cross entropy is of rows with one label each: take bce_with_logits for label sets",
                ));
            }
            Targets::Soft(_) => {
                let flat = targets.probabilities(classes, &Device::Cpu)?.to_dtype(DType::F32)?;
                (Rows::Probabilities(flat.flatten_all()?.to_vec1()?), batch as f64)
            }
        };
        if total == 0.0 {
            return Err(Error::Undefined(
                "the class weights of all labels in this batch are 0, so cross entropy has no mean: give \
                 each class that occurs a weight above 0",
            ));
        }
        Ok(Self { rows, classes, class_weights, smoothing, total })
    }

    /// q of one row.
    fn fill(&self, row: usize, q: &mut [f32]) {
        let spread = self.smoothing / self.classes as f32;
        match &self.rows {
            Rows::Labels(labels) => {
                q.fill(spread);
                if let Some(place) = labels.get(row).and_then(|&label| q.get_mut(label as usize)) {
                    *place += 1.0 - self.smoothing;
                }
            }
            Rows::Probabilities(flat) => {
                for (q, t) in q.iter_mut().zip(&flat[row * self.classes..]) {
                    *q = (1.0 - self.smoothing) * t + spread;
                }
            }
        }
        if let Some(weights) = &self.class_weights {
            q.iter_mut().zip(weights).for_each(|(q, w)| *q *= w);
        }
    }

    /// Rows that one thread takes at a time.
    fn piece(&self) -> usize {
        (1 << 14) / self.classes + 1
    }

    fn forward(&self, logits: &[f32]) -> f64 {
        let losses = |(piece, logits): (usize, &[f32])| -> Vec<f64> {
            let mut q = vec![0f32; self.classes];
            let rows = logits.chunks_exact(self.classes).enumerate();
            rows.map(|(row, x)| {
                self.fill(piece * self.piece() + row, &mut q);
                row_loss(Level::best(), x, &q)
            })
            .collect()
        };
        let pieces = logits.par_chunks(self.piece() * self.classes).enumerate();
        let losses: Vec<Vec<f64>> = match logits.len() <= self.piece() * self.classes {
            true => vec![losses((0, logits))],
            false => pieces.map(losses).collect(),
        };
        losses.iter().flatten().sum::<f64>() / self.total
    }

    fn backward(&self, logits: &[f32], scale: f32) -> Vec<f32> {
        let mut gradient = vec![0f32; logits.len()];
        let size = self.piece() * self.classes;
        let work = |(piece, (g, x)): (usize, (&mut [f32], &[f32]))| {
            let mut q = vec![0f32; self.classes];
            let rows = g.chunks_exact_mut(self.classes).zip(x.chunks_exact(self.classes)).enumerate();
            for (row, (g, x)) in rows {
                self.fill(piece * self.piece() + row, &mut q);
                row_gradient(Level::best(), x, &q, scale, g);
            }
        };
        match logits.len() <= size {
            true => work((0, (&mut gradient, logits))),
            false => gradient.par_chunks_mut(size).zip(logits.par_chunks(size)).enumerate().for_each(work),
        }
        gradient
    }
}

impl CustomOp1 for Truth {
    fn name(&self) -> &'static str {
        "cross-entropy"
    }

    fn cpu_fwd(&self, logits: &CpuStorage, layout: &Layout) -> CandleResult<(CpuStorage, Shape)> {
        let loss = self.forward(slice(logits, layout)?);
        Ok((CpuStorage::F32(vec![loss as f32]), Shape::from(())))
    }

    fn bwd(&self, logits: &Tensor, _: &Tensor, gradient: &Tensor) -> CandleResult<Option<Tensor>> {
        let scale = (f64::from(gradient.to_scalar::<f32>()?) / self.total) as f32;
        let flat = read(logits, |x| self.backward(x, scale))?;
        Ok(Some(Tensor::from_vec(flat, logits.shape(), &Device::Cpu)?))
    }
}

vectorized! {
    fn row_loss(x: &[f32], q: &[f32]) -> f64 {
        let top = largest(x);
        let (mut exponentials, mut weights, mut weighted) = (0f64, 0f64, 0f64);
        for (x, q) in x.chunks(BLOCK).zip(q.chunks(BLOCK)) {
            let (mut e, mut product) = ([0f32; BLOCK], [0f32; BLOCK]);
            for (((e, product), &x), &q) in e.iter_mut().zip(&mut product).zip(x).zip(q) {
                *e = exp(x - top);
                // Where q is 0 a logit of negative infinity does no harm.
                *product = if q == 0.0 { 0.0 } else { q * (x - top) };
            }
            exponentials += sum(&e[..x.len()]);
            weights += sum(q);
            weighted += sum(&product[..x.len()]);
        }
        weights * exponentials.ln() - weighted
    }
}

vectorized! {
    fn row_gradient(x: &[f32], q: &[f32], scale: f32, g: &mut [f32]) {
        let top = largest(x);
        for (g, &x) in g.iter_mut().zip(x) {
            *g = exp(x - top);
        }
        let total = |values: &[f32]| values.chunks(BLOCK).map(sum).sum::<f64>();
        let factor = (total(q) / total(g)) as f32;
        for (g, q) in g.iter_mut().zip(q) {
            *g = (*g * factor - q) * scale;
        }
    }
}

/// The same from candle's own operations.
fn reference(logits: &Tensor, truth: &Truth) -> Result<Tensor> {
    let (batch, classes) = logits.dims2()?;
    let mut q = vec![0f32; batch * classes];
    q.chunks_exact_mut(classes).enumerate().for_each(|(row, q)| truth.fill(row, q));
    let work = if logits.dtype() == DType::F64 { DType::F64 } else { DType::F32 };
    let q = Tensor::from_vec(q, (batch, classes), logits.device())?.to_dtype(work)?;
    let x = logits.to_dtype(work)?;
    let shifted = x.broadcast_sub(&x.max_keepdim(1)?.detach())?;
    let log_sum = shifted.exp()?.sum_keepdim(1)?.log()?;
    let cost = (q * log_sum.broadcast_sub(&shifted)?)?.sum_all()?;
    Ok((cost * (1.0 / truth.total))?.to_dtype(logits.dtype())?)
}

#[cfg(test)]
mod tests;
