//! RMSprop (Hinton 2012, lecture 6.5): PyTorch's `RMSprop`.
//!
//! # Formula
//! p parameter, g gradient, s the mean square, a the mean, b the direction, η the learning rate, λ the weight
//! decay, μ the momentum:
//!
//! g += λ p; s = α s + (1 - α) g²; d = √s + ε, or if centered a += (1 - α)(g - a) and d = √(s - a², at least
//! 0) + ε; p -= η g / d, or with momentum b = μ b + g / d and p -= η b.
//!
//! There is no form for some rows: the moments of the others would decay, too.

use candle_core::{Result as CandleResult, Tensor};
use serde::{Deserialize, Serialize};

use super::loops::{Formula, Part, Touched, advance};
use super::update::{Algorithm, Form, Moved, Update, check, decayed, flush, lacks, square};
use crate::Result;
use crate::dispatch::Level;

/// RMSprop. The default has PyTorch's alpha and epsilon, no momentum and no decay, and is not centered.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RmsProp {
    /// α, decay of the mean of the squares, in [0, 1).
    pub alpha: f64,
    /// ε, added to the root.
    pub epsilon: f64,
    /// Share of the last direction that is kept, in [0, 1); 0 keeps no direction.
    pub momentum: f64,
    /// L2 penalty, added to the gradient.
    pub weight_decay: f64,
    /// Value whose root the gradient is divided by.
    pub variance: Variance,
}

/// Value whose root RMSprop divides the gradient by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variance {
    /// The mean square.
    #[default]
    Uncentered,
    /// The mean square less the square of the mean.
    Centered,
}

impl Default for RmsProp {
    fn default() -> Self {
        let variance = Variance::Uncentered;
        Self { alpha: 0.99, epsilon: 1e-8, momentum: 0.0, weight_decay: 0.0, variance }
    }
}

impl Algorithm for RmsProp {
    fn check(&self) -> Result<()> {
        check::share("alpha", self.alpha)?;
        check::share("momentum", self.momentum)?;
        check::at_least_zero("epsilon", self.epsilon)?;
        check::at_least_zero("weight_decay", self.weight_decay)
    }

    fn has_sparse_form(&self) -> bool {
        false
    }

    fn moments(&self) -> &'static [&'static str] {
        match (self.momentum == 0.0, self.variance) {
            (true, Variance::Uncentered) => &["square_avg"],
            (true, Variance::Centered) => &["square_avg", "grad_avg"],
            (false, Variance::Uncentered) => &["square_avg", "momentum_buffer"],
            (false, Variance::Centered) => &["square_avg", "grad_avg", "momentum_buffer"],
        }
    }

    fn update(&self, rate: f64, _: u64, _: Form) -> Box<dyn Update> {
        Box::new(Step { rate, rule: *self })
    }
}

struct Step {
    rate: f64,
    rule: RmsProp,
}

impl Step {
    fn formula<const CENTERED: bool, const MOMENTUM: bool>(&self) -> RmsPropFormula<CENTERED, MOMENTUM> {
        RmsPropFormula {
            rate: self.rate as f32,
            alpha: self.rule.alpha as f32,
            gain: (1.0 - self.rule.alpha) as f32,
            epsilon: self.rule.epsilon as f32,
            momentum: self.rule.momentum as f32,
            weight_decay: self.rule.weight_decay as f32,
        }
    }
}

impl Update for Step {
    fn shrink_if_zero(&self) -> Option<f32> {
        (self.rule.epsilon > 0.0 && self.rule.weight_decay == 0.0).then_some(1.0)
    }

    fn advance(&self, level: Level, touched: Touched, part: Part) {
        match (self.rule.variance, self.rule.momentum == 0.0) {
            (Variance::Uncentered, true) => advance(level, self.formula::<false, false>(), touched, part),
            (Variance::Uncentered, false) => advance(level, self.formula::<false, true>(), touched, part),
            (Variance::Centered, true) => advance(level, self.formula::<true, false>(), touched, part),
            (Variance::Centered, false) => advance(level, self.formula::<true, true>(), touched, part),
        }
    }

    fn reference(&self, p: &Tensor, g: &Tensor, moments: &[Tensor]) -> CandleResult<Moved> {
        let RmsProp { alpha, epsilon, momentum, weight_decay, variance } = self.rule;
        if moments.len() != self.rule.moments().len() {
            return lacks();
        }
        let [s, rest @ ..] = moments else { return lacks() };
        let g = decayed(p, g, weight_decay)?;
        let s = ((s * alpha)? + (g.sqr()? * (1.0 - alpha))?)?;
        let mut after = vec![s.clone()];
        let (mut mean_square, mut rest) = (s, rest.iter());
        if variance == Variance::Centered
            && let Some(a) = rest.next()
        {
            let a = (a + ((&g - a)? * (1.0 - alpha))?)?;
            mean_square = (mean_square - a.sqr()?)?.relu()?;
            after.push(a);
        }
        let scaled = (g / (mean_square.sqrt()? + epsilon)?)?;
        let direction = match rest.next() {
            Some(b) => ((b * momentum)? + scaled)?,
            None => scaled,
        };
        let moved = (p - (&direction * self.rate)?)?;
        if momentum != 0.0 {
            after.push(direction);
        }
        Ok((moved, after))
    }
}

/// The moments are the mean square, then the mean if centered, then the direction if there is momentum.
struct RmsPropFormula<const CENTERED: bool, const MOMENTUM: bool> {
    rate: f32,
    alpha: f32,
    gain: f32,
    epsilon: f32,
    momentum: f32,
    weight_decay: f32,
}

impl<const CENTERED: bool, const MOMENTUM: bool> Formula for RmsPropFormula<CENTERED, MOMENTUM> {
    const MOMENTS: usize = 1 + CENTERED as usize + MOMENTUM as usize;

    #[inline(always)]
    fn step(&self, p: f32, g: f32, moments: &mut [f32; 3]) -> f32 {
        let [s, second, third] = moments;
        let (a, b) = if CENTERED { (second, third) } else { (third, second) };
        let g = g + self.weight_decay * p;
        *s = flush(self.alpha * *s + self.gain * square(g));
        let mut mean_square = *s;
        if CENTERED {
            *a = flush(*a + self.gain * (g - *a));
            // Rounding may carry it below zero, where a root would be no number.
            mean_square = (mean_square - square(*a)).max(0.0);
        }
        let scaled = g / (mean_square.sqrt() + self.epsilon);
        if !MOMENTUM {
            return p - self.rate * scaled;
        }
        *b = flush(self.momentum * *b + scaled);
        p - self.rate * *b
    }
}
