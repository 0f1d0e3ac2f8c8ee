//! Accuracy.

use crate::figure::{Better, FigureKind, Scale, Trust};
use crate::label_counts::quotient;
use crate::statistic::Statistic;

/// The share of rows with the right label, with [`wilson`](crate::wilson)'s interval at 95 %.
pub static ACCURACY: FigureKind = FigureKind {
    name: "accuracy",
    title: "accuracy",
    better: Better::Higher,
    scale: Scale::Share,
    undefined: "there are no rows",
    one_of: Some(|_| Statistic::of_counts(|counts| quotient(counts.right(), counts.total))),
    any_of: None,
    trust: Trust::Wilson,
};
