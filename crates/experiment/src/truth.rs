//! The true labels of rows: as targets of a fit, and as figures compare with them.

use assort_classifier::{Decision, Predictions};
use assort_datasets::{Dataset, RowLabels};
use assort_metrics::figures::{ACCURACY, LOSS, SUBSET_ACCURACY};
use assort_metrics::{Evidence, FigureSet, SetEvidence, Task};
use assort_models::linear::Labels;
use assort_tensor::Targets;
use ndarray::{Array2, ArrayView2, Axis, concatenate};

use crate::{Error, Result};

/// The true labels of B rows.
pub enum Truth {
    /// One a row (B).
    Labels(Vec<u32>),
    /// Whether each label holds (B, K).
    Sets(Array2<bool>),
}

/// The labels of rows as a model is trained on them.
pub fn targets(data: &Dataset) -> Targets {
    match data.row_labels() {
        RowLabels::One(labels) => Targets::Hard(labels.iter().map(|label| label.0).collect()),
        RowLabels::Any(sets) => Targets::Sets(sets.clone()),
    }
}

/// Targets as a linear model is fitted to them.
pub fn labels(targets: &Targets) -> Result<Labels<'_>> {
    match targets {
        Targets::Hard(labels) => Ok(Labels::One(labels)),
        Targets::Sets(sets) => Ok(Labels::Any(sets)),
        Targets::Soft(_) => Err(Error::Request("a linear model needs labels, not shares of them".into())),
    }
}

impl Truth {
    /// Those of a data set.
    pub fn new(data: &Dataset) -> Self {
        match data.row_labels() {
            RowLabels::One(labels) => Self::Labels(labels.iter().map(|label| label.0).collect()),
            RowLabels::Any(sets) => {
                let mut truth = Array2::from_elem((sets.rows(), data.names().len()), false);
                for (mut row, set) in truth.rows_mut().into_iter().zip(sets.iter()) {
                    for label in set {
                        if let Some(holds) = row.get_mut(*label as usize) {
                            *holds = true;
                        }
                    }
                }
                Self::Sets(truth)
            }
        }
    }

    /// Those of parts, one after the other.
    pub fn joined<'t>(parts: impl IntoIterator<Item = &'t Self>) -> Result<Self> {
        let (mut all, mut sets) = (Vec::new(), Vec::new());
        for part in parts {
            match part {
                Self::Labels(labels) => all.extend_from_slice(labels),
                Self::Sets(part) => sets.push(part.view()),
            }
        }
        match sets.as_slice() {
            [] => Ok(Self::Labels(all)),
            sets => {
                let joined = concatenate(Axis(0), sets);
                joined.map(Self::Sets).map_err(|error| Error::Request(error.to_string()))
            }
        }
    }

    /// Whether a row has a label.
    pub fn holds(&self, row: usize, label: usize) -> bool {
        match self {
            Self::Labels(labels) => labels.get(row).is_some_and(|own| *own as usize == label),
            Self::Sets(sets) => sets.get((row, label)) == Some(&true),
        }
    }

    /// Whether each row is decided rightly, where it has any number of labels in all of them.
    pub fn right(&self, decided: &Predictions) -> Vec<bool> {
        match (self, decided) {
            (Self::Labels(truth), Predictions::Labels(labels)) => {
                truth.iter().zip(labels).map(|(truth, label)| truth == label).collect()
            }
            (Self::Sets(truth), Predictions::Sets(sets)) => {
                truth.rows().into_iter().zip(sets.rows()).map(|(truth, set)| truth == set).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        match self {
            Self::Labels(labels) => labels.len(),
            Self::Sets(sets) => sets.nrows(),
        }
    }

    /// The share of rows that are right by their probabilities (B, K), where a row has several labels in all
    /// of them, and the mean loss.
    pub fn accuracy_and_loss(&self, probabilities: ArrayView2<f64>) -> Result<(f64, f64)> {
        let (share, figures) = match self {
            Self::Labels(truth) => {
                let evidence = Evidence::new(truth, probabilities)?;
                (&ACCURACY, FigureSet::of(&[&ACCURACY, &LOSS], &evidence)?)
            }
            Self::Sets(truth) => {
                let evidence = evidence_of_sets(truth, probabilities, &Decision::default())?;
                (&SUBSET_ACCURACY, FigureSet::of(&[&SUBSET_ACCURACY, &LOSS], &evidence)?)
            }
        };
        Ok((figures.value(share).unwrap_or_default(), figures.value(&LOSS).unwrap_or(f64::MAX)))
    }
}

/// What figures of label sets are read off, by the decision's thresholds.
pub fn evidence_of_sets<'e>(
    truth: &'e Array2<bool>,
    probabilities: ArrayView2<'e, f64>,
    decision: &Decision,
) -> Result<SetEvidence<'e>> {
    let thresholds: Vec<f64> =
        (0..truth.ncols()).map(|label| decision.threshold(Task::AnyOf, label)).collect();
    Ok(SetEvidence::new(truth.view(), probabilities, &thresholds)?)
}

/// What figures of one label a row are read off, by the decision's weights or costs.
pub fn evidence<'e>(
    truth: &'e [u32],
    probabilities: ArrayView2<'e, f64>,
    decision: &Decision,
) -> Result<Evidence<'e>> {
    Ok(match decision.predictions(Task::OneOf, probabilities)? {
        Predictions::Labels(labels) => Evidence::of_decisions(truth, labels, probabilities)?,
        Predictions::Sets(_) => Evidence::new(truth, probabilities)?,
    })
}
