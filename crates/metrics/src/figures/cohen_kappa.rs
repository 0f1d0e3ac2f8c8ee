//! Cohen's kappa.

use crate::figure::{Better, FigureKind, Scale, Trust};
use crate::label_counts::quotient;
use crate::statistic::Statistic;

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
    one_of: Some(|_| {
        Statistic::of_counts(|counts| {
            let ([both, ..], rows) = (counts.chance(), counts.total);
            quotient(counts.right() * rows - both, rows * rows - both)
        })
    }),
    any_of: None,
    trust: Trust::Bootstrap,
};
