//! Probabilities that mean what they say: of the answers with 80 %, 80 % are right.

mod isotonic;
mod lbfgs;
mod scaling;
mod temperature;

use assort_metrics::{binary_log_loss, log_loss};
use assort_rows::Task;
use ndarray::{Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::logits::link;
use isotonic::Steps;

/// The smallest probability that has a logarithm.
const TINY: f64 = 1e-12;

/// True labels of B rows beside which probabilities are judged.
#[derive(Clone, Copy, Debug)]
pub enum TrueLabels<'t> {
    /// One a row (B).
    One(&'t [u32]),
    /// Whether each label holds (B, K).
    Any(ArrayView2<'t, bool>),
}

/// A kind of calibration, the simplest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CalibrationKind {
    /// All logits times one number (Guo and others 2017).
    Temperature,
    /// Each label's logit times a number of its own, plus another: Platt's scaling (1999) where labels hold
    /// by themselves.
    Vector,
    /// Each label's probability by a rising line through points (Zadrozny and Elkan 2002), then divided by
    /// the sum of all where a row has one label.
    Isotonic,
}

/// What becomes of a model's probabilities. It is fitted to rows that the model was not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Calibration {
    /// Logits times a number.
    Temperature {
        /// The number, 1 / T: below 1 makes probabilities less sure.
        scale: f64,
    },
    /// Each label's logit times a number, plus another (K).
    Vector {
        /// The factors.
        scales: Vec<f64>,
        /// The summands.
        shifts: Vec<f64>,
    },
    /// A rising line for each label (K).
    Isotonic {
        /// The lines.
        labels: Vec<Steps>,
    },
}

impl CalibrationKind {
    /// All kinds, the simplest first.
    pub const ALL: [Self; 3] = [Self::Temperature, Self::Vector, Self::Isotonic];

    /// The name in settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Temperature => "temperature",
            Self::Vector => "vector",
            Self::Isotonic => "isotonic",
        }
    }

    /// Fits it to probabilities (B, K) of rows with these labels, so that their log loss is least; by least
    /// squares for isotonic lines.
    pub fn fit(self, probabilities: ArrayView2<f64>, truth: TrueLabels) -> Calibration {
        match self {
            Self::Temperature => Calibration::Temperature {
                scale: temperature::fit(&logits(probabilities, truth.task()), truth),
            },
            Self::Vector => {
                let logits = logits(probabilities, truth.task());
                let (scales, shifts) = scaling::fit(&logits, truth);
                Calibration::Vector { scales, shifts }
            }
            Self::Isotonic => {
                let label = |(label, column): (usize, ndarray::ArrayView1<f64>)| {
                    Steps::fit(column.iter().copied().zip((0..column.len()).map(|row| truth.has(row, label))))
                };
                Calibration::Isotonic {
                    labels: probabilities.axis_iter(Axis(1)).enumerate().map(label).collect(),
                }
            }
        }
    }
}

impl TrueLabels<'_> {
    /// How many labels a row has.
    pub fn task(&self) -> Task {
        match self {
            Self::One(_) => Task::OneOf,
            Self::Any(_) => Task::AnyOf,
        }
    }

    /// B.
    pub fn rows(&self) -> usize {
        match self {
            Self::One(labels) => labels.len(),
            Self::Any(sets) => sets.nrows(),
        }
    }

    /// Whether a row has a label.
    fn has(&self, row: usize, label: usize) -> bool {
        match self {
            Self::One(labels) => labels.get(row).is_some_and(|own| *own as usize == label),
            Self::Any(sets) => sets.get((row, label)) == Some(&true),
        }
    }

    /// Mean log loss of probabilities (B, K); `None` without rows.
    ///
    /// # Errors
    /// If they are no probabilities.
    pub fn log_loss(&self, probabilities: ArrayView2<f64>) -> Result<Option<f64>> {
        Ok(match self {
            Self::One(labels) => log_loss(probabilities, labels)?,
            Self::Any(sets) => binary_log_loss(probabilities, *sets)?,
        })
    }
}

impl Calibration {
    /// Its kind.
    pub fn kind(&self) -> CalibrationKind {
        match self {
            Self::Temperature { .. } => CalibrationKind::Temperature,
            Self::Vector { .. } => CalibrationKind::Vector,
            Self::Isotonic { .. } => CalibrationKind::Isotonic,
        }
    }

    /// Whether it is for so many labels, and all its numbers are numbers.
    pub fn fits(&self, labels: usize) -> bool {
        match self {
            Self::Temperature { scale } => scale.is_finite() && *scale > 0.0,
            Self::Vector { scales, shifts } => {
                let are_finite =
                    |list: &[f64]| list.len() == labels && list.iter().all(|one| one.is_finite());
                are_finite(scales) && are_finite(shifts)
            }
            Self::Isotonic { labels: lines } => lines.len() == labels && lines.iter().all(Steps::is_rising),
        }
    }

    /// The calibrated probabilities (B, K) of probabilities (B, K).
    pub fn apply(&self, probabilities: ArrayView2<f64>, task: Task) -> Array2<f64> {
        let scaled = |scale: &dyn Fn(usize, f64) -> f64| {
            let mut scores = logits(probabilities, task);
            scores.indexed_iter_mut().for_each(|((_, label), score)| *score = scale(label, *score));
            link(scores, task)
        };
        match self {
            Self::Temperature { scale } => scaled(&|_, score| scale * score),
            Self::Vector { scales, shifts } => scaled(&|label, score| {
                let of = |list: &[f64]| list.get(label).copied();
                of(scales).unwrap_or(1.0) * score + of(shifts).unwrap_or_default()
            }),
            Self::Isotonic { labels } => {
                let mut calibrated = probabilities.to_owned();
                for ((_, label), value) in calibrated.indexed_iter_mut() {
                    *value = labels.get(label).map_or(*value, |line| line.at(*value));
                }
                if task == Task::OneOf {
                    for mut row in calibrated.rows_mut() {
                        let sum = row.sum();
                        row.mapv_inplace(|value| value / sum);
                    }
                }
                calibrated
            }
        }
    }
}

/// Logits that give these probabilities: their logarithms, or log odds where labels hold by themselves.
fn logits(probabilities: ArrayView2<f64>, task: Task) -> Array2<f64> {
    match task {
        Task::OneOf => probabilities.mapv(|p| p.max(TINY).ln()),
        Task::AnyOf => probabilities.mapv(|p| {
            let p = p.clamp(TINY, 1.0 - TINY);
            (p / (1.0 - p)).ln()
        }),
    }
}

#[cfg(test)]
mod tests;
