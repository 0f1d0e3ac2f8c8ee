//! Traits that the file of a rule implements: settings, and the numbers of a step with its reference.

use candle_core::{Result as CandleResult, Tensor, bail};

use super::loops::{Part, Touched};
use crate::Result;
use crate::dispatch::Level;

/// Whether all values have a gradient or some rows alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Dense,
    Rows,
}

/// Settings of a rule.
pub(super) trait Algorithm {
    /// # Errors
    /// Names the first setting that is out of its range.
    fn check(&self) -> Result<()>;

    /// Whether a step can leave the rows without a gradient alone.
    fn has_sparse_form(&self) -> bool;

    /// Names of the moments that it keeps, at most three, as PyTorch calls them, in the order of the formula.
    fn moments(&self) -> &'static [&'static str];

    /// Value that the moments begin with.
    fn initial_moment(&self) -> f64 {
        0.0
    }

    /// Step number `step`, counted from 1: bias corrections and schedules worked out, once and in f64.
    fn update(&self, learning_rate: f64, step: u64, form: Form) -> Box<dyn Update>;
}

/// Parameter and moments after a step.
pub(super) type Moved = (Tensor, Vec<Tensor>);

/// Numbers of one step.
pub(super) trait Update: Sync {
    /// Factor of a parameter whose moments and gradient are zero, where that is all that happens to it.
    fn shrink_if_zero(&self) -> Option<f32>;

    /// Moves rows of a part by [`loops::advance`](super::loops::advance) with the rule's formula.
    fn advance(&self, level: Level, touched: Touched, part: Part);

    /// The same from candle's own operations.
    ///
    /// # Errors
    /// If there are not as many moments as the rule keeps.
    fn reference(&self, p: &Tensor, g: &Tensor, moments: &[Tensor]) -> CandleResult<Moved>;
}

/// A step against a gradient that is multiplied by a factor first.
pub(super) struct ScaledUpdate {
    pub(super) update: Box<dyn Update>,
    pub(super) factor: f32,
}

/// Subnormal numbers become zero: arithmetic on them is many times slower.
#[inline(always)]
pub(super) fn flush(value: f32) -> f32 {
    if value.abs() < f32::MIN_POSITIVE { 0.0 } else { value }
}

/// g², and 0 where that would be subnormal.
#[inline(always)]
pub(super) fn square(g: f32) -> f32 {
    let g = if g.abs() < 1.1e-19 { 0.0 } else { g };
    g * g
}

/// g + weight_decay · p.
pub(super) fn decayed(p: &Tensor, g: &Tensor, weight_decay: f64) -> CandleResult<Tensor> {
    if weight_decay == 0.0 { Ok(g.clone()) } else { g + (p * weight_decay)? }
}

/// The error of a reference that has not the moments of its rule.
pub(super) fn lacks() -> CandleResult<Moved> {
    bail!("the parameter's state lacks moments of the rule")
}

/// Ranges of settings.
pub(super) mod check {
    use crate::{Error, Result};

    /// At least 0 and below 1.
    pub(in crate::optim) fn share(name: &'static str, found: f64) -> Result<()> {
        let expected = "a number of at least 0 and below 1";
        if (0.0..1.0).contains(&found) { Ok(()) } else { Err(Error::Setting { name, expected, found }) }
    }

    /// Finite and at least 0.
    pub(in crate::optim) fn at_least_zero(name: &'static str, found: f64) -> Result<()> {
        let expected = "a finite number of at least 0";
        let fits = found.is_finite() && found >= 0.0;
        if fits { Ok(()) } else { Err(Error::Setting { name, expected, found }) }
    }
}
