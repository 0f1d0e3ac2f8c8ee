//! Synthetic rows: repeated texts of rare labels, altered word by word.

use std::collections::HashSet;

use assort_random::Seed;

use super::Resampling;
use crate::{Dataset, Result, Texts};

/// One word in so many is replaced, exchanged with the next, or left out: a share of 0.1 for each.
const ONE_IN: u64 = 10;

impl Dataset {
    /// The rows that [`Resampling::Oversample`] gives, where each repeat of a row has its text altered, so
    /// that no two are alike by rule (the operations of Wei and Zou 2019, 'EDA'): a tenth of its words are
    /// replaced by what `synonym` knows, a tenth exchanged with the next one, a tenth left out, each drawn by
    /// itself. One word stays at least. Blanks between the words of an altered text become single ones.
    ///
    /// # Errors
    /// As [`Dataset::resample`].
    pub fn synthesize(&self, seed: Seed, synonym: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let rows = self.resample(Resampling::Oversample, seed)?;
        let seed = seed.stream("alter");
        let mut seen = HashSet::new();
        let mut texts = Texts::new();
        for (place, &row) in (0..).zip(&rows) {
            let text = self.texts().get(row as usize).unwrap_or_default();
            match seen.insert(row) {
                true => texts.push(text),
                false => texts.push(&altered(text, seed.at(place), synonym)),
            }
        }
        self.select(&rows)?.with_texts(texts)
    }
}

/// A text with some of its words replaced, exchanged and left out.
fn altered(text: &str, seed: Seed, synonym: &dyn Fn(&str) -> Option<String>) -> String {
    let mut chance = seed.generator();
    let mut is_drawn = || chance.below(ONE_IN) == 0;
    let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    for word in &mut words {
        if is_drawn()
            && let Some(other) = synonym(word)
        {
            *word = other;
        }
    }
    for first in 1..words.len() {
        if is_drawn() {
            words.swap(first - 1, first);
        }
    }
    let stays: Vec<bool> = words.iter().map(|_| !is_drawn()).collect();
    if stays.contains(&true) {
        let mut stays = stays.iter();
        words.retain(|_| stays.next() == Some(&true));
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, synonym: &dyn Fn(&str) -> Option<String>, holds: impl Fn(&str) -> bool) {
        for round in 0..200 {
            let found = altered(text, Seed::new(7).at(round), synonym);
            assert!(holds(&found), "{found:?}");
            assert_eq!(found, altered(text, Seed::new(7).at(round), synonym));
        }
    }

    #[test]
    fn words_are_left_out_exchanged_and_replaced() {
        let text = "one two three four five six seven eight nine ten";
        let own: HashSet<&str> = text.split(' ').collect();
        check(text, &|_| None, |found| found.split(' ').all(|word| own.contains(word)));
        let counts: Vec<usize> = (0..400)
            .map(|round| altered(text, Seed::new(1).at(round), &|_| None).split(' ').count())
            .collect();
        let mean = counts.iter().sum::<usize>() as f64 / 400.0;
        assert!((mean - 9.0).abs() < 0.15, "a tenth is left out: {mean}");
        let all = (0..400).map(|round| altered(text, Seed::new(1).at(round), &|_| Some("x".into())));
        let replaced = all.map(|text| text.split(' ').filter(|word| *word == "x").count()).sum::<usize>();
        assert!((replaced as f64 / 400.0 - 0.9).abs() < 0.15, "a tenth of what stays: {replaced}");
        let swapped = (0..400).filter(|round| {
            let found = altered("a b", Seed::new(1).at(*round), &|_| None);
            found == "b a"
        });
        assert!((20..60).contains(&swapped.count()));
    }

    #[test]
    fn short_texts_keep_a_word() {
        check("word", &|_| None, |found| found == "word");
        check("", &|_| None, str::is_empty);
        check("a  b", &|_| None, |found| ["a b", "b a", "a", "b"].contains(&found));
    }
}
