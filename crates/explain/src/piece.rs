//! The parts of an attribution.

use std::ops::Range;

/// A piece of a text and what it adds to the logits.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// The bytes of the original, from left to right: one range, or one a word. None for what has no place in
    /// the text.
    pub ranges: Vec<Range<usize>>,
    /// The pattern that found it, if the model is one of patterns.
    pub pattern: Option<String>,
    /// Its contribution to each logit (K).
    pub contributions: Vec<f64>,
}
