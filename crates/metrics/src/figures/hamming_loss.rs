//! Hamming loss.

use crate::confusion::ratio;
use crate::figure::{Better, FigureKind, Scale};

/// The share of labels of all rows that are predicted wrongly: there and not predicted, or the other way.
pub static HAMMING_LOSS: FigureKind = FigureKind {
    name: "hamming_loss",
    title: "Hamming loss",
    better: Better::Lower,
    scale: Scale::Number,
    undefined: "there are no rows with labels to tell of",
    one_of: None,
    any_of: Some(|evidence| {
        let wrong: u64 = evidence.counts().iter().map(|label| label.wrong()).sum();
        Ok(ratio(wrong, evidence.truth().len() as u64))
    }),
    interval: None,
    interval_of_sets: None,
};
