//! Optimizer steps: one pass over parameter, gradient and moments.
//!
//! A [`Rule`] says how a parameter moves; checked, it makes a [`ParamState`], which holds what the rule
//! remembers of one parameter, and [`CheckedRule::step`] moves it. The formulas are PyTorch's,
//! `torch.optim.{SGD, Adam, AdamW, RMSprop, Adagrad, SparseAdam}` of release 2; each has a file of its own,
//! with its settings, the step on all values and on some rows, and its `reference`.
//!
//! On the CPU in f32 a step is one fused loop, which reads and writes each value once. Large parameters are
//! cut into pieces for all threads. Every value is computed by itself, so the bits do not depend on the
//! number of threads or on the vector width. On other devices, and for other types, the same formulas run as
//! tensor operations; that form is also the reference. The fused loops flush subnormal moments (below
//! 1.2e-38) to zero: a moment that decays for long would otherwise slow each later step more than tenfold.
//!
//! PERF: dense steps over 10.4 M values on two cores, where a copy of as many runs at 53 GB/s, both ways
//! counted (`cargo run --release -p assort-kernels --example measure optimizer`): SGD 1.6 ms, 79 GB/s;
//! RMSprop 2.4 ms, 85 GB/s; Adagrad 2.3 ms, 90 GB/s; Adam 3.5 ms, 83 GB/s. The values of one step lie in the
//! third cache of that machine; from memory alone they run as fast as the copy. A sparse Adam step over 306
//! rows of 256 values takes 58 µs on one core.
//!
//! # Sparse gradients
//!
//! A [`Gradient::Rows`] names the rows of a table that a batch touched.
//!
//! | rule | what is done | against the dense form |
//! | --- | --- | --- |
//! | SGD without momentum and decay | touched rows alone | equal |
//! | Adagrad without decay | touched rows alone | equal |
//! | Adam, AdamW | touched rows alone, as `torch.optim.SparseAdam` | differs, see below |
//! | SGD with momentum or decay, RMSprop, Adagrad with decay | all rows, as by a dense gradient | equal |
//!
//! Dense Adam also moves rows that the batch did not touch: their moments decay and push the row on for some
//! steps. Sparse Adam leaves row and moments as they were until the row comes again, and then corrects the
//! bias by the number of all steps. Epsilon is added to the root of the second moment before that correction,
//! so it weighs more in the first steps. Weight decay, coupled or not, is applied to touched rows alone;
//! `SparseAdam` itself has none. The gain: a step costs what its rows cost, not what the table costs.
//!
//! With [`Tables::AllRows`] every rule has its dense form: rows that the gradient leaves out have a gradient
//! of zero. The gradient is not made dense on the processor, and there, without a decay that goes through the
//! gradient, the moments of a row that no gradient has ever reached, which are zero, are neither read nor
//! written.

mod adagrad;
mod adam;
mod composed;
mod fused;
mod loops;
mod param_state;
mod rms_prop;
mod sgd;
mod update;

#[cfg(test)]
mod tests;

pub use adagrad::Adagrad;
pub use adam::{Adam, Decay};
pub use param_state::ParamState;
pub use rms_prop::{RmsProp, Variance};
pub use sgd::{MomentumStyle, Sgd};

use assort_tensor::{Gradient, RowGradient};
use candle_core::{Tensor, Var};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};
use param_state::Moments;
use update::{Algorithm, Form, ScaledUpdate};

/// Rule by which a parameter moves against its gradient. The constructors give PyTorch's defaults.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Stochastic gradient descent.
    Sgd(Sgd),
    /// Adam and AdamW.
    Adam(Adam),
    /// RMSprop.
    RmsProp(RmsProp),
    /// Adagrad.
    Adagrad(Adagrad),
}

impl Rule {
    /// SGD with no momentum and no decay.
    pub fn sgd() -> Self {
        Self::Sgd(Sgd::default())
    }

    /// Adam with betas 0.9 and 0.999, epsilon 1e-8, no decay.
    pub fn adam() -> Self {
        Self::Adam(Adam::default())
    }

    /// AdamW: as Adam, with a decoupled decay of 0.01.
    pub fn adam_w() -> Self {
        Self::Adam(Adam { weight_decay: 0.01, decay: Decay::Decoupled, ..Adam::default() })
    }

    /// RMSprop with alpha 0.99, epsilon 1e-8, no momentum, not centered.
    pub fn rms_prop() -> Self {
        Self::RmsProp(RmsProp::default())
    }

    /// Adagrad with epsilon 1e-10.
    pub fn adagrad() -> Self {
        Self::Adagrad(Adagrad::default())
    }

    /// The same rule as one that can step.
    ///
    /// # Errors
    /// Names the first setting that is out of its range.
    pub fn check(self) -> Result<CheckedRule> {
        self.algorithm().check()?;
        Ok(CheckedRule(self))
    }

    fn algorithm(&self) -> &dyn Algorithm {
        match self {
            Self::Sgd(rule) => rule,
            Self::Adam(rule) => rule,
            Self::RmsProp(rule) => rule,
            Self::Adagrad(rule) => rule,
        }
    }
}

/// Rule whose settings are in their ranges. Only [`Rule::check`] makes one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CheckedRule(Rule);

impl CheckedRule {
    /// The same rule without weight decay.
    pub fn without_decay(mut self) -> Self {
        match &mut self.0 {
            Rule::Sgd(Sgd { weight_decay, .. })
            | Rule::Adam(Adam { weight_decay, .. })
            | Rule::RmsProp(RmsProp { weight_decay, .. })
            | Rule::Adagrad(Adagrad { weight_decay, .. }) => *weight_decay = 0.0,
        }
        self
    }

    /// An empty memory for a parameter: moments of its size, no step done.
    pub fn state(&self, var: &Var) -> ParamState {
        ParamState::new(self.algorithm(), var)
    }

    /// Moves a parameter in place by one step against its gradient.
    ///
    /// # Errors
    /// If the learning rate is out of range, or the gradient or the state do not fit the parameter. Then
    /// nothing has moved.
    pub fn step(
        &self,
        var: &Var,
        gradient: &Gradient,
        state: &mut ParamState,
        learning_rate: f64,
    ) -> Result<()> {
        self.step_by(var, gradient, state, learning_rate, StepOptions::default())
    }

    /// The same, with the gradient read otherwise.
    ///
    /// # Errors
    /// As [`CheckedRule::step`].
    pub fn step_by(
        &self,
        var: &Var,
        gradient: &Gradient,
        state: &mut ParamState,
        learning_rate: f64,
        options: StepOptions,
    ) -> Result<()> {
        update::check::at_least_zero("learning_rate", learning_rate)?;
        update::check::at_least_zero("gradient_scale", options.gradient_scale)?;
        state.fits(self.algorithm(), var)?;
        let by = |form, state: &ParamState| {
            let update = self.algorithm().update(learning_rate, state.step + 1, form);
            ScaledUpdate { update, factor: options.gradient_scale as f32 }
        };
        match gradient {
            Gradient::Dense(tensor) => self.dense(var, tensor, state, &by(Form::Dense, state)),
            Gradient::Rows(rows) => {
                check_rows(rows, var)?;
                if options.tables == Tables::TouchedRows && self.algorithm().has_sparse_form() {
                    return self.sparse(var, rows, state, &by(Form::Rows, state));
                }
                self.table(var, rows, state, &by(Form::Dense, state))
            }
        }
    }

    fn algorithm(&self) -> &dyn Algorithm {
        self.0.algorithm()
    }

    fn dense(&self, var: &Var, gradient: &Tensor, state: &mut ParamState, by: &ScaledUpdate) -> Result<()> {
        if gradient.dims() != var.dims() || gradient.dtype() != var.dtype() {
            return Err(Error::Mismatch(format!(
                "a gradient of shape {:?} and type {:?} for a parameter of shape {:?} and type {:?}",
                gradient.dims(),
                gradient.dtype(),
                var.dims(),
                var.dtype()
            )));
        }
        state.forget_rows();
        match &mut state.moments {
            Moments::Host(moments) => fused::dense(by, var, &gradient.contiguous()?, moments)?,
            Moments::Device(moments) => composed::dense(by, self.algorithm(), var, gradient, moments)?,
        }
        state.step += 1;
        Ok(())
    }

    fn sparse(&self, var: &Var, rows: &RowGradient, state: &mut ParamState, by: &ScaledUpdate) -> Result<()> {
        state.forget_rows();
        match &mut state.moments {
            Moments::Host(moments) => fused::rows(by, var, rows, moments)?,
            Moments::Device(moments) => composed::rows(by, self.algorithm(), var, rows, moments)?,
        }
        state.step += 1;
        Ok(())
    }

    fn table(&self, var: &Var, rows: &RowGradient, state: &mut ParamState, by: &ScaledUpdate) -> Result<()> {
        let Some((moments, zero_moments)) = state.rows(rows.width) else {
            let dense = rows.to_dense(var.dims()[0], var.device())?.to_dtype(var.dtype())?;
            return self.dense(var, &dense, state, by);
        };
        fused::table(by, var, rows, moments, zero_moments)?;
        state.step += 1;
        Ok(())
    }
}

/// Rows of a table that a sparse gradient moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tables {
    /// Those that it has, where the rule has a form for that.
    #[default]
    TouchedRows,
    /// All, the others by a gradient of zero.
    AllRows,
}

/// Options of a step: how it reads its gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepOptions {
    /// Factor of each value of the gradient, at least 0.
    pub gradient_scale: f64,
    /// Rows of a table that move.
    pub tables: Tables,
}

impl Default for StepOptions {
    fn default() -> Self {
        Self { gradient_scale: 1.0, tables: Tables::default() }
    }
}

/// The rows must be ascending and inside the table, and the values must be as many as they say.
fn check_rows(gradient: &RowGradient, var: &Var) -> Result<()> {
    let RowGradient { rows, values, width } = gradient;
    let fault = match *var.dims() {
        [vocabulary, columns] if columns == *width => {
            if values.len() != rows.len() * width {
                Some(format!("{} values for {} rows of width {width}", values.len(), rows.len()))
            } else if rows.windows(2).any(|pair| pair[0] >= pair[1]) {
                Some("rows that do not ascend".into())
            } else {
                rows.last()
                    .filter(|&&last| last as usize >= vocabulary)
                    .map(|last| format!("row {last} of a table of {vocabulary} rows"))
            }
        }
        ref dims => Some(format!("rows of width {width} for a parameter of shape {dims:?}")),
    };
    match fault {
        Some(fault) => Err(Error::Mismatch(format!("the sparse gradient has {fault}"))),
        None => Ok(()),
    }
}
