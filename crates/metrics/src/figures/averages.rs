//! Precision, recall and F1, averaged over the labels. A label whose score is undefined counts as 0.

use crate::figure::{Better, FigureKind, Scale, no_interval};
use crate::report::{LabelCounts, average, label_counts};
use crate::{Error, Evidence, UndefinedRule};

/// The unweighted mean of the labels' precision.
pub static MACRO_PRECISION: FigureKind =
    kind("macro_precision", "macro precision", |evidence| mean(evidence, LabelCounts::precision, equal));

/// The unweighted mean of the labels' recall.
pub static MACRO_RECALL: FigureKind =
    kind("macro_recall", "macro recall", |evidence| mean(evidence, LabelCounts::recall, equal));

/// The unweighted mean of the labels' F1.
pub static MACRO_F1: FigureKind = FigureKind {
    any_of: Some(|evidence| {
        let labels = evidence.counts();
        Ok(average(labels.iter().map(|label| (label.f1(), 1.0)), UndefinedRule::AsZero))
    }),
    ..kind("macro_f1", "macro F1", |evidence| mean(evidence, LabelCounts::f1, equal))
};

/// The mean of the labels' precision, weighted by their rows.
pub static WEIGHTED_PRECISION: FigureKind = kind("weighted_precision", "weighted precision", |evidence| {
    mean(evidence, LabelCounts::precision, LabelCounts::rows)
});

/// The mean of the labels' recall, weighted by their rows.
pub static WEIGHTED_RECALL: FigureKind = kind("weighted_recall", "weighted recall", |evidence| {
    mean(evidence, LabelCounts::recall, LabelCounts::rows)
});

/// The mean of the labels' F1, weighted by their rows.
pub static WEIGHTED_F1: FigureKind =
    kind("weighted_f1", "weighted F1", |evidence| mean(evidence, LabelCounts::f1, LabelCounts::rows));

const fn kind(
    name: &'static str,
    title: &'static str,
    value: fn(&Evidence) -> Result<Option<f64>, Error>,
) -> FigureKind {
    let undefined = "there are no rows, or it is undefined for every label";
    let (better, scale) = (Better::Higher, Scale::Share);
    let (one_of, any_of, interval) = (Some(value), None, no_interval as fn(&Evidence) -> _);
    FigureKind { name, title, better, scale, undefined, one_of, any_of, interval }
}

fn equal(_: &LabelCounts) -> f64 {
    1.0
}

fn mean(
    evidence: &Evidence,
    score: fn(&LabelCounts) -> Option<f64>,
    weight: fn(&LabelCounts) -> f64,
) -> Result<Option<f64>, Error> {
    let labels = label_counts(evidence.confusion());
    Ok(average(labels.map(|label| (score(&label), weight(&label))), UndefinedRule::AsZero))
}
