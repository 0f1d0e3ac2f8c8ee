//! Hamming loss.

use crate::figure::{Better, FigureKind, Scale, Trust};
use crate::label_counts::quotient;
use crate::statistic::Statistic;

/// The share of labels of all rows that are predicted wrongly: there and not predicted, or the other way.
pub static HAMMING_LOSS: FigureKind = FigureKind {
    name: "hamming_loss",
    title: "Hamming loss",
    better: Better::Lower,
    scale: Scale::Number,
    undefined: "there are no rows with labels to tell of",
    one_of: None,
    any_of: Some(|_| {
        Statistic::of_counts(|counts| {
            let wrong: f64 = counts.labels.iter().map(|label| label.wrong()).sum();
            quotient(wrong, counts.total * counts.labels.len() as f64)
        })
    }),
    trust: Trust::Bootstrap,
};
