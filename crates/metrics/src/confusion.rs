//! Counts of true against predicted labels.

use crate::Error;
use ndarray::{Array2, ArrayView2};
use serde::{Serialize, Serializer};

/// How often each class was taken for each: shape (K, K), rows true, columns predicted.
///
/// It is written as a list of its rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfusionMatrix {
    counts: Array2<u64>,
}

impl ConfusionMatrix {
    /// A matrix of zeros for K classes.
    pub fn new(classes: usize) -> Self {
        Self { counts: Array2::zeros((classes, classes)) }
    }

    /// Counts rows of true and predicted classes.
    ///
    /// # Errors
    /// [`Error::Length`] if the two differ in length, [`Error::Label`] for a class that is not below
    /// `classes`.
    pub fn from_labels(truth: &[u32], predicted: &[u32], classes: usize) -> Result<Self, Error> {
        check_lengths("predicted labels", predicted.len(), truth.len())?;
        let mut matrix = Self::new(classes);
        for (row, (truth, predicted)) in truth.iter().zip(predicted).enumerate() {
            let at = [*truth as usize, *predicted as usize];
            let Some(count) = matrix.counts.get_mut(at) else {
                let (what, found) = if at[0] >= classes {
                    ("the true label", *truth)
                } else {
                    ("the predicted label", *predicted)
                };
                return Err(Error::Label { what, row, found, classes });
            };
            *count += 1;
        }
        Ok(matrix)
    }

    /// A matrix of given counts.
    ///
    /// # Errors
    /// [`Error::NotSquare`].
    pub fn from_counts(counts: Array2<u64>) -> Result<Self, Error> {
        match counts.dim() {
            (rows, columns) if rows == columns => Ok(Self { counts }),
            (rows, columns) => Err(Error::NotSquare { rows, columns }),
        }
    }

    /// Adds the counts of another matrix, of the next batch or fold.
    ///
    /// # Errors
    /// [`Error::Length`] if it has another number of classes.
    pub fn add(&mut self, other: &Self) -> Result<(), Error> {
        if self.classes() != other.classes() {
            let (found, expected) = (other.classes(), self.classes());
            return Err(Error::Length { what: "the added confusion matrix", found, expected, unit: "label" });
        }
        self.counts += &other.counts;
        Ok(())
    }

    /// The number of classes K.
    pub fn classes(&self) -> usize {
        self.counts.nrows()
    }

    /// The counts, shape (K, K), rows true, columns predicted.
    pub fn counts(&self) -> ArrayView2<'_, u64> {
        self.counts.view()
    }

    /// The number of rows that were counted.
    pub fn total(&self) -> u64 {
        self.counts.sum()
    }

    /// The number of rows with the right label.
    pub fn correct(&self) -> u64 {
        self.counts.diag().sum()
    }

    /// Share of rows with the right label; `None` without rows.
    pub fn accuracy(&self) -> Option<f64> {
        ratio(self.correct(), self.total())
    }

    /// Each row divided by its sum, so that the diagonal is recall: shape (K, K), `None` in the row of a
    /// class that no row has.
    pub fn shares(&self) -> Array2<Option<f64>> {
        let sums = self.counts.sum_axis(ndarray::Axis(1));
        Array2::from_shape_fn(self.counts.dim(), |(truth, predicted)| {
            ratio(*self.counts.get((truth, predicted))?, *sums.get(truth)?)
        })
    }
}

impl Serialize for ConfusionMatrix {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.counts.rows().into_iter().map(|row| row.to_vec()))
    }
}

/// A quotient of counts; `None` where nothing was counted.
pub(crate) fn ratio(numerator: u64, denominator: u64) -> Option<f64> {
    (denominator > 0).then(|| numerator as f64 / denominator as f64)
}

pub(crate) fn check_lengths(what: &'static str, found: usize, expected: usize) -> Result<(), Error> {
    if found == expected { Ok(()) } else { Err(Error::Length { what, found, expected, unit: "row" }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn counting() {
        let mut matrix = ConfusionMatrix::from_labels(&[0, 0, 1, 2], &[0, 1, 1, 1], 3).unwrap();
        assert_eq!(matrix.counts(), array![[1, 1, 0], [0, 1, 0], [0, 1, 0]]);
        assert_eq!((matrix.total(), matrix.correct(), matrix.accuracy()), (4, 2, Some(0.5)));
        matrix.add(&ConfusionMatrix::from_labels(&[2], &[2], 3).unwrap()).unwrap();
        assert_eq!(matrix.counts().row(2), array![0, 1, 1]);
        assert_eq!(serde_json::to_string(&matrix).unwrap(), "[[1,1,0],[0,1,0],[0,1,1]]");
        let shares = ConfusionMatrix::from_counts(array![[1, 3], [0, 0]]).unwrap().shares();
        assert_eq!(shares, array![[Some(0.25), Some(0.75)], [None, None]]);
        assert_eq!(ConfusionMatrix::new(2).accuracy(), None);
    }

    fn check(error: Result<impl Sized, Error>, expect: &str) {
        let message = error.map(|_| "no error").unwrap_err().to_string();
        assert!(message.contains(expect), "{message}");
    }

    #[test]
    fn bad_input() {
        check(ConfusionMatrix::from_labels(&[0], &[0, 1], 2), "predicted labels has 2 entries, expected 1");
        check(ConfusionMatrix::from_labels(&[0, 2], &[0, 9], 2), "the true label of row 1 is class 2");
        check(ConfusionMatrix::from_labels(&[0, 1], &[0, 9], 2), "the predicted label of row 1 is class 9");
        check(ConfusionMatrix::from_counts(array![[1, 2]]), "1 x 2");
        check(ConfusionMatrix::new(2).add(&ConfusionMatrix::new(3)), "has 3 entries, expected 2");
    }
}
