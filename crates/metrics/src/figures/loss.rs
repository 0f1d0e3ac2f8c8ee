//! Log loss.

use crate::figure::{Better, FigureKind, Scale, Trust};
use crate::scores::{binary_losses, losses, soft_losses};
use crate::statistic::Statistic;

/// The mean cross entropy of the rows: [`log_loss`](crate::log_loss), where truth is soft
/// [`soft_log_loss`](crate::soft_log_loss), and of label sets [`binary_log_loss`](crate::binary_log_loss).
pub static LOSS: FigureKind = FigureKind {
    name: "loss",
    title: "loss",
    better: Better::Lower,
    scale: Scale::Number,
    undefined: "there are no rows with probabilities",
    one_of: Some(|evidence| match (evidence.probabilities(), evidence.soft_truth()) {
        (Some(probabilities), Some(truth)) => Statistic::mean(soft_losses(probabilities, truth)?),
        (Some(probabilities), None) => Statistic::mean(losses(probabilities, evidence.truth())?),
        (None, _) => Ok(None),
    }),
    any_of: Some(|evidence| match evidence.probabilities().filter(|all| all.ncols() > 0) {
        Some(probabilities) => Statistic::mean(binary_losses(probabilities, evidence.truth())?),
        None => Ok(None),
    }),
    trust: Trust::Bootstrap,
};
