//! Whether probabilities mean what they say.

use ndarray::ArrayView2;

use crate::figure::{Better, FigureKind, Scale, Trust};
use crate::reliability::{SortedAnswers, error_of_bins};
use crate::statistic::{Prepared, Statistic};
use crate::{Binning, Evidence, SetEvidence};

/// The expected calibration error over 15 bins of equal width: of the probability of each row's answer, or
/// where a row has any number of labels, of each label of each row.
pub static CALIBRATION_ERROR: FigureKind = kind(
    "calibration_error",
    "calibration error",
    |evidence| Ok(evidence.answers().map(|answers| error(answers, 1, Binning::EqualWidth))),
    |evidence| Ok(evidence.answers().map(|answers| error(answers, width(evidence), Binning::EqualWidth))),
);

/// The same over 15 bins with equally many answers.
pub static CALIBRATION_ERROR_EQUAL_COUNT: FigureKind = kind(
    "calibration_error_equal_count",
    "calibration error (equal count)",
    |evidence| Ok(evidence.answers().map(|answers| error(answers, 1, Binning::EqualCount))),
    |evidence| Ok(evidence.answers().map(|answers| error(answers, width(evidence), Binning::EqualCount))),
);

/// The mean over the rows of Σ (p − y)² over the labels (Brier 1950), y being 1 for those that hold; for two
/// labels of which a row has one, half of it, and where a row has any number of K labels, a K-th.
pub static BRIER_SCORE: FigureKind = kind(
    "brier_score",
    "Brier score",
    |evidence| {
        let Some(probabilities) = evidence.probabilities() else { return Ok(None) };
        let truth = |row: usize, label| evidence.truth().get(row).is_some_and(|own| *own as usize == label);
        Statistic::mean(squares(probabilities, truth, if probabilities.ncols() == 2 { 2 } else { 1 }))
    },
    |evidence| match evidence.probabilities().filter(|all| all.ncols() > 0) {
        Some(all) => {
            let truth = |row, label| evidence.truth().get((row, label)) == Some(&true);
            Statistic::mean(squares(all, truth, all.ncols()))
        }
        None => Ok(None),
    },
);

const fn kind(
    name: &'static str,
    title: &'static str,
    one_of: for<'a, 'e> fn(&'a Evidence<'e>) -> Prepared<'a>,
    any_of: for<'a, 'e> fn(&'a SetEvidence<'e>) -> Prepared<'a>,
) -> FigureKind {
    FigureKind {
        name,
        title,
        better: Better::Lower,
        scale: Scale::Number,
        undefined: "there are no rows with probabilities",
        one_of: Some(one_of),
        any_of: Some(any_of),
        trust: Trust::Bootstrap,
    }
}

fn width(evidence: &SetEvidence) -> usize {
    evidence.truth().ncols()
}

/// The calibration error of answers, so many a row.
fn error<'a>(answers: Vec<(f64, bool)>, answers_a_row: usize, binning: Binning) -> Statistic<'a> {
    let sorted = SortedAnswers::new(answers);
    Statistic::new(sorted.len(), move |weighted| {
        let weight = |answer: usize| weighted.rows.get(answer / answers_a_row).copied();
        error_of_bins(&sorted.bins(binning, weight))
    })
}

/// Σ (p − y)² of each row, divided.
fn squares(all: ArrayView2<f64>, truth: impl Fn(usize, usize) -> bool, divisor: usize) -> Vec<f64> {
    let rows = all.rows().into_iter().enumerate();
    rows.map(|(row, probabilities)| {
        let square = |(label, p): (usize, &f64)| (p - f64::from(u8::from(truth(row, label)))).powi(2);
        probabilities.iter().enumerate().map(square).sum::<f64>() / divisor as f64
    })
    .collect()
}
