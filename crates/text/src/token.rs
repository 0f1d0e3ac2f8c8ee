//! Tokens and encodings.

use crate::Error;
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
    /// The bytes of the original that each came from, `(first, after the last)`. Special tokens came from none: those
    /// before the text have `(0, 0)`, those after it its length twice.
    pub offsets: Vec<(usize, usize)>,
}

/// The token ids of many texts in one piece, without padding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenRows {
    /// Token ids of all texts, one text after the other; length N.
    pub ids: Vec<u32>,
    /// Where each text begins in `ids`, and N at the end; one more than there are texts.
    pub offsets: Vec<u32>,
}

impl TokenRows {
    /// The number of texts.
    pub fn rows(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// The ids of text `index`, or `None` beyond the last.
    pub fn row(&self, index: usize) -> Option<&[u32]> {
        let (start, end) = (*self.offsets.get(index)?, *self.offsets.get(index + 1)?);
        self.ids.get(start as usize..end as usize)
    }

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
