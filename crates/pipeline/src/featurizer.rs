//! From texts to what a model reads.

use assort_classifier::Inputs;
use assort_text::{
    HasherConfig, LineConfig, LineEncoder, LongTexts, NgramHasher, TextConfig, Tokenizer, Vectorizer,
    VectorizerConfig,
};
use serde::{Deserialize, Serialize};

use crate::{Error, ModelFolder, Result};

/// How texts become a model's inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum FeatureConfig {
    /// Token ids, with buckets of n-grams behind them if there is a hasher.
    Tokens {
        /// How texts become tokens.
        text: TextConfig,
        /// Which n-grams get buckets.
        hasher: Option<HasherConfig>,
    },
    /// Token ids as fastText finds them.
    Lines {
        /// Which n-grams a line has.
        line: LineConfig,
    },
    /// Weighted word and character n-grams.
    Ngrams {
        /// Which n-grams, and how they are weighted.
        vectorizer: VectorizerConfig,
    },
    /// The texts themselves.
    Texts,
}

/// Turns texts into a model's inputs; fitted to training texts.
#[derive(Clone, Debug)]
pub enum Featurizer {
    /// Token ids, with buckets of n-grams behind them if there is a hasher.
    Tokens(Tokenizer, Option<NgramHasher>),
    /// Token ids as fastText finds them.
    Lines(LineEncoder),
    /// Weighted word and character n-grams.
    Ngrams(Vectorizer),
    /// The texts themselves.
    Texts,
}

impl Featurizer {
    /// Learns vocabulary or features from training texts, and gives these texts as inputs.
    ///
    /// # Errors
    /// If a setting is outside its range, or there are more tokens than 32 bits can count.
    pub fn fit<T: AsRef<str> + Sync>(texts: &[T], config: &FeatureConfig) -> Result<(Self, Inputs)> {
        match config {
            FeatureConfig::Tokens { text, hasher: None } => {
                let (tokenizer, rows) = Tokenizer::fit_encode(texts, text)?;
                Ok((Self::Tokens(tokenizer, None), Inputs::Ragged(rows)))
            }
            FeatureConfig::Tokens { text, hasher: Some(config) } => {
                config.check()?;
                let tokenizer = Tokenizer::fit(texts, text)?;
                let hasher = NgramHasher::fit(config, &tokenizer, texts)?;
                let rows = hasher.encode_batch(&tokenizer, texts)?;
                Ok((Self::Tokens(tokenizer, Some(hasher)), Inputs::Ragged(rows)))
            }
            FeatureConfig::Lines { line } => {
                let lines = Self::Lines(LineEncoder::new(line.clone(), [], None)?);
                let inputs = lines.inputs(texts)?;
                Ok((lines, inputs))
            }
            FeatureConfig::Ngrams { vectorizer } => {
                let (vectorizer, rows) = Vectorizer::fit_transform(texts, vectorizer)?;
                Ok((Self::Ngrams(vectorizer), Inputs::Sparse(rows)))
            }
            FeatureConfig::Texts => Ok((Self::Texts, Self::Texts.inputs(texts)?)),
        }
    }

    /// The settings, with what was left to the texts to decide, and without a file that is no longer needed.
    pub fn settled(&self, config: FeatureConfig) -> FeatureConfig {
        match (self, config) {
            (Self::Tokens(_, Some(hasher)), FeatureConfig::Tokens { text, .. }) => {
                FeatureConfig::Tokens { text, hasher: Some(hasher.config().clone()) }
            }
            (Self::Ngrams(vectorizer), _) => {
                FeatureConfig::Ngrams { vectorizer: vectorizer.config().clone() }
            }
            (_, config) => config,
        }
    }

    /// Texts as inputs.
    ///
    /// # Errors
    /// If there are more tokens than 32 bits can count.
    pub fn inputs<T: AsRef<str> + Sync>(&self, texts: &[T]) -> Result<Inputs> {
        match self {
            Self::Tokens(tokenizer, None) => Ok(Inputs::Ragged(tokenizer.encode_batch(texts)?)),
            Self::Tokens(tokenizer, Some(hasher)) => {
                Ok(Inputs::Ragged(hasher.encode_batch(tokenizer, texts)?))
            }
            Self::Lines(encoder) => Ok(Inputs::Ragged(encoder.encode_batch(texts)?)),
            Self::Ngrams(vectorizer) => Ok(Inputs::Sparse(vectorizer.transform(texts)?)),
            Self::Texts => Ok(Inputs::Texts(texts.iter().map(|text| text.as_ref().to_string()).collect())),
        }
    }

    /// How many of these texts have more tokens than the longest length, and are cut in these inputs of them.
    ///
    /// # Errors
    /// As [`Featurizer::inputs`].
    pub fn count_cut<T: AsRef<str> + Sync>(&self, texts: &[T], inputs: &Inputs) -> Result<usize> {
        let (Self::Tokens(tokenizer, _), Inputs::Ragged(rows)) = (self, inputs) else { return Ok(0) };
        let Some(longest) = tokenizer.config().longest else { return Ok(0) };
        // Those with fewer ids are whole; few are cut a second time.
        let full = texts.iter().enumerate().filter(|(row, _)| rows.row(*row).len() >= longest);
        let full: Vec<&str> = full.map(|(_, text)| text.as_ref()).collect();
        Ok(tokenizer.count_cut(&full)?)
    }

    /// Whole texts as windows, and the number of windows of each; `None` where long texts are not read so.
    ///
    /// # Errors
    /// As [`Featurizer::inputs`].
    pub fn windows<T: AsRef<str> + Sync>(&self, texts: &[T]) -> Result<Option<(Inputs, Vec<usize>)>> {
        match self {
            Self::Tokens(tokenizer, None) if tokenizer.config().long_texts == LongTexts::Windows => {
                let (rows, counts) = tokenizer.encode_windows(texts)?;
                Ok(Some((Inputs::Ragged(rows), counts)))
            }
            _ => Ok(None),
        }
    }

    /// The rows of a table that has one for each id or feature; 0 for texts themselves.
    pub fn width(&self) -> usize {
        match self {
            Self::Tokens(tokenizer, None) => tokenizer.vocab().len(),
            Self::Tokens(_, Some(hasher)) => hasher.end() as usize,
            Self::Lines(encoder) => encoder.width(),
            Self::Ngrams(vectorizer) => vectorizer.width(),
            Self::Texts => 0,
        }
    }

    /// Writes what was learned into a model folder.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn save(&self, folder: &ModelFolder) -> Result<()> {
        match self {
            Self::Tokens(tokenizer, _) => {
                Ok(tokenizer.save(&folder.tokenizer(tokenizer.config().tokenizer))?)
            }
            Self::Lines(encoder) => Ok(encoder.save(&folder.words())?),
            Self::Ngrams(vectorizer) => Ok(vectorizer.save(&folder.features())?),
            Self::Texts => Ok(()),
        }
    }

    /// Reads it back.
    ///
    /// # Errors
    /// If a file is missing or torn, or holds another number of tokens or features than `width`.
    pub fn load(folder: &ModelFolder, config: &FeatureConfig, width: usize) -> Result<Self> {
        let (featurizer, path) = match config {
            FeatureConfig::Tokens { text, hasher } => {
                let path = folder.tokenizer(text.tokenizer);
                let tokenizer = Tokenizer::load(&path, text.clone())?;
                // A vocabulary of more than 2³² tokens does not fit in memory.
                let base = tokenizer.vocab().len() as u32;
                let hasher = hasher.clone().map(|config| NgramHasher::new(config, base)).transpose()?;
                (Self::Tokens(tokenizer, hasher), path)
            }
            FeatureConfig::Lines { line } => {
                let path = folder.words();
                (Self::Lines(LineEncoder::load(&path, line.clone(), width)?), path)
            }
            FeatureConfig::Ngrams { .. } => {
                (Self::Ngrams(Vectorizer::load(&folder.features())?), folder.features())
            }
            FeatureConfig::Texts => return Ok(Self::Texts),
        };
        if featurizer.width() != width {
            let found = featurizer.width();
            let reason =
                format!("{found} tokens or features, but the model was trained with {width}; train again");
            return Err(Error::File { path, reason });
        }
        Ok(featurizer)
    }
}
