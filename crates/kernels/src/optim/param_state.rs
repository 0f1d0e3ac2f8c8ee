//! State of one parameter: what a rule remembers of it.

use candle_core::{DType, Device, Tensor, Var};

use super::update::Algorithm;
use crate::cpu::{Blank, by_values};
use crate::dispatch::is_fused;
use crate::{Error, Result};

/// The moments of one parameter and the number of steps done. Made by
/// [`CheckedRule::state`](super::CheckedRule::state).
#[derive(Clone, Debug)]
pub struct ParamState {
    pub(super) moments: Moments,
    pub(super) step: u64,
    /// Whether all moments of a row are known to be zero, for each row of a table; `None` where that is not
    /// known.
    zero_moments: Option<Vec<bool>>,
    names: &'static [&'static str],
    shape: Vec<usize>,
    dtype: DType,
    device: Device,
}

/// Moments: vectors for the fused loops, tensors elsewhere (empty before the first step).
#[derive(Clone, Debug)]
pub(super) enum Moments {
    Host(Vec<Vec<f32>>),
    Device(Vec<Tensor>),
}

const STEP: &str = "step";

impl ParamState {
    pub(super) fn new(rule: &dyn Algorithm, var: &Var) -> Self {
        let names = rule.moments();
        let moments = match is_fused(var) {
            true => {
                let initial = rule.initial_moment() as f32;
                // SAFETY: every value is written. Zeros as the system gives them would have to be fetched in
                // the first steps.
                let moment =
                    || unsafe { by_values(var.elem_count(), |_, out| out.fill(Blank::new(initial))) };
                Moments::Host((0..names.len()).map(|_| moment()).collect())
            }
            false => Moments::Device(Vec::new()),
        };
        let (shape, dtype, device) = (var.dims().to_vec(), var.dtype(), var.device().clone());
        Self { moments, step: 0, zero_moments: None, names, shape, dtype, device }
    }

    /// Number of steps that were done.
    pub fn steps(&self) -> u64 {
        self.step
    }

    /// Copies of the moments by PyTorch's names, each of the parameter's shape and type, and `step`, one u32:
    /// what has to be saved so that [`ParamState::restore`] continues bit for bit.
    pub fn tensors(&self) -> Result<Vec<(&'static str, Tensor)>> {
        let step = u32::try_from(self.step).unwrap_or(u32::MAX);
        let mut list = vec![(STEP, Tensor::new(step, &Device::Cpu)?)];
        match &self.moments {
            Moments::Host(moments) => {
                for (name, moment) in self.names.iter().zip(moments) {
                    list.push((name, Tensor::from_slice(moment, self.shape.as_slice(), &Device::Cpu)?));
                }
            }
            Moments::Device(moments) => {
                list.extend(self.names.iter().copied().zip(moments.iter().cloned()));
            }
        }
        Ok(list)
    }

    /// Takes up saved moments and the step count; `find` gives the tensor of a name.
    ///
    /// # Errors
    /// If one is missing or has another shape than the parameter; then the state is as it was.
    pub fn restore(&mut self, find: impl Fn(&str) -> Option<Tensor>) -> Result<()> {
        let get =
            |name: &str| find(name).ok_or_else(|| Error::Mismatch(format!("the saved state lacks `{name}`")));
        let step = u64::from(get(STEP)?.to_dtype(DType::U32)?.flatten_all()?.get(0)?.to_scalar::<u32>()?);
        let mut tensors = Vec::new();
        for name in self.names {
            if step == 0 && find(name).is_none() {
                continue;
            }
            let tensor = get(name)?;
            if tensor.dims() != self.shape {
                return Err(Error::Mismatch(format!(
                    "the saved `{name}` has the shape {:?}, its parameter {:?}",
                    tensor.dims(),
                    self.shape
                )));
            }
            tensors.push(tensor.to_device(&self.device)?.to_dtype(self.dtype)?.contiguous()?);
        }
        match &mut self.moments {
            Moments::Host(moments) => {
                for (moment, tensor) in moments.iter_mut().zip(&tensors) {
                    *moment = tensor.flatten_all()?.to_vec1()?;
                }
            }
            Moments::Device(moments) => *moments = tensors,
        }
        self.step = step;
        self.zero_moments = None;
        Ok(())
    }

    /// The moments of a table of this width, and of each row whether all its moments are known to be zero;
    /// `None` on other devices.
    pub(super) fn rows(&mut self, width: usize) -> Option<(&mut [Vec<f32>], &mut [bool])> {
        let Moments::Host(moments) = &mut self.moments else { return None };
        let rows = self.shape.first().copied().unwrap_or(0);
        let zero_moments = self.zero_moments.get_or_insert_with(|| {
            let zero = |row: usize, moment: &Vec<f32>| {
                moment
                    .get(row * width..(row + 1) * width)
                    .is_some_and(|values| values.iter().all(|m| *m == 0.0))
            };
            (0..rows).map(|row| moments.iter().all(|moment| zero(row, moment))).collect()
        });
        Some((moments, zero_moments))
    }

    /// Others than [`ParamState::rows`]' borrower are about to change the moments.
    pub(super) fn forget_rows(&mut self) {
        self.zero_moments = None;
    }

    /// # Errors
    /// If the state was made for another rule or parameter.
    pub(super) fn fits(&self, rule: &dyn Algorithm, var: &Var) -> Result<()> {
        if self.names != rule.moments() {
            return Err(Error::Mismatch(format!(
                "the state keeps {:?}, but the rule needs {:?}: make the state with the rule that steps",
                self.names,
                rule.moments()
            )));
        }
        if self.shape != var.dims() || self.dtype != var.dtype() || !self.device.same_device(var.device()) {
            return Err(Error::Mismatch(format!(
                "the state was made for a parameter of shape {:?} and type {:?}, not {:?} and {:?}",
                self.shape,
                self.dtype,
                var.dims(),
                var.dtype()
            )));
        }
        Ok(())
    }
}
