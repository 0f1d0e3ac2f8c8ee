//! The parts of a text that features came from.

use super::alphabet::Alphabet;
use super::symbols::WordAnalyzer;
use super::unit::Scratch;
use super::{Units, Vectorizer};
use crate::Error;

/// One occurrence of a feature in a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Occurrence {
    /// The feature's column.
    pub column: u32,
    /// The bytes of the original, `(first, after the last)`: one pair a word, from left to right; one pair in
    /// all for a character n-gram, without spaces at its ends.
    pub ranges: Vec<(usize, usize)>,
}

impl Vectorizer {
    /// Every occurrence of every feature in a text: words before characters, short n-grams before long ones,
    /// each from left to right. A column's value in the text's row belongs to its occurrences in equal
    /// shares.
    ///
    /// # Errors
    /// As [`Tokenizer::tokens`](crate::Tokenizer::tokens).
    pub fn occurrences(&self, text: &str) -> Result<Vec<Occurrence>, Error> {
        debug_assert!(self.units.len() == 1 || self.config.units == Units::WordsAndCharacters);
        let text_config = self.config.text();
        let tokens = self.subwords.as_ref().map_or(Ok(Vec::new()), |subwords| subwords.tokens(text))?;
        let mut analyzer = match &self.subwords {
            Some(tokenizer) => WordAnalyzer::Subwords(tokenizer, &tokens),
            None => WordAnalyzer::new(&text_config, self.config.shortest_token, None),
        };
        let mut scratch = Scratch::default();
        let mut occurrences = Vec::new();
        for unit in &self.units {
            unit.symbols((0, text), &self.config, &mut analyzer, &mut scratch);
            let offsets = std::mem::take(&mut scratch.offsets);
            unit.each_level(&mut scratch, |columns, places, length| {
                for (column, place) in columns.iter().zip(places) {
                    let offsets = offsets.get(*place..*place + length).unwrap_or_default();
                    let ranges = match unit.alphabet {
                        Alphabet::Words(_) => offsets.to_vec(),
                        Alphabet::Characters(_) => vec![without_space(text, offsets)],
                    };
                    occurrences.push(Occurrence { column: *column, ranges });
                }
            });
        }
        Ok(occurrences)
    }
}

/// From the first character to the last that is no white space.
fn without_space(text: &str, offsets: &[(usize, usize)]) -> (usize, usize) {
    let start = offsets.first().map_or(0, |(start, _)| *start);
    let end = offsets.last().map_or(start, |(_, end)| *end);
    let piece = text.get(start..end).unwrap_or_default();
    let from = start + (piece.len() - piece.trim_start().len());
    (from, from + piece.trim().len())
}
