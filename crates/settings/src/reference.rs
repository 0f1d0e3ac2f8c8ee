//! Meaning, values and defaults of every setting, and when to change it: the one place that tells them.
//!
//! Defaults are no part of the text. They are looked up where they stand: in the configurations and the
//! models' recipes.

mod architecture;
mod inputs;
mod models;
mod solving;
mod training;

use assort_models::ModelConfig;

use crate::{ExperimentConfig, Result, keys, word};

pub use models::{CORPORA, Corpus, MACHINE, MODELS, Measured, ModelTopic};

/// A setting as people look it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its key.
    pub key: &'static str,
    /// What it decides.
    pub meaning: &'static str,
    /// The values that it can have.
    pub values: &'static str,
    /// When to change it.
    pub when: &'static str,
}

impl Topic {
    const fn new(key: &'static str, meaning: &'static str, values: &'static str, when: &'static str) -> Self {
        Self { key, meaning, values, when }
    }

    /// Each default with the models that have it, in the order of their names.
    ///
    /// # Errors
    /// If a default has no form in JSON.
    pub fn defaults(&self) -> Result<Vec<(String, Vec<&'static str>)>> {
        let mut defaults: Vec<(String, Vec<&'static str>)> = Vec::new();
        for model in ModelConfig::NAMES {
            let settings = keys::flatten(&ExperimentConfig::defaults(model)?)?;
            let Some(value) = settings.get(self.key).map(word) else { continue };
            match defaults.iter_mut().find(|(known, _)| *known == value) {
                Some((_, models)) => models.push(model),
                None => defaults.push((value, vec![model])),
            }
        }
        Ok(defaults)
    }

    /// Each default with the names of its models in a list, `all models` where all have it.
    ///
    /// # Errors
    /// As [`Topic::defaults`].
    pub fn listed_defaults(&self) -> Result<Vec<(String, String)>> {
        let listed = |(value, models): (String, Vec<&str>)| match models.len() == ModelConfig::NAMES.len() {
            true => (value, "all models".to_owned()),
            false => (value, models.join(", ")),
        };
        Ok(self.defaults()?.into_iter().map(listed).collect())
    }

    /// The models that have the setting.
    ///
    /// # Errors
    /// As [`Topic::defaults`].
    pub fn models(&self) -> Result<Vec<&'static str>> {
        let mut models: Vec<&str> = self.defaults()?.into_iter().flat_map(|(_, models)| models).collect();
        models.sort_unstable();
        Ok(models)
    }
}

/// Settings that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chapter {
    /// What they are about.
    pub title: &'static str,
    /// They, in the order of a run.
    pub topics: &'static [Topic],
}

/// All settings.
pub const CHAPTERS: [Chapter; 8] = [
    Chapter { title: "Rows", topics: &inputs::ROWS },
    Chapter { title: "Texts and tokens", topics: &inputs::TOKENS },
    Chapter { title: "N-grams", topics: &inputs::NGRAMS },
    Chapter { title: "Networks", topics: &architecture::NETWORKS },
    Chapter { title: "Pretrained encoders", topics: &architecture::ENCODERS },
    Chapter { title: "Linear models and rules", topics: &solving::LINEAR },
    Chapter { title: "Training by gradient", topics: &training::TRAINING },
    Chapter { title: "Optimizers", topics: &training::OPTIMIZERS },
];

/// The setting of this key, of whatever model.
pub fn topic(key: &str) -> Option<&'static Topic> {
    CHAPTERS.iter().flat_map(|chapter| chapter.topics).find(|topic| topic.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Settings, Source};
    use serde_json::json;

    #[test]
    fn every_setting_is_told_once() {
        let told: Vec<&str> =
            CHAPTERS.iter().flat_map(|chapter| chapter.topics).map(|topic| topic.key).collect();
        for model in ModelConfig::NAMES {
            for setting in Settings::defaults(model).unwrap().iter() {
                let key = setting.key.as_str();
                assert_eq!(told.iter().filter(|one| **one == key).count(), 1, "{model}: {key}");
            }
        }
        for key in told {
            assert!(!topic(key).unwrap().models().unwrap().is_empty(), "{key} is no setting of any model");
        }
    }

    /// Words that a setting can have are those that an error names.
    #[test]
    fn values_are_those_that_are_read() {
        for model in ModelConfig::NAMES {
            let keys: Vec<String> =
                Settings::defaults(model).unwrap().iter().map(|setting| setting.key.clone()).collect();
            for key in keys {
                let mut settings = Settings::defaults(model).unwrap();
                settings.put(&key, json!("no such word"), Source::Flag("set")).unwrap();
                let Err(error) = settings.resolve() else { continue };
                let error = error.to_string();
                let Some((_, known)) = error.split_once(": choose ") else { continue };
                let values = topic(&key).unwrap().values;
                for word in known.replace(" or ", ", ").split(", ") {
                    assert!(values.contains(word), "{model}, {key}: {word} is not among {values}");
                }
            }
        }
    }

    #[test]
    fn every_model_is_told_once() {
        let mut told = MODELS.map(|model| model.name);
        told.sort_unstable();
        assert_eq!(told, ModelConfig::NAMES);
        let known = |name| ModelConfig::NAMES.contains(&name);
        assert!(CORPORA.iter().flat_map(|corpus| corpus.measured).all(|one| known(one.model)));
    }

    #[test]
    fn defaults_are_told_by_model() {
        let rate = topic("learning_rate").unwrap().defaults().unwrap();
        assert_eq!(rate.first(), Some(&("0.003".to_owned(), vec!["bag"])));
        assert!(rate.contains(&("0.002".to_owned(), vec!["gru", "lstm", "rnn"])), "{rate:?}");
        assert_eq!(topic("filters").unwrap().models().unwrap(), ["cnn"]);
        let seed = topic("seed").unwrap().listed_defaults().unwrap();
        assert_eq!(seed, [("0".to_owned(), "all models".to_owned())]);
    }
}
