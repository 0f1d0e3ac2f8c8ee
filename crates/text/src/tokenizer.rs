//! From text to ids.

use crate::character::is_all_punctuation;
use crate::count::{Rows, count};
use crate::reduction::Reducer;
use crate::subwords::Subwords;
use crate::{
    Characters, Encoding, English, Error, Lowercase, Lowercaser, Normalized, Normalizer, PreTokenizer,
    Punctuation, TextConfig, Token, TokenId, TokenRows, TokenizerKind, Truncation, Vocab, Whitespace, Words,
};
use rayon::prelude::*;
use std::borrow::Cow;
use std::ops::ControlFlow;
use std::path::Path;

/// Texts that one task encodes.
const CHUNK: usize = 256;

/// Turns texts into token ids: a configuration, a vocabulary and, for sub-words, what cuts words into them.
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
            return Err(Error::Setting {
                parameter: "tokenizer",
                found: format!("{:?}", config.tokenizer).to_lowercase(),
                advice: "sub-words are read from a tokenizer's file, not from a vocabulary of words",
            });
        }
        Ok(Self { config, vocab, subwords: None })
    }

    /// What [`Tokenizer::save`] wrote, or for sub-words a `tokenizer.json` of Hugging Face's form or a BERT's `vocab.txt`
    /// (or a folder with one of them).
    ///
    /// # Errors
    /// [`Error::Setting`] as [`TextConfig::check`], and if the longest length has no room for more than the special tokens
    /// around a text; [`Error::File`], [`Error::VocabFile`] or [`Error::TokenizerFile`] if the file does not do.
    pub fn load(path: &Path, config: TextConfig) -> Result<Self, Error> {
        if !config.tokenizer.is_subwords() {
            return Self::new(config, Vocab::load(path)?);
        }
        let (subwords, vocab) = Subwords::load(path)?;
        Self::with_subwords(config, subwords, vocab)
    }

    fn with_subwords(config: TextConfig, subwords: Subwords, vocab: Vocab) -> Result<Self, Error> {
        config.check()?;
        let (before, after) = subwords.around();
        if let Some(longest) = config.longest
            && longest <= before + after
        {
            return Err(Error::Setting {
                parameter: "longest",
                found: longest.to_string(),
                advice: "give more than the special tokens that this tokenizer puts around a text",
            });
        }
        Ok(Self { config, vocab, subwords: Some(subwords) })
    }

    /// Writes the file beside its place, then renames it into it: a vocabulary of words, or sub-words as a `tokenizer.json`.
    ///
    /// # Errors
    /// [`Error::File`] if the place cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let Some(subwords) = &self.subwords else { return self.vocab.save(path) };
        let json = subwords.to_json().map_err(std::io::Error::other);
        let written = json.and_then(|json| crate::vocab_file::replace(path, json.as_bytes()));
        written.map_err(|source| Error::File { action: "write", path: path.to_owned(), source })
    }

    /// Counts the tokens of the training texts, in parallel, and makes the vocabulary. Sub-words are learned, or read from
    /// their file where they are pretrained.
    ///
    /// # Errors
    /// [`Error::Setting`] as [`TextConfig::check`]; as [`Tokenizer::load`] if it is pretrained; [`Error::NoWords`],
    /// [`Error::VocabularyTooSmall`] or [`Error::Training`] if sub-words cannot be learned.
    pub fn fit<T: AsRef<str> + Sync>(texts: &[T], config: &TextConfig) -> Result<Self, Error> {
        match config.tokenizer {
            TokenizerKind::Pretrained => {
                config.check()?;
                let file = config.tokenizer_file.as_deref().ok_or(Error::Setting {
                    parameter: "tokenizer_file",
                    found: "none".to_owned(),
                    advice: "a pretrained tokenizer needs its tokenizer.json or vocab.txt, or the folder of either",
                })?;
                Self::load(file, config.clone())
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

    /// [`Tokenizer::fit`] and [`Tokenizer::encode_batch`] of the same texts, in one pass if they become words.
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

    /// The normalized tokens of a whole text, known or not, without truncation. An unknown sub-word is the unknown token.
    pub fn tokens<'t>(&self, text: &'t str) -> Vec<Token<'t>> {
        let mut tokens = Vec::new();
        Encoder::new(self).tokens(text, |_, token, start, end| {
            let text = match text.get(start..end) {
                Some(piece) if piece == token => Cow::Borrowed(piece),
                _ => Cow::Owned(token.to_owned()),
            };
            tokens.push(Token { text, start, end });
            ControlFlow::Continue(())
        });
        tokens
    }

    /// The ids of a text and where each came from.
    pub fn encode(&self, text: &str) -> Encoding {
        let mut encoding = Encoding::default();
        Encoder::new(self).tokens(text, |id, _, start, end| {
            encoding.ids.push(id);
            encoding.offsets.push((start, end));
            self.flow(encoding.ids.len())
        });
        self.truncate(&mut encoding.ids, 0);
        self.truncate(&mut encoding.offsets, 0);
        encoding
    }

    /// Appends the ids of a text.
    pub fn encode_into(&self, text: &str, ids: &mut Vec<u32>) {
        self.encode_with(&mut Encoder::new(self), text, ids);
    }

    fn encode_with(&self, encoder: &mut Encoder, text: &str, ids: &mut Vec<u32>) {
        let from = ids.len();
        match &self.subwords {
            Some(subwords) => {
                let cleaned = self.config.cleaning.apply(text);
                let text = cleaned.as_ref().map_or(text, |cleaned| cleaned.text.as_str());
                subwords.encode_into(text, self.vocab.unk(), ids);
            }
            None => encoder.walk.tokens(text, |token, _, _| {
                ids.push(self.vocab.lookup(token));
                self.flow(ids.len() - from)
            }),
        }
        self.truncate(ids, from);
    }

    /// Keeps of what belongs to one text's tokens, from `from` on, what the settings say.
    pub(crate) fn truncate<T>(&self, values: &mut Vec<T>, from: usize) {
        if let Some(longest) = self.config.longest {
            self.config.truncation.apply_within(values, from, self.around(), longest);
        }
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

    /// The ids of many texts, in parallel.
    ///
    /// # Errors
    /// [`Error::TooManyTokens`] if there are more than `u32::MAX`.
    pub fn encode_batch<T: AsRef<str> + Sync>(&self, texts: &[T]) -> Result<TokenRows, Error> {
        if let Some(subwords) = self.subwords.as_ref().filter(|subwords| subwords.cuts_words_alone()) {
            return subwords.encode_batch(texts, self);
        }
        let encode = |texts: &[T]| {
            let mut encoder = Encoder::new(self);
            let (mut ids, mut lengths) = (Vec::new(), Vec::with_capacity(texts.len()));
            for text in texts {
                let from = ids.len();
                self.encode_with(&mut encoder, text.as_ref(), &mut ids);
                lengths.push((ids.len() - from) as u32);
            }
            (ids, lengths)
        };
        TokenRows::concatenate(texts.par_chunks(CHUNK).map(encode).collect())
    }
}

/// The way from texts to ids, of one thread.
pub(crate) struct Encoder<'t> {
    tokenizer: &'t Tokenizer,
    walk: Walk<'t>,
}

impl<'t> Encoder<'t> {
    pub(crate) fn new(tokenizer: &'t Tokenizer) -> Self {
        Self { tokenizer, walk: Walk::new(&tokenizer.config) }
    }

    /// Hands each token's id, normalized text, first byte and byte after the last to `each`: those of the whole text, unless
    /// `each` breaks off.
    #[inline]
    pub(crate) fn tokens(
        &mut self,
        text: &str,
        mut each: impl FnMut(u32, &str, usize, usize) -> ControlFlow<()>,
    ) {
        let Tokenizer { vocab, subwords, config } = self.tokenizer;
        match subwords {
            None => self.walk.tokens(text, |token, start, end| each(vocab.lookup(token), token, start, end)),
            Some(subwords) => {
                let cleaned = config.cleaning.apply(text);
                let whole = text.len();
                let text = cleaned.as_ref().map_or(text, |cleaned| cleaned.text.as_str());
                subwords.each(text, vocab.unk(), |id, start, end| {
                    let (start, end) = match &cleaned {
                        Some(_) if start == end => (start.min(1) * whole, start.min(1) * whole),
                        Some(cleaned) => cleaned.original(start, end),
                        None => (start, end),
                    };
                    each(id, vocab.token(TokenId(id)).unwrap_or_default(), start, end)
                })
            }
        }
    }
}

/// The way through a text: cut, drop, normalize, reduce. It keeps its buffers from text to text.
pub(crate) struct Walk<'c> {
    config: &'c TextConfig,
    normalized: String,
    reducer: Option<Reducer>,
}

impl<'c> Walk<'c> {
    pub(crate) fn new(config: &'c TextConfig) -> Self {
        Self { config, normalized: String::new(), reducer: Reducer::new(config.reduction) }
    }

    /// Hands each token's normalized text, first byte and byte after the last to `each`.
    #[inline]
    pub(crate) fn tokens(&mut self, text: &str, mut each: impl FnMut(&str, usize, usize) -> ControlFlow<()>) {
        match self.config.cleaning.apply(text) {
            None => self.cut(text, each),
            Some(cleaned) => self.cut(&cleaned.text, |token, start, end| {
                let (start, end) = cleaned.original(start, end);
                each(token, start, end)
            }),
        }
    }

    #[inline]
    fn cut(&mut self, text: &str, each: impl FnMut(&str, usize, usize) -> ControlFlow<()>) {
        match self.config.tokenizer {
            TokenizerKind::Whitespace => self.walk(&Whitespace, text, each),
            TokenizerKind::English => self.walk(&English, text, each),
            TokenizerKind::Characters => self.walk(&Characters, text, each),
            // Sub-words go another way; where they are asked for words, they are the same as here.
            _ => self.walk(&Words, text, each),
        }
    }

    #[inline]
    fn walk(
        &mut self,
        pre_tokenizer: &impl PreTokenizer,
        text: &str,
        mut each: impl FnMut(&str, usize, usize) -> ControlFlow<()>,
    ) {
        let Self { config, normalized, reducer } = self;
        let (lowercase, punctuation) = (config.lowercase, config.punctuation);
        pre_tokenizer.pieces(text, |start, end| {
            let Some(piece) = text.get(start..end) else { return ControlFlow::Continue(()) };
            if punctuation == Punctuation::Drop && is_all_punctuation(piece) {
                return ControlFlow::Continue(());
            }
            normalized.clear();
            let lower = lowercase == Lowercase::On
                && Lowercaser.normalize(piece, normalized) == Normalized::Rewritten;
            let word = if lower { normalized.as_str() } else { piece };
            match reducer {
                None => each(word, start, end),
                Some(reducer) => match reducer.reduce(word) {
                    Some(left) => each(left, start, end),
                    None => ControlFlow::Continue(()),
                },
            }
        });
    }
}

impl TokenRows {
    /// Joins pieces of ids and the lengths of their rows.
    pub(crate) fn concatenate(pieces: Vec<(Vec<u32>, Vec<u32>)>) -> Result<Self, Error> {
        let found = pieces.iter().map(|(ids, _)| ids.len()).sum();
        if u32::try_from(found).is_err() {
            return Err(Error::TooManyTokens { found });
        }
        let mut ids = Vec::with_capacity(found);
        let mut offsets =
            Vec::with_capacity(1 + pieces.iter().map(|(_, lengths)| lengths.len()).sum::<usize>());
        offsets.push(0);
        let mut end = 0;
        for (piece, lengths) in pieces {
            ids.extend_from_slice(&piece);
            offsets.extend(lengths.into_iter().map(|length| {
                end += length;
                end
            }));
        }
        Ok(Self { ids, offsets })
    }
}
