//! From text to ids.

use crate::character::is_all_punctuation;
use crate::count::{Rows, count};
use crate::{
    Encoding, Error, Lowercase, Lowercaser, Normalized, Normalizer, PreTokenizer, Punctuation, TextConfig,
    Token, TokenRows, TokenizerKind, Truncation, Vocab, Whitespace, Words,
};
use rayon::prelude::*;
use std::borrow::Cow;
use std::ops::ControlFlow;

/// Texts that one task encodes.
const CHUNK: usize = 256;

/// Turns texts into token ids: a configuration and a vocabulary.
#[derive(Clone, PartialEq, Debug)]
pub struct Tokenizer {
    config: TextConfig,
    vocab: Vocab,
}

impl Tokenizer {
    /// A tokenizer from its parts, as they were saved.
    ///
    /// # Errors
    /// [`Error::Setting`] as [`TextConfig::check`].
    pub fn new(config: TextConfig, vocab: Vocab) -> Result<Self, Error> {
        config.check()?;
        Ok(Self { config, vocab })
    }

    /// Counts the tokens of the training texts, in parallel, and makes the vocabulary.
    ///
    /// # Errors
    /// [`Error::Setting`] as [`TextConfig::check`].
    pub fn fit<T: AsRef<str> + Sync>(texts: &[T], config: &TextConfig) -> Result<Self, Error> {
        let (vocab, _) = count(texts, config, Rows::Forget)?;
        Self::new(config.clone(), vocab)
    }

    /// [`Tokenizer::fit`] and [`Tokenizer::encode_batch`] of the same texts in one pass.
    ///
    /// # Errors
    /// As these two.
    pub fn fit_encode<T: AsRef<str> + Sync>(
        texts: &[T],
        config: &TextConfig,
    ) -> Result<(Self, TokenRows), Error> {
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

    /// The normalized tokens of a whole text, known or not, without truncation.
    pub fn tokens<'t>(&self, text: &'t str) -> Vec<Token<'t>> {
        tokens(text, &self.config)
    }

    /// The ids of a text and where each came from.
    pub fn encode(&self, text: &str) -> Encoding {
        let mut encoding = Encoding::default();
        Walk::new(&self.config).tokens(text, |token, start, end| {
            encoding.ids.push(self.vocab.lookup(token));
            encoding.offsets.push((start, end));
            self.flow(encoding.ids.len())
        });
        if let Some(longest) = self.config.longest {
            self.config.truncation.apply(&mut encoding.ids, 0, longest);
            self.config.truncation.apply(&mut encoding.offsets, 0, longest);
        }
        encoding
    }

    /// Appends the ids of a text.
    pub fn encode_into(&self, text: &str, ids: &mut Vec<u32>) {
        self.encode_with(&mut Walk::new(&self.config), text, ids);
    }

    fn encode_with(&self, walk: &mut Walk, text: &str, ids: &mut Vec<u32>) {
        let from = ids.len();
        walk.tokens(text, |token, _, _| {
            ids.push(self.vocab.lookup(token));
            self.flow(ids.len() - from)
        });
        if let Some(longest) = self.config.longest {
            self.config.truncation.apply(ids, from, longest);
        }
    }

    /// Whether tokens after this many can still be kept.
    #[inline]
    fn flow(&self, count: usize) -> ControlFlow<()> {
        match self.config.longest {
            Some(longest) if count >= longest && self.config.truncation == Truncation::Head => {
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
        let encode = |texts: &[T]| {
            let mut walk = Walk::new(&self.config);
            let (mut ids, mut lengths) = (Vec::new(), Vec::with_capacity(texts.len()));
            for text in texts {
                let from = ids.len();
                self.encode_with(&mut walk, text.as_ref(), &mut ids);
                lengths.push((ids.len() - from) as u32);
            }
            (ids, lengths)
        };
        TokenRows::concatenate(texts.par_chunks(CHUNK).map(encode).collect())
    }
}

fn tokens<'t>(text: &'t str, config: &TextConfig) -> Vec<Token<'t>> {
    let mut tokens = Vec::new();
    Walk::new(config).tokens(text, |token, start, end| {
        let text = match text.get(start..end) {
            Some(piece) if piece == token => Cow::Borrowed(piece),
            _ => Cow::Owned(token.to_owned()),
        };
        tokens.push(Token { text, start, end });
        ControlFlow::Continue(())
    });
    tokens
}

/// The way through a text: cut, drop, normalize. It keeps its buffer from text to text.
pub(crate) struct Walk<'c> {
    config: &'c TextConfig,
    normalized: String,
}

impl<'c> Walk<'c> {
    pub(crate) fn new(config: &'c TextConfig) -> Self {
        Self { config, normalized: String::new() }
    }

    /// Hands each token's normalized text, first byte and byte after the last to `each`.
    #[inline]
    pub(crate) fn tokens(&mut self, text: &str, each: impl FnMut(&str, usize, usize) -> ControlFlow<()>) {
        match self.config.tokenizer {
            TokenizerKind::Whitespace => self.walk(&Whitespace, text, each),
            TokenizerKind::Words => self.walk(&Words, text, each),
        }
    }

    #[inline]
    fn walk(
        &mut self,
        pre_tokenizer: &impl PreTokenizer,
        text: &str,
        mut each: impl FnMut(&str, usize, usize) -> ControlFlow<()>,
    ) {
        let Self { config, normalized } = self;
        let (lowercase, punctuation) = (config.lowercase, config.punctuation);
        pre_tokenizer.pieces(text, |start, end| {
            let Some(piece) = text.get(start..end) else { return ControlFlow::Continue(()) };
            if punctuation == Punctuation::Drop && is_all_punctuation(piece) {
                return ControlFlow::Continue(());
            }
            if lowercase == Lowercase::On {
                normalized.clear();
                if Lowercaser.normalize(piece, normalized) == Normalized::Rewritten {
                    return each(normalized, start, end);
                }
            }
            each(piece, start, end)
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
