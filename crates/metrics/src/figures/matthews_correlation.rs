//! Matthews' correlation coefficient.

use crate::figure::{Better, FigureKind, Scale};
use crate::{Error, Evidence};

/// The correlation of true and predicted labels, from −1 to 1, for any number of labels (Gorodkin 2004).
///
/// With s rows, c of them right, and t of a label's rows beside p predicted so: (c s − Σ t p) / √((s² − Σ p²)
/// (s² − Σ t²)). Where all rows have one true or one predicted label there is nothing to correlate: it is
/// undefined, where scikit-learn's `matthews_corrcoef` says 0.
pub static MATTHEWS_CORRELATION: FigureKind = FigureKind {
    name: "matthews_correlation",
    title: "Matthews correlation",
    better: Better::Higher,
    scale: Scale::Number,
    undefined: "there are no rows with two true and two predicted labels",
    one_of: Some(value),
    any_of: None,
    interval: None,
    interval_of_sets: None,
};

fn value(evidence: &Evidence) -> Result<Option<f64>, Error> {
    let matrix = evidence.confusion();
    let [both, predicted, truth] = matrix.chance();
    let (rows, correct) = (matrix.total() as f64, matrix.correct() as f64);
    let norm = ((rows * rows - predicted) * (rows * rows - truth)).sqrt();
    Ok((norm > 0.0).then(|| (correct * rows - both) / norm))
}
