//! From a model's inputs back to the bytes that they came from.

use std::ops::{ControlFlow, Range};

use assort_classifier::{Contributions, Explainable, Inputs, Parts};
use assort_tensor::Ragged;
use assort_text::{Encoding, LineEncoder, NgramHasher, PreTokenizer, Tokenizer, TokenizerKind, Vectorizer};

use crate::{Attribution, Error, Piece, Result};

/// The attribution of a text to its tokens and, with a hasher, n-grams. What the tokenizer cuts off is no
/// word.
///
/// # Errors
/// As [`Explainable::contributions`], and [`Error::Parts`] if the model does not explain as many tokens as
/// there are.
pub fn attribute_tokens(
    model: &dyn Explainable,
    tokenizer: &Tokenizer,
    hasher: Option<&NgramHasher>,
    text: &str,
) -> Result<Attribution> {
    let tokens = tokenizer.encode(text)?;
    let kind = tokenizer.config().tokenizer;
    let words = match kind.is_subwords() {
        true => covered(cut(kind, text), &tokens.offsets),
        false => ranges(&tokens.offsets),
    };
    let encoding = match hasher {
        Some(hasher) => hasher.encode(tokenizer, text)?,
        None => tokens,
    };
    attribute_encoding(model, text, words, &encoding)
}

/// The attribution of a text to words, sub-words and n-grams as fastText finds them.
///
/// # Errors
/// As [`attribute_tokens`].
pub fn attribute_lines(model: &dyn Explainable, encoder: &LineEncoder, text: &str) -> Result<Attribution> {
    attribute_encoding(model, text, ranges(&encoder.pieces(text)), &encoder.encode(text))
}

fn attribute_encoding(
    model: &dyn Explainable,
    text: &str,
    words: Vec<Range<usize>>,
    Encoding { ids, offsets }: &Encoding,
) -> Result<Attribution> {
    let contributions = one(model, &Inputs::Ragged(Ragged::from_rows([ids])))?;
    agree("tokens", offsets.len(), contributions.iter().len())?;
    let pieces = contributions.iter().zip(offsets).map(|(values, offset)| piece(&[*offset], values, 1.0));
    Ok(Attribution::new(text, words, pieces, contributions.rest()).with_gap(contributions.gap()))
}

/// The attribution of a text to its n-grams. A feature that occurs several times is shared equally among its
/// places.
///
/// # Errors
/// As [`Explainable::contributions`], and [`Error::Parts`] if the model does not explain as many features as
/// there are.
pub fn attribute_ngrams(model: &dyn Explainable, vectorizer: &Vectorizer, text: &str) -> Result<Attribution> {
    let rows = vectorizer.transform(&[text])?;
    let columns: Vec<u32> = rows.columns().to_vec();
    let contributions = one(model, &Inputs::Sparse(rows))?;
    agree("features", columns.len(), contributions.iter().len())?;
    let mut occurrences = vectorizer.occurrences(text)?;
    occurrences.sort_by_key(|occurrence| occurrence.column);
    let mut pieces = Vec::with_capacity(occurrences.len());
    for (column, values) in columns.iter().zip(contributions.iter()) {
        let start = occurrences.partition_point(|occurrence| occurrence.column < *column);
        let end = occurrences.partition_point(|occurrence| occurrence.column <= *column);
        let places = occurrences.get(start..end).unwrap_or_default();
        let share = 1.0 / places.len().max(1) as f64;
        pieces.extend(places.iter().map(|place| piece(&place.ranges, values, share)));
        if places.is_empty() {
            pieces.push(piece(&[], values, share));
        }
    }
    let words = cut(vectorizer.config().tokenizer, text);
    Ok(Attribution::new(text, words, pieces, contributions.rest()))
}

/// The attribution of a text by a model that reads texts: to the places that its patterns matched, or to the
/// whole text if it names none.
///
/// # Errors
/// As [`Explainable::contributions`], and [`Error::Parts`] if the model names places without saying what they
/// add.
pub fn attribute_text(model: &dyn Explainable, text: &str) -> Result<Attribution> {
    let contributions = one(model, &Inputs::Texts(vec![text.to_owned()]))?;
    let pieces: Vec<Piece> = match contributions.parts() {
        Parts::Inputs => contributions.iter().map(|values| piece(&[(0, text.len())], values, 1.0)).collect(),
        Parts::Matches(matches) => {
            agree("matches", matches.len(), contributions.iter().len())?;
            let named = matches.iter().zip(contributions.iter()).map(|(found, values)| Piece {
                pattern: Some(found.pattern.clone()),
                ..piece(&[(found.start, found.end)], values, 1.0)
            });
            named.collect()
        }
    };
    Ok(Attribution::new(text, cut(TokenizerKind::Words, text), pieces, contributions.rest()))
}

fn one(model: &dyn Explainable, inputs: &Inputs) -> Result<Contributions> {
    let rows = model.contributions(inputs)?;
    let found = rows.len();
    rows.into_iter().next().ok_or(Error::Parts { what: "texts", expected: 1, found })
}

fn agree(what: &'static str, expected: usize, found: usize) -> Result<()> {
    if found == expected { Ok(()) } else { Err(Error::Parts { what, expected, found }) }
}

fn piece(offsets: &[(usize, usize)], values: &[f64], share: f64) -> Piece {
    let contributions = values.iter().map(|value| value * share).collect();
    Piece { ranges: ranges(offsets), pattern: None, contributions }
}

/// The ranges that hold bytes; special tokens hold none.
fn ranges(offsets: &[(usize, usize)]) -> Vec<Range<usize>> {
    offsets.iter().filter(|(start, end)| start < end).map(|(start, end)| *start..*end).collect()
}

/// The words of which a token holds a part.
fn covered<P: Ord + Copy>(mut words: Vec<Range<P>>, offsets: &[(P, P)]) -> Vec<Range<P>> {
    let mut ordered = offsets.to_vec();
    ordered.sort_unstable();
    // Of the tokens that begin before a word's end, the furthest end.
    let (mut tokens, mut furthest) = (ordered.into_iter().peekable(), None);
    words.retain(|word| {
        while let Some((_, end)) = tokens.next_if(|(start, _)| *start < word.end) {
            furthest = furthest.max(Some(end));
        }
        furthest.is_some_and(|furthest| word.start < furthest)
    });
    words
}

/// The words of a text.
fn cut(kind: TokenizerKind, text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let each = |start, end| {
        words.push(start..end);
        ControlFlow::Continue(())
    };
    kind.pieces(text, each);
    words
}

#[cfg(test)]
mod tests;
