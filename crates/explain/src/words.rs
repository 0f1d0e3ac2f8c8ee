//! Pieces shared among words.

use std::ops::Range;

use crate::Piece;

/// A word of a text and what it adds to the logits.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    /// The bytes of the original.
    pub range: Range<usize>,
    /// Its contribution to each logit (K).
    pub contributions: Vec<f64>,
}

/// Words with their shares of the pieces, in the order of the text.
pub(crate) fn share(words: &[Range<usize>], pieces: &[Piece], classes: usize) -> Vec<Word> {
    let word = |range: &Range<usize>| Word { range: range.clone(), contributions: vec![0.0; classes] };
    let mut shared: Vec<Word> = words.iter().map(word).collect();
    let mut alone = Vec::new();
    for piece in pieces {
        let mut covered: Vec<usize> = piece.ranges.iter().flat_map(|range| covered(words, range)).collect();
        covered.sort_unstable();
        covered.dedup();
        if covered.is_empty() {
            let start = piece.ranges.first().map_or(0, |range| range.start);
            let end = piece.ranges.last().map_or(start, |range| range.end);
            alone.push(Word { range: start..end, contributions: piece.contributions.clone() });
        }
        let share = 1.0 / covered.len().max(1) as f64;
        for word in covered {
            if let Some(word) = shared.get_mut(word) {
                let sums = word.contributions.iter_mut().zip(&piece.contributions);
                sums.for_each(|(sum, value)| *sum += share * value);
            }
        }
    }
    shared.append(&mut alone);
    shared.sort_by_key(|word| (word.range.start, word.range.end));
    shared
}

/// The words that share a byte with the range.
fn covered(words: &[Range<usize>], range: &Range<usize>) -> Range<usize> {
    let first = words.partition_point(|word| word.end <= range.start);
    let end = words.partition_point(|word| word.start < range.end);
    first..end.max(first)
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "pieces of one range are meant")]
mod tests {
    use super::*;

    /// Words at 0..2, 3..6 and 6..7; what each gets of one piece that adds 6.
    fn check(ranges: &[Range<usize>], expect: &[(Range<usize>, f64)]) {
        let piece = Piece { ranges: ranges.to_vec(), pattern: None, contributions: vec![6.0] };
        let words = share(&[0..2, 3..6, 6..7], &[piece], 1);
        let found: Vec<(Range<usize>, f64)> = words
            .into_iter()
            .filter(|word| word.contributions[0] != 0.0)
            .map(|word| (word.range, word.contributions[0]))
            .collect();
        assert_eq!(found, expect, "{ranges:?}");
    }

    #[test]
    fn shares() {
        check(&[0..2], &[(0..2, 6.0)]);
        check(&[1..2], &[(0..2, 6.0)]);
        check(&[0..6], &[(0..2, 3.0), (3..6, 3.0)]);
        check(&[1..4], &[(0..2, 3.0), (3..6, 3.0)]);
        check(&[0..2, 6..7], &[(0..2, 3.0), (6..7, 3.0)]);
        check(&[0..1, 1..2], &[(0..2, 6.0)]);
        check(&[0..7], &[(0..2, 2.0), (3..6, 2.0), (6..7, 2.0)]);
        check(&[2..3], &[(2..3, 6.0)]);
        check(&[9..9], &[(9..9, 6.0)]);
        check(&[], &[(0..0, 6.0)]);
    }
}
