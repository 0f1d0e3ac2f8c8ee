//! Precision, recall and F1, averaged over the labels. A label whose score is undefined counts as 0.

use crate::figure::{Better, FigureKind, Scale, Trust};
use crate::label_counts::LabelCounts;
use crate::report::average;
use crate::statistic::{Prepared, Statistic};
use crate::{Evidence, SetEvidence, UndefinedRule};

/// The unweighted mean of the labels' precision.
pub static MACRO_PRECISION: FigureKind = kind(
    "macro_precision",
    "macro precision",
    |_| mean(LabelCounts::precision, equal),
    |_| mean(LabelCounts::precision, equal),
);

/// The unweighted mean of the labels' recall.
pub static MACRO_RECALL: FigureKind = kind(
    "macro_recall",
    "macro recall",
    |_| mean(LabelCounts::recall, equal),
    |_| mean(LabelCounts::recall, equal),
);

/// The unweighted mean of the labels' F1.
pub static MACRO_F1: FigureKind =
    kind("macro_f1", "macro F1", |_| mean(LabelCounts::f1, equal), |_| mean(LabelCounts::f1, equal));

/// The mean of the labels' precision, weighted by their rows.
pub static WEIGHTED_PRECISION: FigureKind = kind(
    "weighted_precision",
    "weighted precision",
    |_| mean(LabelCounts::precision, LabelCounts::rows),
    |_| mean(LabelCounts::precision, LabelCounts::rows),
);

/// The mean of the labels' recall, weighted by their rows.
pub static WEIGHTED_RECALL: FigureKind = kind(
    "weighted_recall",
    "weighted recall",
    |_| mean(LabelCounts::recall, LabelCounts::rows),
    |_| mean(LabelCounts::recall, LabelCounts::rows),
);

/// The mean of the labels' F1, weighted by their rows.
pub static WEIGHTED_F1: FigureKind = kind(
    "weighted_f1",
    "weighted F1",
    |_| mean(LabelCounts::f1, LabelCounts::rows),
    |_| mean(LabelCounts::f1, LabelCounts::rows),
);

const fn kind(
    name: &'static str,
    title: &'static str,
    one_of: for<'a, 'e> fn(&'a Evidence<'e>) -> Prepared<'a>,
    any_of: for<'a, 'e> fn(&'a SetEvidence<'e>) -> Prepared<'a>,
) -> FigureKind {
    FigureKind {
        name,
        title,
        better: Better::Higher,
        scale: Scale::Share,
        undefined: "there are no rows, or it is undefined for every label",
        one_of: Some(one_of),
        any_of: Some(any_of),
        trust: Trust::Bootstrap,
    }
}

fn equal(_: &LabelCounts) -> f64 {
    1.0
}

/// The mean of a score of the labels by their weight.
fn mean<'a>(score: fn(&LabelCounts) -> Option<f64>, weight: fn(&LabelCounts) -> f64) -> Prepared<'a> {
    Statistic::of_counts(move |counts| {
        let labels = counts.labels.iter().map(|label| (score(label), weight(label)));
        average(labels, UndefinedRule::AsZero)
    })
}
