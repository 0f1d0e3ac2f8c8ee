//! Subset accuracy.

use crate::figure::{Better, FigureKind, Scale, Trust};
use crate::statistic::Statistic;

/// The share of rows whose whole label set is right, with [`wilson`](crate::wilson)'s interval at 95 %.
pub static SUBSET_ACCURACY: FigureKind = FigureKind {
    name: "subset_accuracy",
    title: "subset accuracy",
    better: Better::Higher,
    scale: Scale::Share,
    undefined: "there are no rows",
    one_of: None,
    any_of: Some(|evidence| Statistic::mean(evidence.right_rows())),
    trust: Trust::Wilson,
};
