//! Adagrad (Duchi, Hazan and Singer 2011): PyTorch's `Adagrad`.
//!
//! # Formula
//! p parameter, g gradient, s the sum of squares, t the step from 1 on, η the learning rate, λ the weight
//! decay, κ the decay of the rate:
//!
//! g += λ p; s += g²; p -= η / (1 + (t - 1) κ) · g / (√s + ε).
//!
//! Without a decay a step on some rows equals the dense one.

use candle_core::{Result as CandleResult, Tensor};
use serde::{Deserialize, Serialize};

use super::loops::{Formula, Part, Touched, advance};
use super::update::{Algorithm, Form, Moved, Update, check, decayed, lacks, square};
use crate::Result;
use crate::dispatch::Level;

/// Adagrad. The default has PyTorch's epsilon, and no decay of rate or weights.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adagrad {
    /// κ: the learning rate of step t is divided by 1 + (t - 1) times this.
    pub rate_decay: f64,
    /// ε, added to the root of the sum.
    pub epsilon: f64,
    /// Value that the sum of the squares begins with.
    pub initial: f64,
    /// L2 penalty, added to the gradient.
    pub weight_decay: f64,
}

impl Default for Adagrad {
    fn default() -> Self {
        Self { rate_decay: 0.0, epsilon: 1e-10, initial: 0.0, weight_decay: 0.0 }
    }
}

impl Algorithm for Adagrad {
    fn check(&self) -> Result<()> {
        check::at_least_zero("rate_decay", self.rate_decay)?;
        check::at_least_zero("epsilon", self.epsilon)?;
        check::at_least_zero("initial", self.initial)?;
        check::at_least_zero("weight_decay", self.weight_decay)
    }

    fn has_sparse_form(&self) -> bool {
        self.weight_decay == 0.0
    }

    fn moments(&self) -> &'static [&'static str] {
        &["sum"]
    }

    fn initial_moment(&self) -> f64 {
        self.initial
    }

    fn update(&self, rate: f64, step: u64, _: Form) -> Box<dyn Update> {
        let rate = rate / (1.0 + (step as f64 - 1.0) * self.rate_decay);
        Box::new(Step { rate, epsilon: self.epsilon, weight_decay: self.weight_decay })
    }
}

struct Step {
    rate: f64,
    epsilon: f64,
    weight_decay: f64,
}

impl Update for Step {
    fn shrink_if_zero(&self) -> Option<f32> {
        (self.epsilon > 0.0 && self.weight_decay == 0.0).then_some(1.0)
    }

    fn advance(&self, level: Level, touched: Touched, part: Part) {
        let (rate, epsilon, weight_decay) = (self.rate as f32, self.epsilon as f32, self.weight_decay as f32);
        advance(level, AdagradFormula { rate, epsilon, weight_decay }, touched, part);
    }

    fn reference(&self, p: &Tensor, g: &Tensor, moments: &[Tensor]) -> CandleResult<Moved> {
        let [s] = moments else { return lacks() };
        let g = decayed(p, g, self.weight_decay)?;
        let s = (s + g.sqr()?)?;
        Ok(((p - ((g * self.rate)? / (s.sqrt()? + self.epsilon)?)?)?, vec![s]))
    }
}

struct AdagradFormula {
    rate: f32,
    epsilon: f32,
    weight_decay: f32,
}

impl Formula for AdagradFormula {
    const MOMENTS: usize = 1;

    #[inline(always)]
    fn step(&self, p: f32, g: f32, [s, ..]: &mut [f32; 3]) -> f32 {
        let g = g + self.weight_decay * p;
        *s += square(g);
        p - self.rate * g / (s.sqrt() + self.epsilon)
    }
}
