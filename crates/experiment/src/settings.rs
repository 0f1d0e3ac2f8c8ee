//! Hyper-parameters as users write them: one flat list of keys, in layers, each value with its source.

use std::path::PathBuf;

use assort_models::ModelConfig;
use assort_text::{TextConfig, VocabConfig};
use assort_train::TrainConfig;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::{DataConfig, Error, ExperimentConfig, Result};

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The model's defaults.
    Default,
    /// A configuration file.
    File(PathBuf),
    /// `--set`.
    Set,
    /// A flag of its own.
    Flag(&'static str),
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => path.display().fmt(f),
            Self::Set => f.write_str("--set"),
            Self::Flag(name) => write!(f, "--{name}"),
        }
    }
}

/// One hyper-parameter.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Setting {
    /// Its key.
    pub key: String,
    /// Its value; null for none.
    pub value: Value,
    /// Where the value came from.
    pub source: Source,
}

/// All hyper-parameters of one model. A later assignment covers an earlier one.
#[derive(Clone, Debug)]
pub struct Settings {
    model: &'static str,
    list: Vec<Setting>,
}

impl Settings {
    /// The defaults of a model.
    ///
    /// # Errors
    /// If there is no model of this name.
    pub fn defaults(model: &str) -> Result<Self> {
        let config = ExperimentConfig::defaults(model)?;
        let list = flatten(&config)
            .into_iter()
            .map(|(key, value)| Setting { key, value, source: Source::Default })
            .collect();
        Ok(Self { model: config.model.name(), list })
    }

    /// The model's name.
    pub fn model(&self) -> &'static str {
        self.model
    }

    /// All of them, in a fixed order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Setting> {
        self.list.iter()
    }

    /// The model that a configuration file names in `model = "…"`, if it does.
    ///
    /// # Errors
    /// If the text is not TOML; the message has line and column.
    pub fn model_of_toml(text: &str, path: &std::path::Path) -> Result<Option<String>> {
        let table = parse_toml(text, path)?;
        Ok(table.get("model").and_then(|value| value.as_str()).map(Into::into))
    }

    /// Assigns every key of a TOML text; `model` is read over.
    ///
    /// # Errors
    /// If the text is not TOML, or a key or value does not fit; the message names file and key.
    pub fn assign_toml(&mut self, text: &str, path: &std::path::Path) -> Result<()> {
        let table = parse_toml(text, path)?;
        let fail = |reason: String| Error::File { path: path.into(), reason };
        for (key, value) in table.into_iter().filter(|(key, _)| key != "model") {
            let value = serde_json::to_value(value).map_err(|e| fail(e.to_string()))?;
            self.put(&key, value, Source::File(path.into())).map_err(|e| fail(e.to_string()))?;
        }
        Ok(())
    }

    /// Assigns `key=value`. The value is read as TOML where it is TOML, else as a word; `none` is none.
    ///
    /// # Errors
    /// If there is no `=`, or the key or value does not fit.
    pub fn assign(&mut self, pair: &str, source: Source) -> Result<()> {
        let Some((key, word)) = pair.split_once('=') else {
            let reason = "expected key=value".into();
            return Err(Error::Setting { key: pair.into(), value: "nothing".into(), reason });
        };
        let (key, word) = (key.trim(), word.trim());
        let value = toml::from_str::<toml::Table>(&format!("v = {word}"))
            .ok()
            .and_then(|mut table| table.remove("v"))
            .and_then(|value| serde_json::to_value(value).ok())
            .unwrap_or_else(|| json!(word));
        self.put(key, value, source)
    }

    /// Assigns one value.
    ///
    /// # Errors
    /// If the key is unknown or the value does not fit; then nothing has changed.
    pub fn put(&mut self, key: &str, value: Value, source: Source) -> Result<()> {
        let Some(at) = self.list.iter().position(|setting| setting.key == key) else {
            let near = |known: &&Setting| strsim::jaro_winkler(&known.key, key) > 0.8;
            let by_nearness = |a: &&Setting, b: &&Setting| {
                strsim::jaro_winkler(&a.key, key).total_cmp(&strsim::jaro_winkler(&b.key, key))
            };
            let nearest =
                self.list.iter().filter(near).max_by(by_nearness).map(|setting| setting.key.clone());
            return Err(Error::UnknownSetting { key: key.into(), nearest });
        };
        let written = value.clone();
        let value = match value {
            Value::String(word) if word == "none" && !self.list[at].value.is_string() => Value::Null,
            // Switches read `on` and `off` in files; true and false mean the same.
            Value::Bool(on) if self.list[at].value.is_string() => json!(if on { "on" } else { "off" }),
            other => other,
        };
        let mut changed = self.clone();
        changed.list[at] = Setting { key: key.into(), value, source };
        changed.resolve().map_err(|error| match error {
            Error::Setting { reason, .. } => {
                let value = written.as_str().map_or_else(|| written.to_string(), Into::into);
                Error::Setting { key: key.into(), value, reason }
            }
            other => other,
        })?;
        *self = changed;
        Ok(())
    }

    /// The configuration that these settings mean.
    ///
    /// # Errors
    /// If a value does not fit its key.
    pub fn resolve(&self) -> Result<ExperimentConfig> {
        let all: Map<String, Value> = self.list.iter().map(|s| (s.key.clone(), s.value.clone())).collect();
        let defaults = ExperimentConfig::defaults(self.model)?;
        let text: TextConfig = part(&all, &text_keys(&defaults.text))?;
        let vocabulary =
            Map::from_iter(VOCABULARY.map(|(inside, key)| (inside.to_string(), all[key].clone())));
        let vocabulary: VocabConfig = typed(Value::Object(vocabulary))?;
        let mut model = keys_of(&defaults.model);
        for (key, value) in &mut model {
            if let Some(set) = all.get(key) {
                *value = set.clone();
            }
        }
        let model: ModelConfig = typed(Value::Object(model))?;
        let data: DataConfig = part(&all, &keys_of(&defaults.data))?;
        let train: TrainConfig = part(&all, &keys_of(&defaults.train))?;
        let seed: u64 = typed(all.get("seed").cloned().unwrap_or_default())?;
        Ok(ExperimentConfig { seed, data, text: TextConfig { vocabulary, ..text }, model, train })
    }
}

/// Keys of the vocabulary's configuration, and what they are called in the flat list.
const VOCABULARY: [(&str, &str); 3] =
    [("size_limit", "vocabulary_size"), ("minimum_count", "minimum_count"), ("specials", "specials")];

/// All hyper-parameters under their flat keys.
pub(crate) fn flatten(config: &ExperimentConfig) -> Map<String, Value> {
    let mut all = Map::new();
    all.insert("seed".into(), json!(config.seed));
    all.extend(keys_of(&config.data));
    all.extend(text_keys(&config.text));
    let vocabulary = keys_of(&config.text.vocabulary);
    all.extend(VOCABULARY.map(|(inside, key)| (key.to_string(), vocabulary[inside].clone())));
    all.extend(keys_of(&config.model).into_iter().filter(|(key, _)| key != "model"));
    all.extend(keys_of(&config.train));
    all
}

fn text_keys(text: &TextConfig) -> Map<String, Value> {
    keys_of(text).into_iter().filter(|(key, _)| key != "vocabulary").collect()
}

/// The fields of a configuration with their values.
fn keys_of(config: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(config) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

/// The configuration that has these fields, with the values of `all`.
fn part<C: DeserializeOwned>(all: &Map<String, Value>, fields: &Map<String, Value>) -> Result<C> {
    typed(Value::Object(fields.keys().filter_map(|key| Some((key.clone(), all.get(key)?.clone()))).collect()))
}

fn typed<C: DeserializeOwned>(value: Value) -> Result<C> {
    serde_json::from_value(value).map_err(|e| Error::Setting {
        key: String::new(),
        value: String::new(),
        reason: e.to_string(),
    })
}

fn parse_toml(text: &str, path: &std::path::Path) -> Result<toml::Table> {
    toml::from_str(text).map_err(|e| Error::File { path: path.into(), reason: format!("not TOML: {e}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn check(pair: &str, expect: &str) {
        let mut settings = Settings::defaults("bag").unwrap();
        let found = match settings.assign(pair, Source::Set) {
            Ok(()) => {
                let changed = settings.iter().find(|s| s.source == Source::Set).unwrap();
                format!("{}: {}", changed.key, changed.value)
            }
            Err(error) => error.to_string(),
        };
        assert!(found.contains(expect), "{pair}: {found}");
    }

    #[test]
    fn pairs() {
        check("epochs=5", "epochs: 5");
        check("learning_rate = 1e-4", "learning_rate: 0.0001");
        check("learning_rate=1", "learning_rate: 1");
        check("max_steps=100", "max_steps: 100");
        check("patience=none", "patience: null");
        check("resample=none", "resample: \"none\"");
        check("lowercase=off", "lowercase: \"off\"");
        check("lowercase=true", "lowercase: \"on\"");
        check("pooling=max", "pooling: \"max\"");
        check("vocabulary_size=500", "vocabulary_size: 500");
        check("seed=7", "seed: 7");
        check("epoch=5", "`epoch` is no setting: did you mean `epochs`?");
        check("zzz=5", "`zzz` is no setting; `--print-config`");
        check("epochs=many", "epochs = many: invalid type: string");
        check("epochs=-1", "epochs = -1: invalid value");
        check(
            "pooling=median",
            "pooling = median: unknown variant `median`, expected one of `sum`, `mean`, `max`",
        );
        check("epochs", "epochs = nothing: expected key=value");
    }

    #[test]
    fn later_layers_cover_earlier_ones() -> Result<()> {
        let mut settings = Settings::defaults("bag")?;
        let path = Path::new("a.toml");
        settings.assign_toml("model = \"bag\"\nepochs = 9\nhidden = 32\n", path)?;
        settings.assign("epochs=3", Source::Set)?;
        let config = settings.resolve()?;
        assert_eq!((config.train.epochs, config.train.batch_size), (3, TrainConfig::default().batch_size));
        let source = |key: &str| settings.iter().find(|s| s.key == key).unwrap().source.to_string();
        assert_eq!(
            (source("epochs"), source("hidden"), source("seed")),
            ("--set".into(), "a.toml".into(), "default".into())
        );
        let refused = settings.assign_toml("hiden = 3", path).unwrap_err().to_string();
        assert_eq!(
            refused,
            "a.toml: `hiden` is no setting: did you mean `hidden`?; `--print-config` lists them all"
        );
        assert!(
            settings.assign_toml("a = = 3", path).unwrap_err().to_string().starts_with("a.toml: not TOML")
        );
        Ok(())
    }

    #[test]
    fn defaults_resolve_to_themselves() -> Result<()> {
        for name in ModelConfig::NAMES {
            assert_eq!(Settings::defaults(name)?.resolve()?, ExperimentConfig::defaults(name)?);
        }
        assert!(Settings::defaults("bert?").unwrap_err().to_string().contains("there are: bag"));
        Ok(())
    }
}
