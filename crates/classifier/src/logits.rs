//! Scores of rows, before the task's link.

use assort_metrics::predicted_labels;
use assort_rows::Task;
use assort_tensor::{Error as TensorError, matrix_from_tensor};
use candle_core::{DType, Tensor};
use ndarray::Array2;

use crate::{Predictions, Result};

/// Unnormalized scores (B, K) in any number type, on any device.
#[derive(Clone, Debug)]
pub struct Logits(Tensor);

impl Logits {
    /// Takes a tensor of rank 2.
    ///
    /// # Errors
    /// If it has another rank.
    pub fn new(tensor: Tensor) -> Result<Self> {
        match tensor.dims() {
            [_, _] => Ok(Self(tensor)),
            other => {
                let (name, found) = ("logits".into(), other.to_vec());
                Err(TensorError::Shape { name, expected: vec![0, 0], found }.into())
            }
        }
    }

    /// The scores themselves (B, K).
    pub fn tensor(&self) -> &Tensor {
        &self.0
    }

    /// The probability of each label (B, K), computed in f64 on the processor: the softmax of a row, `exp(x -
    /// max) / sum`, where it has one label, and of each score by itself `1 / (1 + exp(-x))` where any number
    /// of them may hold.
    pub fn probabilities(&self, task: Task) -> Result<Array2<f64>> {
        let shape = self.0.dims2()?;
        let flat: Vec<f64> = self.0.to_dtype(DType::F64)?.flatten_all()?.to_vec1()?;
        let scores = Array2::from_shape_vec(shape, flat).map_err(|e| TensorError::Mismatch(e.to_string()))?;
        Ok(link(scores, task))
    }

    /// The task's decision by these scores; see [`Predictions::new`].
    ///
    /// # Errors
    /// If a score is no number, or there are rows and no labels.
    pub fn predictions(&self, task: Task) -> Result<Predictions> {
        match task {
            // The softmax keeps their order.
            Task::OneOf => Ok(Predictions::Labels(predicted_labels(matrix_from_tensor(&self.0)?.view())?)),
            Task::AnyOf => Predictions::new(task, self.probabilities(task)?.view()),
        }
    }
}

/// The probabilities of logits, by the task's link.
pub(crate) fn link(mut scores: Array2<f64>, task: Task) -> Array2<f64> {
    match task {
        Task::OneOf => {
            for mut row in scores.rows_mut() {
                let highest = row.fold(f64::NEG_INFINITY, |a, &b| a.max(b));
                row.mapv_inplace(|score| (score - highest).exp());
                let sum = row.sum();
                row /= sum;
            }
        }
        Task::AnyOf => scores.mapv_inplace(|score| 1.0 / (1.0 + (-score).exp())),
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    fn logits(row: &[f32]) -> Logits {
        Logits::new(Tensor::new(row, &Device::Cpu).unwrap().unsqueeze(0).unwrap()).unwrap()
    }

    fn check(task: Task, row: &[f32], expect: &[f64]) {
        let found = logits(row).probabilities(task).unwrap();
        assert!(found.iter().zip(expect).all(|(a, b)| (a - b).abs() < 1e-12), "{found} {expect:?}");
    }

    #[test]
    fn links_are_stable() {
        check(Task::OneOf, &[0., 0.], &[0.5, 0.5]);
        check(Task::OneOf, &[1e30, 0.], &[1.0, 0.0]);
        check(Task::OneOf, &[-1e30, -1e30], &[0.5, 0.5]);
        check(Task::OneOf, &[7.], &[1.0]);
        check(Task::AnyOf, &[0., 0.], &[0.5, 0.5]);
        check(Task::AnyOf, &[1e30, -1e30], &[1.0, 0.0]);
        check(Task::AnyOf, &[1.0, -3.0], &[0.731_058_578_630_005, 0.047_425_873_177_567]);
    }

    #[test]
    fn decisions_are_those_of_the_probabilities() -> Result<()> {
        for task in [Task::OneOf, Task::AnyOf] {
            for row in [&[0.0f32, 3.0, 3.0][..], &[-1.0, -2.0, -0.5], &[1e30, -1e30, 0.0]] {
                let logits = logits(row);
                let expect = Predictions::new(task, logits.probabilities(task)?.view())?;
                assert_eq!(logits.predictions(task)?, expect, "{task:?} {row:?}");
            }
            assert!(logits(&[f32::NAN, 0.0]).predictions(task).is_err());
        }
        Ok(())
    }

    #[test]
    fn other_ranks_are_refused() {
        assert!(Logits::new(Tensor::zeros(3, DType::F32, &Device::Cpu).unwrap()).is_err());
    }
}
