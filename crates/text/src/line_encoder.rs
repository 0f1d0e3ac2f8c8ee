//! Texts as fastText reads the lines of a file.
//!
//! A line is cut at ASCII white space and zero bytes alone, and ends with the word `</s>`. A word has a row
//! if it is known, and one for each n-gram of its characters; then come n-grams of words. What has no row
//! adds nothing: there is no unknown word. Words that begin with `__label__` are labels, and left out.

mod file;
#[cfg(test)]
mod tests;

use crate::character_ngrams::hash;
use crate::tokenizer::encode_chunks;
use crate::{CharacterNgrams, Encoding, Error, TokenRows, WordSet};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The word that ends a line; it has no n-grams of characters.
const END: &str = "</s>";
/// The beginning of a label.
const LABEL: &str = "__label__";
/// Words of an n-gram at most.
const MOST_WORDS: usize = 64;

/// Which n-grams a line has.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineConfig {
    /// The most words of an n-gram; 1 for none.
    pub word_ngrams: usize,
    /// The least characters of a sub-word.
    pub shortest: usize,
    /// The most characters of a sub-word; 0 for no sub-words.
    pub longest: usize,
    /// How many buckets n-grams and sub-words share.
    pub buckets: u32,
    /// Labels that do not begin as labels do, and are no words either.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
}

impl LineConfig {
    /// Whether a line has any n-grams.
    pub fn has_ngrams(&self) -> bool {
        self.buckets > 0 && (self.word_ngrams > 1 || self.longest > 0)
    }

    /// # Errors
    /// [`Error::Setting`] for n-grams of more than 64 words or characters.
    pub fn check(&self) -> Result<(), Error> {
        let most = [("word_ngrams", self.word_ngrams), ("longest", self.longest)];
        match most.into_iter().find(|(_, length)| *length > MOST_WORDS) {
            Some((name, length)) => Err(Error::setting(name, length, "n-grams have 64 pieces at most")),
            None => Ok(()),
        }
    }
}

/// Known words, the buckets that have a row, and the rules that turn a line into ids. Ids of words come
/// first, then those of buckets.
///
/// ```
/// use assort_text::{LineConfig, LineEncoder};
///
/// let config = LineConfig { word_ngrams: 2, shortest: 0, longest: 0, buckets: 10, labels: Vec::new() };
/// let encoder = LineEncoder::new(config, [("a".into(), 5), ("fine".into(), 2)], None)?;
/// let encoding = encoder.encode("__label__x a fine plum");
/// assert_eq!(encoding.ids[..2], [0, 1]);
/// assert_eq!(encoding.offsets[2], (11, 17), "the first n-gram of words: 'a fine'");
/// assert_eq!((encoding.ids.len(), encoder.width()), (5, 12));
/// # Ok::<(), assort_text::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct LineEncoder {
    config: LineConfig,
    words: WordSet,
    counts: Vec<u64>,
    /// The buckets with a row, in the order of their rows; `None` where all have one.
    kept: Option<Vec<u32>>,
    rows: HashMap<u32, u32>,
    characters: Option<CharacterNgrams>,
}

impl LineEncoder {
    /// An encoder of these words, each with its count, and of all buckets or those that are `kept`.
    ///
    /// # Errors
    /// [`Error::Setting`] as [`LineConfig::check`], for a word or a kept bucket that comes twice, for one
    /// beyond the number of buckets, and for more rows than 32 bits can tell.
    pub fn new(
        config: LineConfig,
        words: impl IntoIterator<Item = (String, u64)>,
        kept: Option<Vec<u32>>,
    ) -> Result<Self, Error> {
        config.check()?;
        let (mut set, mut counts) = (WordSet::default(), Vec::new());
        for (word, count) in words {
            set.insert(&word);
            if set.len() == counts.len() {
                return Err(Error::setting("words", word, "a word has one row"));
            }
            counts.push(count);
        }
        if u32::try_from(set.len() + config.buckets as usize).is_err() {
            let advice = "together with the words they must stay under 4,294,967,296";
            return Err(Error::setting("buckets", config.buckets, advice));
        }
        let mut rows = HashMap::new();
        for (bucket, row) in kept.iter().flatten().zip(set.len() as u32..) {
            if *bucket >= config.buckets || rows.insert(*bucket, row).is_some() {
                return Err(Error::setting(
                    "buckets",
                    bucket,
                    "a bucket has one row, and lies below the most",
                ));
            }
        }
        let characters = CharacterNgrams::new(config.shortest, config.longest, config.buckets);
        Ok(Self { config, words: set, counts, kept, rows, characters })
    }

    /// The rules.
    pub fn config(&self) -> &LineConfig {
        &self.config
    }

    /// The known words with their counts, in the order of their ids.
    pub fn words(&self) -> impl Iterator<Item = (&str, u64)> {
        self.words.iter().zip(self.counts.iter().copied())
    }

    /// The buckets that have a row, in the order of their ids; `None` where all have one.
    pub fn kept(&self) -> Option<&[u32]> {
        self.kept.as_deref()
    }

    /// The id after the last.
    pub fn width(&self) -> usize {
        let buckets = match &self.kept {
            _ if !self.config.has_ngrams() => 0,
            Some(kept) => kept.len(),
            None => self.config.buckets as usize,
        };
        self.words.len() + buckets
    }

    /// The words of a text that are no labels: their first bytes and the bytes after their last.
    pub fn pieces(&self, text: &str) -> Vec<(usize, usize)> {
        let is_space = |byte: u8| matches!(byte, b' ' | b'\t'..=b'\r' | 0);
        let (mut pieces, mut at) = (Vec::new(), 0);
        for piece in text.as_bytes().split(|byte| is_space(*byte)) {
            let (start, end) = (at, at + piece.len());
            at = end + 1;
            let word = text.get(start..end).unwrap_or_default();
            if word == END {
                break;
            }
            if !word.is_empty() && !self.is_label(word) {
                pieces.push((start, end));
            }
        }
        pieces
    }

    fn is_label(&self, word: &str) -> bool {
        (word.starts_with(LABEL) || self.config.labels.iter().any(|label| label == word))
            && self.words.find(word).is_none()
    }

    /// The ids of a text, and the bytes that each came from: a sub-word has those of its word, an n-gram of
    /// words those from its first to its last.
    pub fn encode(&self, text: &str) -> Encoding {
        let mut encoding = Encoding::default();
        self.each(text, |id, start, end| {
            encoding.ids.push(id);
            encoding.offsets.push((start, end));
        });
        encoding
    }

    /// The ids of many texts, in parallel.
    ///
    /// # Errors
    /// If there are more than `u32::MAX`.
    pub fn encode_batch<T: AsRef<str> + Sync>(&self, texts: &[T]) -> Result<TokenRows, Error> {
        encode_chunks(texts, || {
            |text: &str, ids: &mut Vec<u32>| {
                self.each(text, |id, _, _| ids.push(id));
                Ok(())
            }
        })
    }

    fn each(&self, text: &str, mut each: impl FnMut(u32, usize, usize)) {
        let mut words: Vec<(u64, usize, usize)> = Vec::new();
        let end = (text.len(), text.len());
        for (start, end) in self.pieces(text).into_iter().chain([end]) {
            let word = text.get(start..end).filter(|word| !word.is_empty()).unwrap_or(END);
            if let Some(id) = self.words.find(word) {
                each(id, start, end);
            }
            for bucket in self.characters.filter(|_| word != END).map_or(Vec::new(), |all| all.buckets(word))
            {
                if let Some(row) = self.row(bucket as u32) {
                    each(row, start, end);
                }
            }
            // A hash of 32 bits with its sign.
            words.push((hash(word.as_bytes()).cast_signed() as u64, start, end));
        }
        if self.config.word_ngrams < 2 || self.config.buckets == 0 {
            return;
        }
        for (first, (hash, start, _)) in words.iter().enumerate() {
            let mut ngram = *hash;
            for (next, _, end) in words.iter().skip(first + 1).take(self.config.word_ngrams - 1) {
                ngram = ngram.wrapping_mul(116_049_371).wrapping_add(*next);
                if let Some(row) = self.row((ngram % u64::from(self.config.buckets)) as u32) {
                    each(row, *start, *end);
                }
            }
        }
    }

    /// The id of a bucket, if it has one.
    fn row(&self, bucket: u32) -> Option<u32> {
        match self.kept {
            Some(_) => self.rows.get(&bucket).copied(),
            None => Some(self.words.len() as u32 + bucket),
        }
    }
}
