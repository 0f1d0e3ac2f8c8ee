//! Networks that go on from the embeddings of their tokens.

use assort_tensor::Ragged;
use candle_core::Tensor;

use crate::{Classifier, Mode, Result};

/// A network that looks embeddings up first, so that all the rest can be computed, and differentiated, from
/// any embeddings.
///
/// `forward_embedded` of `embed` is [`Classifier::forward`]. Both lay the tokens of the batch end to end: (N,
/// D).
pub trait Embedded: Classifier {
    /// The embedding of each token (N, D).
    ///
    /// # Errors
    /// If an id lies outside the vocabulary, or the device fails.
    fn embed(&self, inputs: &Ragged, mode: Mode) -> Result<Tensor>;

    /// Embeddings (N, D) that say nothing, for rows of the same lengths: zeros, unless the model has better
    /// ones. A network with tokens that are in every row, as `[CLS]`, keeps them.
    ///
    /// # Errors
    /// As [`Embedded::embed`].
    fn baseline(&self, inputs: &Ragged) -> Result<Tensor> {
        Ok(self.embed(inputs, Mode::Eval)?.zeros_like()?)
    }

    /// Logits (B, K) from embeddings (N, D). The ids of `rows` are not read, its lengths are.
    ///
    /// # Errors
    /// If there is not one embedding for each token, or the device fails.
    fn forward_embedded(&self, rows: &Ragged, embedded: &Tensor, mode: Mode) -> Result<Tensor>;
}
