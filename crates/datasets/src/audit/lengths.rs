use rayon::prelude::*;
use serde::Serialize;

use crate::Texts;

/// Lengths of texts: percentiles by nearest rank, so that each is the length of some text.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Lengths {
    /// The arithmetic mean.
    pub mean: f64,
    /// The shortest.
    pub shortest: u32,
    /// Half of the texts are no longer.
    pub p50: u32,
    /// 90 % of the texts are no longer.
    pub p90: u32,
    /// 95 % of the texts are no longer.
    pub p95: u32,
    /// 99 % of the texts are no longer.
    pub p99: u32,
    /// The longest.
    pub longest: u32,
}

impl Lengths {
    /// The figures of ascending lengths, or `None` if there are none.
    pub(super) fn of(ascending: &[u32]) -> Option<Self> {
        let sum: u64 = ascending.iter().map(|&length| u64::from(length)).sum();
        Some(Self {
            mean: sum as f64 / ascending.len() as f64,
            shortest: *ascending.first()?,
            p50: percentile(ascending, 50)?,
            p90: percentile(ascending, 90)?,
            p95: percentile(ascending, 95)?,
            p99: percentile(ascending, 99)?,
            longest: *ascending.last()?,
        })
    }
}

/// The smallest length that at least `percent` % of the lengths do not exceed.
fn percentile(ascending: &[u32], percent: usize) -> Option<u32> {
    let rank = (ascending.len() * percent).div_ceil(100);
    ascending.get(rank.saturating_sub(1)).copied()
}

/// Advice for the longest length that a model should read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LengthAdvice {
    /// The smallest round number of tokens that leaves the wanted share of texts whole.
    pub tokens: u32,
    /// The share of texts that are longer and would be cut.
    pub cut: f64,
}

impl LengthAdvice {
    /// The advice for ascending lengths, or `None` if there are none.
    ///
    /// Round numbers are 8, 12, 16, 24, then 2^n and its quarters: 32, 40, 48, 56, 64, 80 …
    pub(super) fn of(ascending: &[u32], whole: f64) -> Option<Self> {
        ascending.first()?;
        let quarters = (5..31).flat_map(|power| (4..8).map(move |quarters| quarters << (power - 2)));
        let round = [8, 12, 16, 24].into_iter().chain(quarters);
        let cut = |tokens: u32| {
            let fitting = ascending.partition_point(|&length| length <= tokens);
            (ascending.len() - fitting) as f64 / ascending.len() as f64
        };
        round.map(|tokens| Self { tokens, cut: cut(tokens) }).find(|advice| advice.cut <= 1.0 - whole + 1e-12)
    }
}

/// Lengths of all texts.
pub(super) struct Measured {
    /// In ascending order.
    pub characters: Vec<u32>,
    /// Text by text.
    pub tokens: Vec<u32>,
    /// The tokens in ascending order.
    pub ascending: Vec<u32>,
}

pub(super) fn measure(texts: &Texts, count: impl Fn(&str) -> u32 + Sync) -> Measured {
    let (mut characters, tokens): (Vec<u32>, Vec<u32>) = (0..texts.len())
        .into_par_iter()
        .map(|row| {
            let text = texts.get(row).unwrap_or_default();
            (text.chars().count() as u32, count(text))
        })
        .unzip();
    let mut ascending = tokens.clone();
    rayon::join(|| characters.sort_unstable(), || ascending.sort_unstable());
    Measured { characters, tokens, ascending }
}

/// Tokens parted by white space.
pub(super) fn words(text: &str) -> u32 {
    if !text.is_ascii() {
        return text.split_whitespace().count() as u32;
    }
    let mut count = 0;
    let mut inside = false;
    for byte in text.bytes() {
        // As `char::is_whitespace`: the vertical tab, too.
        let space = byte == b' ' || (b'\t'..=b'\r').contains(&byte);
        count += u32::from(!space && !inside);
        inside = !space;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_words_as_the_standard_library_does() {
        for text in
            ["", " ", "a", " a b ", "a\tb\nc\r\nd\u{b}e\u{c}f", "naïve\u{a0}word\u{2003}x", "\u{1c}a\u{1f}b"]
        {
            assert_eq!(words(text), text.split_whitespace().count() as u32, "{text:?}");
        }
    }

    #[test]
    fn percentiles_by_nearest_rank() {
        let lengths: Vec<u32> = (1..=200).collect();
        let found = Lengths::of(&lengths).unwrap();
        assert_eq!((found.p50, found.p90, found.p95, found.p99, found.longest), (100, 180, 190, 198, 200));
        assert_eq!((found.mean, found.shortest), (100.5, 1));
        let one = Lengths::of(&[7]).unwrap();
        assert_eq!((one.p50, one.p99), (7, 7));
        assert_eq!(Lengths::of(&[]), None);
    }

    #[test]
    fn advice_is_round() {
        let check = |lengths: &[u32], whole, tokens, cut| {
            assert_eq!(LengthAdvice::of(lengths, whole), Some(LengthAdvice { tokens, cut }));
        };
        check(&[1, 2, 3], 0.95, 8, 0.0);
        check(&[9], 0.95, 12, 0.0);
        check(&(1..=100).collect::<Vec<_>>(), 0.95, 96, 0.04);
        check(&(1..=100).collect::<Vec<_>>(), 0.97, 112, 0.0);
        check(&[1, 2, 3, 400], 0.75, 8, 0.25);
        assert_eq!(LengthAdvice::of(&[], 0.95), None);
    }
}
