//! Models whose lower part is frozen.

use assort_tensor::Ragged;
use candle_core::Tensor;

use crate::{Mode, Result};

/// A classifier as two parts: layers that training does not change, and those above them.
///
/// The lower part of a row is the same in every epoch, so it can be computed once. [`Classifier::forward`] is
/// the upper part of the lower part, in training too: frozen layers have no dropout.
///
/// [`Classifier::forward`]: crate::Classifier::forward
pub trait Staged: Send + Sync {
    /// Output of the frozen layers for a batch: a row of D values for each of its N tokens, (N, D), without a
    /// graph.
    ///
    /// # Errors
    /// As [`Classifier::forward`](crate::Classifier::forward).
    fn lower(&self, inputs: &Ragged) -> Result<Tensor>;

    /// The logits (B, K) of a batch from its lower part (N, D).
    ///
    /// # Errors
    /// As [`Classifier::forward`](crate::Classifier::forward).
    fn upper(&self, inputs: &Ragged, lower: &Tensor, mode: Mode) -> Result<Tensor>;
}
