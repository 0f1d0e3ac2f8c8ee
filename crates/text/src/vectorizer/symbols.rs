//! The units that n-grams are made of, as numbers: words, or characters.
//!
//! Both come out of a training corpus in the same form, [`Sequences`]: one number a position, and [`GAP`]
//! where no n-gram can pass, which is between two words for characters within words, and at every unit that
//! is too rare to be part of a feature.

use super::alphabet::{Alphabet, Characters};
use super::config::{CharacterBounds, VectorizerConfig};
use super::grams::GAP;
use crate::analyzer::Analyzer;
use crate::character::{Class, class_at};
use crate::count::part_size;
use crate::words::WordSet;
use crate::{Lowercase, TextConfig, Token, TokenId, TokenRows, Tokenizer};
use rayon::prelude::*;
use std::ops::ControlFlow;

/// Texts that one task handles. Fixed, so that no result depends on the number of threads.
pub(crate) const DOCUMENTS: usize = 256;

/// A corpus as numbers.
#[derive(Default)]
pub(crate) struct Sequences {
    /// One number a position, of all texts.
    pub symbols: Vec<u32>,
    /// Where each text begins, and the number of positions at the end.
    pub offsets: Vec<usize>,
    /// The length of each text, gaps that only part words not counted.
    pub lengths: Vec<u32>,
}

/// Cuts texts into words as the settings say, or into sub-words in their place.
pub(crate) enum WordAnalyzer<'c> {
    /// Words, those that are too short left out.
    Words(Analyzer<'c>, usize),
    /// Sub-words of one text, without the special tokens around it.
    Subwords(&'c Tokenizer, &'c [Token<'c>]),
    /// Sub-words of a corpus that was cut as a whole, which is faster. Their places are not known: each is
    /// (0, 0).
    Cut(&'c Tokenizer, &'c TokenRows),
}

impl<'c> WordAnalyzer<'c> {
    /// The way through texts, which are cut already if they are cut into sub-words.
    pub(crate) fn new(
        text: &'c TextConfig,
        shortest: usize,
        cut: Option<(&'c Tokenizer, &'c TokenRows)>,
    ) -> Self {
        match cut {
            Some((tokenizer, rows)) => Self::Cut(tokenizer, rows),
            None => Self::Words(Analyzer::new(text), shortest),
        }
    }

    /// Hands each word of the text with this number, its first byte and the byte after its last to `each`.
    #[inline]
    pub(crate) fn words(&mut self, number: usize, text: &str, mut each: impl FnMut(&str, usize, usize)) {
        match self {
            Self::Words(analyzer, shortest) => analyzer.tokens(text, |token, start, end| {
                if *shortest <= 1 || token.chars().take(*shortest).count() == *shortest {
                    each(token, start, end);
                }
                ControlFlow::Continue(())
            }),
            Self::Subwords(tokenizer, tokens) => {
                for Token { text, start, end } in inner(tokenizer, tokens) {
                    each(text, *start, *end);
                }
            }
            Self::Cut(tokenizer, rows) => {
                for id in inner(tokenizer, rows.row(number)) {
                    each(tokenizer.vocab().token(TokenId(*id)).unwrap_or_default(), 0, 0);
                }
            }
        }
    }
}

/// The values of a text's own tokens.
fn inner<'v, T>(tokenizer: &Tokenizer, values: &'v [T]) -> &'v [T] {
    let (before, after) = tokenizer.around();
    values.get(before..values.len().saturating_sub(after)).unwrap_or_default()
}

/// Hands each character of a text (a run of white space is one space), its first byte and the byte after its
/// last to `each`; `None` stands between words where n-grams end with them.
pub(crate) fn characters(
    text: &str,
    config: &VectorizerConfig,
    mut each: impl FnMut(Option<char>, usize, usize),
) {
    match config.cleaning.apply(text) {
        None => characters_as_they_are(text, config, each),
        Some(cleaned) => characters_as_they_are(&cleaned.text, config, |character, start, end| {
            let (start, end) = cleaned.original(start, end);
            each(character, start, end);
        }),
    }
}

fn characters_as_they_are(
    text: &str,
    config: &VectorizerConfig,
    mut each: impl FnMut(Option<char>, usize, usize),
) {
    let within = config.character_bounds == CharacterBounds::Words;
    let (mut at, mut word) = (0, false);
    while let Some((kind, length)) = class_at(text, at) {
        let (start, end) = (at, at + length);
        at = end;
        if kind == Class::Space {
            if word || (!within && start == 0) {
                each(Some(' '), start, end);
            }
            if word && within {
                each(None, end, end);
            }
            word = false;
            continue;
        }
        if !word && within {
            each(Some(' '), start, start);
        }
        word = true;
        let Some(character) = text.get(start..end).and_then(|piece| piece.chars().next()) else { continue };
        match config.lowercase {
            Lowercase::On => {
                character.to_lowercase().for_each(|character| each(Some(character), start, end));
            }
            Lowercase::Off => each(Some(character), start, end),
        }
    }
    if word && within {
        each(Some(' '), at, at);
        each(None, at, at);
    }
}

/// The symbols of a corpus by falling document frequency, ties by bytes.
pub(crate) struct Counted {
    pub alphabet: Alphabet,
    /// In how many texts each occurs.
    pub documents: Vec<u32>,
    /// How often each occurs.
    pub counts: Vec<u64>,
    pub sequences: Sequences,
}

#[derive(Default)]
struct Tally {
    documents: Vec<u32>,
    counts: Vec<u64>,
    last: Vec<u32>,
}

impl Tally {
    #[inline]
    fn add(&mut self, number: u32, text: u32) {
        let number = self.reach(number);
        self.counts[number] += 1;
        if self.last[number] != text + 1 {
            self.last[number] = text + 1;
            self.documents[number] += 1;
        }
    }

    /// Makes room for a number; the number as an index.
    #[inline]
    fn reach(&mut self, number: u32) -> usize {
        let number = number as usize;
        if number >= self.last.len() {
            self.last.resize(number + 1, 0);
            self.documents.resize(number + 1, 0);
            self.counts.resize(number + 1, 0);
        }
        number
    }

    /// Adds the sums of another part of the corpus, whose numbers mean `numbers` here.
    fn merge(&mut self, other: Self, numbers: impl Iterator<Item = u32>) {
        for ((documents, count), number) in other.documents.iter().zip(&other.counts).zip(numbers) {
            let number = self.reach(number);
            self.documents[number] += documents;
            self.counts[number] += count;
        }
    }
}

/// One part of the corpus: its symbols as numbers of its own.
#[derive(Default)]
struct Part {
    /// Empty for characters, whose numbers are their code points.
    words: WordSet,
    tally: Tally,
    symbols: Vec<u32>,
    sizes: Vec<usize>,
    lengths: Vec<u32>,
}

/// Cuts and counts the words of the texts, or the sub-words that they were cut into; those of fewer than
/// `minimum_documents` texts become gaps.
pub(crate) fn count_words<T: AsRef<str> + Sync>(
    texts: &[T],
    config: &VectorizerConfig,
    subwords: Option<(&Tokenizer, &TokenRows)>,
) -> Counted {
    let (text_config, size) = (config.text(), part_size(texts.len()));
    let mut parts: Vec<Part> = (texts.par_chunks(size).enumerate())
        .map(|(number, texts)| {
            let mut part = Part::default();
            let mut analyzer = WordAnalyzer::new(&text_config, config.shortest_token, subwords);
            for (index, text) in texts.iter().enumerate() {
                let from = part.symbols.len();
                analyzer.words(number * size + index, text.as_ref(), |word, _, _| {
                    let number = part.words.insert(word);
                    part.tally.add(number, index as u32);
                    part.symbols.push(number);
                });
                part.sizes.push(part.symbols.len() - from);
                part.lengths.push((part.symbols.len() - from) as u32);
            }
            part
        })
        .collect();

    let mut words = WordSet::default();
    let mut tally = Tally::default();
    let mut numbers: Vec<Vec<u32>> = Vec::with_capacity(parts.len());
    for part in &mut parts {
        let own = words.merge(&std::mem::take(&mut part.words));
        tally.merge(std::mem::take(&mut part.tally), own.iter().copied());
        numbers.push(own);
    }
    let mut ranked: Vec<(u32, &str, u32)> = (words.iter().zip(&tally.documents).zip(0..))
        .filter(|((_, documents), _)| **documents >= config.minimum_documents)
        .map(|((word, documents), number)| (*documents, word, number))
        .collect();
    ranked.par_sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    let mut alphabet = WordSet::default();
    let mut ranks = vec![GAP; words.len()];
    for (_, word, number) in &ranked {
        ranks[*number as usize] = alphabet.insert(word);
    }
    parts.par_iter_mut().zip(&numbers).for_each(|(part, numbers)| {
        for symbol in &mut part.symbols {
            *symbol = ranks[numbers[*symbol as usize] as usize];
        }
    });
    Counted {
        alphabet: Alphabet::Words(alphabet),
        documents: ranked.iter().map(|(documents, _, _)| *documents).collect(),
        counts: ranked.iter().map(|(_, _, number)| tally.counts[*number as usize]).collect(),
        sequences: join(parts),
    }
}

/// Cuts and counts the characters of the texts; those of fewer than `minimum_documents` texts become gaps.
pub(crate) fn count_characters<T: AsRef<str> + Sync>(texts: &[T], config: &VectorizerConfig) -> Counted {
    let mut parts: Vec<Part> = (texts.par_chunks(part_size(texts.len())))
        .map(|texts| {
            let mut part = Part::default();
            for (index, text) in texts.iter().enumerate() {
                let from = part.symbols.len();
                let mut length = 0;
                characters(text.as_ref(), config, |character, _, _| {
                    let Some(character) = character else { return part.symbols.push(GAP) };
                    part.tally.add(u32::from(character), index as u32);
                    part.symbols.push(u32::from(character));
                    length += 1;
                });
                part.sizes.push(part.symbols.len() - from);
                part.lengths.push(length);
            }
            part
        })
        .collect();
    let mut tally = Tally::default();
    for part in &mut parts {
        tally.merge(std::mem::take(&mut part.tally), 0..);
    }
    let mut ranked: Vec<(u32, char)> = (tally.documents.iter().zip(0..))
        .filter(|(documents, _)| **documents >= config.minimum_documents)
        .filter_map(|(documents, code)| Some((*documents, char::from_u32(code)?)))
        .collect();
    ranked.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let alphabet = Characters::new(ranked.iter().map(|(_, character)| *character).collect());
    parts.par_iter_mut().for_each(|part| {
        for symbol in &mut part.symbols {
            *symbol = alphabet.rank(*symbol);
        }
    });
    Counted {
        documents: ranked.iter().map(|(documents, _)| *documents).collect(),
        counts: alphabet.all.iter().map(|character| tally.counts[*character as usize]).collect(),
        alphabet: Alphabet::Characters(alphabet),
        sequences: join(parts),
    }
}

fn join(parts: Vec<Part>) -> Sequences {
    let mut all = Sequences { offsets: vec![0], ..Sequences::default() };
    all.symbols.reserve_exact(parts.iter().map(|part| part.symbols.len()).sum());
    let mut end = 0;
    for part in parts {
        all.symbols.extend_from_slice(&part.symbols);
        all.lengths.extend_from_slice(&part.lengths);
        all.offsets.extend(part.sizes.into_iter().map(|size| {
            end += size;
            end
        }));
    }
    all
}
