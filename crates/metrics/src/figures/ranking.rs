//! Areas under the curves of labels, averaged over the labels that some rows have and others have not.

use ndarray::ArrayView2;

use crate::figure::{Better, FigureKind, Scale, Trust};
use crate::label_counts::LabelCounts;
use crate::ranking::{Areas, RankedRows};
use crate::report::average;
use crate::statistic::{Prepared, Statistic};
use crate::{Evidence, SetEvidence, UndefinedRule};

/// The unweighted mean over the labels of the area under the ROC curve of the label against the rest.
///
/// scikit-learn's `roc_auc_score(…, multi_class="ovr")`, where every label has rows.
pub static MACRO_ROC_AUC: FigureKind = kind(
    "macro_roc_auc",
    "macro ROC AUC",
    |evidence| of_labels(evidence, roc_auc, equal),
    |evidence| of_sets(evidence, roc_auc, equal),
);

/// The same, weighted by the labels' rows.
pub static WEIGHTED_ROC_AUC: FigureKind = kind(
    "weighted_roc_auc",
    "weighted ROC AUC",
    |evidence| of_labels(evidence, roc_auc, LabelCounts::rows),
    |evidence| of_sets(evidence, roc_auc, LabelCounts::rows),
);

/// The unweighted mean over the labels of the average precision of the label against the rest: the area under
/// the steps of precision by recall.
///
/// scikit-learn's `average_precision_score`, where every label has rows.
pub static MACRO_AVERAGE_PRECISION: FigureKind = kind(
    "macro_average_precision",
    "macro average precision",
    |evidence| of_labels(evidence, average_precision, equal),
    |evidence| of_sets(evidence, average_precision, equal),
);

/// The same, weighted by the labels' rows.
pub static WEIGHTED_AVERAGE_PRECISION: FigureKind = kind(
    "weighted_average_precision",
    "weighted average precision",
    |evidence| of_labels(evidence, average_precision, LabelCounts::rows),
    |evidence| of_sets(evidence, average_precision, LabelCounts::rows),
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
        scale: Scale::Number,
        undefined: "there are no rows with probabilities, or no label that some of them have and some not",
        one_of: Some(one_of),
        any_of: Some(any_of),
        trust: Trust::Bootstrap,
    }
}

fn roc_auc(areas: Areas) -> Option<f64> {
    areas.roc_auc
}

/// Without rows that have not the label it is 1 whatever the scores.
fn average_precision(areas: Areas) -> Option<f64> {
    areas.average_precision.filter(|_| areas.roc_auc.is_some())
}

fn equal(_: &LabelCounts) -> f64 {
    1.0
}

/// What is averaged of a label, and its weight.
type Area = fn(Areas) -> Option<f64>;
type Weight = fn(&LabelCounts) -> f64;

fn of_labels<'a>(evidence: &'a Evidence, area: Area, weight: Weight) -> Prepared<'a> {
    let truth = evidence.truth();
    let holds = |row: usize, label: usize| truth.get(row).is_some_and(|own| *own as usize == label);
    Ok(evidence.probabilities().map(|all| mean(all, holds, area, weight)))
}

fn of_sets<'a>(evidence: &'a SetEvidence, area: Area, weight: Weight) -> Prepared<'a> {
    let truth = evidence.truth();
    let holds = |row: usize, label: usize| truth.get((row, label)) == Some(&true);
    Ok(evidence.probabilities().map(|all| mean(all, holds, area, weight)))
}

fn mean<'a>(
    probabilities: ArrayView2<f64>,
    holds: impl Fn(usize, usize) -> bool,
    area: Area,
    weight: Weight,
) -> Statistic<'a> {
    let columns = probabilities.columns().into_iter().enumerate();
    let labels: Vec<RankedRows> = columns
        .map(|(label, scores)| {
            let rows = scores.iter().enumerate().map(|(row, score)| (*score, holds(row, label)));
            RankedRows::new(rows)
        })
        .collect();
    Statistic::new(probabilities.len(), move |weighted| {
        let areas = labels.iter().map(|label| area(label.areas(weighted.rows)));
        let weights = weighted.labels.iter().map(weight);
        average(areas.zip(weights), UndefinedRule::LeftOut)
    })
}
