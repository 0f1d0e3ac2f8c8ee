//! The evidence that figures are read off.

use crate::confusion::check_lengths;
use crate::label_counts::LabelCounts;
use crate::{ConfusionMatrix, Error, predicted_labels};
use ndarray::ArrayView2;

/// Predictions of B rows beside their truth, counted once for all figures.
#[derive(Clone, Debug)]
pub struct Evidence<'e> {
    truth: &'e [u32],
    predicted: Vec<u32>,
    confusion: ConfusionMatrix,
    probabilities: Option<ArrayView2<'e, f64>>,
    soft_truth: Option<ArrayView2<'e, f64>>,
}

impl<'e> Evidence<'e> {
    /// Evidence of label probabilities (B, K), of which the highest is the prediction.
    ///
    /// # Errors
    /// As [`predicted_labels`] and [`ConfusionMatrix::from_labels`].
    pub fn new(truth: &'e [u32], probabilities: ArrayView2<'e, f64>) -> Result<Self, Error> {
        Self::of_decisions(truth, predicted_labels(probabilities)?, probabilities)
    }

    /// Evidence of label probabilities (B, K) from which somebody else decided.
    ///
    /// # Errors
    /// As [`ConfusionMatrix::from_labels`]; [`Error::Length`] unless there are probabilities of each row.
    pub fn of_decisions(
        truth: &'e [u32],
        predicted: Vec<u32>,
        probabilities: ArrayView2<'e, f64>,
    ) -> Result<Self, Error> {
        check_lengths("rows of probabilities", probabilities.nrows(), truth.len())?;
        let evidence = Self::from_labels(truth, predicted, probabilities.ncols())?;
        Ok(Self { probabilities: Some(probabilities), ..evidence })
    }

    /// Evidence of predicted labels alone; figures that need probabilities are undefined.
    ///
    /// # Errors
    /// As [`ConfusionMatrix::from_labels`].
    pub fn from_labels(truth: &'e [u32], predicted: Vec<u32>, classes: usize) -> Result<Self, Error> {
        let confusion = ConfusionMatrix::from_labels(truth, &predicted, classes)?;
        Ok(Self { truth, predicted, confusion, probabilities: None, soft_truth: None })
    }

    /// The same with the true probability of each label (B, K), which the loss then compares with.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one row for each true label.
    pub fn with_soft_truth(self, soft_truth: ArrayView2<'e, f64>) -> Result<Self, Error> {
        check_lengths("soft labels", soft_truth.nrows(), self.truth.len())?;
        Ok(Self { soft_truth: Some(soft_truth), ..self })
    }

    /// The true label of each row.
    pub fn truth(&self) -> &[u32] {
        self.truth
    }

    /// The predicted label of each row.
    pub fn predicted(&self) -> &[u32] {
        &self.predicted
    }

    /// Counts of true against predicted labels.
    pub fn confusion(&self) -> &ConfusionMatrix {
        &self.confusion
    }

    /// The predicted probability of each label (B, K); `None` where predictions are labels alone.
    pub fn probabilities(&self) -> Option<ArrayView2<'e, f64>> {
        self.probabilities
    }

    /// The probability of each row's answer, and whether it is right; `None` without probabilities.
    pub fn answers(&self) -> Option<Vec<(f64, bool)>> {
        let probabilities = self.probabilities?;
        let rows = self.predicted.iter().zip(self.truth).enumerate();
        rows.map(|(row, (predicted, truth))| {
            Some((*probabilities.get((row, *predicted as usize))?, predicted == truth))
        })
        .collect()
    }

    /// The true probability of each label (B, K), where truth is soft.
    pub fn soft_truth(&self) -> Option<ArrayView2<'e, f64>> {
        self.soft_truth
    }
}

impl Evidence<'_> {
    /// The counts of each label, by the rows' weights.
    pub(crate) fn counts(&self, weights: &[f64]) -> Vec<LabelCounts> {
        let mut counts = vec![LabelCounts::default(); self.confusion.classes()];
        for ((truth, predicted), weight) in self.truth.iter().zip(&self.predicted).zip(weights) {
            if let Some(label) = counts.get_mut(*truth as usize) {
                label.add(true, truth == predicted, *weight);
            }
            if let Some(label) = counts.get_mut(*predicted as usize).filter(|_| truth != predicted) {
                label.add(false, true, *weight);
            }
        }
        counts
    }

    /// Rows that are drawn among each other, in their order: those of one true label, or all.
    pub(crate) fn strata(&self) -> Vec<Vec<u32>> {
        let mut strata = vec![Vec::new(); self.confusion.classes()];
        for (row, label) in (0..).zip(self.truth) {
            if let Some(rows) = strata.get_mut(*label as usize) {
                rows.push(row);
            }
        }
        strata
    }
}
