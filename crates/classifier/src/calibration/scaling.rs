//! A number and a summand for each label's logits.

use ndarray::Array2;

use super::lbfgs::minimize;
use super::{TrueLabels, temperature};

/// By how much the numbers are expected to differ from those of the temperature, as a standard deviation: few
/// rows of a label say little.
const DEVIATION: f64 = 2.0;

/// The factors and summands (K each) that make the mean log loss of the logits (B, K) least, with a small
/// penalty for what differs from the best temperature, that of a normal prior.
pub fn fit(logits: &Array2<f64>, truth: TrueLabels) -> (Vec<f64>, Vec<f64>) {
    let labels = logits.ncols();
    let scale = temperature::fit(logits, truth);
    let pull = 1.0 / (DEVIATION * DEVIATION * logits.nrows().max(1) as f64);
    let mut point = vec![scale; labels];
    point.extend(std::iter::repeat_n(0.0, labels));
    let found = minimize(point, |point| {
        let (scales, shifts) = point.split_at(labels);
        let (mut loss, mut gradient) = objective(logits, truth, scales, shifts);
        for (at, value) in point.iter().enumerate() {
            let off = value - if at < labels { scale } else { 0.0 };
            loss += 0.5 * pull * off * off;
            if let Some(gradient) = gradient.get_mut(at) {
                *gradient += pull * off;
            }
        }
        (loss, gradient)
    });
    let (scales, shifts) = found.split_at(labels);
    (scales.to_vec(), shifts.to_vec())
}

/// Mean loss and its gradient by the factors and the summands (2 K).
fn objective(logits: &Array2<f64>, truth: TrueLabels, scales: &[f64], shifts: &[f64]) -> (f64, Vec<f64>) {
    let labels = logits.ncols();
    let (mut loss, mut gradient) = (0.0, vec![0.0; 2 * labels]);
    let mut scores = vec![0.0; labels];
    for (row, own) in logits.rows().into_iter().enumerate() {
        for ((score, logit), (scale, shift)) in scores.iter_mut().zip(own).zip(scales.iter().zip(shifts)) {
            *score = scale * logit + shift;
        }
        loss += match truth {
            TrueLabels::One(_) => softmax(&mut scores, |label| truth.has(row, label)),
            TrueLabels::Any(_) => logistic(&mut scores, |label| truth.has(row, label)),
        };
        let (of_scales, of_shifts) = gradient.split_at_mut(labels);
        for ((slope, logit), (scale, shift)) in
            scores.iter().zip(own).zip(of_scales.iter_mut().zip(of_shifts.iter_mut()))
        {
            *scale += slope * logit;
            *shift += slope;
        }
    }
    let rows = logits.nrows().max(1) as f64;
    gradient.iter_mut().for_each(|value| *value /= rows);
    (loss / rows, gradient)
}

/// The loss of a row; its scores become their derivatives.
fn softmax(scores: &mut [f64], has: impl Fn(usize) -> bool) -> f64 {
    let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = scores.iter().map(|score| (score - highest).exp()).sum();
    let mut own = highest;
    for (label, score) in scores.iter_mut().enumerate() {
        let is_own = has(label);
        if is_own {
            own = *score;
        }
        *score = (*score - highest).exp() / sum - f64::from(u8::from(is_own));
    }
    sum.ln() + highest - own
}

/// The same where labels hold by themselves.
fn logistic(scores: &mut [f64], has: impl Fn(usize) -> bool) -> f64 {
    let mut loss = 0.0;
    for (label, score) in scores.iter_mut().enumerate() {
        let holds = has(label);
        loss += (-score.abs()).exp().ln_1p() + score.max(0.0) - if holds { *score } else { 0.0 };
        *score = 1.0 / (1.0 + (-*score).exp()) - f64::from(u8::from(holds));
    }
    loss
}
