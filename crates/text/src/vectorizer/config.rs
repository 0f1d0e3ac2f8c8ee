//! The settings of a [`Vectorizer`](crate::Vectorizer), as users write them. Their defaults stand here alone.

use crate::{
    Cleaning, Error, Lowercase, Marks, Punctuation, Reduction, TextConfig, TokenizerKind, VocabConfig,
};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How texts become rows of features.
///
/// scikit-learn's `CountVectorizer` and `TfidfVectorizer` take words of two letters or more. That is
/// `tokenizer = "words"`, `punctuation = "keep"` and `shortest_token = 2`: single marks fall out with the
/// single letters.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VectorizerConfig {
    /// Words or characters of which features are made.
    pub units: Units,
    /// How many tokens a word n-gram has.
    pub words: NgramRange,
    /// How many characters a character n-gram has.
    pub characters: NgramRange,
    /// Whether character n-grams cross from word to word.
    pub character_bounds: CharacterBounds,
    /// How a text is cut into words, or into sub-words in their place.
    pub tokenizer: TokenizerKind,
    /// The file of a pretrained tokenizer; see [`TextConfig::tokenizer_file`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokenizer_file: Option<PathBuf>,
    /// The most sub-words that are learned; 16,000 without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vocabulary_size: Option<usize>,
    /// Whether combining marks are parts of words.
    #[serde(default = "Marks::untold")]
    pub marks: Marks,
    /// Rewriting of a text before it is cut.
    #[serde(skip_serializing_if = "Cleaning::is_off")]
    pub cleaning: Cleaning,
    /// Whether words and characters are put into lower case.
    pub lowercase: Lowercase,
    /// Whether words that are nothing but punctuation stay.
    pub punctuation: Punctuation,
    /// Words that are left out, and stems that are left of others.
    #[serde(skip_serializing_if = "Reduction::is_off")]
    pub reduction: Reduction,
    /// The fewest characters a word has; shorter ones are left out before n-grams are made.
    pub shortest_token: usize,
    /// In how many training texts a feature must occur.
    pub minimum_documents: u32,
    /// In what share of the training texts, from 0 to 1, a feature may occur at most.
    pub maximum_share: f64,
    /// The most features kept: those that occur most often; unlimited without it.
    pub feature_limit: Option<usize>,
    /// Kind of a row's values.
    pub weighting: Weighting,
    /// How the number of occurrences in a text enters a TF-IDF weight.
    pub term_frequency: TermFrequency,
    /// How the number of training texts that hold the feature enters a TF-IDF weight.
    pub inverse_document_frequency: InverseDocumentFrequency,
    /// Divisor of each row.
    pub norm: Norm,
}

impl Default for VectorizerConfig {
    fn default() -> Self {
        Self {
            units: Units::Words,
            words: NgramRange { shortest: 1, longest: 2 },
            characters: NgramRange { shortest: 2, longest: 5 },
            character_bounds: CharacterBounds::Words,
            tokenizer: TokenizerKind::Words,
            tokenizer_file: None,
            vocabulary_size: None,
            marks: Marks::default(),
            cleaning: Cleaning::default(),
            lowercase: Lowercase::On,
            punctuation: Punctuation::Keep,
            reduction: Reduction::default(),
            shortest_token: 1,
            minimum_documents: 2,
            maximum_share: 1.0,
            feature_limit: None,
            weighting: Weighting::TfIdf,
            term_frequency: TermFrequency::Sublinear,
            inverse_document_frequency: InverseDocumentFrequency::Smoothed,
            norm: Norm::L2,
        }
    }
}

impl VectorizerConfig {
    /// Checks what the types alone do not forbid.
    ///
    /// # Errors
    /// [`Error::Setting`] as [`TextConfig::check`], for an n-gram range with a zero or upside down, a
    /// shortest token, minimum or limit of zero, sub-words that must be long, and a share outside (0, 1].
    pub fn check(&self) -> Result<(), Error> {
        self.words.check("words")?;
        self.characters.check("characters")?;
        let learned = self.tokenizer.is_subwords() && self.tokenizer != TokenizerKind::Pretrained;
        match self.units {
            Units::Characters if self.tokenizer.is_subwords() || self.tokenizer_file.is_some() => {
                let found = format!("{:?}", self.tokenizer).to_lowercase();
                let advice = "n-grams of characters alone have no use for it: leave it away";
                return Err(Error::setting("tokenizer", found, advice));
            }
            Units::Characters => self.reduction.check(TokenizerKind::Characters)?,
            Units::Words => self.text().check()?,
            // Characters follow `lowercase` whatever the words' tokenizer does.
            Units::WordsAndCharacters => TextConfig { lowercase: Lowercase::On, ..self.text() }.check()?,
        }
        if let Some(size) = self.vocabulary_size.filter(|_| !learned) {
            let advice = "it limits the sub-words that are learned; feature_limit limits the features";
            return Err(Error::setting("vocabulary_size", size, advice));
        }
        if self.tokenizer.is_subwords() && self.shortest_token > 1 {
            let advice = "sub-words may be short: set 1, or choose a tokenizer of words";
            return Err(Error::setting("shortest_token", self.shortest_token, advice));
        }
        for (parameter, is_zero) in [
            ("shortest_token", self.shortest_token == 0),
            ("minimum_documents", self.minimum_documents == 0),
            ("feature_limit", self.feature_limit == Some(0)),
        ] {
            if is_zero {
                return Err(Error::setting(parameter, 0, "give at least 1"));
            }
        }
        if !(self.maximum_share > 0.0 && self.maximum_share <= 1.0) {
            let advice = "give a share of the texts above 0 and up to 1";
            return Err(Error::setting("maximum_share", self.maximum_share, advice));
        }
        Ok(())
    }

    /// The part that says how texts are cut.
    pub(crate) fn text(&self) -> TextConfig {
        TextConfig {
            tokenizer: self.tokenizer,
            tokenizer_file: self.tokenizer_file.clone(),
            marks: self.marks,
            cleaning: self.cleaning,
            lowercase: self.lowercase,
            punctuation: self.punctuation,
            reduction: self.reduction,
            vocabulary: VocabConfig { size_limit: self.vocabulary_size, ..VocabConfig::default() },
            ..TextConfig::default()
        }
    }
}

/// Words or characters of which features are made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Units {
    /// Word n-grams.
    Words,
    /// Character n-grams.
    Characters,
    /// Both, the words' columns first.
    WordsAndCharacters,
}

/// From how many to how many units an n-gram has, both included.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NgramRange {
    /// The fewest units.
    pub shortest: usize,
    /// The most units.
    pub longest: usize,
}

impl NgramRange {
    /// Checks that 1 ≤ shortest ≤ longest ≤ 64; `parameter` is the range's name in the error.
    pub(crate) fn check(self, parameter: &'static str) -> Result<(), Error> {
        let advice = if self.shortest == 0 || self.longest == 0 {
            "an n-gram has at least 1 unit: give a shortest and a longest of 1 or more"
        } else if self.shortest > self.longest {
            "the range is upside down: give the shortest first"
        } else if self.longest > 64 {
            "n-grams that long never come twice: give a longest of 64 or less"
        } else {
            return Ok(());
        };
        Err(Error::setting(parameter, format!("{} to {}", self.shortest, self.longest), advice))
    }
}

/// Whether character n-grams cross from word to word. In both forms a run of white space is one space.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CharacterBounds {
    /// They stay within a word between white space, which has a space put before and after it; a word that is
    /// shorter than the shortest n-gram is a feature as a whole. scikit-learn's `char_wb`.
    Words,
    /// They run over the whole text. scikit-learn's `char`, but for a lone tab or line feed, which it leaves
    /// as it is.
    Text,
}

/// Kind of a row's values.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weighting {
    /// How often it occurs in the text.
    Counts,
    /// 1.
    Binary,
    /// Term frequency times inverse document frequency.
    TfIdf,
}

/// How the number of occurrences c in a text enters a TF-IDF weight.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TermFrequency {
    /// c.
    Count,
    /// 1 + ln c.
    Sublinear,
    /// c divided by the text's length in words (for character n-grams, in characters), known to the
    /// vectorizer or not.
    Share,
}

/// How the number of training texts df that hold a feature, of N, enters a TF-IDF weight.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InverseDocumentFrequency {
    /// ln(N / df): zero for a feature of every text.
    Plain,
    /// ln(N / (1 + df)): zero for a feature of all texts but one, negative for one of every text.
    PlusOne,
    /// ln((1 + N) / (1 + df)) + 1: never below 1. scikit-learn's `smooth_idf`.
    Smoothed,
}

impl InverseDocumentFrequency {
    /// The factor of a feature.
    pub(crate) fn factor(self, documents: usize, frequency: u32) -> f64 {
        let (documents, frequency) = (documents as f64, f64::from(frequency));
        match self {
            Self::Plain => (documents / frequency).ln(),
            Self::PlusOne => (documents / (1.0 + frequency)).ln(),
            Self::Smoothed => ((1.0 + documents) / (1.0 + frequency)).ln() + 1.0,
        }
    }
}

/// Divisor of each row.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Norm {
    /// Nothing.
    None,
    /// The root of the sum of its squares, so that long and short texts weigh alike.
    L2,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, expect: &str) {
        let message = match serde_json::from_str::<VectorizerConfig>(json) {
            Ok(config) => config.check().err().map_or("fine".to_owned(), |error| error.to_string()),
            Err(error) => error.to_string(),
        };
        assert!(message.contains(expect), "{json}: {message}");
    }

    #[test]
    fn settings_are_checked() {
        check("{}", "fine");
        check(r#"{"units": "words-and-characters", "words": {"shortest": 3, "longest": 3}}"#, "fine");
        check(r#"{"words": {"shortest": 3, "longest": 2}}"#, "words is 3 to 2: the range is upside down");
        check(r#"{"words": {"shortest": 0, "longest": 2}}"#, "words is 0 to 2: an n-gram has at least 1");
        check(r#"{"characters": {"shortest": 2, "longest": 0}}"#, "characters is 2 to 0");
        check(r#"{"characters": {"shortest": 2, "longest": 65}}"#, "64 or less");
        check(r#"{"characters": {"shortest": 2}}"#, "missing field `longest`");
        check(r#"{"shortest_token": 0}"#, "shortest_token is 0");
        check(r#"{"minimum_documents": 0}"#, "minimum_documents is 0");
        check(r#"{"feature_limit": 0}"#, "feature_limit is 0");
        check(r#"{"maximum_share": 0}"#, "maximum_share is 0");
        check(r#"{"maximum_share": 1.1}"#, "maximum_share is 1.1");
        check(r#"{"weighting": "bm25"}"#, "unknown variant `bm25`");
        check(r#"{"ngrams": 2}"#, "unknown field `ngrams`");
    }
}
