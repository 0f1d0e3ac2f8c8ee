//! A first embedding table for a vocabulary.

use std::borrow::Cow;

use assort_random::{Seed, fill_normal};
use assort_text::Vocab;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::WordVectors;

/// How much of a vocabulary has vectors. Specials (padding, unknown …) do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Words of the vocabulary.
    pub words: usize,
    /// Those among them with a vector.
    pub found: usize,
    /// How often all words occur in the training texts.
    pub tokens: u64,
    /// How often those with a vector occur.
    pub found_tokens: u64,
}

impl Coverage {
    /// The share of words with a vector; `None` without words.
    pub fn word_share(&self) -> Option<f64> {
        (self.words > 0).then(|| self.found as f64 / self.words as f64)
    }

    /// The share of the training texts' tokens with a vector; `None` without tokens.
    pub fn token_share(&self) -> Option<f64> {
        (self.tokens > 0).then(|| self.found_tokens as f64 / self.tokens as f64)
    }
}

/// The first vector of a word that the file lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FirstVectors {
    /// A draw from a normal distribution with mean 0 and deviation 1.
    UnitNormal,
    /// The same with the deviation of all numbers of the file.
    FileNormal,
    /// The one that the table holds already, which a model has drawn.
    Model,
}

impl WordVectors {
    /// How much of a vocabulary has a vector, in the words' own spelling, else in lower case, else by their
    /// n-grams.
    pub fn coverage(&self, vocab: &Vocab) -> Coverage {
        let mut coverage = Coverage::default();
        for (entry, count) in self.entries(vocab) {
            let known = match entry {
                Entry::Special => continue,
                Entry::Known(_) => 1,
                Entry::Missing => 0,
            };
            coverage.words += 1;
            coverage.tokens += count;
            coverage.found += known as usize;
            coverage.found_tokens += known * count;
        }
        coverage
    }

    /// Fills a first embedding table (V of the vocabulary, D of the file), row by row: known words get their
    /// vector, specials are zero. A word that is drawn has a place of `seed` of its own, so that other words
    /// do not change it. Rows behind the vocabulary, of n-grams say, stay as they are.
    pub fn fill_table(&self, vocab: &Vocab, missing: FirstVectors, seed: Seed, table: &mut [f32]) {
        let deviation = match missing {
            FirstVectors::UnitNormal => Some(1.0),
            FirstVectors::FileNormal => Some(self.deviation()),
            FirstVectors::Model => None,
        };
        let entries: Vec<Entry> = self.entries(vocab).map(|(entry, _)| entry).collect();
        table.par_chunks_exact_mut(self.width()).zip(&entries).enumerate().for_each(
            |(id, (values, entry))| match (entry, deviation) {
                (Entry::Special, _) => values.fill(0.0),
                (Entry::Known(vector), _) => values.copy_from_slice(vector),
                (Entry::Missing, Some(deviation)) => fill_normal(values, 0.0, deviation, seed.at(id as u64)),
                (Entry::Missing, None) => {}
            },
        );
    }

    /// The standard deviation of all numbers around their mean.
    pub fn deviation(&self) -> f32 {
        // Sums of pieces, added in order: the same for any number of threads.
        let sums: Vec<(f64, f64)> = self
            .table()
            .par_chunks(1 << 16)
            .map(|piece| {
                piece.iter().fold((0.0, 0.0), |(sum, squares), value| {
                    let value = f64::from(*value);
                    (sum + value, squares + value * value)
                })
            })
            .collect();
        let (sum, squares) = sums.iter().fold((0.0, 0.0), |all, piece| (all.0 + piece.0, all.1 + piece.1));
        let count = self.table().len() as f64;
        let mean = sum / count;
        (squares / count - mean * mean).max(0.0).sqrt() as f32
    }

    /// The vector of each token of a vocabulary, in the order of ids, and its count.
    fn entries<'v>(&'v self, vocab: &'v Vocab) -> impl Iterator<Item = (Entry<'v>, u64)> + 'v {
        let find = |token: &str| {
            let known = self.vector(token).or_else(|| self.vector(&token.to_lowercase()));
            known.map(Cow::Borrowed).or_else(|| self.vector_or_ngrams(token))
        };
        let is_special = |id: u32| vocab.specials().iter().any(|(_, special)| special.0 == id);
        (0..).zip(vocab.iter()).map(move |(id, (token, count))| {
            let entry = if is_special(id) {
                Entry::Special
            } else {
                find(token).map_or(Entry::Missing, Entry::Known)
            };
            (entry, count)
        })
    }
}

/// The vector of a vocabulary's token, if it has one.
enum Entry<'v> {
    Special,
    Known(Cow<'v, [f32]>),
    Missing,
}

#[cfg(test)]
mod tests {
    use super::*;
    use assort_text::{Lowercase, Special, TextConfig, Tokenizer, VocabConfig, WordSet};

    fn toy() -> WordVectors {
        let words: WordSet = ["king", "queen", "Apple", "<pad>"].into_iter().collect();
        WordVectors::new(words, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]).unwrap()
    }

    fn vocab(specials: &[Special], words: &[(&str, usize)]) -> Vocab {
        let vocabulary = VocabConfig { specials: specials.to_vec(), ..VocabConfig::default() };
        let config = TextConfig { vocabulary, lowercase: Lowercase::Off, ..TextConfig::default() };
        let text: String = words.iter().map(|(word, count)| format!("{word} ").repeat(*count)).collect();
        Tokenizer::fit(&[text], &config).unwrap().vocab().clone()
    }

    #[test]
    fn coverage_by_words_and_tokens() {
        let words = [("king", 8), ("Queen", 4), ("dog", 3), ("apple", 1)];
        let found = toy().coverage(&vocab(&[Special::Cls], &words));
        assert_eq!(found, Coverage { words: 4, found: 2, tokens: 16, found_tokens: 12 });
        assert_eq!((found.word_share(), found.token_share()), (Some(0.5), Some(0.75)));
        let none = toy().coverage(&vocab(&[], &[]));
        assert_eq!((none.word_share(), none.token_share()), (None, None));
    }

    #[test]
    fn rows_of_the_table() {
        let seed = Seed::new(3);
        let vocab = vocab(&[Special::Cls], &[("king", 8), ("dog", 4), ("Queen", 2), ("cat", 1)]);
        // The last row is behind the vocabulary.
        let start = |missing| {
            let mut table = vec![9.0; 8 * 2];
            toy().fill_table(&vocab, missing, seed, &mut table);
            assert_eq!(table.split_off(7 * 2), [9.0; 2]);
            table
        };
        let table = start(FirstVectors::UnitNormal);
        // Specials are zero, even one whose name the file has.
        assert_eq!(table[..6], [0.0; 6]);
        assert_eq!(table[6..8], [1.0, 2.0]);
        assert_eq!(table[10..12], [3.0, 4.0]);
        assert!(table[8..10].iter().chain(&table[12..]).all(|value| *value != 0.0 && value.abs() < 7.0));
        assert_ne!(table[8..10], table[12..]);
        let kept = start(FirstVectors::Model);
        assert_eq!((&kept[6..8], &kept[8..10]), (&table[6..8], &[9.0; 2][..]));
        let own = start(FirstVectors::FileNormal);
        assert!((own[8] / table[8] - toy().deviation()).abs() < 1e-5);
        assert!((toy().deviation() - 5.25f32.sqrt()).abs() < 1e-6);
    }
}
