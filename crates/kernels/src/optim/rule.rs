//! The rules with their settings.

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// How a parameter moves against its gradient. The constructors give PyTorch's defaults.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Rule {
    /// Stochastic gradient descent.
    Sgd {
        /// How much of the last direction is kept, in [0, 1); 0 keeps no memory at all.
        momentum: f64,
        /// How much less than whole the gradient enters the direction, from the second step on.
        dampening: f64,
        /// Where the gradient is looked at.
        style: MomentumStyle,
        /// L2 penalty, added to the gradient.
        weight_decay: f64,
    },
    /// Kingma and Ba 2014; with [`Decay::Decoupled`] AdamW, Loshchilov and Hutter 2017.
    Adam {
        /// Decay of the mean of the gradients, in [0, 1).
        beta1: f64,
        /// Decay of the mean of their squares, in [0, 1).
        beta2: f64,
        /// Added to the root of the second moment.
        epsilon: f64,
        /// Weight decay.
        weight_decay: f64,
        /// Where the weight decay acts.
        decay: Decay,
    },
    /// Hinton 2012, lecture 6.5.
    RmsProp {
        /// Decay of the mean of the squares, in [0, 1).
        alpha: f64,
        /// Added to the root.
        epsilon: f64,
        /// As for SGD, on the scaled gradient.
        momentum: f64,
        /// L2 penalty, added to the gradient.
        weight_decay: f64,
        /// What the gradient is divided by.
        variance: Variance,
    },
    /// Duchi, Hazan and Singer 2011.
    Adagrad {
        /// The learning rate of step t is divided by 1 + (t - 1) times this.
        rate_decay: f64,
        /// Added to the root of the sum.
        epsilon: f64,
        /// What the sum of the squares begins with.
        initial: f64,
        /// L2 penalty, added to the gradient.
        weight_decay: f64,
    },
}

/// Which form of momentum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MomentumStyle {
    /// The parameter moves along the direction.
    #[default]
    Classical,
    /// The parameter moves along the direction as it will be (Nesterov, in the form of Sutskever and others 2013).
    Nesterov,
}

/// Where weight decay acts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decay {
    /// On the gradient, and so through the moments: an L2 penalty (Adam).
    #[default]
    Coupled,
    /// On the parameter itself (AdamW).
    Decoupled,
}

/// What RMSprop divides the gradient by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variance {
    /// The root of the mean square.
    #[default]
    Uncentered,
    /// The root of the mean square less the square of the mean.
    Centered,
}

impl Rule {
    /// SGD with no momentum and no decay.
    pub const fn sgd() -> Self {
        Self::Sgd { momentum: 0.0, dampening: 0.0, style: MomentumStyle::Classical, weight_decay: 0.0 }
    }

    /// Adam with betas 0.9 and 0.999, epsilon 1e-8, no decay.
    pub const fn adam() -> Self {
        let decay = Decay::Coupled;
        Self::Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.0, decay }
    }

    /// AdamW: as Adam, with a decoupled decay of 0.01.
    pub const fn adam_w() -> Self {
        let decay = Decay::Decoupled;
        Self::Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.01, decay }
    }

    /// RMSprop with alpha 0.99, epsilon 1e-8, no momentum, not centered.
    pub const fn rms_prop() -> Self {
        let variance = Variance::Uncentered;
        Self::RmsProp { alpha: 0.99, epsilon: 1e-8, momentum: 0.0, weight_decay: 0.0, variance }
    }

    /// Adagrad with epsilon 1e-10.
    pub const fn adagrad() -> Self {
        Self::Adagrad { rate_decay: 0.0, epsilon: 1e-10, initial: 0.0, weight_decay: 0.0 }
    }

    /// The same rule without weight decay.
    pub fn without_decay(mut self) -> Self {
        match &mut self {
            Self::Sgd { weight_decay, .. }
            | Self::Adam { weight_decay, .. }
            | Self::RmsProp { weight_decay, .. }
            | Self::Adagrad { weight_decay, .. } => *weight_decay = 0.0,
        }
        self
    }

    /// # Errors
    /// Names the first setting that is out of its range.
    pub fn check(&self) -> Result<()> {
        let share = |name, found: f64| {
            let expected = "a number of at least 0 and below 1";
            if (0.0..1.0).contains(&found) { Ok(()) } else { Err(Error::Setting { name, expected, found }) }
        };
        let positive = |name, found: f64| {
            let expected = "a finite number of at least 0";
            let fits = found.is_finite() && found >= 0.0;
            if fits { Ok(()) } else { Err(Error::Setting { name, expected, found }) }
        };
        match *self {
            Self::Sgd { momentum, dampening, style, weight_decay } => {
                share("momentum", momentum)?;
                if style == MomentumStyle::Nesterov && (momentum == 0.0 || dampening != 0.0) {
                    let expected = "above 0, with a dampening of 0, for Nesterov's momentum";
                    return Err(Error::Setting { name: "momentum", expected, found: momentum });
                }
                if !dampening.is_finite() {
                    let expected = "a finite number";
                    return Err(Error::Setting { name: "dampening", expected, found: dampening });
                }
                positive("weight_decay", weight_decay)
            }
            Self::Adam { beta1, beta2, epsilon, weight_decay, .. } => {
                share("beta1", beta1)?;
                share("beta2", beta2)?;
                positive("epsilon", epsilon)?;
                positive("weight_decay", weight_decay)
            }
            Self::RmsProp { alpha, epsilon, momentum, weight_decay, .. } => {
                share("alpha", alpha)?;
                share("momentum", momentum)?;
                positive("epsilon", epsilon)?;
                positive("weight_decay", weight_decay)
            }
            Self::Adagrad { rate_decay, epsilon, initial, weight_decay } => {
                positive("rate_decay", rate_decay)?;
                positive("epsilon", epsilon)?;
                positive("initial", initial)?;
                positive("weight_decay", weight_decay)
            }
        }
    }

    /// Whether a step can leave the rows without a gradient alone.
    pub fn has_sparse_form(&self) -> bool {
        match *self {
            Self::Sgd { momentum, weight_decay, .. } => momentum == 0.0 && weight_decay == 0.0,
            Self::Adam { .. } => true,
            Self::RmsProp { .. } => false,
            Self::Adagrad { weight_decay, .. } => weight_decay == 0.0,
        }
    }

    /// The names of the moments that it keeps, as PyTorch calls them, in the order of the fused loops.
    pub(super) fn moments(&self) -> &'static [&'static str] {
        match *self {
            Self::Sgd { momentum: 0.0, .. } => &[],
            Self::Sgd { .. } => &["momentum_buffer"],
            Self::Adam { .. } => &["exp_avg", "exp_avg_sq"],
            Self::RmsProp { momentum, variance, .. } => match (momentum == 0.0, variance) {
                (true, Variance::Uncentered) => &["square_avg"],
                (true, Variance::Centered) => &["square_avg", "grad_avg"],
                (false, Variance::Uncentered) => &["square_avg", "momentum_buffer"],
                (false, Variance::Centered) => &["square_avg", "grad_avg", "momentum_buffer"],
            },
            Self::Adagrad { .. } => &["sum"],
        }
    }

    /// What the moments begin with.
    pub(super) fn initial_moment(&self) -> f64 {
        if let Self::Adagrad { initial, .. } = *self { initial } else { 0.0 }
    }
}
