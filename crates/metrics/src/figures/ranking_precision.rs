//! Label ranking average precision.

use crate::figure::{Better, FigureKind, Scale, Trust};
use crate::statistic::Statistic;

/// How near the top a row's labels are when all are ordered by probability: the mean over rows and over each
/// label of a row of the share of the row's labels among those that are as probable or more.
///
/// scikit-learn's `label_ranking_average_precision_score`: rows without labels, or with all, count as 1.
pub static RANKING_PRECISION: FigureKind = FigureKind {
    name: "label_ranking_average_precision",
    title: "label ranking precision",
    better: Better::Higher,
    scale: Scale::Number,
    undefined: "there are no rows with probabilities",
    one_of: None,
    any_of: Some(|evidence| {
        let Some(probabilities) = evidence.probabilities() else { return Ok(None) };
        let truth = evidence.truth();
        let rows = probabilities.rows().into_iter().zip(truth.rows());
        Statistic::mean(rows.map(|(scores, truth)| of_row(&scores.to_vec(), &truth.to_vec())).collect())
    }),
    trust: Trust::Bootstrap,
};

/// Sorted once, so that many labels cost no square of their number.
fn of_row(scores: &[f64], truth: &[bool]) -> f64 {
    let own = truth.iter().filter(|holds| **holds).count();
    if own == 0 || own == truth.len() {
        return 1.0;
    }
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_unstable_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let (mut sum, mut found, mut seen) = (0.0, 0, 0);
    for equals in order.chunk_by(|&a, &b| scores[a] == scores[b]) {
        let here = equals.iter().filter(|label| truth[**label]).count();
        (found, seen) = (found + here, seen + equals.len());
        sum += here as f64 * found as f64 / seen as f64;
    }
    sum / own as f64
}
