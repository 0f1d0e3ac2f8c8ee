//! The attribution itself.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::Piece;
use crate::words::{self, Word};

/// The contribution of each piece of one text to the logits of a model. Pieces, rest and gap sum to them.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribution {
    text: String,
    pieces: Vec<Piece>,
    words: Vec<Range<usize>>,
    rest: Vec<f64>,
    gap: Vec<f64>,
}

/// The bytes and the pattern of a piece.
type Place = (Vec<(usize, usize)>, Option<String>);

impl Attribution {
    /// Adds pieces up that have the same bytes and pattern, and puts them in the order of the text. `words`
    /// are the ranges that [`Attribution::words`] speaks of: ascending, without overlap. `rest` is (K).
    pub fn new(
        text: &str,
        words: Vec<Range<usize>>,
        pieces: impl IntoIterator<Item = Piece>,
        rest: &[f64],
    ) -> Self {
        let mut sums: BTreeMap<Place, Vec<f64>> = BTreeMap::new();
        for Piece { ranges, pattern, contributions } in pieces {
            let ranges = ranges.into_iter().map(|range| (range.start, range.end)).collect();
            let sum = sums.entry((ranges, pattern)).or_insert_with(|| vec![0.0; rest.len()]);
            sum.iter_mut().zip(&contributions).for_each(|(sum, value)| *sum += value);
        }
        let pieces = sums.into_iter().map(|((ranges, pattern), contributions)| {
            let ranges = ranges.into_iter().map(|(start, end)| start..end).collect();
            Piece { ranges, pattern, contributions }
        });
        let (rest, gap) = (rest.to_vec(), vec![0.0; rest.len()]);
        Self { text: text.to_owned(), pieces: pieces.collect(), words, rest, gap }
    }

    /// The same with a gap (K): what an estimate leaves over of the logits.
    pub fn with_gap(self, gap: &[f64]) -> Self {
        Self { gap: gap.to_vec(), ..self }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// K, the number of labels.
    pub fn classes(&self) -> usize {
        self.rest.len()
    }

    /// The pieces, in the order of their first bytes, shorter ones first.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The part that no piece causes (K): the logits of a text without any.
    pub fn rest(&self) -> &[f64] {
        &self.rest
    }

    /// The part of the logits that pieces and rest leave over (K): zeros where the logits are sums. Of
    /// integrated gradients the error of the sum that stands for the integral, of occlusion what tokens do
    /// together.
    pub fn gap(&self) -> &[f64] {
        &self.gap
    }

    /// The logits (K): rest, pieces and gap together.
    pub fn logits(&self) -> Vec<f64> {
        let mut logits = self.rest.clone();
        for values in self.pieces.iter().map(|piece| &piece.contributions).chain([&self.gap]) {
            logits.iter_mut().zip(values).for_each(|(logit, value)| *logit += value);
        }
        logits
    }

    /// The text without some of its [words](Attribution::words), by their numbers: a blank stands for each.
    pub fn text_without(&self, words: &[usize]) -> String {
        let all = self.words();
        let mut ranges: Vec<Range<usize>> =
            words.iter().filter_map(|&word| all.get(word)).map(|word| word.range.clone()).collect();
        ranges.sort_by_key(|range| range.start);
        let (mut text, mut at) = (String::with_capacity(self.text.len()), 0);
        for range in ranges {
            // Words that overlap are taken out together.
            text.push_str(self.text.get(at..range.start).unwrap_or_default());
            text.push(' ');
            at = at.max(range.end);
        }
        text.push_str(self.text.get(at..).unwrap_or_default());
        text
    }

    /// The words of a piece, as they stand in the text. Ranges are joined by a blank.
    pub fn piece_text(&self, piece: &Piece) -> String {
        let words = piece.ranges.iter().filter_map(|range| self.text.get(range.clone()));
        words.collect::<Vec<_>>().join(" ")
    }

    /// Every word with what it adds to each logit: each piece is shared equally among the words that it
    /// covers, if only in part. A piece that covers no word stands for itself. Words, rest and gap sum to the
    /// logits too.
    pub fn words(&self) -> Vec<Word> {
        words::share(&self.words, &self.pieces, self.rest.len())
    }
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "pieces of one range are meant")]
mod tests {
    use super::*;

    fn piece(ranges: &[Range<usize>], value: f64) -> Piece {
        Piece { ranges: ranges.to_vec(), pattern: None, contributions: vec![value, -value] }
    }

    #[test]
    fn equal_places_are_added_up() {
        let pieces =
            [piece(&[3..6], 1.0), piece(&[0..2], 2.0), piece(&[3..6], 4.0), piece(&[0..2, 3..6], 8.0)];
        let found = Attribution::new("no way", vec![0..2, 3..6], pieces, &[0.5, 0.25]);
        let told: Vec<(String, f64)> =
            found.pieces().iter().map(|piece| (found.piece_text(piece), piece.contributions[0])).collect();
        assert_eq!(told, [("no".into(), 2.0), ("no way".into(), 8.0), ("way".into(), 5.0)]);
        assert_eq!(found.logits(), [15.5, -14.75]);
    }

    #[test]
    fn words_can_be_taken_out() {
        let found = Attribution::new("über no, way", vec![0..5, 6..8, 8..9, 10..13], [], &[0.0]);
        let check = |words: &[usize], expect: &str| assert_eq!(found.text_without(words), expect);
        check(&[], "über no, way");
        check(&[2, 0], "  no  way");
        check(&[0, 1, 2, 3, 9], "      ");
    }

    #[test]
    fn patterns_keep_apart() {
        let named = |name: &str| Piece { pattern: Some(name.into()), ..piece(&[0..2], 1.0) };
        let found = Attribution::new("no", vec![0..2], [named("no"), named("n."), named("no")], &[0.0, 0.0]);
        assert_eq!(found.pieces().len(), 2);
        assert_eq!(found.words()[0].contributions, [3.0, -3.0]);
    }
}
