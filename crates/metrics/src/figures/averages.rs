//! Precision, recall and F1, averaged over the labels. A label whose score is undefined counts as 0.

use crate::figure::{Better, FigureKind, Scale};
use crate::label_counts::{LabelCounts, label_counts};
use crate::report::average;
use crate::{Error, Evidence, SetEvidence, UndefinedRule};

/// The unweighted mean of the labels' precision.
pub static MACRO_PRECISION: FigureKind = kind(
    "macro_precision",
    "macro precision",
    |evidence| one(evidence, LabelCounts::precision, equal),
    |evidence| any(evidence, LabelCounts::precision, equal),
);

/// The unweighted mean of the labels' recall.
pub static MACRO_RECALL: FigureKind = kind(
    "macro_recall",
    "macro recall",
    |evidence| one(evidence, LabelCounts::recall, equal),
    |evidence| any(evidence, LabelCounts::recall, equal),
);

/// The unweighted mean of the labels' F1.
pub static MACRO_F1: FigureKind = kind(
    "macro_f1",
    "macro F1",
    |evidence| one(evidence, LabelCounts::f1, equal),
    |evidence| any(evidence, LabelCounts::f1, equal),
);

/// The mean of the labels' precision, weighted by their rows.
pub static WEIGHTED_PRECISION: FigureKind = kind(
    "weighted_precision",
    "weighted precision",
    |evidence| one(evidence, LabelCounts::precision, LabelCounts::rows),
    |evidence| any(evidence, LabelCounts::precision, LabelCounts::rows),
);

/// The mean of the labels' recall, weighted by their rows.
pub static WEIGHTED_RECALL: FigureKind = kind(
    "weighted_recall",
    "weighted recall",
    |evidence| one(evidence, LabelCounts::recall, LabelCounts::rows),
    |evidence| any(evidence, LabelCounts::recall, LabelCounts::rows),
);

/// The mean of the labels' F1, weighted by their rows.
pub static WEIGHTED_F1: FigureKind = kind(
    "weighted_f1",
    "weighted F1",
    |evidence| one(evidence, LabelCounts::f1, LabelCounts::rows),
    |evidence| any(evidence, LabelCounts::f1, LabelCounts::rows),
);

/// A value, `None` where it is undefined.
type Value = Result<Option<f64>, Error>;

const fn kind(
    name: &'static str,
    title: &'static str,
    one_of: fn(&Evidence) -> Value,
    any_of: fn(&SetEvidence) -> Value,
) -> FigureKind {
    FigureKind {
        name,
        title,
        better: Better::Higher,
        scale: Scale::Share,
        undefined: "there are no rows, or it is undefined for every label",
        one_of: Some(one_of),
        any_of: Some(any_of),
        interval: None,
        interval_of_sets: None,
    }
}

fn equal(_: &LabelCounts) -> f64 {
    1.0
}

/// What is averaged of a label, and its weight.
type Score = fn(&LabelCounts) -> Option<f64>;
type Weight = fn(&LabelCounts) -> f64;

fn one(evidence: &Evidence, score: Score, weight: Weight) -> Value {
    let labels = label_counts(evidence.confusion());
    Ok(average(labels.map(|label| (score(&label), weight(&label))), UndefinedRule::AsZero))
}

fn any(evidence: &SetEvidence, score: Score, weight: Weight) -> Value {
    let labels = evidence.counts();
    Ok(average(labels.iter().map(|label| (score(label), weight(label))), UndefinedRule::AsZero))
}
