//! Precision, recall and F1 over all labels of all rows together.
//!
//! They are figures of label sets alone: with one label a row all three are the accuracy.

use crate::SetEvidence;
use crate::figure::{Better, FigureKind, Scale, Trust};
use crate::statistic::{Prepared, Statistic};

/// TP / (TP + FP) over all labels of all rows together.
pub static MICRO_PRECISION: FigureKind =
    kind("micro_precision", "micro precision", "no label is predicted", |_| {
        Statistic::of_counts(|counts| counts.together().precision())
    });

/// TP / (TP + FN) over all labels of all rows together.
pub static MICRO_RECALL: FigureKind = kind("micro_recall", "micro recall", "no row has a label", |_| {
    Statistic::of_counts(|counts| counts.together().recall())
});

/// 2 TP / (2 TP + FP + FN) over all labels of all rows together.
///
/// Where no label is there and none predicted it is undefined; scikit-learn's `f1_score` says 0 there.
pub static MICRO_F1: FigureKind =
    kind("micro_f1", "micro F1", "there are no rows with a label, true or predicted", |_| {
        Statistic::of_counts(|counts| counts.together().f1())
    });

const fn kind(
    name: &'static str,
    title: &'static str,
    undefined: &'static str,
    any_of: for<'a, 'e> fn(&'a SetEvidence<'e>) -> Prepared<'a>,
) -> FigureKind {
    let (better, scale, trust) = (Better::Higher, Scale::Share, Trust::Bootstrap);
    FigureKind { name, title, better, scale, undefined, one_of: None, any_of: Some(any_of), trust }
}
