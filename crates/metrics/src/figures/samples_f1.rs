//! F1 of rows.

use crate::figure::{Better, FigureKind, Scale, Trust};
use crate::statistic::Statistic;

/// The mean over the rows of 2 TP / (2 TP + FP + FN) of the row's labels. A row that has none and was
/// predicted none counts as 0, as in scikit-learn's `f1_score` with `average="samples"`.
pub static SAMPLES_F1: FigureKind = FigureKind {
    name: "samples_f1",
    title: "samples F1",
    better: Better::Higher,
    scale: Scale::Share,
    undefined: "there are no rows",
    one_of: None,
    any_of: Some(|evidence| {
        Statistic::mean(evidence.row_counts().map(|row| row.f1().unwrap_or_default()).collect())
    }),
    trust: Trust::Bootstrap,
};
