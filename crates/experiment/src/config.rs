//! All hyper-parameters of an experiment.

use assort_models::ModelConfig;
use assort_pipeline::FeatureConfig;
use assort_text::{TextConfig, Truncation, VectorizerConfig, VocabConfig};
use assort_train::{Checkpoints, DecayOn, FineTuning, Monitor, OptimizerKind, ScheduleKind, TrainConfig};
use serde::{Deserialize, Serialize};

use crate::{EmbeddingConfig, Error, PretrainedConfig, Result};

/// What is done about labels that have more rows than others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resample {
    /// Nothing.
    None,
    /// Training rows of rarer labels are repeated.
    Oversample,
    /// Training rows of more frequent labels are left out.
    Undersample,
}

/// How the rows are used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataConfig {
    /// The share of training rows that is cut off for validation, where no validation file is given; in (0, 1).
    pub validation_share: f64,
    /// What is done about labels that have more rows than others.
    pub resample: Resample,
}

impl Default for DataConfig {
    fn default() -> Self {
        Self { validation_share: 0.15, resample: Resample::None }
    }
}

/// All hyper-parameters of an experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct ExperimentConfig {
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
    /// What of them is trained.
    pub fine_tuning: Option<FineTuning>,
}

impl ExperimentConfig {
    /// A model with the defaults that suit it.
    ///
    /// # Errors
    /// If there is no model of this name.
    pub fn defaults(model: &str) -> Result<Self> {
        let known = || ModelConfig::NAMES.join(", ");
        let model = ModelConfig::named(model)
            .ok_or_else(|| Error::UnknownModel { name: model.into(), known: known() })?;
        let (mut pretrained, mut fine_tuning) = (None, None);
        let (features, train) = match &model {
            ModelConfig::Bag(_) => {
                let features = FeatureConfig::Tokens { text: TextConfig::default(), hasher: None };
                (features, Some(TrainConfig::default()))
            }
            ModelConfig::Cnn(_) => {
                let train = TrainConfig {
                    batch_size: 64,
                    learning_rate: 1e-3,
                    schedule: ScheduleKind::Linear,
                    epochs: 5,
                    patience: Some(2),
                    ..TrainConfig::default()
                };
                (words_in_order(), Some(train))
            }
            ModelConfig::Gru(_) | ModelConfig::Lstm(_) | ModelConfig::Rnn(_) => {
                let train = TrainConfig {
                    batch_size: 64,
                    optimizer: OptimizerKind::Adamw,
                    learning_rate: 2e-3,
                    schedule: ScheduleKind::Linear,
                    warmup: 0.1,
                    weight_decay: 0.01,
                    clip_norm: Some(1.0),
                    epochs: 4,
                    patience: Some(2),
                    average_best: 2,
                    ..TrainConfig::default()
                };
                (words_in_order(), Some(train))
            }
            ModelConfig::Linear(_) => {
                (FeatureConfig::Ngrams { vectorizer: VectorizerConfig::default() }, None)
            }
            ModelConfig::Rules(_) => (FeatureConfig::Texts, None),
            ModelConfig::Distilbert(_) | ModelConfig::Bert(_) => {
                (pretrained, fine_tuning) = (Some(PretrainedConfig::default()), Some(FineTuning::default()));
                let features = FeatureConfig::Tokens { text: TextConfig::default(), hasher: None };
                (features, Some(fine_tuned()))
            }
        };
        let embedding = model.embedding_width().map(|_| EmbeddingConfig::default());
        let data = DataConfig::default();
        Ok(Self { seed: 0, data, features, model, embedding, train, pretrained, fine_tuning })
    }
}

/// How encoders are fine-tuned: AdamW, a short warm-up, then a straight line down to zero (Devlin and others 2018, A.3).
fn fine_tuned() -> TrainConfig {
    TrainConfig {
        epochs: 3,
        optimizer: OptimizerKind::Adamw,
        learning_rate: 5e-5,
        schedule: ScheduleKind::Linear,
        warmup: 0.06,
        weight_decay: 0.01,
        decay_on: DecayOn::Matrices,
        clip_norm: Some(1.0),
        monitor: Monitor::ACCURACY,
        patience: None,
        min_delta: 0.0,
        checkpoints: Checkpoints::Best,
        ..TrainConfig::default()
    }
}

/// Words for networks that read them in order. Those that occur once are unknown, so that training knows the unknown word;
/// of long texts the beginning and the end are read.
fn words_in_order() -> FeatureConfig {
    let text = TextConfig {
        vocabulary: VocabConfig { minimum_count: 2, ..VocabConfig::default() },
        longest: Some(400),
        truncation: Truncation::HeadAndTail,
        ..TextConfig::default()
    };
    FeatureConfig::Tokens { text, hasher: None }
}
