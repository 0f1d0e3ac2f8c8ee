//! Log loss.

use crate::figure::{Better, FigureKind, Scale};
use crate::{binary_log_loss, log_loss, soft_log_loss};

/// The mean cross entropy of the rows: [`log_loss`], where truth is soft [`soft_log_loss`], and of label sets
/// [`binary_log_loss`].
pub static LOSS: FigureKind = FigureKind {
    name: "loss",
    title: "loss",
    better: Better::Lower,
    scale: Scale::Number,
    undefined: "there are no rows with probabilities",
    one_of: Some(|evidence| match (evidence.probabilities(), evidence.soft_truth()) {
        (Some(probabilities), Some(truth)) => soft_log_loss(probabilities, truth),
        (Some(probabilities), None) => log_loss(probabilities, evidence.truth()),
        (None, _) => Ok(None),
    }),
    any_of: Some(|evidence| match evidence.probabilities() {
        Some(probabilities) => binary_log_loss(probabilities, evidence.truth()),
        None => Ok(None),
    }),
    interval: None,
    interval_of_sets: None,
};
