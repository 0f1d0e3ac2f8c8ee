//! Accuracy.

use crate::figure::{Better, FigureKind, Scale};
use crate::wilson;

/// The share of rows with the right label, with [`wilson`]'s interval at 95 %.
pub static ACCURACY: FigureKind = FigureKind {
    name: "accuracy",
    title: "accuracy",
    better: Better::Higher,
    scale: Scale::Share,
    undefined: "there are no rows",
    one_of: Some(|evidence| Ok(evidence.confusion().accuracy())),
    any_of: None,
    interval: Some(|evidence| wilson(evidence.confusion().correct(), evidence.confusion().total(), 0.95)),
    interval_of_sets: None,
};
