//! Hyper-parameters as users write them: one flat list of keys, in layers, each value with its source.

use std::path::PathBuf;

use serde::Serialize;
use serde_json::{Value, json};

use crate::flat::{flatten, resolve};
use crate::{Error, ExperimentConfig, Fetched, Result};

/// The learning rate of low-rank matrices, where none is given.
const LOW_RANK_RATE: f64 = 1e-3;

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
    fetched: Option<Fetched>,
    vectors: Option<PathBuf>,
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
        Ok(Self { model: config.model.name(), list, fetched: None, vectors: None })
    }

    /// The model's name.
    pub fn model(&self) -> &'static str {
        self.model
    }

    /// The local files of the checkpoint that the setting `pretrained` names, if it was brought from elsewhere.
    pub fn fetched(&self) -> Option<&Fetched> {
        self.fetched.as_ref()
    }

    /// Says where the checkpoint lies that the setting `pretrained` names.
    pub fn fetch(&mut self, checkpoint: Fetched) {
        self.fetched = Some(checkpoint);
    }

    /// The local file of the vectors that the setting `vectors` names, if it was brought from elsewhere.
    pub fn fetched_vectors(&self) -> Option<&std::path::Path> {
        self.vectors.as_deref()
    }

    /// Says where the file lies that the setting `vectors` names.
    pub fn fetch_vectors(&mut self, file: PathBuf) {
        self.vectors = Some(file);
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
        changed.suit_low_rank();
        changed.resolve().map_err(|error| match error {
            Error::Setting { reason, .. } => {
                let value = crate::word(&written);
                Error::Setting { key: key.into(), value, reason }
            }
            other => other,
        })?;
        *self = changed;
        Ok(())
    }

    /// Matrices of a low rank learn at another rate than whole weights: unless the user gives one, it follows `lora_rank`.
    fn suit_low_rank(&mut self) {
        let is_given = |setting: &Setting| setting.key == "lora_rank" && !setting.value.is_null();
        let defaults = ExperimentConfig::defaults(self.model).ok().and_then(|config| config.train);
        let own = defaults.map(|train| train.learning_rate);
        let rate = if self.list.iter().any(is_given) { Some(LOW_RANK_RATE) } else { own };
        let follows = |s: &&mut Setting| s.key == "learning_rate" && s.source == Source::Default;
        if let (Some(setting), Some(rate)) = (self.list.iter_mut().find(follows), rate) {
            setting.value = json!(rate);
        }
    }

    /// The configuration that these settings mean.
    ///
    /// # Errors
    /// If a value does not fit its key.
    pub fn resolve(&self) -> Result<ExperimentConfig> {
        let all = self.list.iter().map(|setting| (setting.key.clone(), setting.value.clone())).collect();
        resolve(&all, &ExperimentConfig::defaults(self.model)?)
    }
}

fn parse_toml(text: &str, path: &std::path::Path) -> Result<toml::Table> {
    toml::from_str(text).map_err(|e: toml::de::Error| {
        let line =
            e.span().map_or(1, |span| 1 + text.bytes().take(span.start).filter(|&b| b == b'\n').count());
        Error::File {
            path: path.into(),
            reason: format!("line {line} is not TOML: {}", e.message().replace('\n', ", ")),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use assort_models::ModelConfig;
    use assort_train::TrainConfig;
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
        check("epochs=many", "epochs = many: give a whole number");
        check("epochs=-1", "epochs = -1: give a whole number from 0 on");
        check("pooling=median", "pooling = median: choose sum, mean or max");
        check("epochs", "epochs = nothing: expected key=value");
    }

    #[test]
    fn later_layers_cover_earlier_ones() -> Result<()> {
        let mut settings = Settings::defaults("bag")?;
        let path = Path::new("a.toml");
        settings.assign_toml("model = \"bag\"\nepochs = 9\nhidden = 32\n", path)?;
        settings.assign("epochs=3", Source::Set)?;
        let config = settings.resolve()?;
        let train = config.train.unwrap();
        assert_eq!((train.epochs, train.batch_size), (3, TrainConfig::default().batch_size));
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
            settings
                .assign_toml("a = = 3", path)
                .unwrap_err()
                .to_string()
                .starts_with("a.toml: line 1 is not TOML")
        );
        Ok(())
    }

    #[test]
    fn the_rate_follows_low_rank_matrices_unless_it_is_given() -> Result<()> {
        let rate = |pairs: &[&str]| -> Result<f64> {
            let mut settings = Settings::defaults("distilbert")?;
            pairs.iter().try_for_each(|pair| settings.assign(pair, Source::Set))?;
            Ok(settings.resolve()?.train.unwrap().learning_rate)
        };
        assert_eq!(rate(&["epochs=2"])?, 5e-5);
        assert_eq!(rate(&["lora_rank=8"])?, 1e-3);
        assert_eq!(rate(&["lora_rank=8", "lora_rank=none"])?, 5e-5);
        assert_eq!(rate(&["learning_rate=2e-4", "lora_rank=8"])?, 2e-4);
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
