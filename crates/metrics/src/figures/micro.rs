//! Precision, recall and F1 over all labels of all rows together.
//!
//! They are figures of label sets alone: with one label a row all three are the accuracy.

use crate::figure::{Better, FigureKind, Scale};
use crate::{Error, SetEvidence};

/// TP / (TP + FP) over all labels of all rows together.
pub static MICRO_PRECISION: FigureKind =
    kind("micro_precision", "micro precision", "no label is predicted", |evidence| {
        Ok(evidence.together().precision())
    });

/// TP / (TP + FN) over all labels of all rows together.
pub static MICRO_RECALL: FigureKind =
    kind("micro_recall", "micro recall", "no row has a label", |evidence| Ok(evidence.together().recall()));

/// 2 TP / (2 TP + FP + FN) over all labels of all rows together.
///
/// Where no label is there and none predicted it is undefined; scikit-learn's `f1_score` says 0 there.
pub static MICRO_F1: FigureKind =
    kind("micro_f1", "micro F1", "there are no rows with a label, true or predicted", |evidence| {
        Ok(evidence.together().f1())
    });

const fn kind(
    name: &'static str,
    title: &'static str,
    undefined: &'static str,
    value: fn(&SetEvidence) -> Result<Option<f64>, Error>,
) -> FigureKind {
    let (better, scale) = (Better::Higher, Scale::Share);
    FigureKind {
        name,
        title,
        better,
        scale,
        undefined,
        one_of: None,
        any_of: Some(value),
        interval: None,
        interval_of_sets: None,
    }
}
