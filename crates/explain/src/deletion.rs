//! Whether an attribution finds what the model goes by.

use assort_random::{Seed, permutation};

use crate::Attribution;

/// The shares of a text's words that are taken out.
const SHARES: [f64; 5] = [0.05, 0.1, 0.2, 0.3, 0.5];
/// Random orders to compare with.
const ORDERS: usize = 8;

/// How much the probability of a label falls, on average over taking out 5, 10, 20, 30 and 50 % of the words.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Deletion {
    /// The words that speak most for the label.
    pub attributed: f64,
    /// Words at random: the mean of eight orders.
    pub random: f64,
}

/// The deletion test of an attribution: the area over the curve of Samek and others (2017), called
/// comprehensiveness by DeYoung and others (2020). `probabilities` gives the label's probability for each of
/// some texts; the first is the whole one. `None` for a text without words. A text that was cut off may show,
/// when words go, others that were cut off.
///
/// # Errors
/// Those of `probabilities`.
pub fn deletion<E>(
    attribution: &Attribution,
    label: usize,
    seed: Seed,
    probabilities: impl FnOnce(&[String]) -> Result<Vec<f64>, E>,
) -> Result<Option<Deletion>, E> {
    let words = attribution.words();
    if words.is_empty() {
        return Ok(None);
    }
    let strength = |word: u32| words[word as usize].contributions.get(label).copied().unwrap_or_default();
    let mut strongest: Vec<u32> = (0..words.len() as u32).collect();
    strongest.sort_by(|&a, &b| strength(b).total_cmp(&strength(a)));
    let random = (0..ORDERS).map(|order| permutation(words.len(), &mut seed.at(order as u64).generator()));
    let mut texts = vec![attribution.text().to_owned()];
    for order in std::iter::once(strongest).chain(random) {
        for share in SHARES {
            let count = (share * words.len() as f64).ceil() as usize;
            let taken: Vec<usize> = order.iter().take(count).map(|&word| word as usize).collect();
            texts.push(attribution.text_without(&taken));
        }
    }
    let found = probabilities(&texts)?;
    let whole = found.first().copied().unwrap_or_default();
    let falls: Vec<f64> = found
        .get(1..)
        .unwrap_or_default()
        .chunks(SHARES.len())
        .map(|order| order.iter().map(|left| whole - left).sum::<f64>() / SHARES.len() as f64)
        .collect();
    let (attributed, random) = falls.split_first().map_or((0.0, &[][..]), |(first, rest)| (*first, rest));
    Ok(Some(Deletion { attributed, random: random.iter().sum::<f64>() / ORDERS as f64 }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Piece;

    /// Ten words, of which `good` is worth most; the model knows no other.
    fn found(worth: f64) -> Deletion {
        let text = "a good b c d e f g h i";
        let starts = text.match_indices(' ').map(|(at, _)| at + 1);
        let ranges: Vec<_> = std::iter::once(0)
            .chain(starts)
            .map(|start| start..start + text[start..].find(' ').unwrap_or(text.len() - start))
            .collect();
        let pieces = ranges.iter().map(|range| Piece {
            ranges: vec![range.clone()],
            pattern: None,
            contributions: vec![0.0, if text[range.clone()] == *"good" { worth } else { 0.1 }],
        });
        let attribution = Attribution::new(text, ranges.clone(), pieces, &[0.0, 0.0]);
        let model = |texts: &[String]| -> Result<Vec<f64>, std::convert::Infallible> {
            assert_eq!(texts[0], text);
            Ok(texts.iter().map(|text| if text.contains("good") { 0.9 } else { 0.5 }).collect())
        };
        deletion(&attribution, 1, Seed::new(3), model).unwrap().unwrap()
    }

    #[test]
    fn a_right_attribution_beats_chance_and_a_wrong_one_does_not() {
        let (right, wrong) = (found(2.0), found(-2.0));
        assert!((right.attributed - 0.4).abs() < 1e-12, "{right:?}");
        assert!(right.random > 0.0 && right.random < 0.25, "{right:?}");
        assert_eq!((wrong.attributed, wrong.random), (0.0, right.random));
    }

    #[test]
    fn no_words_no_test() {
        let none = Attribution::new("?!", Vec::new(), [], &[0.0]);
        let model = |_: &[String]| -> Result<Vec<f64>, ()> { Err(()) };
        assert_eq!(deletion(&none, 0, Seed::new(1), model), Ok(None));
    }
}
