//! From text to ids.

mod encoder;

pub(crate) use encoder::Encoder;

use crate::analyzer::Analyzer;
use crate::count::{Rows, count};
use crate::subwords::Subwords;
use crate::{Encoding, Error, TextConfig, Token, TokenRows, TokenizerKind, Truncation, Vocab};
use rayon::prelude::*;
use std::borrow::Cow;
use std::ops::ControlFlow;
use std::path::Path;

/// Texts that one task encodes.
const CHUNK: usize = 256;

/// Turns texts into token ids: a configuration, a vocabulary and, for sub-words, the model that cuts words
/// into them.
#[derive(Clone, PartialEq, Debug)]
pub struct Tokenizer {
    config: TextConfig,
    vocab: Vocab,
    subwords: Option<Subwords>,
}

impl Tokenizer {
    /// A tokenizer of words from its parts, as they were saved.
    ///
    /// # Errors
    /// [`Error::Setting`] as [`TextConfig::check`], and if the settings ask for sub-words.
    pub fn new(config: TextConfig, vocab: Vocab) -> Result<Self, Error> {
        config.check()?;
        if config.tokenizer.is_subwords() {
            let found = format!("{:?}", config.tokenizer).to_lowercase();
            let advice = "sub-words are read from a tokenizer's file, not from a vocabulary of words";
            return Err(Error::setting("tokenizer", found, advice));
        }
        Ok(Self { config, vocab, subwords: None })
    }

    /// The same with these words alone, by their ids, which become 0, 1, 2 …; special ones stay, and so do
    /// all sub-words.
    pub fn keep(&self, keep: impl Fn(u32) -> bool) -> Self {
        let vocab = if self.subwords.is_some() { self.vocab.clone() } else { self.vocab.keep(keep) };
        Self { vocab, ..self.clone() }
    }

    /// Reads what [`Tokenizer::save`] wrote, or for sub-words a `tokenizer.json` of Hugging Face's form or a
    /// BERT's `vocab.txt` (or a folder with one of them).
    ///
    /// # Errors
    /// [`Error::Setting`] as [`TextConfig::check`], and if the longest length has no room for more than the
    /// special tokens around a text; [`Error::File`], [`Error::ListFile`] or [`Error::TokenizerFile`] if the
    /// file does not do.
    pub fn load(path: &Path, config: TextConfig) -> Result<Self, Error> {
        if !config.tokenizer.is_subwords() {
            return Self::new(config, Vocab::load(path)?);
        }
        let (subwords, vocab) = Subwords::load(path)?;
        Self::with_subwords(config, subwords, vocab)
    }

    /// The same, which no longer says what file it was read from.
    pub(crate) fn without_file(mut self) -> Self {
        self.config.tokenizer_file = None;
        self
    }

    /// Sub-words from the text of a `tokenizer.json` that lies in this file, or its fault.
    pub(crate) fn from_json(json: &str, path: &Path, config: TextConfig) -> Result<Self, String> {
        let (subwords, vocab) = Subwords::from_json(json, path)?;
        Self::with_subwords(config, subwords, vocab).map_err(|error| error.to_string())
    }

    fn with_subwords(config: TextConfig, subwords: Subwords, vocab: Vocab) -> Result<Self, Error> {
        config.check()?;
        let (before, after) = subwords.around();
        if let Some(longest) = config.longest
            && longest <= before + after
        {
            let advice = "give more than the special tokens that this tokenizer puts around a text";
            return Err(Error::setting("longest", longest, advice));
        }
        Ok(Self { config, vocab, subwords: Some(subwords) })
    }

    /// Writes the file beside its place, then renames it into it: a vocabulary of words, or sub-words as a
    /// `tokenizer.json`.
    ///
    /// # Errors
    /// [`Error::File`] if the place cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let Some(subwords) = &self.subwords else { return self.vocab.save(path) };
        let json = subwords.to_json(true).map_err(std::io::Error::other);
        let written = json.and_then(|json| assort_files::write(path, json.as_bytes()));
        written.map_err(Error::file("write", path))
    }

    /// Counts the tokens of the training texts, in parallel, and makes the vocabulary. Sub-words are learned,
    /// or read from their file where they are pretrained.
    ///
    /// # Errors
    /// [`Error::Setting`] as [`TextConfig::check`]; as [`Tokenizer::load`] if it is pretrained;
    /// [`Error::NoWords`], [`Error::VocabularyTooSmall`] or [`Error::Training`] if sub-words cannot be
    /// learned.
    pub fn fit<T: AsRef<str> + Sync>(texts: &[T], config: &TextConfig) -> Result<Self, Error> {
        match config.tokenizer {
            TokenizerKind::Pretrained => {
                config.check()?;
                let advice =
                    "a pretrained tokenizer needs its tokenizer.json or vocab.txt, or the folder of either";
                let none = || Error::setting("tokenizer_file", "none", advice);
                Self::load(config.tokenizer_file.as_deref().ok_or_else(none)?, config.clone())
            }
            kind if kind.is_subwords() => {
                let (subwords, vocab) = Subwords::train(texts, config)?;
                Self::with_subwords(config.clone(), subwords, vocab)
            }
            _ => {
                let (vocab, _) = count(texts, config, Rows::Forget)?;
                Self::new(config.clone(), vocab)
            }
        }
    }

    /// [`Tokenizer::fit`] and [`Tokenizer::encode_batch`] of the same texts, in one pass if they become
    /// words.
    ///
    /// # Errors
    /// As these two.
    pub fn fit_encode<T: AsRef<str> + Sync>(
        texts: &[T],
        config: &TextConfig,
    ) -> Result<(Self, TokenRows), Error> {
        if config.tokenizer.is_subwords() {
            let tokenizer = Self::fit(texts, config)?;
            let rows = tokenizer.encode_batch(texts)?;
            return Ok((tokenizer, rows));
        }
        let (vocab, rows) = count(texts, config, Rows::Keep)?;
        Ok((Self::new(config.clone(), vocab)?, rows))
    }

    /// The settings.
    pub fn config(&self) -> &TextConfig {
        &self.config
    }

    /// The vocabulary.
    pub fn vocab(&self) -> &Vocab {
        &self.vocab
    }

    /// The normalized tokens of a whole text, known or not, without truncation. An unknown sub-word is the
    /// unknown token.
    ///
    /// # Errors
    /// [`Error::TokenizerFile`] if a tokenizer of sub-words gives up on the text, or makes it too long.
    pub fn tokens<'t>(&self, text: &'t str) -> Result<Vec<Token<'t>>, Error> {
        let mut tokens = Vec::new();
        Encoder::new(self).tokens(text, |_, token, start, end| {
            let text = match text.get(start..end) {
                Some(piece) if piece == token => Cow::Borrowed(piece),
                _ => Cow::Owned(token.to_owned()),
            };
            tokens.push(Token { text, start, end });
            ControlFlow::Continue(())
        })?;
        Ok(tokens)
    }

    /// The ids of a text and where each came from.
    ///
    /// # Errors
    /// As [`Tokenizer::tokens`].
    pub fn encode(&self, text: &str) -> Result<Encoding, Error> {
        let mut encoding = Encoding::default();
        Encoder::new(self).tokens(text, |id, _, start, end| {
            encoding.ids.push(id);
            encoding.offsets.push((start, end));
            self.flow(encoding.ids.len())
        })?;
        self.truncate(&mut encoding.ids, 0);
        self.truncate(&mut encoding.offsets, 0);
        Ok(encoding)
    }

    fn encode_into(&self, analyzer: &mut Analyzer, text: &str, ids: &mut Vec<u32>) -> Result<(), Error> {
        let from = ids.len();
        match &self.subwords {
            Some(subwords) => {
                let cleaned = self.config.cleaning.apply(text);
                let text = cleaned.as_ref().map_or(text, |cleaned| cleaned.text.as_str());
                subwords.encode_into(text, self.vocab.unk(), ids)?;
            }
            None => analyzer.tokens(text, |token, _, _| {
                ids.push(self.vocab.lookup(token));
                self.flow(ids.len() - from)
            }),
        }
        self.truncate(ids, from);
        Ok(())
    }

    /// Shortens the values of one text's tokens, from `from` on, as the settings say.
    pub(crate) fn truncate<T>(&self, values: &mut Vec<T>, from: usize) {
        if let Some(longest) = self.config.longest {
            self.config.truncation.apply_within(values, from, self.around(), longest);
        }
    }

    pub(crate) fn subwords(&self) -> Option<&Subwords> {
        self.subwords.as_ref()
    }

    /// The number of special tokens before and after a text.
    pub(crate) fn around(&self) -> (usize, usize) {
        self.subwords.as_ref().map_or((0, 0), Subwords::around)
    }

    /// Whether tokens after this many can still be kept.
    #[inline]
    pub(crate) fn flow(&self, count: usize) -> ControlFlow<()> {
        match self.config.longest {
            Some(longest)
                if count >= longest
                    && self.config.truncation == Truncation::Head
                    && self.subwords.is_none() =>
            {
                ControlFlow::Break(())
            }
            _ => ControlFlow::Continue(()),
        }
    }

    /// How many of these texts have more tokens than the longest length allows, and are cut.
    ///
    /// # Errors
    /// As [`Tokenizer::encode_batch`].
    pub fn count_cut<T: AsRef<str> + Sync>(&self, texts: &[T]) -> Result<usize, Error> {
        let Some(longest) = self.config.longest else { return Ok(0) };
        if self.subwords.is_some() {
            let whole = Self { config: TextConfig { longest: None, ..self.config.clone() }, ..self.clone() };
            let rows = whole.encode_batch(texts)?;
            return Ok((0..rows.rows()).filter(|row| rows.row(*row).len() > longest).count());
        }
        let of_chunk = |texts: &[T]| {
            let mut analyzer = Analyzer::new(&self.config);
            let mut is_longer = |text: &T| {
                let mut tokens = 0;
                analyzer.tokens(text.as_ref(), |_, _, _| {
                    tokens += 1;
                    if tokens > longest { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                });
                tokens > longest
            };
            texts.iter().filter(|text| is_longer(text)).count()
        };
        Ok(texts.par_chunks(CHUNK).map(of_chunk).sum())
    }

    /// The ids of many texts, in parallel.
    ///
    /// # Errors
    /// As [`Tokenizer::tokens`], and [`Error::Rows`] if there are more than `u32::MAX`.
    pub fn encode_batch<T: AsRef<str> + Sync>(&self, texts: &[T]) -> Result<TokenRows, Error> {
        if let Some(subwords) = self.subwords.as_ref().filter(|subwords| subwords.cuts_words_alone()) {
            return subwords.encode_batch(texts, &self.config, self.vocab.unk());
        }
        encode_chunks(texts, || {
            let mut analyzer = Analyzer::new(&self.config);
            move |text, ids| self.encode_into(&mut analyzer, text, ids)
        })
    }
}

/// The ids of many texts, in parallel: each task appends those of its texts with what `encoder` makes for it.
pub(crate) fn encode_chunks<T: AsRef<str> + Sync, E: FnMut(&str, &mut Vec<u32>) -> Result<(), Error>>(
    texts: &[T],
    encoder: impl Fn() -> E + Sync,
) -> Result<TokenRows, Error> {
    let encode = |texts: &[T]| {
        let mut encode = encoder();
        let (mut ids, mut lengths) = (Vec::new(), Vec::with_capacity(texts.len()));
        for text in texts {
            let from = ids.len();
            encode(text.as_ref(), &mut ids)?;
            lengths.push((ids.len() - from) as u32);
        }
        Ok((ids, lengths))
    };
    Ok(TokenRows::concatenate(texts.par_chunks(CHUNK).map(encode).collect::<Result<_, Error>>()?)?)
}
