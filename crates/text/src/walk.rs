//! The way through a text, token by token.

use crate::character::is_all_punctuation;
use crate::reduction::Reducer;
use crate::{
    Characters, English, Lowercase, Lowercaser, Normalized, Normalizer, PreTokenizer, Punctuation,
    TextConfig, TokenId, Tokenizer, TokenizerKind, Whitespace, Words,
};
use std::ops::ControlFlow;

/// The way from texts to ids, of one thread.
pub(crate) struct Encoder<'t> {
    tokenizer: &'t Tokenizer,
    /// The way through its words, where it cuts no sub-words.
    pub walk: Walk<'t>,
}

impl<'t> Encoder<'t> {
    pub(crate) fn new(tokenizer: &'t Tokenizer) -> Self {
        Self { tokenizer, walk: Walk::new(tokenizer.config()) }
    }

    /// Hands each token's id, normalized text, first byte and byte after the last to `each`: those of the whole text, unless
    /// `each` breaks off.
    #[inline]
    pub(crate) fn tokens(
        &mut self,
        text: &str,
        mut each: impl FnMut(u32, &str, usize, usize) -> ControlFlow<()>,
    ) {
        let (vocab, config) = (self.tokenizer.vocab(), self.tokenizer.config());
        match self.tokenizer.subwords() {
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
        match reducer {
            None => normalized_pieces(pre_tokenizer, text, config, normalized, each),
            Some(reducer) => {
                normalized_pieces(pre_tokenizer, text, config, normalized, |word, start, end| {
                    match reducer.reduce(word) {
                        Some(left) => each(left, start, end),
                        None => ControlFlow::Continue(()),
                    }
                })
            }
        }
    }
}

/// Cuts a text, drops and normalizes pieces.
#[inline]
fn normalized_pieces(
    pre_tokenizer: &impl PreTokenizer,
    text: &str,
    config: &TextConfig,
    normalized: &mut String,
    mut each: impl FnMut(&str, usize, usize) -> ControlFlow<()>,
) {
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
