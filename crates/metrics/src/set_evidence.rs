//! Evidence that figures of label sets are read off.

use crate::label_counts::LabelCounts;
use crate::{Error, Score};
use ndarray::{Array2, ArrayView2};

/// Probability from which a label holds, unless labels have thresholds of their own.
pub const THRESHOLD: f64 = 0.5;

/// The labels of each row whose probability reaches the label's threshold: true in (B, K).
///
/// # Errors
/// [`Error::Length`] unless there is one threshold for each label; [`Error::Score`] for a probability outside
/// of [0, 1].
pub fn predicted_sets<S: Score>(
    probabilities: ArrayView2<'_, S>,
    thresholds: &[f64],
) -> Result<Array2<bool>, Error> {
    check_width("the list of thresholds", thresholds.len(), probabilities.ncols())?;
    let mut sets = Array2::from_elem(probabilities.dim(), false);
    for ((row, column), value) in probabilities.indexed_iter() {
        let found: f64 = (*value).into();
        if !(0.0..=1.0).contains(&found) {
            return Err(Error::Score { row, column, found, expected: "a probability from 0 to 1" });
        }
        if let (Some(holds), Some(threshold)) = (sets.get_mut((row, column)), thresholds.get(column)) {
            *holds = found >= *threshold;
        }
    }
    Ok(sets)
}

/// Predicted label sets of B rows beside their true ones, counted once for all figures.
#[derive(Clone, Debug)]
pub struct SetEvidence<'e> {
    truth: ArrayView2<'e, bool>,
    predicted: Array2<bool>,
    probabilities: Option<ArrayView2<'e, f64>>,
}

impl<'e> SetEvidence<'e> {
    /// Evidence of label probabilities (B, K), which make the sets by a threshold for each label.
    ///
    /// # Errors
    /// As [`predicted_sets`]; [`Error::Length`] if the shapes differ.
    pub fn new(
        truth: ArrayView2<'e, bool>,
        probabilities: ArrayView2<'e, f64>,
        thresholds: &[f64],
    ) -> Result<Self, Error> {
        let evidence = Self::from_sets(truth, predicted_sets(probabilities, thresholds)?)?;
        Ok(Self { probabilities: Some(probabilities), ..evidence })
    }

    /// Evidence of predicted sets alone (B, K); figures that need probabilities are undefined.
    ///
    /// # Errors
    /// [`Error::Length`] if the shapes differ.
    pub fn from_sets(truth: ArrayView2<'e, bool>, predicted: Array2<bool>) -> Result<Self, Error> {
        crate::confusion::check_lengths("predicted sets", predicted.nrows(), truth.nrows())?;
        check_width("a row of predicted sets", predicted.ncols(), truth.ncols())?;
        Ok(Self { truth, predicted, probabilities: None })
    }

    /// The true sets (B, K).
    pub fn truth(&self) -> ArrayView2<'e, bool> {
        self.truth
    }

    /// The predicted sets (B, K).
    pub fn predicted(&self) -> ArrayView2<'_, bool> {
        self.predicted.view()
    }

    /// The predicted probability of each label (B, K); `None` where predictions are sets alone.
    pub fn probabilities(&self) -> Option<ArrayView2<'e, f64>> {
        self.probabilities
    }

    /// The probability of each label of each row, and whether it holds; `None` without probabilities.
    pub fn answers(&self) -> Option<Vec<(f64, bool)>> {
        Some(self.probabilities?.iter().copied().zip(self.truth.iter().copied()).collect())
    }

    /// The counts of each row's labels.
    pub(crate) fn row_counts(&self) -> impl Iterator<Item = LabelCounts> + '_ {
        let rows = self.truth.rows().into_iter().zip(self.predicted.rows());
        rows.map(|(truth, predicted)| {
            truth.into_iter().zip(predicted).fold(LabelCounts::default(), |mut counts, (truth, predicted)| {
                counts.add(*truth, *predicted, 1.0);
                counts
            })
        })
    }

    /// Whether each row's whole set is right, as 1 or 0.
    pub(crate) fn right_rows(&self) -> Vec<f64> {
        let rows = self.truth.rows().into_iter().zip(self.predicted.rows());
        rows.map(|(truth, predicted)| f64::from(u8::from(truth == predicted))).collect()
    }

    /// How many rows have both labels of each pair, (K, K): on the diagonal the rows of each label.
    pub fn co_occurrence(&self) -> Array2<u64> {
        let labels = self.truth.ncols();
        let mut counts = Array2::zeros((labels, labels));
        for row in self.truth.rows() {
            let own: Vec<usize> = (0..labels).filter(|label| row.get(*label) == Some(&true)).collect();
            for pair in own.iter().flat_map(|first| own.iter().map(move |second| (*first, *second))) {
                if let Some(count) = counts.get_mut(pair) {
                    *count += 1;
                }
            }
        }
        counts
    }
}

impl SetEvidence<'_> {
    /// The counts of each label, by the rows' weights.
    pub(crate) fn counts(&self, weights: &[f64]) -> Vec<LabelCounts> {
        let mut counts = vec![LabelCounts::default(); self.truth.ncols()];
        let rows = self.truth.rows().into_iter().zip(self.predicted.rows()).zip(weights);
        for ((truth, predicted), weight) in rows.filter(|(_, weight)| **weight > 0.0) {
            for ((count, truth), predicted) in counts.iter_mut().zip(truth).zip(predicted) {
                count.add(*truth, *predicted, *weight);
            }
        }
        counts
    }

    /// Rows that are drawn among each other, in their order: those of one true label, or all.
    pub(crate) fn strata(&self) -> Vec<Vec<u32>> {
        vec![(0..self.truth.nrows() as u32).collect()]
    }
}

fn check_width(what: &'static str, found: usize, expected: usize) -> Result<(), Error> {
    if found == expected { Ok(()) } else { Err(Error::Length { what, found, expected, unit: "label" }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn thresholds_make_sets() {
        let probabilities = array![[0.5, 0.2, 0.9], [0.49, 0.3, 0.0]];
        let sets = predicted_sets(probabilities.view(), &[0.5, 0.25, 0.5]).unwrap();
        assert_eq!(sets, array![[true, false, true], [false, true, false]]);
        let none = predicted_sets(Array2::<f32>::zeros((0, 2)).view(), &[0.5, 0.5]).unwrap();
        assert_eq!(none.dim(), (0, 2));
    }

    #[test]
    fn labels_that_are_there_together() {
        let truth = array![[true, true, false], [true, false, false], [false, false, false]];
        let evidence = SetEvidence::from_sets(truth.view(), truth.clone()).unwrap();
        assert_eq!(evidence.co_occurrence(), array![[2, 1, 0], [1, 1, 0], [0, 0, 0]]);
    }

    fn check(error: Result<impl Sized, Error>, expect: &str) {
        let message = error.map(|_| "no error").unwrap_err().to_string();
        assert!(message.contains(expect), "{message}");
    }

    #[test]
    fn bad_input() {
        check(predicted_sets(array![[0.5]].view(), &[]), "thresholds has 0 entries, expected 1");
        check(predicted_sets(array![[f64::NAN]].view(), &[0.5]), "row 0, column 0 holds NaN");
        let truth = array![[true, false]];
        check(SetEvidence::from_sets(truth.view(), array![[true]]), "has 1 entries, expected 2");
        check(SetEvidence::from_sets(truth.view(), Array2::default((0, 2))), "has 0 entries, expected 1");
    }
}
