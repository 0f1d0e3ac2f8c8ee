//! States of a network before its last layer.

use assort_classifier::in_batches;
use assort_models::Model;
use assort_tensor::matrix_from_tensor;

use crate::prediction::averages;
use crate::{Error, Pipeline, Result};

/// So many rows are computed at a time.
const BATCH: usize = 64;

impl Pipeline {
    /// For each text the state that the network's last layer reads, row by row, and the length of a state. A
    /// text that is read in windows has the mean of theirs. Rows of like length are computed together.
    ///
    /// # Errors
    /// [`Error::NoStates`] if the model is no network, or if the device fails.
    pub fn row_states<T: AsRef<str> + Sync>(&self, texts: &[T]) -> Result<(Vec<f32>, usize)> {
        let none = || Error::NoStates(self.manifest().architecture.name());
        let Model::Network(network) = self.model() else { return Err(none()) };
        let (inputs, counts) = match self.featurizer().windows(texts)? {
            Some(windows) => windows,
            None => (self.featurizer().inputs(texts)?, vec![1; texts.len()]),
        };
        let inputs = inputs.ragged()?;
        let all = in_batches(inputs, BATCH, 0, |rows, _| {
            let states = network.row_states(&rows)?.ok_or_else(none)?;
            Ok::<_, Error>(matrix_from_tensor(&states)?.mapv(f64::from))
        })?;
        let width = all.ncols();
        Ok((averages(&all, &counts).iter().map(|value| *value as f32).collect(), width))
    }
}
