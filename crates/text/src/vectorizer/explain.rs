//! The parts of a text that features came from.

use super::alphabet::Alphabet;
use super::symbols::WordAnalyzer;
use super::unit::Scratch;
use super::{Units, Vectorizer};

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
    pub fn occurrences(&self, text: &str) -> Vec<Occurrence> {
        debug_assert!(self.units.len() == 1 || self.config.units == Units::WordsAndCharacters);
        let text_config = self.config.text();
        let mut analyzer =
            WordAnalyzer::new(&text_config, self.config.shortest_token, self.subwords.as_ref(), None);
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
        occurrences
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
