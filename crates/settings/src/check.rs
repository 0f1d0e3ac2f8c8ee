//! Ranges of all settings, checked before any file is read. The crates say what a range is; here it gets the
//! setting's key.

use assort_datasets::Resampling;
use assort_models::ModelConfig;
use assort_models::linear::Refit;
use assort_pipeline::FeatureConfig;
use assort_text::LongTexts;
use assort_train::Checkpoints;

use crate::{Error, ExperimentConfig, Precision, PretrainedConfig, Result};

impl ExperimentConfig {
    /// Checks the range of every setting.
    ///
    /// # Errors
    /// Names the first key that lies outside its range.
    pub(crate) fn check(&self) -> Result<()> {
        let share = self.data.validation_share;
        if !(0.0..1.0).contains(&share) {
            return Err(Error::value("validation_share", share, "a share from 0 to below 1"));
        }
        if share == 0.0 {
            self.check_without_validation()?;
        }
        if let Some(path) = &self.data.synonyms
            && self.data.resample != Resampling::Synthesize
        {
            let reason = "synthesized rows alone have them: set resample to synthesize";
            return Err(Error::value("synonyms", path.display(), reason));
        }
        match &self.features {
            FeatureConfig::Tokens { text, hasher } => {
                text.check().map_err(|e| with_key(e, "subwords"))?;
                hasher
                    .as_ref()
                    .map_or(Ok(()), |hasher| hasher.check())
                    .map_err(|e| with_key(e, "subwords"))?;
                if hasher.is_some() && text.long_texts == LongTexts::Windows {
                    let reason = "n-grams and sub-words are of whole texts: set truncate";
                    return Err(Error::value("long_texts", "windows", reason));
                }
            }
            FeatureConfig::Ngrams { vectorizer } => {
                vectorizer.check().map_err(|e| with_key(e, "character_ngrams"))?;
            }
            FeatureConfig::Lines { line } => line.check()?,
            FeatureConfig::Texts => {}
        }
        match &self.model {
            ModelConfig::Linear(linear) => linear.check()?,
            ModelConfig::Frozen(frozen) => frozen.linear().check()?,
            model => model.check()?,
        }
        self.fine_tuning.as_ref().map_or(Ok(()), |tuning| tuning.check())?;
        if let Some(pretrained) = &self.pretrained {
            pretrained.check()?;
            self.check_lora(pretrained)?;
        }
        self.check_task()?;
        self.train.as_ref().map_or(Ok(()), |train| Ok(train.check(self.task)?))
    }

    /// Checks that the model's scores mean something to the task.
    fn check_task(&self) -> Result<()> {
        if self.model.serves(self.task) {
            return Ok(());
        }
        Err(match (&self.model, self.task) {
            (ModelConfig::Linear(_), _) => {
                let reason = "it is for rows with any number of labels: choose softmax or one-vs-rest";
                Error::value("multiclass", "independent", reason)
            }
            (_, _) => {
                let reason =
                    "it tells one label of two, and rows have any number of labels: choose all-logits";
                Error::value("head", "one-logit", reason)
            }
        })
    }

    /// Checks what needs a device of one kind.
    ///
    /// # Errors
    /// If the layers' products are to be computed in bf16 and the device is no CUDA one.
    pub fn check_device(&self, is_cuda: bool) -> Result<()> {
        let halves = self.pretrained.as_ref().is_some_and(|wanted| wanted.precision == Precision::Bf16);
        if !halves || is_cuda {
            return Ok(());
        }
        Err(Error::value("precision", "bf16", "only CUDA multiplies in bf16: choose f32, or the device cuda"))
    }

    /// Checks that the model can do without validation rows: rules, and what a solver makes.
    fn check_without_validation(&self) -> Result<()> {
        let refit = match &self.model {
            ModelConfig::Linear(linear) => linear.refit,
            ModelConfig::Frozen(frozen) => frozen.refit,
            ModelConfig::Rules(_) => return Ok(()),
            other => {
                let reason = format!(
                    "the model {} chooses its epoch by validation rows: give a share above 0, or choose the \
                     model linear, frozen or rules",
                    other.name()
                );
                return Err(Error::value("validation_share", "0", reason));
            }
        };
        if refit == Refit::On {
            let reason = "with validation_share = 0 there are no rows to fit to once more: leave it off";
            return Err(Error::value("refit", "on", reason));
        }
        Ok(())
    }

    /// Checks what cannot be had together with low-rank matrices.
    fn check_lora(&self, pretrained: &PretrainedConfig) -> Result<()> {
        let fail = |key, value: String, reason: &str| Err(Error::value(key, value, reason));
        if pretrained.lora_rank.is_none() {
            return Ok(());
        }
        let trained_layers = self.fine_tuning.as_ref().and_then(|tuning| tuning.trained_layers);
        if trained_layers == Some(0) {
            return fail("trained_layers", "0".into(), "lora_rank adapts layers: give at least 1, or none");
        }
        let Some(train) = &self.train else { return Ok(()) };
        if train.average_best > 1 {
            let reason =
                "products of mean matrices are no mean of products: leave it at 1, or lora_rank at none";
            return fail("average_best", train.average_best.to_string(), reason);
        }
        if train.checkpoints == Checkpoints::Every {
            let reason = "the weights of an epoch would lack what low-rank matrices add: choose best or last";
            return fail("checkpoints", "every".into(), reason);
        }
        Ok(())
    }
}

/// `text` names its own fields; users write flat keys, `characters` for the range of characters.
fn with_key(error: assort_text::Error, characters: &'static str) -> Error {
    match error {
        assort_text::Error::Setting { parameter, found, advice } => {
            let key = match parameter {
                "vocabulary.size_limit" => "vocabulary_size",
                "vocabulary.specials" => "specials",
                "words" => "word_ngrams",
                "characters" => characters,
                own => own,
            };
            Error::value(key, found, advice)
        }
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use crate::{Settings, Source};

    fn check(model: &str, pair: &str, expect: &str) {
        let mut settings = Settings::defaults(model).unwrap();
        settings.assign(pair, Source::Flag("set")).unwrap();
        let found = settings.resolve();
        assert_eq!(found.err().map(|error| error.to_string()).unwrap_or_default(), expect);
    }

    #[test]
    fn ranges_are_told_by_their_keys() {
        check("bag", "epochs=1", "");
        check("bag", "epochs=0", "epochs = 0: must be at least 1");
        check("bag", "dropout=1.0", "dropout = 1: a share from 0 to below 1");
        check(
            "bag",
            "synonyms=v.txt",
            "synonyms = v.txt: synthesized rows alone have them: set resample to synthesize",
        );
        check("bag", "validation_share=1", "validation_share = 1: a share from 0 to below 1");
        let why = "chooses its epoch by validation rows: give a share above 0, or choose the model linear, \
                   frozen or rules";
        check("bag", "validation_share=0", &format!("validation_share = 0: the model bag {why}"));
        check("bert", "validation_share=0", &format!("validation_share = 0: the model bert {why}"));
        for model in ["linear", "frozen", "rules"] {
            check(model, "validation_share=0", "");
        }
        check("bag", "longest=0", "longest = 0: give at least 1, or leave it out to keep whole texts");
        let every = "vocabulary_size = 0: give at least 1, or leave it out to keep every token";
        check("bag", "vocabulary_size=0", every);
        check("cnn", "filters=0", "filters = 0: must be at least 1");
        check("linear", "tolerance=-1", "tolerance is -1: give a number above 0");
        check("frozen", "inverse_penalty=0", "inverse_penalty is 0: give a number above 0");
        check("frozen", "pooling=last", "pooling = last: choose auto, first or mean");
        check("frozen", "scaling=none", "scaling = none: choose auto, common or each");
        check(
            "bag",
            "subwords=[6, 3]",
            "subwords = 6 to 3: the range is upside down: give the shortest first",
        );
        let upside_down = "character_ngrams = 5 to 2: the range is upside down: give the shortest first";
        check("linear", "character_ngrams=[5, 2]", upside_down);
        check("linear", "inverse_penalty=best", "inverse_penalty = best: give a number, or auto");
        check("linear", "minimum_documents=0", "minimum_documents = 0: give at least 1");
    }
}
