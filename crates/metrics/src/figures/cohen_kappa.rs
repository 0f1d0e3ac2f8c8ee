//! Cohen's kappa.

use crate::figure::{Better, FigureKind, Scale};
use crate::{Error, Evidence};

/// How far true and predicted labels agree beyond chance (Cohen 1960, without weights): (a − e) / (1 − e),
/// for the accuracy a and the agreement e that the labels' frequencies alone would give.
///
/// It is undefined where e is 1, for all rows have the same label, true and predicted; scikit-learn's
/// `cohen_kappa_score` says NaN there.
pub static COHEN_KAPPA: FigureKind = FigureKind {
    name: "cohen_kappa",
    title: "Cohen's kappa",
    better: Better::Higher,
    scale: Scale::Number,
    undefined: "there are no rows, or all have one label, true and predicted",
    one_of: Some(value),
    any_of: None,
    interval: None,
    interval_of_sets: None,
};

fn value(evidence: &Evidence) -> Result<Option<f64>, Error> {
    let matrix = evidence.confusion();
    let [both, ..] = matrix.chance();
    let (rows, correct) = (matrix.total() as f64, matrix.correct() as f64);
    let beyond = rows * rows - both;
    Ok((beyond > 0.0).then(|| (correct * rows - both) / beyond))
}
