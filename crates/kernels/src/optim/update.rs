//! A rule at one step: bias corrections, schedules and signs worked out, once and in f64.

use super::{Decay, MomentumStyle, Rule, Variance};

/// Whether all values have a gradient or some rows alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Dense,
    Rows,
}

/// The numbers of one step. p parameter, g gradient, moments by their names.
#[derive(Clone, Copy, Debug)]
pub(super) enum Update {
    /// p -= rate · (g + weight_decay · p)
    Plain { rate: f64, weight_decay: f64 },
    /// g += weight_decay · p; b = momentum · b + gain · g; p -= rate · (b, or g + momentum · b for Nesterov)
    Momentum { rate: f64, momentum: f64, gain: f64, weight_decay: f64, style: MomentumStyle },
    /// p *= shrink; g += weight_decay · p; m += (1 - beta1)(g - m); v = beta2 · v + (1 - beta2) g²;
    /// p -= size · m / (root · √v + epsilon)
    Adam { beta1: f64, beta2: f64, size: f64, root: f64, epsilon: f64, shrink: f64, weight_decay: f64 },
    /// g += weight_decay · p; s = alpha · s + (1 - alpha) g²; a += (1 - alpha)(g - a); d = √(s, or s - a² at least 0 if centered) + epsilon;
    /// b = momentum · b + g / d; p -= rate · b
    RmsProp { rate: f64, alpha: f64, epsilon: f64, momentum: f64, weight_decay: f64, variance: Variance },
    /// g += weight_decay · p; s += g²; p -= rate · g / (√s + epsilon)
    Adagrad { rate: f64, epsilon: f64, weight_decay: f64 },
}

/// A step against a gradient that is multiplied by a factor first.
#[derive(Clone, Copy, Debug)]
pub(super) struct ScaledUpdate {
    pub(super) update: Update,
    pub(super) factor: f32,
}

impl Update {
    /// What a parameter whose moments and gradient are zero is multiplied by, where that is all that happens to it.
    pub(super) fn shrink_if_zero(&self) -> Option<f32> {
        match *self {
            Self::Adam { shrink, epsilon, weight_decay: 0.0, .. } if epsilon > 0.0 => Some(shrink as f32),
            Self::RmsProp { epsilon, weight_decay: 0.0, .. }
            | Self::Adagrad { epsilon, weight_decay: 0.0, .. }
                if epsilon > 0.0 =>
            {
                Some(1.0)
            }
            Self::Plain { weight_decay: 0.0, .. } | Self::Momentum { weight_decay: 0.0, .. } => Some(1.0),
            _ => None,
        }
    }

    /// The numbers of step `step`, counted from 1.
    pub(super) fn new(rule: &Rule, learning_rate: f64, step: u64, form: Form) -> Self {
        let rate = learning_rate;
        match *rule {
            Rule::Sgd { momentum: 0.0, weight_decay, .. } => Self::Plain { rate, weight_decay },
            Rule::Sgd { momentum, dampening, style, weight_decay } => {
                // The first direction is the whole gradient, whatever the dampening.
                let gain = if step == 1 { 1.0 } else { 1.0 - dampening };
                Self::Momentum { rate, momentum, gain, weight_decay, style }
            }
            Rule::Adam { beta1, beta2, epsilon, weight_decay, decay } => {
                let correction = |beta: f64| 1.0 - beta.powf(step as f64);
                let (first, second) = (correction(beta1), correction(beta2).sqrt());
                let (size, root) = match form {
                    Form::Dense => (rate / first, 1.0 / second),
                    Form::Rows => (rate * second / first, 1.0),
                };
                let (shrink, weight_decay) = match decay {
                    Decay::Coupled => (1.0, weight_decay),
                    Decay::Decoupled => (1.0 - rate * weight_decay, 0.0),
                };
                Self::Adam { beta1, beta2, size, root, epsilon, shrink, weight_decay }
            }
            Rule::RmsProp { alpha, epsilon, momentum, weight_decay, variance } => {
                Self::RmsProp { rate, alpha, epsilon, momentum, weight_decay, variance }
            }
            Rule::Adagrad { rate_decay, epsilon, weight_decay, .. } => {
                let rate = rate / (1.0 + (step as f64 - 1.0) * rate_decay);
                Self::Adagrad { rate, epsilon, weight_decay }
            }
        }
    }
}
