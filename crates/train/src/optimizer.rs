//! One rule over all parameters of a model.

use std::collections::HashMap;

use assort_kernels::optim::{CheckedRule, ParamState, StepOptions, Tables};
use assort_tensor::{Gradients, Parameter, Parameters, Training};
use candle_core::Tensor;

use crate::Result;

/// Update rules with the moments of each trained parameter, in the parameters' order.
pub struct Optimizer {
    tables: Tables,
    groups: Vec<Group>,
    slots: Vec<Option<ParamState>>,
}

/// How one parameter is moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Group {
    /// Its rule.
    pub rule: CheckedRule,
    /// Factor of the learning rate.
    pub rate: f64,
}

impl Optimizer {
    /// A fresh optimizer: all moments zero, none for what is frozen. `groups` has an entry for each
    /// parameter, in their order.
    pub fn new(groups: Vec<Group>, tables: Tables, parameters: &Parameters) -> Self {
        let slot = |(p, group): (&Parameter, &Group)| {
            (p.training == Training::Trained).then(|| group.rule.state(&p.var))
        };
        let slots = parameters.iter().zip(&groups).map(slot).collect();
        Self { tables, groups, slots }
    }

    /// Changes every trained parameter that has a gradient, which is multiplied by `factor` first.
    pub fn step(
        &mut self,
        parameters: &Parameters,
        gradients: &Gradients,
        learning_rate: f64,
        factor: f64,
    ) -> Result<()> {
        let options = StepOptions { gradient_scale: factor, tables: self.tables };
        let memory = self.groups.iter().zip(&mut self.slots);
        for ((parameter, gradient), (group, slot)) in parameters.iter().zip(gradients.iter()).zip(memory) {
            let (Some(slot), Some(gradient)) = (slot, gradient) else { continue };
            let (var, rule, learning_rate) = (&parameter.var, group.rule, learning_rate * group.rate);
            rule.step_by(var, gradient, slot, learning_rate, options)?;
        }
        Ok(())
    }

    /// All moments, named `PARAMETER.MOMENT`.
    pub fn tensors(&self, parameters: &Parameters) -> Result<Vec<(String, Tensor)>> {
        let mut all = Vec::new();
        for (parameter, slot) in parameters.iter().zip(&self.slots) {
            let Some(slot) = slot else { continue };
            let named = slot.tensors()?;
            all.extend(
                named.into_iter().map(|(moment, tensor)| (format!("{}.{moment}", parameter.name), tensor)),
            );
        }
        Ok(all)
    }

    /// Sets all moments from tensors named as [`Optimizer::tensors`] names them.
    ///
    /// # Errors
    /// If one is missing or has another shape than its parameter.
    pub fn restore(&mut self, parameters: &Parameters, tensors: &HashMap<String, Tensor>) -> Result<()> {
        for (parameter, slot) in parameters.iter().zip(&mut self.slots) {
            let Some(slot) = slot else { continue };
            slot.restore(|moment| tensors.get(&format!("{}.{moment}", parameter.name)).cloned())?;
        }
        Ok(())
    }
}
