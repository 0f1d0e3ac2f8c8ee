//! Hyper-parameters as users write them: one flat list of keys, in layers, each value with its source.

use std::path::Path;

use assort_datasets::nearest;
use serde_json::{Map, Value, json};

use crate::serde_messages::listed;
use crate::{Checked, Error, ExperimentConfig, Result, Setting, Source, keys, reference, word, written};

/// The learning rate of low-rank matrices, where none is given.
const LOW_RANK_RATE: f64 = 1e-3;

/// All hyper-parameters of one model, in layers: a later assignment covers an earlier one. Keys are checked
/// as they are assigned, values when all are there, by [`Settings::resolve`].
#[derive(Clone, Debug)]
pub struct Settings {
    defaults: ExperimentConfig,
    list: Vec<Setting>,
}

impl Settings {
    /// The defaults of a model.
    ///
    /// # Errors
    /// If there is no model of this name.
    pub fn defaults(model: &str) -> Result<Self> {
        let defaults = ExperimentConfig::defaults(model)?;
        let list = keys::flatten(&defaults)?
            .into_iter()
            .map(|(key, value)| Setting { key, value, source: Source::Default })
            .collect();
        Ok(Self { defaults, list })
    }

    /// The same assignments on the defaults of another model.
    ///
    /// # Errors
    /// If there is no model of this name, or it lacks a setting that has been assigned.
    pub fn for_model(&self, model: &str) -> Result<Self> {
        let mut other = Self::defaults(model)?;
        for Setting { key, value, source } in self.list.iter().filter(|one| one.source != Source::Default) {
            other.put(key, value.clone(), source.clone())?;
        }
        Ok(other)
    }

    /// The model's name.
    pub fn model(&self) -> &'static str {
        self.defaults.model.name()
    }

    /// All of them, in a fixed order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Setting> {
        self.list.iter()
    }

    /// The setting of a key, if there is one.
    pub fn get(&self, key: &str) -> Option<&Setting> {
        self.list.iter().find(|setting| setting.key == key)
    }

    /// The model that a configuration file names in `model = "…"`, if it does.
    ///
    /// # Errors
    /// If the text is not TOML; the message has line and column.
    pub fn model_of_toml(text: &str, path: &Path) -> Result<Option<String>> {
        Ok(written::parse(text, path)?.get("model").and_then(Value::as_str).map(Into::into))
    }

    /// Assigns every key of a TOML text; `model` is read over.
    ///
    /// # Errors
    /// If the text is not TOML, or there is no such key; the message names file and key.
    pub fn assign_toml(&mut self, text: &str, path: &Path) -> Result<()> {
        for (key, value) in written::parse(text, path)?.into_iter().filter(|(key, _)| key != "model") {
            self.put(&key, value, Source::File(path.into()))
                .map_err(|error| Error::InFile { path: path.into(), error: Box::new(error) })?;
        }
        Ok(())
    }

    /// Assigns `key=value`. The value is read as TOML where it is TOML, else as a word; `none` is none.
    ///
    /// # Errors
    /// If there is no `=`, or no such key.
    pub fn assign(&mut self, pair: &str, source: Source) -> Result<()> {
        let Some((key, word)) = pair.split_once('=') else {
            return Err(Error::value(pair, "nothing", "expected key=value"));
        };
        let (key, word) = (key.trim(), word.trim());
        self.put(key, written::value(word).unwrap_or_else(|| json!(word)), source)
    }

    /// Assigns one value.
    ///
    /// # Errors
    /// If there is no such key; then nothing has changed.
    pub fn put(&mut self, key: &str, value: Value, source: Source) -> Result<()> {
        let Some(setting) = self.list.iter_mut().find(|setting| setting.key == key) else {
            return Err(self.unknown(key));
        };
        setting.value = match value {
            Value::String(word) if word == "none" && !setting.value.is_string() => Value::Null,
            // Switches read `on` and `off` in files; true and false mean the same.
            Value::Bool(on) if setting.value.is_string() => json!(if on { "on" } else { "off" }),
            other => other,
        };
        setting.source = source;
        self.suit_low_rank();
        self.suit_epochs();
        Ok(())
    }

    /// The error of a key that is no setting, or none of this model.
    fn unknown(&self, key: &str) -> Error {
        if let Some(owners) = reference::topic(key).and_then(|topic| topic.models().ok()) {
            let (key, owners) = (key.into(), listed(&owners, "and"));
            return Error::Foreign { key, owners, model: self.model() };
        }
        let nearest = nearest(key, self.list.iter().map(|setting| setting.key.as_str()));
        Error::Unknown { key: key.into(), nearest: nearest.map(str::to_owned) }
    }

    /// Matrices of a low rank learn at another rate than whole weights: unless the user gives one, it follows
    /// `lora_rank`.
    fn suit_low_rank(&mut self) {
        let is_given = self.get("lora_rank").is_some_and(|setting| !setting.value.is_null());
        let own = self.defaults.train.as_ref().map(|train| train.learning_rate);
        let rate = if is_given { Some(LOW_RANK_RATE) } else { own };
        let follows = |s: &&mut Setting| s.key == "learning_rate" && s.source == Source::Default;
        if let (Some(setting), Some(rate)) = (self.list.iter_mut().find(follows), rate) {
            setting.value = json!(rate);
        }
    }

    /// No more epochs are averaged than there are, and no more are made than the user gives: unless they are
    /// given, `average_best` and `minimum_tokens` follow `epochs`.
    fn suit_epochs(&mut self) {
        let epochs = self.get("epochs").and_then(|setting| setting.value.as_u64());
        let own = self.defaults.train.as_ref().map(|train| train.average_best as u64);
        let follows = |s: &&mut Setting| s.key == "average_best" && s.source == Source::Default;
        if let (Some(setting), Some(epochs), Some(own)) = (self.list.iter_mut().find(follows), epochs, own) {
            setting.value = json!(own.min(epochs).max(1));
        }
        let is_given = self.get("epochs").is_some_and(|setting| setting.source != Source::Default);
        let own = self.defaults.train.as_ref().and_then(|train| train.minimum_tokens);
        let follows = |s: &&mut Setting| s.key == "minimum_tokens" && s.source == Source::Default;
        if let Some(setting) = self.list.iter_mut().find(follows) {
            setting.value = json!(own.filter(|_| !is_given));
        }
    }

    /// The configuration that these settings mean, its ranges checked.
    ///
    /// # Errors
    /// Names the first setting whose value does not fit.
    pub fn resolve(&self) -> Result<Checked> {
        let config = self.unflatten(|_| true).map_err(|error| self.culprit(error))?;
        Checked::new(config, self.list.clone())
    }

    /// The defaults with those of the settings that are wanted.
    fn unflatten(&self, is_wanted: impl Fn(&Setting) -> bool) -> Result<ExperimentConfig> {
        let wanted = self.list.iter().filter(|setting| is_wanted(setting));
        let all: Map<String, Value> =
            wanted.map(|setting| (setting.key.clone(), setting.value.clone())).collect();
        keys::unflatten(&all, &self.defaults)
    }

    /// The error with the setting that brought it about: the first one that does not fit among nothing but
    /// defaults.
    fn culprit(&self, error: Error) -> Error {
        let Error::Value { reason, .. } = error else { return error };
        let mut given = self.list.iter().filter(|setting| setting.source != Source::Default);
        let Some(found) = given.find(|one| self.unflatten(|setting| setting.key == one.key).is_err()) else {
            return Error::value("", "", reason);
        };
        let error = Error::value(&found.key, word(&found.value), reason);
        match &found.source {
            Source::File(path) => Error::InFile { path: path.clone(), error: Box::new(error) },
            _ => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assort_models::ModelConfig;
    use assort_train::TrainConfig;
    use std::path::Path;

    const SET: Source = Source::Flag("set");

    fn check(pair: &str, expect: &str) {
        let mut settings = Settings::defaults("bag").unwrap();
        let assigned = settings.assign(pair, SET);
        let found = match assigned.and_then(|()| settings.resolve()) {
            Ok(checked) => {
                let changed = checked.settings().iter().find(|s| s.source == SET).unwrap();
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
        check("zzz=5", "`zzz` is no setting");
        let foreign = "`filters` is a setting of cnn, not of bag: choose such a model, or leave it away";
        check("filters=3", foreign);
        check("layers=2", "`layers` is a setting of gru, lstm and rnn, not of bag");
        check("word_ngrams=2", "word_ngrams: 2");
        check("word_ngrams=[1, 2]", "word_ngrams: [1,2]");
        check("word_ngrams=[2, 3]", "the model has single words and longer n-grams beside them: give [1, n]");
        check("word_ngrams=none", "give two numbers, as [1, 2], or one n for [1, n]");
        check("epochs=many", "epochs = many: give a whole number");
        check("epochs=-1", "epochs = -1: give a whole number from 0 on");
        check("learning_rate=nan", "learning_rate = nan: give a finite number");
        check("clip_norm=inf", "clip_norm = inf: give a finite number");
        check("min_delta=1e999", "min_delta = 1e999: give a finite number");
        check("subwords=[3, nan]", "subwords = [3,\"nan\"]: give a whole number");
        check("seed=18446744073709551615", "seed: 18446744073709551615");
        check("seed=18446744073709551616", "give a whole number of at most 18446744073709551615");
        check("pooling=median", "pooling = median: choose sum, mean or max");
        check("epochs", "epochs = nothing: expected key=value");
    }

    #[test]
    fn later_layers_cover_earlier_ones() -> Result<()> {
        let mut settings = Settings::defaults("bag")?;
        let path = Path::new("a.toml");
        settings.assign_toml("model = \"bag\"\nepochs = 9\nhidden = 32\n", path)?;
        settings.assign("epochs=3", SET)?;
        let config = settings.resolve()?;
        let train = config.train.as_ref().unwrap();
        assert_eq!((train.epochs, train.batch_size), (3, TrainConfig::default().batch_size));
        let source = |key: &str| settings.iter().find(|s| s.key == key).unwrap().source.to_string();
        assert_eq!(
            (source("epochs"), source("hidden"), source("seed")),
            ("--set".into(), "a.toml".into(), "default".into())
        );
        let refused = settings.assign_toml("hiden = 3", path).unwrap_err().to_string();
        assert_eq!(refused, "a.toml: `hiden` is no setting: did you mean `hidden`?");
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
    fn no_more_epochs_are_averaged_than_there_are() -> Result<()> {
        let averaged = |pairs: &[&str]| -> Result<usize> {
            let mut settings = Settings::defaults("lstm")?;
            pairs.iter().try_for_each(|pair| settings.assign(pair, SET))?;
            Ok(settings.resolve()?.train.as_ref().map_or(0, |train| train.average_best))
        };
        assert_eq!([averaged(&[])?, averaged(&["epochs=1"])?, averaged(&["epochs=9"])?], [2, 1, 2]);
        assert_eq!(averaged(&["average_best=3", "epochs=4"])?, 3);
        assert!(averaged(&["average_best=2", "epochs=1"]).is_err());
        Ok(())
    }

    #[test]
    fn the_rate_follows_low_rank_matrices_unless_it_is_given() -> Result<()> {
        let rate = |pairs: &[&str]| -> Result<f64> {
            let mut settings = Settings::defaults("distilbert")?;
            pairs.iter().try_for_each(|pair| settings.assign(pair, SET))?;
            Ok(settings.resolve()?.train.as_ref().unwrap().learning_rate)
        };
        assert_eq!(rate(&["epochs=2"])?, 5e-5);
        assert_eq!(rate(&["lora_rank=8"])?, 1e-3);
        assert_eq!(rate(&["lora_rank=8", "lora_rank=none"])?, 5e-5);
        assert_eq!(rate(&["learning_rate=2e-4", "lora_rank=8"])?, 2e-4);
        Ok(())
    }

    #[test]
    fn any_number_of_settings_is_resolved_once() -> Result<()> {
        let mut settings = Settings::defaults("lstm")?;
        let before = keys::UNFLATTENED.get();
        for pair in ["epochs=2", "hidden=8", "embedding=4", "layers=2", "dropout=0.1", "seed=9", "longest=50"]
        {
            settings.assign(pair, SET)?;
        }
        settings.assign_toml("batch_size = 8\nclip_norm = 2.0\n", Path::new("a.toml"))?;
        let checked = settings.resolve()?.with_seed(3, SET).with_embedding_width(16, SET)?;
        assert_eq!((checked.seed, checked.model.embedding_width()), (3, Some(16)));
        assert_eq!(keys::UNFLATTENED.get() - before, 1);
        Ok(())
    }

    #[test]
    fn defaults_resolve_to_themselves() -> Result<()> {
        for name in ModelConfig::NAMES {
            assert_eq!(*Settings::defaults(name)?.resolve()?, ExperimentConfig::defaults(name)?);
        }
        assert!(Settings::defaults("bert?").unwrap_err().to_string().contains("there are: bag"));
        Ok(())
    }

    #[test]
    fn a_value_of_a_file_is_told_with_the_file() -> Result<()> {
        let mut settings = Settings::defaults("bag")?;
        settings.assign_toml("epochs = 5\nhidden = \"many\"\n", Path::new("a.toml"))?;
        let refused = settings.resolve().unwrap_err().to_string();
        assert_eq!(refused, "a.toml: hidden = many: give a whole number");
        settings.assign_toml("hidden = 8\nseed = 18446744073709551615", Path::new("a.toml"))?;
        assert_eq!(settings.resolve()?.seed, u64::MAX);
        settings.assign_toml("clip_norm = nan", Path::new("a.toml"))?;
        let refused = settings.resolve().unwrap_err().to_string();
        assert_eq!(refused, "a.toml: clip_norm = nan: give a finite number");
        Ok(())
    }
}
