//! The different words of many texts, so that each is cut into sub-words once.

use crate::Cleaning;
use crate::count::part_size;
use crate::words::WordSet;
use rayon::prelude::*;

/// Texts as numbers of words.
pub(super) struct Distinct {
    pub words: WordSet,
    pub parts: Vec<Part>,
}

/// Some of the texts.
#[derive(Default)]
pub(super) struct Part {
    /// The words of all texts by their numbers, one text after the other.
    pub numbers: Vec<u32>,
    /// How many words each text has.
    pub lengths: Vec<usize>,
}

impl Distinct {
    /// Cuts texts, in parallel. The numbers do not depend on the threads.
    pub fn new<T: AsRef<str> + Sync>(texts: &[T], cleaning: &Cleaning) -> Self {
        let mut parts: Vec<(WordSet, Part)> =
            texts.par_chunks(part_size(texts.len())).map(|texts| part(texts, cleaning)).collect();
        let mut words = WordSet::default();
        let all: Vec<Vec<u32>> = parts.iter().map(|(own, _)| words.merge(own)).collect();
        parts.par_iter_mut().zip(&all).for_each(|((_, part), all)| {
            part.numbers.iter_mut().for_each(|number| *number = all[*number as usize]);
        });
        Self { words, parts: parts.into_iter().map(|(_, part)| part).collect() }
    }

    /// How often each word occurs.
    pub fn counts(&self) -> Vec<u64> {
        let mut counts = vec![0; self.words.len()];
        for number in self.parts.iter().flat_map(|part| &part.numbers) {
            counts[*number as usize] += 1;
        }
        counts
    }
}

fn part<T: AsRef<str>>(texts: &[T], cleaning: &Cleaning) -> (WordSet, Part) {
    let (mut words, mut part) = (WordSet::default(), Part::default());
    for text in texts {
        let cleaned = cleaning.apply(text.as_ref());
        let text = cleaned.as_ref().map_or(text.as_ref(), |cleaned| cleaned.text.as_str());
        let from = part.numbers.len();
        each(text, |word| part.numbers.push(words.insert(word)));
        part.lengths.push(part.numbers.len() - from);
    }
    (words, part)
}

/// Hands each mark of ASCII and each run between marks and spaces to `word`. BERT cuts there too; other white
/// space it drops in part, as control characters, and so joins what stands around it.
fn each(text: &str, mut word: impl FnMut(&str)) {
    let mut hand = |piece: Option<&str>| {
        if let Some(piece) = piece.filter(|piece| !piece.is_empty()) {
            word(piece);
        }
    };
    let mut start = 0;
    for (at, byte) in text.bytes().enumerate() {
        let is_mark = byte.is_ascii_punctuation();
        if !is_mark && !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            continue;
        }
        hand(text.get(start..at));
        if is_mark {
            hand(text.get(at..=at));
        }
        start = at + 1;
    }
    hand(text.get(start..));
}
