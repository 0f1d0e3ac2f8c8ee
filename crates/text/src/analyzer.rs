//! Analysis of a text: its normalized tokens, one after the other.

use crate::character::is_all_punctuation;
use crate::lowercase::lowercased;
use crate::pretokenize::BareWords;
use crate::reduction::Reducer;
use crate::{
    Characters, English, Lowercase, Marks, PreTokenizer, Punctuation, TextConfig, TokenizerKind, Whitespace,
    Words,
};
use std::ops::ControlFlow;

/// Cuts a text, drops, normalizes and reduces the pieces. It keeps its buffers from text to text.
pub(crate) struct Analyzer<'c> {
    config: &'c TextConfig,
    normalized: String,
    reducer: Option<Reducer>,
}

impl<'c> Analyzer<'c> {
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

    /// One way for each kind of pieces: so the compiler joins cutting with all that comes after it.
    #[inline]
    fn cut(&mut self, text: &str, each: impl FnMut(&str, usize, usize) -> ControlFlow<()>) {
        match self.config.tokenizer {
            TokenizerKind::Whitespace => self.reduced(&Whitespace, text, each),
            TokenizerKind::English => self.reduced(&English, text, each),
            TokenizerKind::Characters => self.reduced(&Characters, text, each),
            // Sub-words go another way; where they are asked for words, they are the same as here.
            _ if self.config.marks == Marks::Apart => self.reduced(&BareWords, text, each),
            _ => self.reduced(&Words, text, each),
        }
    }

    #[inline]
    fn reduced(
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
        match lowercase {
            Lowercase::On => each(lowercased(piece, normalized), start, end),
            Lowercase::Off => each(piece, start, end),
        }
    });
}
