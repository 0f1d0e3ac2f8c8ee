//! Words, or characters, with the n-grams made of them.

use super::alphabet::Alphabet;
use super::config::VectorizerConfig;
use super::grams::{GAP, Grams};
use super::symbols::{WordAnalyzer, characters};

/// An alphabet, its n-grams and their columns.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Unit {
    pub alphabet: Alphabet,
    pub grams: Grams,
    /// The column of each node; [`GAP`] for one that is only a part of longer n-grams.
    pub columns: Vec<u32>,
}

/// Buffers that are kept from text to text.
#[derive(Default)]
pub(crate) struct Scratch {
    pub symbols: Vec<u32>,
    /// First byte and byte after the last of each symbol; only where they are asked for.
    pub offsets: Vec<(usize, usize)>,
    nodes: Vec<u32>,
    columns: Vec<u32>,
    places: Vec<usize>,
}

impl Unit {
    /// A unit all of whose nodes that may become features are marked as such.
    pub(crate) fn new(alphabet: Alphabet, grams: Grams, config: &VectorizerConfig) -> Self {
        let mut columns = vec![GAP; grams.len()];
        for length in 1..=grams.longest() {
            for node in grams.level(length) {
                if alphabet.may_be_feature(&grams, config, length, node) {
                    columns[node as usize] = 0;
                }
            }
        }
        Self { alphabet, grams, columns }
    }

    /// Puts the symbols of the text with this number into the scratch, with their places in the text; its
    /// length.
    pub(crate) fn symbols(
        &self,
        (number, text): (usize, &str),
        config: &VectorizerConfig,
        analyzer: &mut WordAnalyzer,
        scratch: &mut Scratch,
    ) -> u32 {
        let Scratch { symbols, offsets, .. } = scratch;
        symbols.clear();
        offsets.clear();
        let mut length = 0;
        match &self.alphabet {
            Alphabet::Words(words) => analyzer.words(number, text, |word, start, end| {
                symbols.push(words.find(word).unwrap_or(GAP));
                offsets.push((start, end));
                length += 1;
            }),
            Alphabet::Characters(known) => characters(text, config, |character, start, end| {
                symbols.push(character.map_or(GAP, |character| known.rank(u32::from(character))));
                offsets.push((start, end));
                length += u32::from(character.is_some());
            }),
        }
        length
    }

    /// Hands the columns of the n-grams of each length, the position of each and the length to `each`. It may
    /// sort the columns.
    #[inline]
    pub(crate) fn each_level(
        &self,
        scratch: &mut Scratch,
        mut each: impl FnMut(&mut [u32], &[usize], usize),
    ) {
        let Scratch { symbols, nodes, columns, places, .. } = scratch;
        nodes.clear();
        nodes.extend_from_slice(symbols);
        for length in 1..=self.grams.longest() {
            if length > 1 {
                self.grams.lengthen(nodes, symbols, length - 1);
            }
            columns.clear();
            places.clear();
            for (place, node) in nodes.iter().enumerate().filter(|(_, node)| **node != GAP) {
                let column = self.columns[*node as usize];
                if column != GAP {
                    columns.push(column);
                    places.push(place);
                }
            }
            each(columns, places, length);
        }
    }

    /// The n-gram as people read it.
    pub(crate) fn spell(&self, node: u32) -> String {
        let symbols = self.grams.spell(node);
        match &self.alphabet {
            Alphabet::Words(words) => {
                let words: Vec<&str> = symbols.iter().filter_map(|symbol| words.word(*symbol)).collect();
                words.join(" ")
            }
            Alphabet::Characters(known) => {
                symbols.iter().filter_map(|symbol| known.all.get(*symbol as usize)).collect()
            }
        }
    }

    /// The column of an n-gram as [`Unit::spell`] writes it.
    pub(crate) fn column(&self, feature: &str) -> Option<u32> {
        let symbols: Vec<u32> = match &self.alphabet {
            Alphabet::Words(words) => {
                feature.split(' ').map(|word| words.find(word)).collect::<Option<_>>()?
            }
            Alphabet::Characters(known) => {
                feature.chars().map(|character| known.rank(u32::from(character))).collect()
            }
        };
        let (first, rest) = symbols.split_first().filter(|_| !symbols.contains(&GAP))?;
        let node = rest.iter().try_fold(*first, |prefix, symbol| {
            Some(self.grams.find(prefix, *symbol)).filter(|node| *node != GAP)
        })?;
        self.columns.get(node as usize).copied().filter(|column| *column != GAP)
    }
}
