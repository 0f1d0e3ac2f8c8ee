//! Micro F1.

use crate::figure::{Better, FigureKind, Scale, no_interval};
use crate::set_evidence::SetCounts;

/// 2 TP / (2 TP + FP + FN) over all labels of all rows together.
///
/// It is a figure of label sets alone: with one label a row it is the accuracy. Where no label is there and
/// none predicted it is undefined; scikit-learn's `f1_score` says 0 there.
pub static MICRO_F1: FigureKind = FigureKind {
    name: "micro_f1",
    title: "micro F1",
    better: Better::Higher,
    scale: Scale::Share,
    undefined: "there are no rows with a label, true or predicted",
    one_of: None,
    any_of: Some(|evidence| {
        let sum = |all: SetCounts, label: SetCounts| SetCounts {
            right: all.right + label.right,
            support: all.support + label.support,
            predicted: all.predicted + label.predicted,
        };
        Ok(evidence.counts().into_iter().fold(SetCounts::default(), sum).f1())
    }),
    interval: no_interval,
};
