//! Token ids of a text, one after the other.

use crate::analyzer::Analyzer;
use crate::{Error, TokenId, Tokenizer};
use std::ops::ControlFlow;

/// Turns texts into ids, with buffers of one thread.
pub(crate) struct Encoder<'t> {
    tokenizer: &'t Tokenizer,
    /// Cuts its words, where it cuts no sub-words.
    analyzer: Analyzer<'t>,
}

impl<'t> Encoder<'t> {
    pub(crate) fn new(tokenizer: &'t Tokenizer) -> Self {
        Self { tokenizer, analyzer: Analyzer::new(tokenizer.config()) }
    }

    /// Hands each token's id, normalized text, first byte and byte after the last to `each`: those of the
    /// whole text, unless `each` breaks off.
    #[inline]
    pub(crate) fn tokens(
        &mut self,
        text: &str,
        mut each: impl FnMut(u32, &str, usize, usize) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let (vocab, config) = (self.tokenizer.vocab(), self.tokenizer.config());
        match self.tokenizer.subwords() {
            None => {
                self.analyzer.tokens(text, |token, start, end| each(vocab.lookup(token), token, start, end));
                Ok(())
            }
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
