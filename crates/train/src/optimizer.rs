//! One rule over all parameters of a model.

use std::collections::HashMap;

use assort_kernels::optim::{Rule, Slot};
use assort_tensor::{Gradient, Gradients, Parameters, Training};
use candle_core::Tensor;

use crate::{Result, Tables};

/// An update rule with the moments of each parameter, in the parameters' order.
pub struct Optimizer {
    rule: Rule,
    tables: Tables,
    slots: Vec<Slot>,
}

impl Optimizer {
    /// A fresh optimizer: all moments zero.
    pub fn new(rule: Rule, tables: Tables, parameters: &Parameters) -> Self {
        let slots = parameters.iter().map(|p| rule.slot(&p.var)).collect();
        Self { rule, tables, slots }
    }

    /// Changes every trained parameter that has a gradient.
    pub fn step(&mut self, parameters: &Parameters, gradients: &Gradients, learning_rate: f64) -> Result<()> {
        for ((parameter, gradient), slot) in parameters.iter().zip(gradients.iter()).zip(&mut self.slots) {
            let (Training::Trained, Some(gradient)) = (parameter.training, gradient) else { continue };
            let var = &parameter.var;
            match (gradient, self.tables) {
                (Gradient::Rows(rows), Tables::AllRows) => {
                    let dense = Gradient::Dense(rows.to_dense(var.dims()[0], var.device())?);
                    self.rule.step(var, &dense, slot, learning_rate)?;
                }
                _ => self.rule.step(var, gradient, slot, learning_rate)?,
            }
        }
        Ok(())
    }

    /// All moments, named `PARAMETER.MOMENT`.
    pub fn tensors(&self, parameters: &Parameters) -> Result<Vec<(String, Tensor)>> {
        let mut all = Vec::new();
        for (parameter, slot) in parameters.iter().zip(&self.slots) {
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
            slot.restore(|moment| tensors.get(&format!("{}.{moment}", parameter.name)).cloned())?;
        }
        Ok(())
    }
}
