//! The settings, as users write them. Their defaults stand here and nowhere else.

use crate::{Cleaning, Error, LongTexts, Reduction, Special, TokenizerKind, Truncation};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How texts become token ids.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TextConfig {
    /// How a text is cut.
    pub tokenizer: TokenizerKind,
    /// The file or folder of a pretrained tokenizer, which is read when it is fitted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokenizer_file: Option<PathBuf>,
    /// Whether combining marks are parts of words.
    #[serde(default = "Marks::untold")]
    pub marks: Marks,
    /// Rewriting of a text before it is cut.
    #[serde(skip_serializing_if = "Cleaning::is_off")]
    pub cleaning: Cleaning,
    /// Whether tokens are put into lower case. A pretrained tokenizer decides for itself.
    pub lowercase: Lowercase,
    /// Whether tokens that are nothing but punctuation stay.
    pub punctuation: Punctuation,
    /// Words that are left out, and stems that are left of others.
    #[serde(skip_serializing_if = "Reduction::is_off")]
    pub reduction: Reduction,
    /// Which tokens get an id of their own.
    pub vocabulary: VocabConfig,
    /// The most tokens that are kept of a text, special ones around it counted; unlimited without it.
    pub longest: Option<usize>,
    /// Which tokens of a longer text are kept.
    pub truncation: Truncation,
    /// Use of the rest when a text is predicted.
    #[serde(skip_serializing_if = "is_default")]
    pub long_texts: LongTexts,
}

fn is_default(long_texts: &LongTexts) -> bool {
    *long_texts == LongTexts::default()
}

impl Default for TextConfig {
    fn default() -> Self {
        Self {
            tokenizer: TokenizerKind::Words,
            tokenizer_file: None,
            marks: Marks::default(),
            cleaning: Cleaning::default(),
            lowercase: Lowercase::On,
            punctuation: Punctuation::Keep,
            reduction: Reduction::default(),
            vocabulary: VocabConfig::default(),
            longest: None,
            truncation: Truncation::Head,
            long_texts: LongTexts::Truncate,
        }
    }
}

impl TextConfig {
    /// Checks what the types alone do not forbid.
    ///
    /// # Errors
    /// [`Error::Setting`] for a longest length or a size limit of zero, for a special token that is listed
    /// twice or that every vocabulary has anyway, for sub-words without punctuation, for upper case beside a
    /// pretrained tokenizer, for stop words or stems of what are no words, and for the file of a tokenizer
    /// that needs none.
    pub fn check(&self) -> Result<(), Error> {
        if self.longest == Some(0) {
            let advice = "give at least 1, or leave it out to keep whole texts";
            return Err(Error::setting("longest", 0, advice));
        }
        if let Some(file) = &self.tokenizer_file
            && self.tokenizer != TokenizerKind::Pretrained
        {
            let advice = "a file is read where tokenizer is pretrained alone: leave one of the two away";
            return Err(Error::setting("tokenizer_file", file.display(), advice));
        }
        if self.tokenizer.is_subwords() && self.punctuation == Punctuation::Drop {
            let advice = "sub-words keep punctuation: set keep, or choose a tokenizer of words";
            return Err(Error::setting("punctuation", "drop", advice));
        }
        if self.tokenizer == TokenizerKind::Pretrained && self.lowercase == Lowercase::Off {
            let advice =
                "a pretrained tokenizer decides for itself: leave it away, or choose another tokenizer";
            return Err(Error::setting("lowercase", "off", advice));
        }
        self.reduction.check(self.tokenizer)?;
        self.vocabulary.check()
    }
}

/// Whether tokens are put into lower case.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lowercase {
    /// 'Dog' and 'dog' are one token.
    On,
    /// 'Dog' and 'dog' are two tokens.
    Off,
}

/// Whether combining marks and zero-width joiners are parts of words where [`TokenizerKind::Words`] cuts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Marks {
    /// They belong to the letter before them, as Unicode has it.
    #[default]
    Joined,
    /// They stand by themselves: so words were cut before settings told it, and models that were trained then
    /// go on to do.
    Apart,
}

impl Marks {
    /// The rule of settings that do not tell.
    pub(crate) fn untold() -> Self {
        Self::Apart
    }
}

/// Whether tokens that are nothing but punctuation stay: ASCII's 32 marks, the marks of Latin-1, general,
/// CJK and full-width punctuation. Emoji and other symbols are none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Punctuation {
    /// They are tokens like any other.
    Keep,
    /// They are left out.
    Drop,
}

/// Which tokens get an id of their own; all others become the unknown token.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VocabConfig {
    /// The most tokens kept, special ones not counted: the most frequent; unlimited without it. For sub-words
    /// that are learned, their number with the special ones, [`VocabConfig::SUBWORDS`] without it.
    pub size_limit: Option<usize>,
    /// How often a token must occur in the training texts; 0 and 1 keep every token.
    pub minimum_count: u32,
    /// Special tokens besides padding and unknown, which every vocabulary has as ids 0 and 1.
    pub specials: Vec<Special>,
}

impl Default for VocabConfig {
    fn default() -> Self {
        Self { size_limit: None, minimum_count: 1, specials: Vec::new() }
    }
}

impl VocabConfig {
    /// How many sub-words are learned where no number is asked for. By
    /// `assort sweep --set tokenizer=bpe --over vocabulary_size=4000,8000,16000,30000` the bag's validation
    /// loss is 0.296, 0.280, 0.268, 0.268 on IMDb (seeds 0 and 1) and 0.921, 0.915, 0.911, 0.909 on three
    /// labels of the tweets (seeds 0 to 2).
    pub const SUBWORDS: usize = 16_000;

    /// Checks as [`TextConfig::check`] does.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.size_limit == Some(0) {
            let advice = "give at least 1, or leave it out to keep every token";
            return Err(Error::setting("vocabulary.size_limit", 0, advice));
        }
        let mut seen = vec![Special::Pad, Special::Unk];
        for special in &self.specials {
            if seen.contains(special) {
                let advice = "list each special token once, without pad and unk, which are always there";
                return Err(Error::setting("vocabulary.specials", format!("{:?}", self.specials), advice));
            }
            seen.push(*special);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, expect: &str) {
        let message = match serde_json::from_str::<TextConfig>(json) {
            Ok(config) => config.check().err().map_or("fine".to_owned(), |error| error.to_string()),
            Err(error) => error.to_string(),
        };
        assert!(message.contains(expect), "{json}: {message}");
    }

    /// Folders of models that were trained when marks stood apart do not tell of it.
    #[test]
    fn settings_that_do_not_tell_of_marks() {
        assert_eq!(serde_json::from_str::<TextConfig>("{}").unwrap().marks, Marks::Apart);
        let told = serde_json::to_string(&TextConfig::default()).unwrap();
        assert_eq!(serde_json::from_str::<TextConfig>(&told).unwrap(), TextConfig::default());
        assert_eq!(TextConfig::default().marks, Marks::Joined);
    }

    #[test]
    fn settings_are_checked() {
        check("{}", "fine");
        check(r#"{"marks": "joined"}"#, "fine");
        check(r#"{"tokenizer": "whitespace", "truncation": "head-and-tail", "longest": 1}"#, "fine");
        check(r#"{"vocabulary": {"specials": ["sos", "eos"], "size_limit": 25000}}"#, "fine");
        check(r#"{"longest": 0}"#, "longest is 0");
        check(r#"{"vocabulary": {"size_limit": 0}}"#, "vocabulary.size_limit is 0");
        check(r#"{"vocabulary": {"specials": ["unk"]}}"#, "vocabulary.specials is [Unk]");
        check(r#"{"vocabulary": {"specials": ["sos", "sos"]}}"#, "list each special token once");
        check(r#"{"tokenizer": "pretrained", "tokenizer_file": "a/tokenizer.json"}"#, "fine");
        check(r#"{"tokenizer": "pretrained", "punctuation": "drop"}"#, "punctuation is drop: sub-words keep");
        check(
            r#"{"tokenizer": "pretrained", "lowercase": "off"}"#,
            "lowercase is off: a pretrained tokenizer",
        );
        check(r#"{"tokenizer_file": "a"}"#, "tokenizer_file is a: a file is read where");
        check(r#"{"tokenizer": "bert"}"#, "unknown variant `bert`");
        check(r#"{"lower": "on"}"#, "unknown field `lower`");
    }
}
