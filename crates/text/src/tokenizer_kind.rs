//! The ways to cut a text.

use crate::{Characters, English, PreTokenizer, Whitespace, Words};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// How a text is cut into pieces.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenizerKind {
    /// At white space alone: [`Whitespace`](crate::Whitespace).
    Whitespace,
    /// Into words and single marks: [`Words`](crate::Words).
    Words,
    /// Into words and marks by the rules of written English: [`English`](crate::English).
    English,
    /// Into single characters: [`Characters`](crate::Characters).
    Characters,
    /// Into sub-words of bytes, learned by merging frequent pairs: byte-pair encoding.
    Bpe,
    /// Into sub-words of characters, learned by merging frequent pairs, in BERT's form.
    Wordpiece,
    /// Into the likeliest sub-words, learned by a unigram language model.
    Unigram,
    /// Into the sub-words of a tokenizer that somebody trained before.
    Pretrained,
}

impl TokenizerKind {
    /// Whether a tokenizer of the crate `tokenizers` cuts the text.
    pub fn is_subwords(self) -> bool {
        matches!(self, Self::Bpe | Self::Wordpiece | Self::Unigram | Self::Pretrained)
    }
}

impl PreTokenizer for TokenizerKind {
    /// The pieces of this kind; where sub-words are not pieces of the text alone, the words.
    #[inline]
    fn pieces(&self, text: &str, each: impl FnMut(usize, usize) -> ControlFlow<()>) {
        match self {
            Self::Whitespace => Whitespace.pieces(text, each),
            Self::English => English.pieces(text, each),
            Self::Characters => Characters.pieces(text, each),
            _ => Words.pieces(text, each),
        }
    }
}
