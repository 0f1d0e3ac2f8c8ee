//! F1 of rows.

use crate::figure::{Better, FigureKind, Scale};
use crate::label_counts::LabelCounts;

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
        let rows = evidence.truth().nrows();
        let sum: f64 = evidence.row_counts().map(|row: LabelCounts| row.f1().unwrap_or_default()).sum();
        Ok((rows > 0).then(|| sum / rows as f64))
    }),
    interval: None,
    interval_of_sets: None,
};
