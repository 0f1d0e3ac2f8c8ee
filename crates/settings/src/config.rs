//! All hyper-parameters of an experiment.

use std::path::PathBuf;

use assort_classifier::Task;
use assort_datasets::Resampling;
use assort_models::ModelConfig;
use assort_pipeline::FeatureConfig;
use assort_train::{FineTuning, TrainConfig};
use serde::{Deserialize, Serialize};

use crate::{EmbeddingConfig, PretrainedConfig};

/// Which calibration a model's probabilities get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CalibrationChoice {
    /// The one that does best on validation rows that it was not fitted to, if it does better than none.
    Auto,
    /// None.
    None,
    /// All logits times one number.
    Temperature,
    /// Each label's logit times a number, plus another.
    Vector,
    /// A rising line for each label.
    Isotonic,
}

/// How the rows are used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataConfig {
    /// The share of training rows that is cut off for validation, where no validation file is given; in [0,
    /// 1), and 0 for models alone that need no such rows.
    pub validation_share: f64,
    /// Treatment of labels that have more rows than others.
    pub resample: Resampling,
    /// What is done to probabilities by the validation rows, so that they mean what they say.
    pub calibration: CalibrationChoice,
    /// Word vectors whose nearest words stand for others in synthesized rows: a file, as with `vectors`.
    pub synonyms: Option<PathBuf>,
}

impl Default for DataConfig {
    fn default() -> Self {
        Self {
            validation_share: 0.15,
            resample: Resampling::None,
            calibration: CalibrationChoice::Auto,
            synonyms: None,
        }
    }
}

/// All hyper-parameters of an experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct ExperimentConfig {
    /// How many labels a row has. The rows say so, and no setting.
    pub task: Task,
    /// Decides splits, first weights, shuffling and dropout.
    pub seed: u64,
    /// How the rows are used.
    pub data: DataConfig,
    /// How texts become the model's inputs.
    pub features: FeatureConfig,
    /// The architecture.
    pub model: ModelConfig,
    /// How its word embedding begins; `None` for a model without one.
    pub embedding: Option<EmbeddingConfig>,
    /// The training by gradient; `None` for a model with a solver of its own.
    pub train: Option<TrainConfig>,
    /// Where the weights begin; `None` for a model that begins with drawn ones.
    pub pretrained: Option<PretrainedConfig>,
    /// The part of them that is trained.
    pub fine_tuning: Option<FineTuning>,
}
