//! What figures need of predictions, whether a row has one label or any number of them.

use crate::figure::FigureKind;
use crate::label_counts::LabelCounts;
use crate::statistic::{Prepared, Weighted};
use crate::{Error, Evidence, SetEvidence};

/// Predictions beside their truth: [`Evidence`] or [`SetEvidence`].
pub trait Judged: Sync + private::Sealed {}

impl Judged for Evidence<'_> {}
impl Judged for SetEvidence<'_> {}

/// What is read off the rows with these weights.
pub(crate) fn weighted<'w>(judged: &impl Judged, rows: &'w [f64]) -> Weighted<'w> {
    Weighted { rows, total: rows.iter().sum(), labels: judged.label_counts(rows) }
}

pub(crate) mod private {
    use super::{FigureKind, LabelCounts, Prepared};

    /// What figures need of predictions.
    pub trait Sealed {
        /// The number of rows.
        fn rows(&self) -> usize;
        /// The counts of each label, by the rows' weights.
        fn label_counts(&self, weights: &[f64]) -> Vec<LabelCounts>;
        /// The figure prepared; the error where it is none of the task.
        fn prepared(&self, kind: &'static FigureKind) -> Prepared<'_>;
        /// Whether the figure is one of the task.
        fn has(&self, kind: &FigureKind) -> bool;
        /// Rows that are drawn among each other, in their order: those of one true label, or all.
        fn drawn_among(&self) -> Vec<Vec<u32>>;
    }
}

impl private::Sealed for Evidence<'_> {
    fn rows(&self) -> usize {
        self.truth().len()
    }

    fn label_counts(&self, weights: &[f64]) -> Vec<LabelCounts> {
        self.counts(weights)
    }

    fn prepared(&self, kind: &'static FigureKind) -> Prepared<'_> {
        kind.one_of.ok_or(Error::Task { figure: kind.name })?(self)
    }

    fn has(&self, kind: &FigureKind) -> bool {
        kind.one_of.is_some()
    }

    fn drawn_among(&self) -> Vec<Vec<u32>> {
        self.strata()
    }
}

impl private::Sealed for SetEvidence<'_> {
    fn rows(&self) -> usize {
        self.truth().nrows()
    }

    fn label_counts(&self, weights: &[f64]) -> Vec<LabelCounts> {
        self.counts(weights)
    }

    fn prepared(&self, kind: &'static FigureKind) -> Prepared<'_> {
        kind.any_of.ok_or(Error::Task { figure: kind.name })?(self)
    }

    fn has(&self, kind: &FigureKind) -> bool {
        kind.any_of.is_some()
    }

    fn drawn_among(&self) -> Vec<Vec<u32>> {
        self.strata()
    }
}
