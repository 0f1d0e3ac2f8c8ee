//! The symbols that n-grams are made of: words, or characters.

use super::config::{CharacterBounds, VectorizerConfig};
use super::grams::{GAP, Grams};
use crate::words::WordSet;

/// The single symbols of a unit.
#[derive(Clone, Debug)]
pub(crate) enum Alphabet {
    Words(WordSet),
    Characters(Characters),
}

impl PartialEq for Alphabet {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Words(own), Self::Words(other)) => own.iter().eq(other.iter()),
            (Self::Characters(own), Self::Characters(other)) => own == other,
            _ => false,
        }
    }
}

impl Alphabet {
    /// Whether an n-gram may be a feature: it is long enough, or a short word as a whole, which begins and
    /// ends with the space that was put around it.
    pub(crate) fn may_be_feature(
        &self,
        grams: &Grams,
        config: &VectorizerConfig,
        length: usize,
        node: u32,
    ) -> bool {
        let Self::Characters(known) = self else { return length >= config.words.shortest };
        if length >= config.characters.shortest {
            return true;
        }
        if length < 3 || config.character_bounds == CharacterBounds::Text {
            return false;
        }
        let space = known.rank(u32::from(' '));
        match grams.key(node) {
            Some((_, last)) if last == space => {
                let mut first = node;
                while let Some((prefix, _)) = grams.key(first) {
                    first = prefix;
                }
                first == space
            }
            _ => false,
        }
    }
}

/// Characters by number, and numbers by code point.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Characters {
    pub all: Vec<char>,
    ranks: Vec<u32>,
}

impl Characters {
    pub(crate) fn new(all: Vec<char>) -> Self {
        let size = all.iter().max().map_or(0, |largest| *largest as usize + 1);
        let mut ranks = vec![GAP; size];
        for (character, rank) in all.iter().zip(0..) {
            ranks[*character as usize] = rank;
        }
        Self { all, ranks }
    }

    /// The number of a code point, or [`GAP`].
    #[inline]
    pub(crate) fn rank(&self, code: u32) -> u32 {
        self.ranks.get(code as usize).copied().unwrap_or(GAP)
    }
}
