//! The loss of a row and its derivatives by the row's margins.

/// The target of a row's margins.
#[derive(Clone, Copy)]
pub(super) enum Loss {
    /// Cross entropy of the softmax of K margins: ln Σ exp z_k − z_y.
    Softmax,
    /// Cross entropy of the logistic function of one margin, whether the row's label is this one:
    /// ln(1 + exp z) − y z.
    Logistic {
        /// The label that counts as y = 1.
        positive: u32,
    },
}

impl Loss {
    /// The loss of a row of margins z. Turns them into probabilities p in place.
    #[inline]
    pub(super) fn evaluate(self, margins: &mut [f64], label: u32) -> f64 {
        match self {
            Self::Softmax => {
                let largest = margins.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let own = margins.get(label as usize).copied().unwrap_or_default();
                let mut sum = 0.0;
                for margin in margins.iter_mut() {
                    *margin = (*margin - largest).exp();
                    sum += *margin;
                }
                margins.iter_mut().for_each(|margin| *margin /= sum);
                sum.ln() + largest - own
            }
            Self::Logistic { positive } => {
                let Some(margin) = margins.first_mut() else { return 0.0 };
                let (z, small) = (*margin, (-margin.abs()).exp());
                *margin = if z >= 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) };
                let target = if label == positive { z } else { 0.0 };
                small.ln_1p() + z.max(0.0) - target
            }
        }
    }

    /// The derivative by margin `lane` from its probability: p − y.
    #[inline(always)]
    pub(super) fn slope(self, probability: f64, lane: usize, label: u32) -> f64 {
        let target = match self {
            Self::Softmax => lane == label as usize,
            Self::Logistic { positive } => label == positive,
        };
        probability - f64::from(u8::from(target))
    }

    /// The second derivative of a row, scaled, applied to a direction q in place: s (p q − p (p · q)) for the
    /// softmax, s p (1 − p) q for the logistic function.
    #[inline(always)]
    pub(super) fn curve(self, probabilities: &[f32], scale: f32, direction: &mut [f32]) {
        match self {
            Self::Softmax => {
                let dot: f32 = probabilities.iter().zip(direction.iter()).map(|(p, q)| p * q).sum();
                direction.iter_mut().zip(probabilities).for_each(|(q, p)| *q = scale * p * (*q - dot));
            }
            Self::Logistic { .. } => {
                direction.iter_mut().zip(probabilities).for_each(|(q, p)| *q *= scale * p * (1.0 - p));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(loss: Loss, margins: &[f64], label: u32, expect: f64) {
        let evaluate = |margins: &[f64]| {
            let mut probabilities = margins.to_vec();
            (loss.evaluate(&mut probabilities, label), probabilities)
        };
        let (value, probabilities) = evaluate(margins);
        assert!((value - expect).abs() < 1e-9 * expect.abs().max(1.0), "{margins:?}: {value}");
        let step = 1e-5;
        for lane in 0..margins.len() {
            let moved = |by: f64| {
                let mut margins = margins.to_vec();
                margins[lane] += by;
                evaluate(&margins)
            };
            let (up, down) = (moved(step), moved(-step));
            let slope = (up.0 - down.0) / (2.0 * step);
            assert!((slope - loss.slope(probabilities[lane], lane, label)).abs() < 1e-5);
            let mut direction = vec![0.0; margins.len()];
            direction[lane] = 1.0;
            let narrow: Vec<f32> = probabilities.iter().map(|p| *p as f32).collect();
            loss.curve(&narrow, 2.0, &mut direction);
            for (other, curved) in direction.iter().enumerate() {
                let expect = 2.0 * (up.1[other] - down.1[other]) / (2.0 * step);
                assert!((expect - f64::from(*curved)).abs() < 1e-4, "{margins:?} {lane} {other}");
            }
        }
    }

    #[test]
    fn values_and_derivatives() {
        let positive = Loss::Logistic { positive: 1 };
        check(positive, &[0.0], 1, 2f64.ln());
        check(positive, &[2.0], 1, (1.0 + (-2f64).exp()).ln());
        check(positive, &[2.0], 0, (1.0 + 2f64.exp()).ln());
        check(positive, &[800.0], 0, 800.0);
        check(positive, &[-800.0], 0, 0.0);
        check(Loss::Softmax, &[0.0, 0.0, 0.0], 2, 3f64.ln());
        check(Loss::Softmax, &[1.0, -1.0], 0, (1.0 + (-2f64).exp()).ln());
        check(Loss::Softmax, &[900.0, 0.0, -900.0], 1, 900.0);
    }
}
