//! A configuration that has been checked.

use std::ops::Deref;

use assort_classifier::Task;
use assort_models::ModelConfig;
use assort_models::linear::Multiclass;
use assort_pipeline::FeatureConfig;
use serde_json::{Map, Value, json};

use crate::{Error, ExperimentConfig, Result, Setting, Source, keys};

/// A configuration whose ranges have been checked, with the settings that it was resolved from. There is no
/// other way to one than [`Settings::resolve`](crate::Settings::resolve) and the changes below, so nobody
/// checks it again.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    config: ExperimentConfig,
    settings: Vec<Setting>,
}

impl Checked {
    pub(crate) fn new(config: ExperimentConfig, settings: Vec<Setting>) -> Result<Self> {
        config.check()?;
        Ok(Self { config, settings })
    }

    /// The settings with their sources, in a fixed order.
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// The setting of a key, if there is one.
    pub fn setting(&self, key: &str) -> Option<&Setting> {
        self.settings.iter().find(|setting| setting.key == key)
    }

    /// Every hyper-parameter by its key, in a fixed order, in the form that runs keep to be compared with: of
    /// a model that reads tokens it has always been the longest n-gram of words alone.
    ///
    /// # Errors
    /// If a value has no form in JSON.
    pub fn keys(&self) -> Result<Map<String, Value>> {
        let mut keys = keys::flatten(&self.config)?;
        if let (FeatureConfig::Tokens { .. }, Some(range)) = (&self.features, keys.get_mut("word_ngrams")) {
            *range = range.get_mut(1).map(Value::take).unwrap_or_default();
        }
        Ok(keys)
    }

    /// The same with another seed.
    pub fn with_seed(mut self, seed: u64, source: Source) -> Self {
        self.config.seed = seed;
        self.tell("seed", json!(seed), source);
        self
    }

    /// The same with a word embedding of this width.
    ///
    /// # Errors
    /// If no embedding may be so wide.
    pub fn with_embedding_width(mut self, width: usize, source: Source) -> Result<Self> {
        self.config.model.set_embedding_width(width);
        self.tell("embedding", json!(width), source);
        Self::new(self.config, self.settings)
    }

    /// The same for rows of this task.
    ///
    /// # Errors
    /// If a setting means nothing to it.
    pub fn with_task(mut self, task: Task) -> Result<Self> {
        if let (Task::AnyOf, ModelConfig::Linear(linear)) = (task, &self.config.model)
            && linear.multiclass == Multiclass::Softmax
            && !self.is_default("multiclass")
        {
            let reason = "it gives a row one label, and rows have any number: choose independent";
            return Err(Error::value("multiclass", "softmax", reason));
        }
        self.config.task = task;
        if let Some(train) = &mut self.config.train {
            train.monitor = train.monitor.for_task(task);
        }
        self.config.model = self.config.model.for_task(task);
        if let Some(value) = keys::flatten(&self.config)?.get("multiclass") {
            let source = self.setting("multiclass").map_or(Source::Default, |setting| setting.source.clone());
            self.tell("multiclass", value.clone(), source);
        }
        Self::new(self.config, self.settings)
    }

    /// Whether nobody has given this key a value.
    pub fn is_default(&self, key: &str) -> bool {
        self.setting(key).is_some_and(|setting| setting.source == Source::Default)
    }

    /// The same with features and a model that were chosen on rows; `keys` are those that were open.
    ///
    /// # Errors
    /// If a value lies outside its range.
    pub fn with_choice(mut self, features: FeatureConfig, model: ModelConfig, keys: &[&str]) -> Result<Self> {
        (self.config.features, self.config.model) = (features, model);
        let values = keys::flatten(&self.config)?;
        for key in keys {
            if let Some(value) = values.get(*key) {
                self.tell(key, value.clone(), Source::Chosen);
            }
        }
        Self::new(self.config, self.settings)
    }

    fn tell(&mut self, key: &str, value: Value, source: Source) {
        if let Some(setting) = self.settings.iter_mut().find(|setting| setting.key == key) {
            (setting.value, setting.source) = (value, source);
        }
    }
}

impl Deref for Checked {
    type Target = ExperimentConfig;

    fn deref(&self) -> &ExperimentConfig {
        &self.config
    }
}
