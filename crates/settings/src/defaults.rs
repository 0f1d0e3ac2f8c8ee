//! The lowest layers: the general defaults, and above them those of the model's recipe.

use assort_classifier::Task;
use assort_models::{InputKind, ModelConfig, TrainingKind};
use assort_pipeline::FeatureConfig;
use assort_text::{TextConfig, VectorizerConfig};
use assort_train::{FineTuning, TrainConfig};

use crate::{DataConfig, EmbeddingConfig, Error, ExperimentConfig, PretrainedConfig, Result, keys};

impl ExperimentConfig {
    /// A model with the general defaults and, where they differ, those of its recipe.
    ///
    /// # Errors
    /// If there is no model of this name.
    pub fn defaults(model: &str) -> Result<Self> {
        let known = || ModelConfig::NAMES.join(", ");
        let model =
            ModelConfig::named(model).ok_or_else(|| Error::Model { name: model.into(), known: known() })?;
        let recipe = model.recipe();
        let by_gradient = matches!(recipe.training, TrainingKind::Gradient | TrainingKind::FineTuning);
        let is_tuned = recipe.training == TrainingKind::FineTuning;
        let from_checkpoint = is_tuned || recipe.training == TrainingKind::SolvedHead;
        let general = Self {
            task: Task::default(),
            seed: 0,
            data: DataConfig::default(),
            features: match recipe.inputs {
                InputKind::Tokens => FeatureConfig::Tokens { text: TextConfig::default(), hasher: None },
                InputKind::Ngrams => FeatureConfig::Ngrams { vectorizer: VectorizerConfig::default() },
                InputKind::Texts => FeatureConfig::Texts,
            },
            embedding: model.embedding_width().map(|_| EmbeddingConfig::default()),
            train: by_gradient.then(TrainConfig::default),
            pretrained: from_checkpoint.then(PretrainedConfig::default),
            fine_tuning: is_tuned.then(FineTuning::default),
            model,
        };
        let mut all = keys::flatten(&general)?;
        all.extend(recipe.settings);
        keys::unflatten(&all, &general)
    }
}
