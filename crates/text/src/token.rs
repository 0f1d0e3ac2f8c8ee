//! Tokens and encodings.

use std::borrow::Cow;

/// A row of the vocabulary.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct TokenId(pub u32);

impl From<u32> for TokenId {
    fn from(id: u32) -> Self {
        Self(id)
    }
}

/// A piece of a text after normalizing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token<'t> {
    /// The normalized text.
    pub text: Cow<'t, str>,
    /// The first byte in the original text.
    pub start: usize,
    /// The byte after the last in the original text.
    pub end: usize,
}

/// The tokens of one text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Encoding {
    /// Token ids, in the text's order.
    pub ids: Vec<u32>,
    /// The bytes of the original that each came from, `(first, after the last)`. Special tokens came from
    /// none: those before the text have `(0, 0)`, those after it its length twice.
    pub offsets: Vec<(usize, usize)>,
}
