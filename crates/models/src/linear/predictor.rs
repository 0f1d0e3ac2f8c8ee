//! A linear model behind the contract of all models.

use std::collections::HashMap;

use assort_classifier::{Error, Explainable, Inputs, Logits, Predictor, Result};
use assort_tensor::Error as TensorError;
use candle_core::{Device, Tensor};

use super::{LinearConfig, LinearModel, Multiclass};
use crate::Shape;

const COEFFICIENTS: &str = "coefficients";
const INTERCEPTS: &str = "intercepts";

impl Predictor for LinearModel {
    fn classes(&self) -> usize {
        LinearModel::classes(self)
    }

    /// Scores whose softmax is the probability: for one-vs-rest their logarithms.
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
        let vectors = if shape.classes == 2 { 1 } else { shape.classes };
        let values = |name: &str, expected: Vec<usize>| -> Result<Vec<f32>> {
            let Some(tensor) = tensors.get(name) else {
                return Err(TensorError::MissingParameter { name: name.into(), expected }.into());
            };
            if tensor.dims() != expected {
                let (name, found) = (format!("the parameter {name}"), tensor.dims().to_vec());
                return Err(TensorError::Shape { name, expected, found }.into());
            }
            Ok(tensor.flatten_all()?.to_vec1()?)
        };
        let coefficients = values(COEFFICIENTS, vec![shape.vocabulary, vectors])?;
        let intercepts = values(INTERCEPTS, vec![vectors])?;
        Self::new(shape.classes, config.multiclass, coefficients, intercepts).map_err(Error::other)
    }
}
