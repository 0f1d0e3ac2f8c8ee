//! How well probabilities put rows in order: curves of labels, and accuracy by coverage.

use assort_metrics::{RankedRows, Task};
use assort_report::{LabelCurves, LabelRanking, Ranking};
use ndarray::ArrayView2;

use crate::truth::Truth;

/// Of so many labels all curves are kept, of more those of the labels with the smallest areas.
const FEW_LABELS: usize = 20;
const WEAKEST: usize = 5;
/// The points of a curve.
const POINTS: usize = 100;
/// Of more probabilities than this no label is put in order: it takes longer than all else.
const MANY: usize = 20_000_000;

/// The order of rows by their probabilities (B, K); `None` of so many that it takes too long, and without
/// rows.
pub fn ranking(names: &[String], truth: &Truth, probabilities: ArrayView2<f64>) -> Option<Ranking> {
    if probabilities.is_empty() || probabilities.len() > MANY {
        return None;
    }
    let weights = vec![1.0; probabilities.nrows()];
    let rows_of = |label: usize| {
        let scores = probabilities.column(label);
        RankedRows::new(scores.iter().enumerate().map(|(row, score)| (*score, truth.holds(row, label))))
    };
    let labels: Vec<LabelRanking> = names
        .iter()
        .enumerate()
        .map(|(label, name)| {
            let rows = rows_of(label);
            let areas = rows.areas(&weights);
            LabelRanking {
                label: name.clone(),
                roc_auc: areas.roc_auc,
                average_precision: areas.average_precision.filter(|_| areas.roc_auc.is_some()),
                lift_of_tenth: rows.lift_of_tenth(),
            }
        })
        .collect();
    let mut shown: Vec<usize> = (0..labels.len()).filter(|label| labels[*label].roc_auc.is_some()).collect();
    if labels.len() > FEW_LABELS {
        let area = |label: &usize| labels[*label].roc_auc.unwrap_or(1.0);
        shown.sort_by(|a, b| area(a).total_cmp(&area(b)));
        shown.truncate(WEAKEST);
    }
    let curves = shown.into_iter().map(|label| {
        let curves = rows_of(label).curves(POINTS);
        LabelCurves {
            label: names[label].clone(),
            roc: curves.roc,
            precision_recall: curves.precision_recall,
            lift: curves.lift,
        }
    });
    let curves = curves.collect();
    Some(Ranking { curves, labels, coverage: coverage(truth, probabilities) })
}

/// The share of rows that are answered, and of right ones among them, from the surest answer on.
pub fn coverage(truth: &Truth, probabilities: ArrayView2<f64>) -> Vec<(f64, f64)> {
    if truth.labels().task() == Task::AnyOf {
        return Vec::new();
    }
    let answers = probabilities.rows().into_iter().enumerate().map(|(row, values)| {
        let (label, probability) =
            values.iter().enumerate().fold((0, f64::NEG_INFINITY), |best, (label, value)| {
                if *value > best.1 { (label, *value) } else { best }
            });
        (probability, truth.holds(row, label))
    });
    let rows = RankedRows::new(answers);
    let (steps, (_, all)) = (rows.steps(), rows.counts());
    let every = steps.len().div_ceil(POINTS).max(1);
    let last = steps.len().saturating_sub(1);
    let points = steps.iter().enumerate().filter(|(at, _)| (at + 1) % every == 0 || *at == last);
    points.map(|(_, s)| (s.predicted as f64 / all as f64, s.right as f64 / s.predicted as f64)).collect()
}
