//! All hyper-parameters under flat keys, and back.

use std::num::NonZeroU32;
use std::path::PathBuf;

use assort_models::ModelConfig;
use assort_pipeline::FeatureConfig;
use assort_text::{
    CharacterBounds, Cleaning, HasherConfig, InverseDocumentFrequency, LongTexts, Lowercase, Marks,
    NgramRange, Norm, Punctuation, Reduction, Special, TermFrequency, TextConfig, TokenizerKind, Truncation,
    Units, VectorizerConfig, VocabConfig, Weighting,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::serde_messages::plain;
use crate::word_range::WordRange;
use crate::{Error, ExperimentConfig, Result};

/// The features of a model that reads token ids.
#[derive(Serialize, Deserialize)]
struct Tokens {
    tokenizer: TokenizerKind,
    tokenizer_file: Option<PathBuf>,
    #[serde(flatten)]
    cleaning: Cleaning,
    lowercase: Lowercase,
    punctuation: Punctuation,
    #[serde(flatten)]
    reduction: Reduction,
    vocabulary_size: Option<usize>,
    minimum_count: u32,
    specials: Vec<Special>,
    longest: Option<usize>,
    truncation: Truncation,
    long_texts: LongTexts,
    word_ngrams: WordRange,
    subwords: Option<(usize, usize)>,
    buckets: Option<NonZeroU32>,
}

/// The features of a model that reads weighted n-grams.
#[derive(Serialize, Deserialize)]
struct Ngrams {
    tokenizer: TokenizerKind,
    tokenizer_file: Option<PathBuf>,
    vocabulary_size: Option<usize>,
    #[serde(flatten)]
    cleaning: Cleaning,
    lowercase: Lowercase,
    punctuation: Punctuation,
    #[serde(flatten)]
    reduction: Reduction,
    shortest_token: usize,
    word_ngrams: Option<WordRange>,
    character_ngrams: Option<(usize, usize)>,
    character_bounds: CharacterBounds,
    minimum_documents: u32,
    maximum_share: f64,
    feature_limit: Option<usize>,
    weighting: Weighting,
    term_frequency: TermFrequency,
    inverse_document_frequency: InverseDocumentFrequency,
    norm: Norm,
}

/// Keys that mean nothing to a model that reads tokens in their order.
const OF_NGRAMS: [&str; 3] = ["word_ngrams", "subwords", "buckets"];

/// Keys of tokens that are left to choose where the tokenizer and the network's sizes come with a checkpoint.
const OF_ENCODERS: [&str; 3] = ["longest", "truncation", "long_texts"];

/// Every hyper-parameter of the configuration, in a fixed order.
///
/// # Errors
/// If a value has no form in JSON.
pub fn flatten(config: &ExperimentConfig) -> Result<Map<String, Value>> {
    let mut all = Map::new();
    all.insert("seed".into(), json!(config.seed));
    all.extend(keys_of(&config.data)?);
    let is_read = |key: &String| match &config.pretrained {
        Some(_) => OF_ENCODERS.contains(&key.as_str()),
        None => !(config.model.reads_order() && OF_NGRAMS.contains(&key.as_str())),
    };
    all.extend(features_of(&config.features)?.into_iter().filter(|(key, _)| is_read(key)));
    // An encoder that stays trains nothing that could be dropped or adapted.
    let is_kept = |key: &String| !is_frozen(config) || key == "pretrained";
    if let Some(pretrained) = &config.pretrained {
        all.extend(keys_of(pretrained)?.into_iter().filter(|(key, _)| is_kept(key)));
    }
    if config.pretrained.is_none() || is_frozen(config) {
        all.extend(keys_of(&config.model)?.into_iter().filter(|(key, _)| key != "model"));
    }
    for part in [
        config.embedding.as_ref().map(keys_of),
        config.fine_tuning.as_ref().map(keys_of),
        config.train.as_ref().map(keys_of),
    ] {
        all.extend(part.transpose()?.unwrap_or_default());
    }
    Ok(all)
}

#[cfg(test)]
thread_local! {
    /// How often this thread has made a configuration of keys.
    pub static UNFLATTENED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// The configuration that has these values; `defaults` says which keys belong where, and fills what is not
/// there.
///
/// # Errors
/// If a value does not fit its key.
pub fn unflatten(all: &Map<String, Value>, defaults: &ExperimentConfig) -> Result<ExperimentConfig> {
    #[cfg(test)]
    UNFLATTENED.set(UNFLATTENED.get() + 1);
    let features = match &defaults.features {
        FeatureConfig::Tokens { .. } => part::<Tokens>(all, features_of(&defaults.features)?)?.try_into()?,
        FeatureConfig::Ngrams { .. } => part::<Ngrams>(all, features_of(&defaults.features)?)?.into(),
        features @ (FeatureConfig::Lines { .. } | FeatureConfig::Texts) => features.clone(),
    };
    Ok(ExperimentConfig {
        task: defaults.task,
        seed: all.get("seed").map_or(Ok(defaults.seed), |seed| typed(seed.clone()))?,
        data: part(all, keys_of(&defaults.data)?)?,
        features,
        // A checkpoint has an architecture of its own.
        model: match &defaults.pretrained {
            Some(_) if !is_frozen(defaults) => defaults.model.clone(),
            _ => part(all, keys_of(&defaults.model)?)?,
        },
        embedding: optional(all, defaults.embedding.as_ref())?,
        train: optional(all, defaults.train.as_ref())?,
        pretrained: optional(all, defaults.pretrained.as_ref())?,
        fine_tuning: optional(all, defaults.fine_tuning.as_ref())?,
    })
}

/// Whether the settings of the model are those of a head beside the checkpoint's.
fn is_frozen(config: &ExperimentConfig) -> bool {
    matches!(config.model, ModelConfig::Frozen(_))
}

fn features_of(features: &FeatureConfig) -> Result<Map<String, Value>> {
    let pair = |range: &NgramRange| (range.shortest, range.longest);
    match features {
        FeatureConfig::Tokens { text, hasher } => {
            let off = HasherConfig { units: Units::Words, words: range((1, 1)), ..HasherConfig::default() };
            let hasher = hasher.as_ref().unwrap_or(&off);
            let word_ngrams = if hasher.units == Units::Characters { 1 } else { hasher.words.longest };
            keys_of(&Tokens {
                tokenizer: text.tokenizer,
                tokenizer_file: text.tokenizer_file.clone(),
                cleaning: text.cleaning,
                lowercase: text.lowercase,
                punctuation: text.punctuation,
                reduction: text.reduction,
                vocabulary_size: text.vocabulary.size_limit,
                minimum_count: text.vocabulary.minimum_count,
                specials: text.vocabulary.specials.clone(),
                longest: text.longest,
                truncation: text.truncation,
                long_texts: text.long_texts,
                word_ngrams: WordRange(1, word_ngrams),
                subwords: (hasher.units != Units::Words).then_some(pair(&hasher.characters)),
                buckets: hasher.buckets.and_then(NonZeroU32::new),
            })
        }
        FeatureConfig::Ngrams { vectorizer: v } => keys_of(&Ngrams {
            tokenizer: v.tokenizer,
            tokenizer_file: v.tokenizer_file.clone(),
            vocabulary_size: v.vocabulary_size,
            cleaning: v.cleaning,
            lowercase: v.lowercase,
            punctuation: v.punctuation,
            reduction: v.reduction,
            shortest_token: v.shortest_token,
            word_ngrams: (v.units != Units::Characters)
                .then_some(WordRange(v.words.shortest, v.words.longest)),
            character_ngrams: (v.units != Units::Words).then_some(pair(&v.characters)),
            character_bounds: v.character_bounds,
            minimum_documents: v.minimum_documents,
            maximum_share: v.maximum_share,
            feature_limit: v.feature_limit,
            weighting: v.weighting,
            term_frequency: v.term_frequency,
            inverse_document_frequency: v.inverse_document_frequency,
            norm: v.norm,
        }),
        // Models that read lines are trained elsewhere.
        FeatureConfig::Lines { .. } | FeatureConfig::Texts => Ok(Map::new()),
    }
}

fn range((shortest, longest): (usize, usize)) -> NgramRange {
    NgramRange { shortest, longest }
}

impl TryFrom<Tokens> for FeatureConfig {
    type Error = Error;

    fn try_from(flat: Tokens) -> Result<Self> {
        let WordRange(shortest, longest) = flat.word_ngrams;
        if shortest != 1 || longest < 1 {
            return Err(misfit("the model has single words and longer n-grams beside them: give [1, n]"));
        }
        let vocabulary = VocabConfig {
            size_limit: flat.vocabulary_size,
            minimum_count: flat.minimum_count,
            specials: flat.specials,
        };
        let text = TextConfig {
            tokenizer: flat.tokenizer,
            tokenizer_file: flat.tokenizer_file,
            marks: Marks::default(),
            cleaning: flat.cleaning,
            lowercase: flat.lowercase,
            punctuation: flat.punctuation,
            reduction: flat.reduction,
            vocabulary,
            longest: flat.longest,
            truncation: flat.truncation,
            long_texts: flat.long_texts,
        };
        let units = match (longest, flat.subwords) {
            (1, None) => return Ok(Self::Tokens { text, hasher: None }),
            (1, Some(_)) => Units::Characters,
            (_, None) => Units::Words,
            (_, Some(_)) => Units::WordsAndCharacters,
        };
        let defaults = HasherConfig::default();
        let hasher = HasherConfig {
            units,
            words: if longest == 1 { defaults.words } else { range((2, longest)) },
            characters: flat.subwords.map_or(defaults.characters, range),
            buckets: flat.buckets.map(NonZeroU32::get),
        };
        Ok(Self::Tokens { text, hasher: Some(hasher) })
    }
}

impl From<Ngrams> for FeatureConfig {
    fn from(flat: Ngrams) -> Self {
        let defaults = VectorizerConfig::default();
        let vectorizer = VectorizerConfig {
            units: match (flat.word_ngrams, flat.character_ngrams) {
                (None, Some(_)) => Units::Characters,
                (_, None) => Units::Words,
                (Some(_), Some(_)) => Units::WordsAndCharacters,
            },
            // Without either there is no n-gram, which is refused where all settings are there.
            words: match (flat.word_ngrams, flat.character_ngrams) {
                (None, None) => range((0, 0)),
                (words, _) => words.map_or(defaults.words, |WordRange(from, to)| range((from, to))),
            },
            characters: flat.character_ngrams.map_or(defaults.characters, range),
            character_bounds: flat.character_bounds,
            tokenizer: flat.tokenizer,
            tokenizer_file: flat.tokenizer_file,
            vocabulary_size: flat.vocabulary_size,
            marks: Marks::default(),
            cleaning: flat.cleaning,
            lowercase: flat.lowercase,
            punctuation: flat.punctuation,
            reduction: flat.reduction,
            shortest_token: flat.shortest_token,
            minimum_documents: flat.minimum_documents,
            maximum_share: flat.maximum_share,
            feature_limit: flat.feature_limit,
            weighting: flat.weighting,
            term_frequency: flat.term_frequency,
            inverse_document_frequency: flat.inverse_document_frequency,
            norm: flat.norm,
        };
        Self::Ngrams { vectorizer }
    }
}

/// The fields of a configuration with their values.
fn keys_of<C: Serialize>(config: &C) -> Result<Map<String, Value>> {
    match serde_json::to_value(config) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(other) => Err(misfit(&format!("{other} has no fields"))),
        Err(error) => Err(misfit(&error.to_string())),
    }
}

/// The configuration that has these fields, with the values of `all` where it has them.
fn part<C: DeserializeOwned>(all: &Map<String, Value>, fields: Map<String, Value>) -> Result<C> {
    let given = |(key, own)| {
        let value = all.get(&key).cloned().unwrap_or(own);
        (key, value)
    };
    typed(Value::Object(fields.into_iter().map(given).collect()))
}

fn optional<C: Serialize + DeserializeOwned>(
    all: &Map<String, Value>,
    defaults: Option<&C>,
) -> Result<Option<C>> {
    defaults.map(|own| part(all, keys_of(own)?)).transpose()
}

fn typed<C: DeserializeOwned>(value: Value) -> Result<C> {
    serde_json::from_value(value).map_err(|error| misfit(&error.to_string()))
}

/// The fault of a value whose key is not known here.
fn misfit(message: &str) -> Error {
    Error::value("", "", plain(message))
}
