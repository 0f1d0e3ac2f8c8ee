//! Log loss.

use crate::figure::{Better, FigureKind, Scale, no_interval};
use crate::{log_loss, soft_log_loss};

/// The mean cross entropy of the rows, [`log_loss`] or, where truth is soft, [`soft_log_loss`].
pub static LOSS: FigureKind = FigureKind {
    name: "loss",
    title: "loss",
    better: Better::Lower,
    scale: Scale::Number,
    undefined: "there are no rows with probabilities",
    value: |evidence| match (evidence.probabilities(), evidence.soft_truth()) {
        (Some(probabilities), Some(truth)) => soft_log_loss(probabilities, truth),
        (Some(probabilities), None) => log_loss(probabilities, evidence.truth()),
        (None, _) => Ok(None),
    },
    interval: no_interval,
};
