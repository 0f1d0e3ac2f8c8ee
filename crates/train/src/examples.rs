//! Tokenized rows with their truth.

use assort_metrics::predicted_labels;
use assort_tensor::{Ragged, Targets, matrix_from_tensor};
use candle_core::{Device, Tensor};
use ndarray::Array2;

use crate::{Error, Result};

/// Rows to train on or to judge by: token ids, and a label, soft labels or a set of labels for each.
#[derive(Clone, Debug)]
pub struct Examples {
    inputs: Ragged,
    targets: Targets,
}

impl Examples {
    /// # Errors
    /// If there are not as many targets as rows.
    pub fn new(inputs: Ragged, targets: Targets) -> Result<Self> {
        if inputs.rows() != targets.rows() {
            return Err(Error::Examples(format!("{} rows, but {} targets", inputs.rows(), targets.rows())));
        }
        Ok(Self { inputs, targets })
    }

    /// The rows.
    pub fn inputs(&self) -> &Ragged {
        &self.inputs
    }

    /// Their truth.
    pub fn targets(&self) -> &Targets {
        &self.targets
    }

    /// The label of each row; with soft labels the most probable one, the first of equals.
    ///
    /// # Errors
    /// If rows have label sets.
    pub fn labels(&self) -> Result<Vec<u32>> {
        match &self.targets {
            Targets::Hard(labels) => Ok(labels.clone()),
            Targets::Soft(probabilities) => Ok(predicted_labels(matrix_from_tensor(probabilities)?.view())?),
            Targets::Sets(_) => Err(Error::Examples("the rows have label sets, not one label each".into())),
        }
    }

    /// Whether each of K labels holds (B, K).
    ///
    /// # Errors
    /// If a label is not below K.
    pub fn sets(&self, classes: usize) -> Result<Array2<bool>> {
        let truths = self.targets.probabilities(classes, &Device::Cpu)?;
        Ok(matrix_from_tensor(&truths)?.mapv(|truth| truth >= 0.5))
    }

    /// The chosen rows with their truth.
    pub fn select(&self, picks: &[u32]) -> Result<Self> {
        let targets = match &self.targets {
            Targets::Hard(labels) => Targets::Hard(picks.iter().map(|&i| labels[i as usize]).collect()),
            Targets::Soft(probabilities) => {
                let picks = Tensor::from_vec(picks.to_vec(), picks.len(), &Device::Cpu)?;
                Targets::Soft(probabilities.to_device(&Device::Cpu)?.index_select(&picks, 0)?)
            }
            Targets::Sets(sets) => Targets::Sets(sets.select(picks)),
        };
        Ok(Self { inputs: self.inputs.select(picks), targets })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soft_labels_travel_with_their_rows() -> Result<()> {
        let soft = Tensor::new(&[[0.2f32, 0.8], [0.9, 0.1], [0.5, 0.5]], &Device::Cpu)?;
        let rows = Ragged::from_rows([&[1][..], &[2], &[3]]);
        let examples = Examples::new(rows.clone(), Targets::Soft(soft))?;
        assert_eq!(examples.labels()?, [1, 0, 0]);
        assert_eq!(examples.select(&[1, 0])?.labels()?, [0, 1]);
        assert!(Examples::new(rows, Targets::Hard(vec![0])).is_err());
        Ok(())
    }

    #[test]
    fn label_sets_travel_with_their_rows() -> Result<()> {
        let rows = Ragged::from_rows([&[1][..], &[2], &[3]]);
        let sets = Targets::Sets(Ragged::from_rows([&[0, 1][..], &[], &[1]]));
        let picked = Examples::new(rows, sets)?.select(&[2, 1])?;
        assert_eq!(picked.sets(2)?, ndarray::arr2(&[[false, true], [false, false]]));
        assert_eq!(picked.labels().unwrap_err().to_string(), "the rows have label sets, not one label each");
        Ok(())
    }
}
