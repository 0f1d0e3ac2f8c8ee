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
    /// The sum over K margins of the cross entropy of each one's logistic function, whether the row has that
    /// label.
    Independent,
}

/// ln(1 + exp z) − y z; turns z into the probability.
#[inline]
fn logistic(margin: &mut f64, holds: bool) -> f64 {
    let (z, small) = (*margin, (-margin.abs()).exp());
    *margin = if z >= 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) };
    let target = if holds { z } else { 0.0 };
    small.ln_1p() + z.max(0.0) - target
}

impl Loss {
    /// The loss of a row of margins z with these labels, the sum of what each margin adds times its scale.
    /// Turns the margins into probabilities p in place. A row of one label has one scale.
    #[inline]
    pub(super) fn evaluate(self, margins: &mut [f64], labels: &[u32], scale: impl Fn(usize) -> f64) -> f64 {
        match self {
            Self::Softmax => {
                let largest = margins.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let own = labels.first().and_then(|label| margins.get(*label as usize));
                let own = own.copied().unwrap_or_default();
                let mut sum = 0.0;
                for margin in margins.iter_mut() {
                    *margin = (*margin - largest).exp();
                    sum += *margin;
                }
                margins.iter_mut().for_each(|margin| *margin /= sum);
                scale(0) * (sum.ln() + largest - own)
            }
            Self::Logistic { positive } => {
                let Some(margin) = margins.first_mut() else { return 0.0 };
                scale(0) * logistic(margin, labels.first() == Some(&positive))
            }
            Self::Independent => {
                let terms = margins.iter_mut().enumerate();
                terms.map(|(lane, margin)| scale(lane) * logistic(margin, has(labels, lane))).sum()
            }
        }
    }

    /// The derivative by margin `lane` from its probability: p − y.
    #[inline(always)]
    pub(super) fn slope(self, probability: f64, lane: usize, labels: &[u32]) -> f64 {
        let target = match self {
            Self::Softmax => labels.first() == Some(&(lane as u32)),
            Self::Logistic { positive } => labels.first() == Some(&positive),
            Self::Independent => has(labels, lane),
        };
        probability - f64::from(u8::from(target))
    }

    /// The second derivative of a row, scaled, applied to a direction q in place: s (p q − p (p · q)) for the
    /// softmax, s p (1 − p) q for logistic functions.
    #[inline(always)]
    pub(super) fn curve(self, probabilities: &[f32], direction: &mut [f32], scale: impl Fn(usize) -> f32) {
        match self {
            Self::Softmax => {
                let (scale, dot) = (scale(0), probabilities.iter().zip(direction.iter()).map(|(p, q)| p * q));
                let dot: f32 = dot.sum();
                direction.iter_mut().zip(probabilities).for_each(|(q, p)| *q = scale * p * (*q - dot));
            }
            Self::Logistic { .. } | Self::Independent => {
                let lanes = direction.iter_mut().zip(probabilities).enumerate();
                lanes.for_each(|(lane, (q, p))| *q *= scale(lane) * p * (1.0 - p));
            }
        }
    }
}

/// Whether the label of a lane is among these, which are few.
#[inline(always)]
fn has(labels: &[u32], lane: usize) -> bool {
    labels.contains(&(lane as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(loss: Loss, margins: &[f64], labels: &[u32], expect: f64) {
        let evaluate = |margins: &[f64]| {
            let mut probabilities = margins.to_vec();
            (loss.evaluate(&mut probabilities, labels, |_| 1.0), probabilities)
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
            assert!((slope - loss.slope(probabilities[lane], lane, labels)).abs() < 1e-5);
            let mut direction = vec![0.0; margins.len()];
            direction[lane] = 1.0;
            let narrow: Vec<f32> = probabilities.iter().map(|p| *p as f32).collect();
            loss.curve(&narrow, &mut direction, |_| 2.0);
            for (other, curved) in direction.iter().enumerate() {
                let expect = 2.0 * (up.1[other] - down.1[other]) / (2.0 * step);
                assert!((expect - f64::from(*curved)).abs() < 1e-4, "{margins:?} {lane} {other}");
            }
        }
    }

    #[test]
    fn values_and_derivatives() {
        let positive = Loss::Logistic { positive: 1 };
        check(positive, &[0.0], &[1], 2f64.ln());
        check(positive, &[2.0], &[1], (1.0 + (-2f64).exp()).ln());
        check(positive, &[2.0], &[0], (1.0 + 2f64.exp()).ln());
        check(positive, &[800.0], &[0], 800.0);
        check(positive, &[-800.0], &[0], 0.0);
        check(Loss::Softmax, &[0.0, 0.0, 0.0], &[2], 3f64.ln());
        check(Loss::Softmax, &[1.0, -1.0], &[0], (1.0 + (-2f64).exp()).ln());
        check(Loss::Softmax, &[900.0, 0.0, -900.0], &[1], 900.0);
        let both = (1.0 + (-2f64).exp()).ln() + (1.0 + 1f64.exp()).ln();
        check(Loss::Independent, &[2.0, 1.0], &[0], both);
        check(Loss::Independent, &[2.0, -1.0], &[0, 1], both);
        check(Loss::Independent, &[-2.0, 1.0, 0.0], &[], both + 2f64.ln());
        let mut margins = [2.0, 1.0];
        let scaled = Loss::Independent.evaluate(&mut margins, &[0], |lane| [3.0, 0.0][lane]);
        assert!((scaled - 3.0 * (1.0 + (-2f64).exp()).ln()).abs() < 1e-12);
    }
}
