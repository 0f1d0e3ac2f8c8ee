//! Matthews' correlation coefficient.

use crate::figure::{Better, FigureKind, Scale, Trust};
use crate::label_counts::quotient;
use crate::statistic::Statistic;

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
    one_of: Some(|_| {
        Statistic::of_counts(|counts| {
            let ([both, predicted, truth], rows) = (counts.chance(), counts.total);
            let norm = ((rows * rows - predicted) * (rows * rows - truth)).sqrt();
            quotient(counts.right() * rows - both, norm)
        })
    }),
    any_of: None,
    trust: Trust::Bootstrap,
};
