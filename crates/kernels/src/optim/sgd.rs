//! Stochastic gradient descent, with momentum (Polyak 1964) or Nesterov's in the form of Sutskever and others
//! (2013): PyTorch's `SGD`.
//!
//! # Formula
//! p parameter, g gradient, b direction, η the learning rate, λ the weight decay, μ the momentum, τ the
//! dampening:
//!
//! g += λ p; b = μ b + (1 - τ) g, in the first step b = g; p -= η b, or for Nesterov p -= η (g + μ b).
//!
//! Without momentum there is no direction: p -= η g. Then, and without a decay, a step on some rows equals
//! the dense one.

use candle_core::{Result as CandleResult, Tensor};
use serde::{Deserialize, Serialize};

use super::loops::{Formula, Part, Touched, advance};
use super::update::{Algorithm, Form, Moved, Update, check, decayed, flush, lacks};
use crate::dispatch::Level;
use crate::{Error, Result};

/// Stochastic gradient descent. The default has no momentum and no decay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sgd {
    /// Share of the last direction that is kept, in [0, 1); 0 keeps no memory at all.
    pub momentum: f64,
    /// Share of the gradient that does not enter the direction, from the second step on.
    pub dampening: f64,
    /// Form of momentum.
    pub style: MomentumStyle,
    /// L2 penalty, added to the gradient.
    pub weight_decay: f64,
}

/// Form of momentum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MomentumStyle {
    /// The parameter moves along the direction.
    #[default]
    Classical,
    /// The parameter moves along the direction as it will be.
    Nesterov,
}

impl Algorithm for Sgd {
    fn check(&self) -> Result<()> {
        let Self { momentum, dampening, style, weight_decay } = *self;
        check::share("momentum", momentum)?;
        if style == MomentumStyle::Nesterov && (momentum == 0.0 || dampening != 0.0) {
            let expected = "above 0, with a dampening of 0, for Nesterov's momentum";
            return Err(Error::Setting { name: "momentum", expected, found: momentum });
        }
        if !dampening.is_finite() {
            let expected = "a finite number";
            return Err(Error::Setting { name: "dampening", expected, found: dampening });
        }
        check::at_least_zero("weight_decay", weight_decay)
    }

    fn has_sparse_form(&self) -> bool {
        self.momentum == 0.0 && self.weight_decay == 0.0
    }

    fn moments(&self) -> &'static [&'static str] {
        if self.momentum == 0.0 { &[] } else { &["momentum_buffer"] }
    }

    fn update(&self, rate: f64, step: u64, _: Form) -> Box<dyn Update> {
        let Self { momentum, dampening, style, weight_decay } = *self;
        if momentum == 0.0 {
            return Box::new(Plain { rate, weight_decay });
        }
        // The first direction is the whole gradient, whatever the dampening.
        let gain = if step == 1 { 1.0 } else { 1.0 - dampening };
        Box::new(Momentum { rate, momentum, gain, weight_decay, style })
    }
}

/// A step without momentum.
struct Plain {
    rate: f64,
    weight_decay: f64,
}

impl Update for Plain {
    fn shrink_if_zero(&self) -> Option<f32> {
        (self.weight_decay == 0.0).then_some(1.0)
    }

    fn advance(&self, level: Level, touched: Touched, part: Part) {
        let formula = PlainFormula { rate: self.rate as f32, weight_decay: self.weight_decay as f32 };
        advance(level, formula, touched, part);
    }

    fn reference(&self, p: &Tensor, g: &Tensor, _: &[Tensor]) -> CandleResult<Moved> {
        Ok(((p - (decayed(p, g, self.weight_decay)? * self.rate)?)?, Vec::new()))
    }
}

struct PlainFormula {
    rate: f32,
    weight_decay: f32,
}

impl Formula for PlainFormula {
    const MOMENTS: usize = 0;

    #[inline(always)]
    fn step(&self, p: f32, g: f32, _: &mut [f32; 3]) -> f32 {
        p - self.rate * (g + self.weight_decay * p)
    }
}

/// A step with momentum.
struct Momentum {
    rate: f64,
    momentum: f64,
    gain: f64,
    weight_decay: f64,
    style: MomentumStyle,
}

impl Update for Momentum {
    fn shrink_if_zero(&self) -> Option<f32> {
        (self.weight_decay == 0.0).then_some(1.0)
    }

    fn advance(&self, level: Level, touched: Touched, part: Part) {
        let momentum = self.momentum as f32;
        let (look, keep) = match self.style {
            MomentumStyle::Classical => (1.0, 0.0),
            MomentumStyle::Nesterov => (momentum, 1.0),
        };
        let (rate, gain, weight_decay) = (self.rate as f32, self.gain as f32, self.weight_decay as f32);
        advance(level, MomentumFormula { rate, momentum, gain, weight_decay, look, keep }, touched, part);
    }

    fn reference(&self, p: &Tensor, g: &Tensor, moments: &[Tensor]) -> CandleResult<Moved> {
        let [b] = moments else { return lacks() };
        let g = decayed(p, g, self.weight_decay)?;
        let b = ((b * self.momentum)? + (&g * self.gain)?)?;
        let direction = match self.style {
            MomentumStyle::Classical => b.clone(),
            MomentumStyle::Nesterov => (g + (&b * self.momentum)?)?,
        };
        Ok(((p - (direction * self.rate)?)?, vec![b]))
    }
}

struct MomentumFormula {
    rate: f32,
    momentum: f32,
    gain: f32,
    weight_decay: f32,
    /// The parameter moves along look · b + keep · g.
    look: f32,
    keep: f32,
}

impl Formula for MomentumFormula {
    const MOMENTS: usize = 1;

    #[inline(always)]
    fn step(&self, p: f32, g: f32, [b, ..]: &mut [f32; 3]) -> f32 {
        let g = g + self.weight_decay * p;
        *b = flush(self.momentum * *b + self.gain * g);
        p - self.rate * (self.look * *b + self.keep * g)
    }
}
