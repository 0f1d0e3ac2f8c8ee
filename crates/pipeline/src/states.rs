//! What a network makes of a text before its last layer.

use assort_models::Model;

use crate::{Error, Pipeline, Result};

/// So many texts are computed at a time.
const BATCH: usize = 64;

impl Pipeline {
    /// For each text the state that the network's last layer reads, row by row, and the length of a state. Texts of like
    /// length are computed together.
    ///
    /// # Errors
    /// [`Error::NoStates`] if the model is no network, or if the device fails.
    pub fn row_states<T: AsRef<str> + Sync>(&self, texts: &[T]) -> Result<(Vec<f32>, usize)> {
        let none = || Error::NoStates(self.manifest().architecture.name());
        let Model::Network(network) = self.model() else { return Err(none()) };
        let inputs = self.featurizer().inputs(texts)?;
        let inputs = inputs.ragged()?;
        let lengths: Vec<usize> = inputs.lengths().collect();
        let mut order: Vec<u32> = (0..inputs.rows() as u32).collect();
        order.sort_by_key(|&row| lengths.get(row as usize));
        let (mut all, mut width) = (Vec::new(), 0);
        for picks in order.chunks(BATCH) {
            let states = network.row_states(&inputs.select(picks))?.ok_or_else(none)?;
            let rows: Vec<Vec<f32>> = states.to_vec2().map_err(assort_tensor::Error::from)?;
            for (row, &place) in rows.iter().zip(picks) {
                width = row.len();
                all.resize(lengths.len() * width, 0.0);
                let start = place as usize * width;
                if let Some(values) = all.get_mut(start..start + width) {
                    values.copy_from_slice(row);
                }
            }
        }
        Ok((all, width))
    }
}
