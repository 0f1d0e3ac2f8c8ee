//! Whether probabilities mean what they say.

use ndarray::ArrayView2;

use crate::figure::{Better, FigureKind, Scale};
use crate::{Binning, Error, Evidence, SetEvidence, calibration_error, reliability};

/// The expected calibration error over 15 bins of equal width: of the probability of each row's answer, or
/// where a row has any number of labels, of each label of each row.
pub static CALIBRATION_ERROR: FigureKind = kind(
    "calibration_error",
    "calibration error",
    |evidence| Ok(evidence.answers().and_then(|answers| error(answers, Binning::EqualWidth))),
    |evidence| Ok(evidence.answers().and_then(|answers| error(answers, Binning::EqualWidth))),
);

/// The same over 15 bins with equally many answers.
pub static CALIBRATION_ERROR_EQUAL_COUNT: FigureKind = kind(
    "calibration_error_equal_count",
    "calibration error (equal count)",
    |evidence| Ok(evidence.answers().and_then(|answers| error(answers, Binning::EqualCount))),
    |evidence| Ok(evidence.answers().and_then(|answers| error(answers, Binning::EqualCount))),
);

/// The mean over the rows of Σ (p − y)² over the labels (Brier 1950), y being 1 for those that hold; for two
/// labels of which a row has one, half of it, and where a row has any number of K labels, a K-th.
pub static BRIER_SCORE: FigureKind = kind(
    "brier_score",
    "Brier score",
    |evidence| {
        let Some(probabilities) = evidence.probabilities() else { return Ok(None) };
        let truth = |row: usize, label| evidence.truth().get(row).is_some_and(|own| *own as usize == label);
        let divisor = if probabilities.ncols() == 2 { 2.0 } else { 1.0 };
        Ok(squares(probabilities, truth).map(|mean| mean / divisor))
    },
    |evidence| {
        let Some(probabilities) = evidence.probabilities() else { return Ok(None) };
        let truth = |row, label| evidence.truth().get((row, label)) == Some(&true);
        Ok(squares(probabilities, truth).map(|mean| mean / probabilities.ncols() as f64))
    },
);

/// A value, `None` where it is undefined.
type Value = Result<Option<f64>, Error>;

const fn kind(
    name: &'static str,
    title: &'static str,
    one_of: fn(&Evidence) -> Value,
    any_of: fn(&SetEvidence) -> Value,
) -> FigureKind {
    FigureKind {
        name,
        title,
        better: Better::Lower,
        scale: Scale::Number,
        undefined: "there are no rows with probabilities",
        one_of: Some(one_of),
        any_of: Some(any_of),
        interval: None,
        interval_of_sets: None,
    }
}

fn error(answers: Vec<(f64, bool)>, binning: Binning) -> Option<f64> {
    calibration_error(&reliability(answers, binning))
}

fn squares(probabilities: ArrayView2<f64>, truth: impl Fn(usize, usize) -> bool) -> Option<f64> {
    let square = |((row, label), p): ((usize, usize), &f64)| {
        let off = p - f64::from(u8::from(truth(row, label)));
        off * off
    };
    let rows = probabilities.nrows();
    (rows > 0 && probabilities.ncols() > 0)
        .then(|| probabilities.indexed_iter().map(square).sum::<f64>() / rows as f64)
}
