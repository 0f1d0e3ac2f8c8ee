//! Numbers from scores of shape (B, K).

use crate::Error;
use crate::confusion::check_lengths;
use ndarray::{ArrayView1, ArrayView2};

/// The types that scores come in: `f32` and `f64`.
pub trait Score: Copy + Into<f64> + private::Sealed {
    /// The distance from 1 to the next number, which [`log_loss`] clips by.
    const EPSILON: f64;
}

impl Score for f32 {
    const EPSILON: f64 = f32::EPSILON as f64;
}

impl Score for f64 {
    const EPSILON: f64 = f64::EPSILON;
}

mod private {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// How far the sum of a row's probabilities may be from 1.
const SUM_TOLERANCE: f64 = 1e-3;

/// The mean of −ln p of each row's true class; `None` without rows.
///
/// As in scikit-learn, probabilities are clipped to [ε, 1 − ε] with the ε of their type, so a certain mistake
/// costs 15.9 in `f32` and 36.0 in `f64`.
///
/// # Errors
/// [`Error::Length`], [`Error::Label`]; [`Error::Score`] for a value outside of [0, 1]; [`Error::Sum`] for a
/// row whose sum is further than 0.001 from 1.
pub fn log_loss<S: Score>(probabilities: ArrayView2<'_, S>, truth: &[u32]) -> Result<Option<f64>, Error> {
    Ok(mean(&losses(probabilities, truth)?))
}

/// −ln p of each row's true class: the terms of [`log_loss`].
pub(crate) fn losses<S: Score>(probabilities: ArrayView2<'_, S>, truth: &[u32]) -> Result<Vec<f64>, Error> {
    check_lengths("true labels", truth.len(), probabilities.nrows())?;
    let rows = probabilities.rows().into_iter().zip(truth).enumerate();
    rows.map(|(row, (values, label))| {
        check_probabilities(values, row)?;
        Ok(-log(true_score(values, *label, row)?, S::EPSILON))
    })
    .collect()
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The mean over the rows of −Σ t ln p, for the true probability t of each class; `None` without rows.
///
/// Probabilities are clipped as in [`log_loss`], which it equals where all of a row's truth is on one class.
///
/// # Errors
/// [`Error::Length`] if the two shapes differ; else as [`log_loss`].
pub fn soft_log_loss<S: Score>(
    probabilities: ArrayView2<'_, S>,
    truth: ArrayView2<'_, S>,
) -> Result<Option<f64>, Error> {
    Ok(mean(&soft_losses(probabilities, truth)?))
}

/// −Σ t ln p of each row: the terms of [`soft_log_loss`].
pub(crate) fn soft_losses<S: Score>(
    probabilities: ArrayView2<'_, S>,
    truth: ArrayView2<'_, S>,
) -> Result<Vec<f64>, Error> {
    check_lengths("soft labels", truth.nrows(), probabilities.nrows())?;
    check_columns("a row of soft labels", truth.ncols(), probabilities.ncols())?;
    let rows = probabilities.rows().into_iter().zip(truth.rows()).enumerate();
    rows.map(|(row, (values, shares))| {
        check_probabilities(values, row)?;
        check_probabilities(shares, row)?;
        let mut loss = 0.0;
        for (value, share) in values.iter().zip(shares) {
            let share: f64 = (*share).into();
            if share > 0.0 {
                loss -= share * log((*value).into(), S::EPSILON);
            }
        }
        Ok(loss)
    })
    .collect()
}

fn check_columns(what: &'static str, found: usize, expected: usize) -> Result<(), Error> {
    if found == expected { Ok(()) } else { Err(Error::Length { what, found, expected, unit: "label" }) }
}

/// The mean over rows and labels of −ln p where the label holds and −ln (1 − p) where not; `None` without
/// either.
///
/// Probabilities are clipped as in [`log_loss`].
///
/// # Errors
/// [`Error::Length`] if the shapes differ; [`Error::Score`] for a value outside of [0, 1].
pub fn binary_log_loss<S: Score>(
    probabilities: ArrayView2<'_, S>,
    truth: ArrayView2<'_, bool>,
) -> Result<Option<f64>, Error> {
    Ok(mean(&binary_losses(probabilities, truth)?).filter(|_| truth.ncols() > 0))
}

/// The mean over the labels of each row: the terms of [`binary_log_loss`].
pub(crate) fn binary_losses<S: Score>(
    probabilities: ArrayView2<'_, S>,
    truth: ArrayView2<'_, bool>,
) -> Result<Vec<f64>, Error> {
    check_lengths("true label sets", truth.nrows(), probabilities.nrows())?;
    check_columns("a true label set", truth.ncols(), probabilities.ncols())?;
    let rows = probabilities.rows().into_iter().zip(truth.rows()).enumerate();
    rows.map(|(row, (values, holds))| {
        let mut loss = 0.0;
        for (column, (value, holds)) in values.iter().zip(holds).enumerate() {
            let found: f64 = (*value).into();
            if !(0.0..=1.0).contains(&found) {
                return Err(Error::Score { row, column, found, expected: "a probability from 0 to 1" });
            }
            loss -= log(if *holds { found } else { 1.0 - found }, S::EPSILON);
        }
        Ok(loss / truth.ncols() as f64)
    })
    .collect()
}

fn log(probability: f64, epsilon: f64) -> f64 {
    probability.clamp(epsilon, 1.0 - epsilon).ln()
}

fn check_probabilities<S: Score>(values: ArrayView1<'_, S>, row: usize) -> Result<(), Error> {
    let mut total = 0.0;
    for (column, value) in values.iter().enumerate() {
        let found: f64 = (*value).into();
        if !(0.0..=1.0).contains(&found) {
            return Err(Error::Score { row, column, found, expected: "a probability from 0 to 1" });
        }
        total += found;
    }
    if (total - 1.0).abs() > SUM_TOLERANCE { Err(Error::Sum { row, found: total }) } else { Ok(()) }
}

/// The share of rows whose true class is among the `k` highest scores; `None` without rows.
///
/// Of equal scores the lower class comes first, as it does in [`predicted_labels`].
///
/// # Errors
/// [`Error::Length`], [`Error::Label`]; [`Error::Score`] for a score that is no number; [`Error::Parameter`]
/// for `k` = 0.
pub fn top_k_accuracy<S: Score>(
    scores: ArrayView2<'_, S>,
    truth: &[u32],
    k: usize,
) -> Result<Option<f64>, Error> {
    if k == 0 {
        return Err(Error::Parameter { parameter: "k", found: 0.0, expected: "at least 1" });
    }
    let hits = true_ranks(scores, truth)?.iter().filter(|rank| **rank < k).count();
    Ok(crate::confusion::ratio(hits as u64, truth.len() as u64))
}

/// How many labels come before each row's true one, by their scores.
pub(crate) fn true_ranks<S: Score>(scores: ArrayView2<'_, S>, truth: &[u32]) -> Result<Vec<usize>, Error> {
    check_lengths("true labels", truth.len(), scores.nrows())?;
    let rows = scores.rows().into_iter().zip(truth).enumerate();
    rows.map(|(row, (values, label))| {
        let own = true_score(values, *label, row)?;
        let mut before = 0;
        for (column, value) in values.iter().enumerate() {
            let value = number((*value).into(), row, column)?;
            before += usize::from(value > own || value == own && column < *label as usize);
        }
        Ok(before)
    })
    .collect()
}

/// The class with the highest score in each row, the lowest of several: length B.
///
/// # Errors
/// [`Error::Score`] for a score that is no number; [`Error::Length`] for rows without columns.
pub fn predicted_labels<S: Score>(scores: ArrayView2<'_, S>) -> Result<Vec<u32>, Error> {
    if scores.ncols() == 0 && scores.nrows() > 0 {
        return Err(Error::Length { what: "a row of scores", found: 0, expected: 1, unit: "label" });
    }
    let best = |(row, values): (usize, ArrayView1<'_, S>)| {
        let mut best = (0, f64::NEG_INFINITY);
        for (column, value) in values.iter().enumerate() {
            let value = number((*value).into(), row, column)?;
            if value > best.1 {
                best = (column as u32, value);
            }
        }
        Ok(best.0)
    };
    scores.rows().into_iter().enumerate().map(best).collect()
}

fn number(found: f64, row: usize, column: usize) -> Result<f64, Error> {
    if found.is_nan() {
        return Err(Error::Score { row, column, found, expected: "a number" });
    }
    Ok(found)
}

fn true_score<S: Score>(values: ArrayView1<'_, S>, label: u32, row: usize) -> Result<f64, Error> {
    let score = values.get(label as usize).ok_or(Error::Label {
        what: "the true label",
        row,
        found: label,
        classes: values.len(),
    })?;
    Ok((*score).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn certain_mistakes_are_clipped() {
        let loss = |value: Result<Option<f64>, Error>| value.unwrap().unwrap();
        assert!((loss(log_loss(array![[1f32, 0.0]].view(), &[1])) - 15.942_385).abs() < 1e-6);
        assert!((loss(log_loss(array![[1f64, 0.0]].view(), &[1])) - 36.043_653).abs() < 1e-6);
        assert_eq!(log_loss(Array2::<f32>::zeros((0, 3)).view(), &[]), Ok(None));
    }

    #[test]
    fn soft_labels_on_one_class_are_hard_ones() {
        let probabilities = array![[0.25, 0.5, 0.25], [0.0, 0.0, 1.0]];
        let soft = array![[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]];
        let found = soft_log_loss(probabilities.view(), soft.view()).unwrap();
        assert_eq!(found, log_loss(probabilities.view(), &[1, 0]).unwrap());
        assert_eq!(
            soft_log_loss(Array2::<f64>::zeros((0, 2)).view(), Array2::zeros((0, 2)).view()),
            Ok(None)
        );
    }

    #[test]
    fn ties_go_to_the_lower_class() {
        let scores = array![[0.5, 0.5, 0.1], [0.1, 0.2, 0.2], [f64::NEG_INFINITY; 3]];
        assert_eq!(predicted_labels(scores.view()).unwrap(), [0, 1, 0]);
        assert_eq!(top_k_accuracy(scores.view(), &[0, 1, 0], 1).unwrap(), Some(1.0));
        assert_eq!(top_k_accuracy(scores.view(), &[1, 2, 1], 1).unwrap(), Some(0.0));
        assert_eq!(top_k_accuracy(scores.view(), &[1, 2, 1], 2).unwrap(), Some(1.0));
        assert_eq!(top_k_accuracy(scores.view(), &[2, 0, 2], 99).unwrap(), Some(1.0));
        assert_eq!(top_k_accuracy(scores.slice(ndarray::s![..0, ..]), &[], 1).unwrap(), None);
    }

    fn check(error: Result<impl Sized, Error>, expect: &str) {
        let message = error.map(|_| "no error").unwrap_err().to_string();
        assert!(message.contains(expect), "{message}");
    }

    #[test]
    fn bad_input() {
        check(log_loss(array![[0.5, 0.5]].view(), &[]), "true labels has 0 entries, expected 1");
        check(log_loss(array![[0.5, 0.5]].view(), &[2]), "the true label of row 0 is class 2");
        check(log_loss(array![[1.5, -0.5]].view(), &[0]), "row 0, column 0 holds 1.5");
        check(log_loss(array![[f64::NAN, 0.5]].view(), &[0]), "holds NaN");
        check(log_loss(array![[0.9, 0.9]].view(), &[0]), "add up to 1.8");
        let soft = array![[0.5, 0.25]];
        check(soft_log_loss(array![[0.5, 0.5]].view(), soft.view()), "add up to 0.75");
        check(soft_log_loss(array![[0.2, 0.3, 0.5]].view(), soft.view()), "has 2 entries, expected 3");
        check(top_k_accuracy(array![[0.9, f64::NAN]].view(), &[0], 1), "row 0, column 1 holds NaN");
        check(top_k_accuracy(array![[0.9, 0.1]].view(), &[0], 0), "k is 0");
        check(predicted_labels(array![[0.9, f32::NAN]].view()), "expected a number");
        check(predicted_labels(Array2::<f32>::zeros((2, 0)).view()), "a row of scores has 0");
    }
}
