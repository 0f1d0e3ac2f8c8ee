//! What a network makes of a text before its last layer.

use assort_models::Model;
use ndarray::{Array2, ArrayView1};

use crate::prediction::averages;
use crate::{Error, Pipeline, Result};

/// So many rows are computed at a time.
const BATCH: usize = 64;

impl Pipeline {
    /// For each text the state that the network's last layer reads, row by row, and the length of a state. A text that is
    /// read in windows has the mean of theirs. Rows of like length are computed together.
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
        let lengths: Vec<usize> = inputs.lengths().collect();
        let mut order: Vec<u32> = (0..inputs.rows() as u32).collect();
        order.sort_by_key(|&row| lengths.get(row as usize));
        let mut all = Array2::<f64>::default((lengths.len(), 0));
        for picks in order.chunks(BATCH) {
            let states = network.row_states(&inputs.select(picks))?.ok_or_else(none)?;
            let rows: Vec<Vec<f32>> = states.to_vec2().map_err(assort_tensor::Error::from)?;
            let width = rows.first().map_or(0, Vec::len);
            if all.ncols() != width {
                all = Array2::default((lengths.len(), width));
            }
            for (row, &place) in rows.iter().zip(picks) {
                all.row_mut(place as usize).assign(&ArrayView1::from(row).mapv(f64::from));
            }
        }
        let width = all.ncols();
        Ok((averages(&all, &counts).iter().map(|value| *value as f32).collect(), width))
    }
}
