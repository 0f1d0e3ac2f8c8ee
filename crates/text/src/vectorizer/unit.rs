//! Words, or characters, with the n-grams made of them.

use super::config::{CharacterBounds, VectorizerConfig};
use super::grams::Grams;
use super::symbols::{GAP, WordAnalyzer, character_ranks, characters};
use crate::words::WordSet;

/// The single symbols of a unit.
#[derive(Clone, Debug)]
pub(crate) enum Alphabet {
    Words(WordSet),
    /// Characters by number, and numbers by code point.
    Characters(Vec<char>, Vec<u32>),
}

impl PartialEq for Alphabet {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Words(own), Self::Words(other)) => own.iter().eq(other.iter()),
            (Self::Characters(own, _), Self::Characters(other, _)) => own == other,
            _ => false,
        }
    }
}

impl Alphabet {
    pub(crate) fn characters(alphabet: Vec<char>) -> Self {
        let ranks = character_ranks(&alphabet);
        Self::Characters(alphabet, ranks)
    }
}

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
        let space = match &alphabet {
            Alphabet::Words(_) => None,
            Alphabet::Characters(alphabet, _) => alphabet.iter().position(|character| *character == ' '),
        };
        for length in 1..=grams.longest() {
            for node in grams.level(length) {
                let wanted = match alphabet {
                    Alphabet::Words(_) => length >= config.words.shortest,
                    Alphabet::Characters(..) => is_character_feature(&grams, config, space, length, node),
                };
                if wanted {
                    columns[node as usize] = 0;
                }
            }
        }
        Self { alphabet, grams, columns }
    }

    /// Puts the symbols of the text with this number into the scratch, with their places in the text; its length.
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
            Alphabet::Characters(_, ranks) => characters(text, config, |character, start, end| {
                let rank = character.and_then(|character| ranks.get(character as usize));
                symbols.push(rank.copied().unwrap_or(GAP));
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
            Alphabet::Characters(alphabet, _) => {
                symbols.iter().filter_map(|symbol| alphabet.get(*symbol as usize)).collect()
            }
        }
    }

    /// The column of an n-gram as [`Unit::spell`] writes it.
    pub(crate) fn column(&self, feature: &str) -> Option<u32> {
        let symbols: Vec<u32> = match &self.alphabet {
            Alphabet::Words(words) => {
                feature.split(' ').map(|word| words.find(word)).collect::<Option<_>>()?
            }
            Alphabet::Characters(_, ranks) => (feature.chars())
                .map(|character| ranks.get(character as usize).copied().filter(|rank| *rank != GAP))
                .collect::<Option<_>>()?,
        };
        let (first, rest) = symbols.split_first()?;
        let node = rest.iter().try_fold(*first, |prefix, symbol| {
            Some(self.grams.find(prefix, *symbol)).filter(|node| *node != GAP)
        })?;
        self.columns.get(node as usize).copied().filter(|column| *column != GAP)
    }
}

/// Whether a character n-gram may be a feature: it is long enough, or a short word as a whole, which begins and
/// ends with the space that was put around it.
pub(crate) fn is_character_feature(
    grams: &Grams,
    config: &VectorizerConfig,
    space: Option<usize>,
    length: usize,
    node: u32,
) -> bool {
    if length >= config.characters.shortest {
        return true;
    }
    if length < 3 || config.character_bounds == CharacterBounds::Text {
        return false;
    }
    let is_space = |symbol: u32| Some(symbol as usize) == space;
    match grams.key(node) {
        Some((_, last)) if is_space(last) => {
            let mut first = node;
            while let Some((prefix, _)) = grams.key(first) {
                first = prefix;
            }
            is_space(first)
        }
        _ => false,
    }
}
