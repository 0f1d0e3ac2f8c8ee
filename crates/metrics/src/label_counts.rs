//! Counts of labels, which scores are quotients of.

use crate::ConfusionMatrix;
use crate::confusion::ratio;

/// Counts of one label, of which its scores are quotients; or of several together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LabelCounts {
    /// Rows that have it and were predicted so.
    pub right: u64,
    /// Rows that have it.
    pub support: u64,
    /// Rows predicted so.
    pub predicted: u64,
}

pub(crate) fn label_counts(matrix: &ConfusionMatrix) -> impl Iterator<Item = LabelCounts> {
    let counts = matrix.counts();
    (0..matrix.classes()).map(move |class| LabelCounts {
        right: counts.get((class, class)).copied().unwrap_or_default(),
        support: counts.row(class).sum(),
        predicted: counts.column(class).sum(),
    })
}

impl LabelCounts {
    /// Counts one more row, of which the label is true or not and predicted or not.
    pub(crate) fn add(&mut self, truth: bool, predicted: bool) {
        self.right += u64::from(truth && predicted);
        self.support += u64::from(truth);
        self.predicted += u64::from(predicted);
    }

    /// FP + FN.
    pub(crate) fn wrong(&self) -> u64 {
        self.support + self.predicted - 2 * self.right
    }

    pub(crate) fn precision(&self) -> Option<f64> {
        ratio(self.right, self.predicted)
    }

    pub(crate) fn recall(&self) -> Option<f64> {
        ratio(self.right, self.support)
    }

    pub(crate) fn f1(&self) -> Option<f64> {
        ratio(2 * self.right, self.support + self.predicted)
    }

    /// The number of rows with this label, as a weight.
    pub(crate) fn rows(&self) -> f64 {
        self.support as f64
    }
}
