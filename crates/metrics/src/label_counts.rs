//! Counts of labels, which scores are quotients of.

use crate::ConfusionMatrix;

/// Counts of one label, of which its scores are quotients; or of several together. Rows count by their
/// weight, so they are numbers that need not be whole.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LabelCounts {
    /// Rows that have it and were predicted so.
    pub right: f64,
    /// Rows that have it.
    pub support: f64,
    /// Rows predicted so.
    pub predicted: f64,
}

pub(crate) fn label_counts(matrix: &ConfusionMatrix) -> impl Iterator<Item = LabelCounts> {
    let counts = matrix.counts();
    (0..matrix.classes()).map(move |class| LabelCounts {
        right: counts.get((class, class)).copied().unwrap_or_default() as f64,
        support: counts.row(class).sum() as f64,
        predicted: counts.column(class).sum() as f64,
    })
}

impl LabelCounts {
    /// Counts one more row of a weight, of which the label is true or not and predicted or not.
    pub(crate) fn add(&mut self, truth: bool, predicted: bool, weight: f64) {
        let of = |holds| if holds { weight } else { 0.0 };
        self.right += of(truth && predicted);
        self.support += of(truth);
        self.predicted += of(predicted);
    }

    /// FP + FN.
    pub(crate) fn wrong(&self) -> f64 {
        self.support + self.predicted - 2.0 * self.right
    }

    pub(crate) fn precision(&self) -> Option<f64> {
        quotient(self.right, self.predicted)
    }

    pub(crate) fn recall(&self) -> Option<f64> {
        quotient(self.right, self.support)
    }

    pub(crate) fn f1(&self) -> Option<f64> {
        quotient(2.0 * self.right, self.support + self.predicted)
    }

    /// The rows with this label, as a weight.
    pub(crate) fn rows(&self) -> f64 {
        self.support
    }
}

/// A quotient; `None` where nothing was counted.
pub(crate) fn quotient(numerator: f64, denominator: f64) -> Option<f64> {
    (denominator > 0.0).then(|| numerator / denominator)
}
