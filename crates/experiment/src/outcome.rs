//! The outcome of a training, whatever the model.

use assort_datasets::Dataset;
use assort_metrics::Task;
use assort_metrics::figures::LOSS;
use assort_models::{Model, ModelConfig, Shape};
use assort_pipeline::{Adapter, FeatureConfig, Featurizer, PretrainedRecord, text_probabilities};
use assort_report::{Search, VectorFigures};
use assort_train::{History, TrainState};

use crate::Result;
use crate::evaluate::Evaluated;
use crate::truth::Truth;

/// A model that predicts, with what is known of its making.
pub struct Outcome {
    pub featurizer: Featurizer,
    /// The features with the sizes that they came to have.
    pub features: FeatureConfig,
    pub model: Model,
    /// The architecture with the sizes that it came to have.
    pub architecture: ModelConfig,
    pub shape: Shape,
    /// Values in the model, and those of them that are trained.
    pub parameters: (usize, usize),
    /// Tokens or weighted features of the training rows.
    pub tokens: usize,
    /// From rows in memory to the final weights.
    pub seconds: f64,
    pub training: Training,
    /// The checkpoint that the weights came from, if from one.
    pub pretrained: Option<PretrainedRecord>,
    /// What was known of the model before it saw the validation rows too, if it did.
    pub refitted: Option<Box<Refitted>>,
}

/// A model that was judged and then fitted to the rows that judged it too.
pub struct Refitted {
    /// The figures of the model that had not seen the validation rows.
    pub validation: Evaluated,
    /// Digest of all rows that the model has seen.
    pub digest: String,
    /// Their number.
    pub rows: usize,
}

impl Outcome {
    /// Accuracy and mean cross entropy on validation rows, before the model is in any folder: those of the
    /// model that had not seen them.
    pub fn judge(&self, data: &Dataset, task: Task) -> Result<(f64, f64)> {
        if let Some(refitted) = &self.refitted {
            let evaluation = &refitted.validation.evaluation;
            let loss = evaluation.value(&LOSS).unwrap_or(f64::MAX);
            return Ok((evaluation.accuracy().unwrap_or_default(), loss));
        }
        let kind = (self.shape.classes, task);
        let probabilities = text_probabilities(&self.featurizer, &self.model, kind, &data.texts().slices())?;
        Truth::new(data).accuracy_and_loss(probabilities.view())
    }
}

/// How the model came about.
pub enum Training {
    /// Epoch by epoch, by gradient.
    Epochs(Box<Epochs>),
    /// By a solver, in one go.
    Solved {
        /// The solver's steps.
        steps: usize,
        /// Seconds of solving alone.
        seconds: f64,
        /// What was tried before, where settings were left open.
        search: Option<Search>,
    },
    /// By hand: its expressions were read.
    Written,
}

/// A training by gradient.
pub struct Epochs {
    pub history: History,
    /// Where a longer run goes on from.
    pub state: TrainState,
    pub steps: usize,
    /// Whether time was over before the last epoch.
    pub is_cut: bool,
    /// The share of positions that padding would take in filled-up batches.
    pub padding: f64,
    /// The pretrained vectors that the embedding began with, if any.
    pub vectors: Option<VectorFigures>,
    /// The low-rank matrices, before the model took them up.
    pub adapter: Option<Adapter>,
}

impl Training {
    /// The training by gradient, if it was one.
    pub fn epochs(&self) -> Option<&Epochs> {
        match self {
            Self::Epochs(epochs) => Some(epochs),
            Self::Solved { .. } | Self::Written => None,
        }
    }

    /// What was tried before, where settings were left open.
    pub fn search(&self) -> Option<&Search> {
        match self {
            Self::Solved { search, .. } => search.as_ref(),
            Self::Epochs(_) | Self::Written => None,
        }
    }

    /// The steps taken.
    pub fn steps(&self) -> usize {
        match self {
            Self::Epochs(epochs) => epochs.steps,
            Self::Solved { steps, .. } => *steps,
            Self::Written => 0,
        }
    }

    /// Seconds of the steps alone.
    pub fn step_seconds(&self) -> f64 {
        match self {
            Self::Epochs(epochs) => epochs.history.step_seconds(),
            Self::Solved { seconds, .. } => *seconds,
            Self::Written => 0.0,
        }
    }
}
