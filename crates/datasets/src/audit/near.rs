//! Texts that are nearly the same.

use std::collections::HashMap;

use rayon::prelude::*;
use serde::Serialize;

use crate::Dataset;

/// Characters of a piece by which texts are compared.
const PIECE: usize = 5;
/// Hashes of a text, in bands of equally many: of texts whose pieces agree in 0.8 of all, 95 of 100 pairs
/// agree in a whole band, of those that agree in half, 6.
const BANDS: usize = 16;
const HASHES_A_BAND: usize = 8;
/// A text is compared with at most so many others of a band, so that a thousand copies take no million
/// comparisons.
const MOST_COMPARED: usize = 64;

/// Rows whose texts are nearly the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NearDuplicates {
    /// Indices of the rows, ascending.
    pub rows: Vec<usize>,
    /// Whether they carry different labels.
    pub is_conflict: bool,
}

/// Groups of rows whose texts share at least the share `alike` of their pieces of five characters (Jaccard's
/// index), letter case and repeated white space aside; a group joins all that are alike by way of others.
/// Ordered by their first row.
///
/// Candidates are found by MinHash (Broder 1997) and then compared whole, so that none is wrong, but one in
/// twenty that are just alike enough may be missed. The result does not depend on the number of threads.
///
/// ```
/// use assort_datasets::{Dataset, near_duplicates};
/// let texts = [("The parcel came too late.", "late"), ("the parcel came too late!", "good"), ("All well",
/// "good")]; let found = near_duplicates(&Dataset::from_pairs(texts, "memory"), 0.8);
/// assert_eq!((found.len(), found[0].rows.clone(), found[0].is_conflict), (1, vec![0, 1], true));
/// ```
pub fn near_duplicates(data: &Dataset, alike: f64) -> Vec<NearDuplicates> {
    let pieces: Vec<Vec<u64>> =
        (0..data.len()).into_par_iter().map(|row| pieces(data.text(row).unwrap_or_default())).collect();
    let sketches: Vec<[u64; BANDS]> = pieces.par_iter().map(|pieces| sketch(pieces)).collect();
    let mut groups = Groups::new(data.len());
    for band in 0..BANDS {
        let mut buckets: HashMap<u64, Vec<usize>> = HashMap::new();
        for (row, sketch) in sketches.iter().enumerate().filter(|(row, _)| !is_empty(&pieces, *row)) {
            let Some(key) = sketch.get(band) else { continue };
            let bucket = buckets.entry(*key).or_default();
            for other in bucket.iter().rev().take(MOST_COMPARED) {
                if groups.root(row) != groups.root(*other)
                    && let (Some(a), Some(b)) = (pieces.get(row), pieces.get(*other))
                    && jaccard(a, b) >= alike
                {
                    groups.join(row, *other);
                }
            }
            bucket.push(row);
        }
    }
    groups.of_several().into_iter().map(|rows| found(data, rows)).collect()
}

fn is_empty(pieces: &[Vec<u64>], row: usize) -> bool {
    pieces.get(row).is_none_or(Vec::is_empty)
}

fn found(data: &Dataset, rows: Vec<usize>) -> NearDuplicates {
    let first = rows.first().copied().unwrap_or_default();
    let is_conflict = rows.iter().any(|row| !data.labels_of(*row).eq(data.labels_of(first)));
    NearDuplicates { rows, is_conflict }
}

/// The hashes of a text's pieces, ascending, each once; a text that is shorter is one piece.
fn pieces(text: &str) -> Vec<u64> {
    let words = text.split_whitespace().flat_map(|word| std::iter::once(' ').chain(word.chars()));
    let letters: Vec<char> = words.flat_map(char::to_lowercase).skip(1).collect();
    let mut hashes: Vec<u64> = match letters.len() {
        0 => Vec::new(),
        few if few <= PIECE => vec![hash(&letters)],
        _ => letters.windows(PIECE).map(hash).collect(),
    };
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// FNV-1a over code points, then mixed.
fn hash(letters: &[char]) -> u64 {
    let step =
        |hash: u64, letter: &char| (hash ^ u64::from(u32::from(*letter))).wrapping_mul(0x100_0000_01b3);
    mix(letters.iter().fold(0xcbf2_9ce4_8422_2325, step))
}

/// The finalizer of SplitMix64.
fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// A number for each band, of the least values of its hash functions over the pieces.
fn sketch(pieces: &[u64]) -> [u64; BANDS] {
    let least = |function: u64| {
        let salt = mix(function.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1);
        pieces.iter().map(|piece| mix(piece ^ salt)).min().unwrap_or_default()
    };
    std::array::from_fn(|band| {
        let first = (band * HASHES_A_BAND) as u64;
        (first..first + HASHES_A_BAND as u64).fold(0, |key, function| mix(key ^ least(function)))
    })
}

/// The share of the pieces of two texts that both have; of ascending lists.
fn jaccard(a: &[u64], b: &[u64]) -> f64 {
    let mut others = b.iter().peekable();
    let mut both = 0;
    for piece in a {
        while others.next_if(|other| *other < piece).is_some() {}
        both += usize::from(others.next_if_eq(&piece).is_some());
    }
    let all = a.len() + b.len() - both;
    if all == 0 { 0.0 } else { both as f64 / all as f64 }
}

/// Disjoint sets of rows.
struct Groups(Vec<usize>);

impl Groups {
    fn new(rows: usize) -> Self {
        Self((0..rows).collect())
    }

    fn root(&mut self, row: usize) -> usize {
        let mut at = row;
        while let Some(&parent) = self.0.get(at).filter(|parent| **parent != at) {
            // Halves the way for those who come later.
            let above = self.0.get(parent).copied().unwrap_or(parent);
            if let Some(place) = self.0.get_mut(at) {
                *place = above;
            }
            at = parent;
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        if let Some(place) = self.0.get_mut(a.max(b)) {
            *place = a.min(b);
        }
    }

    /// The groups of two rows or more.
    fn of_several(mut self) -> Vec<Vec<usize>> {
        let mut groups: std::collections::BTreeMap<usize, Vec<usize>> = std::collections::BTreeMap::new();
        for row in 0..self.0.len() {
            groups.entry(self.root(row)).or_default().push(row);
        }
        groups.into_values().filter(|rows| rows.len() > 1).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(texts: &[&str]) -> Vec<Vec<usize>> {
        let data = Dataset::from_pairs(texts.iter().map(|text| (*text, "a")), "memory");
        near_duplicates(&data, 0.8).into_iter().map(|group| group.rows).collect()
    }

    #[test]
    fn what_is_alike_is_found_and_nothing_else() {
        let long = "a longer text about leeks, pears and the price of bread in the town where nobody lives";
        let changed = long.replace("town", "city");
        let other =
            "another text, about something else entirely, which shares no more than a few pieces with it";
        assert_eq!(groups(&[long, other, &changed, "", "", &long.to_uppercase()]), [vec![0, 2, 5]]);
        assert_eq!(groups(&["yes", "no", "YES ", "yes!"]), [vec![0, 2]]);
        assert!(groups(&[]).is_empty());
    }

    #[test]
    fn pairs_as_alike_as_asked_for_are_rarely_missed() {
        // Texts of a hundred words of which three are changed in the second of each pair: about 0.85 alike.
        let word = |number: u64| format!("w{:05}", mix(number) % 50_000);
        let texts: Vec<String> = (0..400u64)
            .map(|text| {
                let changed = |at: u64| text % 2 == 1 && at % 33 == 5;
                let words = (0..100)
                    .map(|at| word(if changed(at) { text * 999 + at } else { text / 2 * 1_000 + at }));
                words.collect::<Vec<_>>().join(" ")
            })
            .collect();
        let data = Dataset::from_pairs(texts.iter().map(|text| (text.as_str(), "a")), "memory");
        let found = near_duplicates(&data, 0.8);
        assert!(found.len() > 190, "{} of 200", found.len());
        assert!(found.iter().all(|group| group.rows.len() == 2 && group.rows[0] / 2 == group.rows[1] / 2));
        assert!(near_duplicates(&data, 0.99).is_empty());
    }

    #[test]
    fn many_copies_are_one_group() {
        let texts = vec!["the very same text, over and over"; 3000];
        assert_eq!(groups(&texts).iter().map(Vec::len).collect::<Vec<_>>(), [3000]);
    }
}
