//! Word vectors learned from texts: skip-gram with negative sampling (Mikolov, Sutskever, Chen, Corrado and
//! Dean 2013, 'Distributed representations of words and phrases').
//!
//! # Formula
//! Each word has a vector u, which is kept, and a vector v of the word as a neighbour. For a word c, a word o
//! within the window around it, and k words n drawn by count^(3/4), a step goes down
//!
//! -log σ(u_c · v_o) - Σ_n log σ(-u_c · v_n).
//!
//! Frequent words are left out of texts by chance: one with share f stays with probability √(t/f) + t/f. The
//! window of each word is drawn from 1 to the largest, and the rate falls to nothing by the words read.
//!
//! The steps are taken one after the other, as each changes what the next one reads: the same bits for any
//! number of threads, on one of them. The price is time: 6.2 s of one core for 271,145 tokens (`assort
//! vectors own.txt train --data tweets/train.csv`).

use assort_random::{Seed, fill_uniform};
use assort_text::{TokenRows, Vocab, WordSet};

use crate::neighbours::dot;
use crate::{Error, WordVectors};

/// The hyper-parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct SkipGram {
    /// D, the numbers of a vector; from 1 to 4,096.
    pub width: usize,
    /// The words to either side that a word goes with, at most.
    pub window: usize,
    /// k, the words drawn for each pair.
    pub negatives: usize,
    /// Passes over the texts.
    pub epochs: usize,
    /// The first rate, above 0.
    pub learning_rate: f32,
    /// t: a word with a share of all words above this is left out by chance; above 0.
    pub frequent: f64,
}

impl Default for SkipGram {
    fn default() -> Self {
        Self { width: 100, window: 5, negatives: 5, epochs: 5, learning_rate: 0.05, frequent: 1e-3 }
    }
}

/// Places of the table that words are drawn from.
const DRAWS: usize = 1 << 20;

impl SkipGram {
    /// Learns vectors of a vocabulary's words from rows of their ids, apart from special tokens and what
    /// holds white space. `advance` is told each epoch that is over, from 1.
    ///
    /// # Errors
    /// [`Error::Training`] if a setting lies outside its range, or fewer than two words occur.
    pub fn train(
        &self,
        vocab: &Vocab,
        rows: &TokenRows,
        seed: Seed,
        mut advance: impl FnMut(usize),
    ) -> Result<WordVectors, Error> {
        self.check()?;
        let words = Words::new(vocab, rows, self.frequent)?;
        let width = self.width;
        let mut own = vec![0f32; words.known.len() * width];
        fill_uniform(&mut own, -0.5 / width as f32, 0.5 / width as f32, seed.stream("first"));
        let mut other = vec![0f32; own.len()];
        let mut slope = vec![0f32; width];
        let all = (words.total.saturating_mul(self.epochs as u64)) as f64;
        let mut read = 0u64;
        for epoch in 0..self.epochs {
            let seed = seed.stream("epoch").at(epoch as u64);
            for (number, row) in (0..).zip(rows.iter()) {
                let mut chance = seed.at(number).generator();
                let rate = self.learning_rate * (1.0 - read as f64 / all).max(1e-4) as f32;
                let places = row.iter().filter_map(|id| *words.place.get(*id as usize)?);
                let places: Vec<u32> = places.inspect(|_| read += 1).collect();
                let kept: Vec<u32> = places
                    .into_iter()
                    .filter(|place| chance.uniform() < words.stays[*place as usize])
                    .collect();
                for (at, &word) in kept.iter().enumerate() {
                    let reach = 1 + chance.below(self.window as u64) as usize;
                    let window =
                        at.saturating_sub(reach)..at.saturating_add(reach).saturating_add(1).min(kept.len());
                    for near in window.filter(|near| *near != at) {
                        let u = &mut own[word as usize * width..][..width];
                        slope.fill(0.0);
                        for draw in 0..=self.negatives {
                            let target = match draw {
                                0 => kept[near],
                                _ => words.draws[chance.below(DRAWS as u64) as usize],
                            };
                            if draw > 0 && target == kept[near] {
                                continue;
                            }
                            let v = &mut other[target as usize * width..][..width];
                            let is_near = if draw == 0 { 1.0 } else { 0.0 };
                            let step = rate * (is_near - 1.0 / (1.0 + (-dot(u, v)).exp()));
                            for ((slope, v), u) in slope.iter_mut().zip(v).zip(&*u) {
                                *slope += step * *v;
                                *v += step * u;
                            }
                        }
                        u.iter_mut().zip(&slope).for_each(|(u, slope)| *u += slope);
                    }
                }
            }
            advance(epoch + 1);
        }
        WordVectors::new(words.known, own)
    }

    fn check(&self) -> Result<(), Error> {
        let fail = |name: &str, expect: &str| Err(Error::Training(format!("{name} must be {expect}")));
        match self {
            Self { width, .. } if !(1..=4096).contains(width) => fail("width", "from 1 to 4096"),
            Self { window: 0, .. } => fail("window", "at least 1"),
            Self { epochs: 0, .. } => fail("epochs", "at least 1"),
            Self { learning_rate, .. } if !(*learning_rate > 0.0 && *learning_rate <= 1.0) => {
                fail("learning_rate", "above 0 and at most 1")
            }
            Self { frequent, .. } if !(*frequent > 0.0 && frequent.is_finite()) => {
                fail("frequent", "above 0")
            }
            _ => Ok(()),
        }
    }
}

/// The words that get vectors, by place.
struct Words {
    known: WordSet,
    /// The place of each id of the vocabulary, if it gets a vector.
    place: Vec<Option<u32>>,
    /// How probably an occurrence stays.
    stays: Vec<f64>,
    /// Words by count^(3/4).
    draws: Vec<u32>,
    /// Occurrences of all of them.
    total: u64,
}

impl Words {
    fn new(vocab: &Vocab, rows: &TokenRows, frequent: f64) -> Result<Self, Error> {
        let mut occurs = vec![0u64; vocab.len()];
        for &id in rows.ids() {
            if let Some(count) = occurs.get_mut(id as usize) {
                *count += 1;
            }
        }
        let is_special = |id: usize| vocab.specials().iter().any(|(_, special)| special.0 as usize == id);
        let (mut known, mut place, mut counts) = (WordSet::default(), vec![None; vocab.len()], Vec::new());
        for (id, (word, _)) in vocab.iter().enumerate() {
            if occurs[id] > 0 && !is_special(id) && !word.contains(char::is_whitespace) {
                place[id] = Some(known.insert(word));
                counts.push(occurs[id]);
            }
        }
        if counts.len() < 2 {
            return Err(Error::Training("fewer than two words occur often enough".into()));
        }
        let total: u64 = counts.iter().sum();
        let stay = |count: &u64| {
            let share = frequent * total as f64 / *count as f64;
            share.sqrt() + share
        };
        // Roots are the same on every machine, powers are not.
        let weights: Vec<f64> =
            counts.iter().map(|count| (*count as f64).sqrt()).map(|r| r * r.sqrt()).collect();
        let sum: f64 = weights.iter().sum();
        let (mut draws, mut upto) = (Vec::with_capacity(DRAWS), 0.0);
        for (word, weight) in (0..).zip(&weights) {
            upto += weight;
            draws.resize(((upto / sum * DRAWS as f64) as usize).min(DRAWS), word);
        }
        draws.resize(DRAWS, counts.len() as u32 - 1);
        Ok(Self { known, place, stays: counts.iter().map(stay).collect(), draws, total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assort_text::{TextConfig, Tokenizer};

    /// Texts of words of one of two topics.
    fn texts() -> Vec<String> {
        let topics = ["plum pear fig grape peach apple", "wheel motor brake clutch axle gear"];
        let topics = topics.map(|topic| topic.split(' ').collect::<Vec<_>>());
        let mut chance = Seed::new(4).generator();
        let mut text = |number: usize| {
            let words = (0..8).map(|_| topics[number % 2][chance.below(6) as usize]);
            words.collect::<Vec<_>>().join(" ")
        };
        (0..300).map(&mut text).collect()
    }

    fn train(config: &SkipGram, texts: &[String]) -> Result<WordVectors, Error> {
        let (tokenizer, rows) = Tokenizer::fit_encode(texts, &TextConfig::default()).unwrap();
        config.train(tokenizer.vocab(), &rows, Seed::new(1), |_| {})
    }

    #[test]
    fn words_of_a_topic_lie_together() {
        let config = SkipGram { width: 12, epochs: 8, frequent: 1.0, ..SkipGram::default() };
        let vectors = train(&config, &texts()).unwrap();
        assert_eq!((vectors.len(), vectors.width()), (12, 12));
        let near = crate::Neighbours::new(&vectors);
        for word in ["plum", "peach", "wheel", "gear"] {
            let row = vectors.words().find(word).unwrap();
            let found = near.nearest(vectors.row(row).unwrap(), 5, &[row]);
            let fruit = "plum pear fig grape peach apple";
            for one in found {
                let other = vectors.words().word(one.row).unwrap();
                assert_eq!(fruit.contains(word), fruit.contains(other), "{word}: {other} {}", one.cosine);
            }
        }
        assert_eq!(train(&config, &texts()).unwrap().digest(), vectors.digest());
    }

    #[test]
    fn what_cannot_be_learned_is_refused() {
        let check = |config: SkipGram, texts: &[String], expect: &str| {
            assert_eq!(train(&config, texts).unwrap_err().to_string(), expect);
        };
        let texts = texts();
        check(SkipGram { width: 0, ..SkipGram::default() }, &texts, "width must be from 1 to 4096");
        check(SkipGram { epochs: 0, ..SkipGram::default() }, &texts, "epochs must be at least 1");
        let rate = SkipGram { learning_rate: f32::NAN, ..SkipGram::default() };
        check(rate, &texts, "learning_rate must be above 0 and at most 1");
        check(SkipGram::default(), &["plum plum".into()], "fewer than two words occur often enough");
        check(SkipGram::default(), &[], "fewer than two words occur often enough");
    }
}
