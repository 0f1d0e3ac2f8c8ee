//! One number for all logits.

use ndarray::Array2;

use super::TrueLabels;

/// The scale stays within these.
const RANGE: (f64, f64) = (1e-3, 1e3);

/// The number β that makes the log loss of β times the logits (B, K) least: a convex problem, by Newton's
/// method inside an interval that the sign of the derivative narrows.
pub fn fit(logits: &Array2<f64>, truth: TrueLabels) -> f64 {
    let (mut low, mut high) = RANGE;
    let mut scale: f64 = 1.0;
    for _ in 0..60 {
        let (slope, curve) = derivatives(logits, truth, scale);
        if slope > 0.0 {
            high = scale;
        } else {
            low = scale;
        }
        let newton = scale - slope / curve;
        let next = if curve > 0.0 && newton > low && newton < high { newton } else { (low * high).sqrt() };
        if (next - scale).abs() <= 1e-9 * scale {
            return next;
        }
        scale = next;
    }
    scale
}

/// The first and second derivative of the summed loss by the scale.
fn derivatives(logits: &Array2<f64>, truth: TrueLabels, scale: f64) -> (f64, f64) {
    let (mut slope, mut curve) = (0.0, 0.0);
    for (row, scores) in logits.rows().into_iter().enumerate() {
        match truth {
            TrueLabels::One(labels) => {
                let highest = scores.fold(f64::NEG_INFINITY, |a, &b| a.max(scale * b));
                let (mut sum, mut mean, mut square) = (0.0, 0.0, 0.0);
                for &score in scores {
                    let weight = (scale * score - highest).exp();
                    sum += weight;
                    mean += weight * score;
                    square += weight * score * score;
                }
                (mean, square) = (mean / sum, square / sum);
                let own = labels.get(row).and_then(|label| scores.get(*label as usize));
                slope += mean - own.copied().unwrap_or_default();
                curve += square - mean * mean;
            }
            TrueLabels::Any(sets) => {
                for (score, holds) in scores.iter().zip(sets.row(row)) {
                    let p = 1.0 / (1.0 + (-scale * score).exp());
                    slope += (p - f64::from(u8::from(*holds))) * score;
                    curve += p * (1.0 - p) * score * score;
                }
            }
        }
    }
    (slope, curve)
}
