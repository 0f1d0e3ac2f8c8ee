//! A linear model behind the contract of all models.

use std::collections::HashMap;

use assort_classifier::{Error, Explainable, Inputs, Logits, Predictor, Result};
use assort_tensor::Part;
use candle_core::{Device, Tensor};

use super::model::vectors;
use super::{LinearConfig, LinearModel, Multiclass};
use crate::Shape;
use crate::slots::{Size, Slots, Start};

const COEFFICIENTS: &str = "coefficients";
const INTERCEPTS: &str = "intercepts";

impl Predictor for LinearModel {
    fn classes(&self) -> usize {
        LinearModel::classes(self)
    }

    /// Scores whose softmax is the probability, for one-vs-rest their logarithms; or each label's own logit.
    fn predict(&self, inputs: &Inputs) -> Result<Logits> {
        let rows = inputs.sparse()?;
        let mut scores = self.scores(rows).map_err(Error::other)?;
        if self.multiclass() == Multiclass::OneVsRest {
            scores = self.probabilities(&scores).iter().map(|p| p.max(f32::MIN_POSITIVE).ln()).collect();
        }
        Logits::new(Tensor::from_vec(scores, (rows.rows(), LinearModel::classes(self)), &Device::Cpu)?)
    }

    fn explainable(&self) -> Option<&dyn Explainable> {
        Some(self)
    }
}

impl LinearModel {
    /// The learned parameters: `coefficients` (width, vectors) and `intercepts` (vectors).
    pub fn tensors(&self) -> Result<Vec<(String, Tensor)>> {
        let shape = (self.width(), self.vectors());
        let coefficients = Tensor::from_slice(self.coefficients(), shape, &Device::Cpu)?;
        let intercepts = Tensor::from_slice(self.intercepts(), self.vectors(), &Device::Cpu)?;
        Ok(vec![(COEFFICIENTS.into(), coefficients), (INTERCEPTS.into(), intercepts)])
    }

    /// The model of such tensors.
    ///
    /// # Errors
    /// If one is missing or has another shape; the error names it and both shapes.
    pub fn from_tensors(
        config: &LinearConfig,
        shape: Shape,
        tensors: &HashMap<String, Tensor>,
    ) -> Result<Self> {
        let mut lists = Vec::new();
        Self::slots(
            config,
            shape,
            &mut Slots(&mut |slot| {
                let tensor = tensors.get(&slot.name).ok_or_else(|| slot.missing(std::iter::empty()))?;
                slot.fits(tensor.dims())?;
                lists.push(tensor.flatten_all()?.to_vec1()?);
                Ok(())
            }),
        )?;
        let intercepts = lists.pop().unwrap_or_default();
        let coefficients = lists.pop().unwrap_or_default();
        Self::new(shape.classes, config.multiclass, coefficients, intercepts).map_err(Error::other)
    }

    /// Tells the parameters.
    pub(crate) fn slots(config: &LinearConfig, shape: Shape, slots: &mut Slots) -> Result<()> {
        let vectors = Size("classes", vectors(shape.classes, config.multiclass));
        let sizes = [Size("vocabulary", shape.vocabulary), vectors];
        slots.add(COEFFICIENTS, Part::Classifier, &sizes, Start::Zeros)?;
        slots.add(INTERCEPTS, Part::Classifier, &[vectors], Start::Zeros)
    }
}
