//! Subset accuracy.

use crate::confusion::ratio;
use crate::figure::{Better, FigureKind, Scale};
use crate::wilson;

/// The share of rows whose whole label set is right, with [`wilson`]'s interval at 95 %.
pub static SUBSET_ACCURACY: FigureKind = FigureKind {
    name: "subset_accuracy",
    title: "subset accuracy",
    better: Better::Higher,
    scale: Scale::Share,
    undefined: "there are no rows",
    one_of: None,
    any_of: Some(|evidence| Ok(ratio(evidence.right_sets(), evidence.truth().nrows() as u64))),
    interval: None,
    interval_of_sets: Some(|evidence| wilson(evidence.right_sets(), evidence.truth().nrows() as u64, 0.95)),
};
