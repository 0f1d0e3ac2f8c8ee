//! Pieces by strength.

use std::collections::BTreeMap;

use crate::Attribution;

/// All pieces of a text that read alike, and what they add to one logit together.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// Their words, as they stand in the text.
    pub text: String,
    /// The pattern that found them, if the model is one of patterns.
    pub pattern: Option<String>,
    /// How many there are.
    pub count: usize,
    /// Their contribution.
    pub contribution: f64,
}

impl Attribution {
    /// The contributions of pieces that read alike to the logit of label number `label`, the largest first,
    /// of equals by their words. With the rest they sum to the logit. Nothing for a label that is not there.
    pub fn ranked(&self, label: usize) -> Vec<Ranked> {
        let mut sums: BTreeMap<(String, Option<&str>), (usize, f64)> = BTreeMap::new();
        for piece in self.pieces() {
            let Some(value) = piece.contributions.get(label) else { continue };
            let (count, sum) = sums.entry((self.piece_text(piece), piece.pattern.as_deref())).or_default();
            *count += 1;
            *sum += value;
        }
        let ranked = sums.into_iter().map(|((text, pattern), (count, contribution))| Ranked {
            text,
            pattern: pattern.map(str::to_owned),
            count,
            contribution,
        });
        let mut ranked: Vec<Ranked> = ranked.collect();
        ranked.sort_by(|a, b| b.contribution.total_cmp(&a.contribution));
        ranked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Piece;

    #[test]
    fn pieces_that_read_alike_count_together() {
        let piece = |start: usize, value: f64| Piece {
            ranges: std::iter::once(start..start + 2).collect(),
            pattern: None,
            contributions: vec![0.0, value],
        };
        let pieces = [piece(0, 1.0), piece(3, 4.0), piece(6, 2.0), piece(9, -1.0)];
        let found = Attribution::new("no so no at", Vec::new(), pieces, &[0.0, 0.5]);
        let told: Vec<(String, usize, f64)> =
            found.ranked(1).into_iter().map(|r| (r.text, r.count, r.contribution)).collect();
        assert_eq!(told, [("so".into(), 1, 4.0), ("no".into(), 2, 3.0), ("at".into(), 1, -1.0)]);
        assert!(found.ranked(2).is_empty());
    }
}
