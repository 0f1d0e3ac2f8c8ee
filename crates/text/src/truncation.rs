//! Shortening long texts.

use serde::{Deserialize, Serialize};

/// Use of the rest of a text that is longer than the longest length, when it is predicted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LongTexts {
    /// It is cut off, as in training.
    #[default]
    Truncate,
    /// The text is read in windows, whose probabilities are averaged.
    Windows,
}

/// Which tokens of a text that is longer than the longest length are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Truncation {
    /// The first ones.
    Head,
    /// The last ones.
    Tail,
    /// A quarter, rounded up, from the beginning and the rest from the end: 128 and 382 of 510, the split
    /// that Sun, Qiu, Xu and Huang 2019, 'How to fine-tune BERT for text classification', found best.
    HeadAndTail,
}

impl Truncation {
    /// Shortens `values[from ..]` to at most `longest` items, in place.
    pub fn apply<T>(self, values: &mut Vec<T>, from: usize, longest: usize) {
        self.apply_within(values, from, (0, 0), longest);
    }

    /// Shortens `values[from ..]` to at most `longest` items, in place. The first and last ones, as many as
    /// `around` says, are kept: special tokens around a text. `longest` counts them.
    pub fn apply_within<T>(
        self,
        values: &mut Vec<T>,
        from: usize,
        (before, after): (usize, usize),
        longest: usize,
    ) {
        let surplus = values.len().saturating_sub(from).saturating_sub(longest);
        if surplus == 0 {
            return;
        }
        let (from, longest) = (from + before, longest.saturating_sub(before + after));
        let surplus = surplus.min(values.len().saturating_sub(from + after));
        let head = match self {
            Self::Head => longest,
            Self::Tail => 0,
            Self::HeadAndTail => longest.div_ceil(4),
        };
        values.drain(from + head..from + head + surplus);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(truncation: Truncation, longest: usize, expect: &[u32]) {
        let mut values = vec![9, 9, 1, 2, 3, 4, 5, 6];
        truncation.apply(&mut values, 2, longest);
        assert_eq!(values[..2], [9, 9]);
        assert_eq!(&values[2..], expect, "{truncation:?} {longest}");
    }

    #[test]
    fn special_tokens_stay() {
        let check = |truncation: Truncation, longest, expect: &[u32]| {
            let mut values = vec![9, 101, 1, 2, 3, 4, 5, 6, 102];
            truncation.apply_within(&mut values, 1, (1, 1), longest);
            assert_eq!(values[1..], *expect, "{truncation:?} {longest}");
        };
        check(Truncation::Head, 8, &[101, 1, 2, 3, 4, 5, 6, 102]);
        check(Truncation::Head, 4, &[101, 1, 2, 102]);
        check(Truncation::Tail, 4, &[101, 5, 6, 102]);
        check(Truncation::HeadAndTail, 6, &[101, 1, 4, 5, 6, 102]);
        for truncation in [Truncation::Head, Truncation::Tail, Truncation::HeadAndTail] {
            check(truncation, 2, &[101, 102]);
            check(truncation, 1, &[101, 102]);
        }
    }

    #[test]
    fn kept_tokens() {
        for truncation in [Truncation::Head, Truncation::Tail, Truncation::HeadAndTail] {
            check(truncation, 0, &[]);
            check(truncation, 6, &[1, 2, 3, 4, 5, 6]);
            check(truncation, 7, &[1, 2, 3, 4, 5, 6]);
        }
        check(Truncation::Head, 2, &[1, 2]);
        check(Truncation::Tail, 2, &[5, 6]);
        check(Truncation::HeadAndTail, 1, &[1]);
        check(Truncation::HeadAndTail, 2, &[1, 6]);
        check(Truncation::HeadAndTail, 4, &[1, 4, 5, 6]);
        check(Truncation::HeadAndTail, 5, &[1, 2, 4, 5, 6]);
    }
}
