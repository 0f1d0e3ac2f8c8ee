//! Adam (Kingma and Ba 2014), and with a decoupled decay AdamW (Loshchilov and Hutter 2017): PyTorch's
//! `Adam`, `AdamW` and, for some rows of a table, `SparseAdam`.
//!
//! # Formula
//! p parameter, g gradient, m and v the moments, t the step from 1 on, η the learning rate, λ the weight
//! decay:
//!
//! coupled g += λ p, decoupled p *= 1 - η λ; m += (1 - β₁)(g - m); v = β₂ v + (1 - β₂) g²;
//! m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ); p -= η m̂ / (√v̂ + ε).
//!
//! For some rows alone t counts all steps, and ε is added to √v: p -= η √(1 - β₂ᵗ) / (1 - β₁ᵗ) · m / (√v +
//! ε).

use candle_core::{Result as CandleResult, Tensor};
use serde::{Deserialize, Serialize};

use super::loops::{Formula, Part, Touched, advance};
use super::update::{Algorithm, Form, Moved, Update, check, decayed, flush, lacks, square};
use crate::Result;
use crate::dispatch::Level;

/// Adam. The default has PyTorch's betas and epsilon and no decay.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adam {
    /// β₁, decay of the mean of the gradients, in [0, 1).
    pub beta1: f64,
    /// β₂, decay of the mean of their squares, in [0, 1).
    pub beta2: f64,
    /// ε, added to the root of the second moment.
    pub epsilon: f64,
    /// λ.
    pub weight_decay: f64,
    /// Place where the weight decay acts.
    pub decay: Decay,
}

/// Place where weight decay acts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decay {
    /// On the gradient, and so through the moments: an L2 penalty (Adam).
    #[default]
    Coupled,
    /// On the parameter itself (AdamW).
    Decoupled,
}

impl Default for Adam {
    fn default() -> Self {
        Self { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.0, decay: Decay::Coupled }
    }
}

impl Algorithm for Adam {
    fn check(&self) -> Result<()> {
        check::share("beta1", self.beta1)?;
        check::share("beta2", self.beta2)?;
        check::at_least_zero("epsilon", self.epsilon)?;
        check::at_least_zero("weight_decay", self.weight_decay)
    }

    fn has_sparse_form(&self) -> bool {
        true
    }

    fn moments(&self) -> &'static [&'static str] {
        &["exp_avg", "exp_avg_sq"]
    }

    fn update(&self, rate: f64, step: u64, form: Form) -> Box<dyn Update> {
        let Self { beta1, beta2, epsilon, weight_decay, decay } = *self;
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
        Box::new(Step { beta1, beta2, size, root, epsilon, shrink, weight_decay })
    }
}

/// A step: p *= shrink, then with the moments as above p -= size · m / (root · √v + ε).
struct Step {
    beta1: f64,
    beta2: f64,
    size: f64,
    root: f64,
    epsilon: f64,
    shrink: f64,
    weight_decay: f64,
}

impl Update for Step {
    fn shrink_if_zero(&self) -> Option<f32> {
        (self.epsilon > 0.0 && self.weight_decay == 0.0).then_some(self.shrink as f32)
    }

    fn advance(&self, level: Level, touched: Touched, part: Part) {
        let formula = AdamFormula {
            gain1: (1.0 - self.beta1) as f32,
            beta2: self.beta2 as f32,
            gain2: (1.0 - self.beta2) as f32,
            size: self.size as f32,
            root: self.root as f32,
            epsilon: self.epsilon as f32,
            shrink: self.shrink as f32,
            weight_decay: self.weight_decay as f32,
        };
        advance(level, formula, touched, part);
    }

    fn reference(&self, p: &Tensor, g: &Tensor, moments: &[Tensor]) -> CandleResult<Moved> {
        let &Self { beta1, beta2, size, root, epsilon, shrink, weight_decay } = self;
        let [m, v] = moments else { return lacks() };
        let g = decayed(p, g, weight_decay)?;
        let m = (m + ((&g - m)? * (1.0 - beta1))?)?;
        let v = ((v * beta2)? + (g.sqr()? * (1.0 - beta2))?)?;
        let below = ((v.sqrt()? * root)? + epsilon)?;
        Ok((((p * shrink)? - ((&m * size)? / below)?)?, vec![m, v]))
    }
}

struct AdamFormula {
    gain1: f32,
    beta2: f32,
    gain2: f32,
    size: f32,
    root: f32,
    epsilon: f32,
    shrink: f32,
    weight_decay: f32,
}

impl Formula for AdamFormula {
    const MOMENTS: usize = 2;

    #[inline(always)]
    fn step(&self, p: f32, g: f32, [m, v, _]: &mut [f32; 3]) -> f32 {
        let g = g + self.weight_decay * p;
        *m = flush(*m + self.gain1 * (g - *m));
        *v = flush(self.beta2 * *v + self.gain2 * square(g));
        self.shrink * p - self.size * *m / (self.root * v.sqrt() + self.epsilon)
    }
}
