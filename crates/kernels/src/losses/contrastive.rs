//! The supervised contrastive loss of Khosla and others 2020, the form L_out with the sum outside the
//! logarithm.
//!
//! # Formula
//! With x the states (B, D), z_i = x_i / ‖x_i‖, τ the temperature, s_ij = z_i · z_j / τ, P(i) the other rows
//! with the label of row i, and A the rows for which P(i) is not empty:
//!
//! loss = 1/|A| · Σ_{i in A} 1/|P(i)| · Σ_{p in P(i)} (log Σ_{a ≠ i} exp s_ia - s_ip).
//!
//! It draws rows of one label together and pushes others away. A batch in which no label occurs twice has the
//! loss 0.
//!
//! # Backward
//! With G_ij = 1/|A| · (softmax over j ≠ i of s_ij - [j in P(i)] / |P(i)|) for i in A, else 0:
//! ∂/∂z_i = 1/τ · Σ_j (G_ij + G_ji) z_j, and ∂/∂x_i = (∂/∂z_i - z_i (z_i · ∂/∂z_i)) / ‖x_i‖.

use candle_core::{Device, Tensor};

use super::{Loss, apply, matrix};
use crate::{Error, Result};

/// A shorter state counts as this long, as in PyTorch's `normalize`.
const SHORTEST: f64 = 1e-12;

/// The loss of states (B, D) with their labels (B): a scalar of the states' type. The temperature is above 0;
/// 0.1 is the paper's.
///
/// # Errors
/// If the states are not of rank 2, there are not as many labels as rows, the temperature is out of its
/// range, or the batch is empty.
pub fn supervised_contrastive(states: &Tensor, labels: &[u32], temperature: f64) -> Result<Tensor> {
    let (rows, width) = matrix("states", "(B, D)", states)?;
    if labels.len() != rows {
        let expected = format!("({rows}), as many as the states");
        return Err(Error::Shape { name: "labels", expected, found: vec![labels.len()] });
    }
    if !(temperature.is_finite() && temperature > 0.0) {
        let expected = "a number above 0";
        return Err(Error::Setting { name: "temperature", expected, found: temperature });
    }
    apply(states, Contrastive { labels: labels.to_vec(), width, temperature })
}

struct Contrastive {
    labels: Vec<u32>,
    width: usize,
    temperature: f64,
}

/// A batch as both passes need it.
struct Batch {
    /// The states of length 1 (B, D).
    directions: Vec<f64>,
    lengths: Vec<f64>,
    /// s (B, B).
    similarities: Vec<f64>,
}

impl Contrastive {
    fn batch(&self, x: &[f32]) -> Batch {
        let (rows, width) = (self.labels.len(), self.width);
        let mut directions: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
        let lengths: Vec<f64> = directions
            .chunks_exact_mut(width)
            .map(|row| {
                let length = row.iter().map(|x| x * x).sum::<f64>().sqrt().max(SHORTEST);
                row.iter_mut().for_each(|x| *x /= length);
                length
            })
            .collect();
        let mut similarities = vec![0f64; rows * rows];
        for (i, z) in directions.chunks_exact(width).enumerate() {
            for (j, other) in directions.chunks_exact(width).enumerate().take(i + 1) {
                let s = z.iter().zip(other).map(|(a, b)| a * b).sum::<f64>() / self.temperature;
                similarities[i * rows + j] = s;
                similarities[j * rows + i] = s;
            }
        }
        Batch { directions, lengths, similarities }
    }

    /// |P(i)|.
    fn positives(&self, i: usize) -> usize {
        self.labels.iter().filter(|label| **label == self.labels[i]).count() - 1
    }

    /// |A|, at least 1.
    fn anchors(&self) -> f64 {
        (0..self.labels.len()).filter(|&i| self.positives(i) > 0).count().max(1) as f64
    }

    /// log Σ exp over the others, of one row of s.
    fn log_sum(row: &[f64], i: usize) -> f64 {
        let others = || row.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, s)| *s);
        let top = others().fold(f64::NEG_INFINITY, f64::max);
        top + others().map(|s| (s - top).exp()).sum::<f64>().ln()
    }

    /// [j in P(i)] / |P(i)| for each row i and j; zeros for a row without positives.
    fn targets(&self) -> Vec<f64> {
        let rows = self.labels.len();
        let mut targets = vec![0f64; rows * rows];
        for (i, row) in targets.chunks_exact_mut(rows).enumerate() {
            let share = 1.0 / self.positives(i).max(1) as f64;
            for (j, target) in row.iter_mut().enumerate() {
                *target = if i != j && self.labels[i] == self.labels[j] { share } else { 0.0 };
            }
        }
        targets
    }
}

impl Loss for Contrastive {
    const NAME: &'static str = "supervised-contrastive";

    fn value(&self, x: &[f32]) -> f64 {
        let (batch, targets, rows) = (self.batch(x), self.targets(), self.labels.len());
        let row_loss = |i: usize| {
            let row = &batch.similarities[i * rows..(i + 1) * rows];
            let log_sum = Self::log_sum(row, i);
            let targets = targets[i * rows..].iter().zip(row).filter(|(target, _)| **target > 0.0);
            targets.map(|(target, s)| target * (log_sum - s)).sum::<f64>()
        };
        (0..rows).map(row_loss).sum::<f64>() / self.anchors()
    }

    fn gradient(&self, x: &[f32], scale: f64) -> Vec<f32> {
        let (batch, targets, rows) = (self.batch(x), self.targets(), self.labels.len());
        let scale = scale / self.anchors();
        let mut slopes = vec![0f64; rows * rows];
        for i in (0..rows).filter(|&i| self.positives(i) > 0) {
            let row = &batch.similarities[i * rows..(i + 1) * rows];
            let log_sum = Self::log_sum(row, i);
            for j in (0..rows).filter(|&j| j != i) {
                slopes[i * rows + j] = scale * ((row[j] - log_sum).exp() - targets[i * rows + j]);
            }
        }
        let mut gradient = Vec::with_capacity(x.len());
        let directions: Vec<&[f64]> = batch.directions.chunks_exact(self.width).collect();
        for (i, z) in directions.iter().enumerate() {
            let mut slope = vec![0f64; self.width];
            for (j, other) in directions.iter().enumerate() {
                let both = (slopes[i * rows + j] + slopes[j * rows + i]) / self.temperature;
                slope.iter_mut().zip(*other).for_each(|(sum, z)| *sum += both * z);
            }
            let along: f64 = slope.iter().zip(*z).map(|(g, z)| g * z).sum();
            gradient.extend(slope.iter().zip(*z).map(|(g, z)| ((g - z * along) / batch.lengths[i]) as f32));
        }
        gradient
    }

    fn reference(&self, x: &Tensor) -> Result<Tensor> {
        let rows = self.labels.len();
        let at = |values: Vec<f64>| -> Result<Tensor> {
            Ok(Tensor::from_vec(values, (rows, rows), &Device::Cpu)?
                .to_device(x.device())?
                .to_dtype(x.dtype())?)
        };
        let others: Vec<f64> =
            (0..rows * rows).map(|at| f64::from(u8::from(at / rows != at % rows))).collect();
        let lengths = x.sqr()?.sum_keepdim(1)?.sqrt()?.clamp(SHORTEST, f64::MAX)?;
        let z = x.broadcast_div(&lengths)?;
        let s = (z.matmul(&z.t()?)? / self.temperature)?;
        let top = s.max_keepdim(1)?.detach();
        let shifted = s.broadcast_sub(&top)?;
        // A batch of one row has no others; its share is 0, and the tiny number keeps the logarithm finite.
        let log_sum =
            ((shifted.exp()? * at(others)?)?.sum_keepdim(1)? + f64::from(f32::MIN_POSITIVE))?.log()?;
        let cost = (log_sum.broadcast_sub(&shifted)? * at(self.targets())?)?.sum_all()?;
        Ok((cost / self.anchors())?)
    }
}
