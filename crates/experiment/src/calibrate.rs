//! Calibration of a trained model's probabilities on its validation rows.

use assort_classifier::{Calibration, CalibrationKind, TrueLabels};
use assort_datasets::Dataset;
use assort_report::{CalibrationFigures, CalibrationTried};
use assort_settings::CalibrationChoice;
use ndarray::{Array2, ArrayView2, Axis};

use crate::truth::Truth;
use crate::{Error, Result};

/// With fewer validation rows nothing is calibrated unless asked for.
const FEW_ROWS: usize = 200;
/// With fewer, not even then.
const LEAST_ROWS: usize = 10;
/// With more probabilities than this, a temperature alone is tried: the others take longer than training.
const MANY: usize = 200_000;
/// Parts of the validation rows that are held out in turns.
const FOLDS: usize = 5;
/// A calibration must lower the loss by this share of it to be worth having, and to be worth more than a
/// simpler one.
const WORTH: f64 = 0.005;

/// The calibration that suits probabilities (B, K) of validation rows, with what was tried; `None` where
/// nothing was.
///
/// Each kind is judged by the log loss of rows that it was not fitted to: every fifth row is held out in
/// turns. The kept one is then fitted to all.
pub fn choose(
    choice: CalibrationChoice,
    probabilities: ArrayView2<f64>,
    data: &Dataset,
) -> Result<Option<(Option<Calibration>, CalibrationFigures)>> {
    let kinds = match choice {
        CalibrationChoice::None => return Ok(None),
        CalibrationChoice::Auto if data.len() < FEW_ROWS => return Ok(None),
        CalibrationChoice::Auto if probabilities.len() > MANY => vec![CalibrationKind::Temperature],
        CalibrationChoice::Auto => CalibrationKind::ALL.to_vec(),
        CalibrationChoice::Temperature => vec![CalibrationKind::Temperature],
        CalibrationChoice::Vector => vec![CalibrationKind::Vector],
        CalibrationChoice::Isotonic => vec![CalibrationKind::Isotonic],
    };
    if data.len() < LEAST_ROWS {
        let rows = data.len();
        let why = format!("calibration needs {LEAST_ROWS} validation rows, there are {rows}: set it to none");
        return Err(Error::Request(why));
    }
    let truth = Truth::new(data);
    let loss = truth.labels().log_loss(probabilities)?.unwrap_or(f64::MAX);
    let mut tried = Vec::new();
    for kind in kinds {
        let held = held_out(kind, probabilities, &truth)?;
        tried
            .push(CalibrationTried { kind, loss: truth.labels().log_loss(held.view())?.unwrap_or(f64::MAX) });
    }
    let mut best: Option<CalibrationTried> = None;
    for one in &tried {
        let before = best.map_or(loss, |best| best.loss);
        if choice != CalibrationChoice::Auto || one.loss < before * (1.0 - WORTH) {
            best = Some(*one);
        }
    }
    let kept = best.map(|best| best.kind);
    let calibration = kept.map(|kind| kind.fit(probabilities, truth.labels()));
    let (rows, before, bins_before) = (data.len(), None, Vec::new());
    Ok(Some((calibration, CalibrationFigures { kept, rows, loss, tried, before, bins_before })))
}

/// The probabilities after a calibration that was fitted to the other parts.
fn held_out(kind: CalibrationKind, probabilities: ArrayView2<f64>, truth: &Truth) -> Result<Array2<f64>> {
    let mut all = probabilities.to_owned();
    for fold in 0..FOLDS {
        let (own, others): (Vec<usize>, Vec<usize>) = (0..truth.rows()).partition(|row| row % FOLDS == fold);
        let fitted = kind.fit(probabilities.select(Axis(0), &others).view(), truth.select(&others).labels());
        let calibrated = fitted.apply(probabilities.select(Axis(0), &own).view(), truth.labels().task());
        for (row, values) in own.into_iter().zip(calibrated.rows()) {
            all.row_mut(row).assign(&values);
        }
    }
    Ok(all)
}

impl Truth {
    /// They, as a calibration is fitted to.
    pub fn labels(&self) -> TrueLabels<'_> {
        match self {
            Self::Labels(labels) => TrueLabels::One(labels),
            Self::Sets(sets) => TrueLabels::Any(sets.view()),
        }
    }

    /// Those of some rows, which exist.
    fn select(&self, rows: &[usize]) -> Self {
        match self {
            Self::Labels(labels) => Self::Labels(rows.iter().map(|row| labels[*row]).collect()),
            Self::Sets(sets) => Self::Sets(sets.select(Axis(0), rows)),
        }
    }
}
