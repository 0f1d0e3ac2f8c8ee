//! Which token has which id.

use crate::words::WordSet;
use crate::{Error, Special, TokenId, VocabConfig};

/// The unknown token of a vocabulary of words.
const UNK: TokenId = TokenId(1);

/// Tokens and their ids. In a vocabulary of words padding is 0, unknown is 1, then come the other specials,
/// then tokens by their count in the training texts from the most frequent, ties in the order of their bytes.
/// In one of sub-words the tokenizer's file decides.
///
/// A text that holds `<pad>` or another special's name literally does not get its id: such a token is
/// unknown.
#[derive(Clone, Debug)]
pub struct Vocab {
    tokens: WordSet,
    /// By id, zero for the specials; empty for sub-words, which are not counted.
    counts: Vec<u64>,
    specials: Vec<(Special, TokenId)>,
}

impl PartialEq for Vocab {
    fn eq(&self, other: &Self) -> bool {
        self.counts == other.counts && self.tokens.iter().eq(other.tokens.iter())
    }
}

impl Vocab {
    /// The vocabulary of counted words, and for each word its id there: unknown for those that are left out.
    pub(crate) fn rank(
        words: &WordSet,
        counts: &[u64],
        config: &VocabConfig,
    ) -> Result<(Self, Vec<u32>), Error> {
        config.check()?;
        let minimum = u64::from(config.minimum_count.max(1));
        let mut ranked: Vec<(u64, &str, usize)> = (words.iter().zip(counts).enumerate())
            .filter(|(_, (word, count))| **count >= minimum && Special::from_text(word).is_none())
            .map(|(number, (word, count))| (*count, word, number))
            .collect();
        ranked.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        ranked.truncate(config.size_limit.unwrap_or(usize::MAX));

        let mut vocab = Self::with_specials(&config.specials);
        let mut ids = vec![UNK.0; words.len()];
        for (count, word, number) in ranked {
            let id = vocab.push(word, count);
            if let Some(slot) = ids.get_mut(number) {
                *slot = id;
            }
        }
        Ok((vocab, ids))
    }

    /// The words with these ids, after all specials.
    pub(crate) fn keep(&self, keep: impl Fn(u32) -> bool) -> Self {
        let further: Vec<Special> = self.specials.iter().skip(2).map(|(special, _)| *special).collect();
        let mut kept = Self::with_specials(&further);
        for (id, (word, count)) in (0..).zip(self.iter()).skip(self.specials.len()) {
            if keep(id) {
                kept.push(word, count);
            }
        }
        kept
    }

    /// Padding, unknown and these specials.
    pub(crate) fn with_specials(further: &[Special]) -> Self {
        let mut vocab = Self { tokens: WordSet::default(), counts: Vec::new(), specials: Vec::new() };
        for special in [Special::Pad, Special::Unk].iter().chain(further) {
            vocab.push_special(*special);
        }
        vocab
    }

    /// Adds a new token at the end; its id.
    pub(crate) fn push(&mut self, token: &str, count: u64) -> u32 {
        self.counts.push(count);
        self.tokens.insert(token)
    }

    /// Adds a further special, or gives `None` once there are other tokens.
    pub(crate) fn push_special(&mut self, special: Special) -> Option<u32> {
        if self.len() != self.specials.len() {
            return None;
        }
        let id = self.push(special.text(), 0);
        self.specials.push((special, TokenId(id)));
        Some(id)
    }

    /// The vocabulary of a tokenizer that has one: tokens in the order of their ids, without counts. `None`
    /// if a token comes twice.
    pub(crate) fn from_tokens(
        tokens: impl ExactSizeIterator<Item = String>,
        specials: Vec<(Special, TokenId)>,
    ) -> Option<Self> {
        let count = tokens.len();
        let words: WordSet = tokens.collect();
        (words.len() == count).then_some(Self { tokens: words, counts: Vec::new(), specials })
    }

    /// The number of tokens V, specials included.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Never: there are always special tokens.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The id of a token (a special by its name too), or `None` if it has none.
    pub fn id(&self, token: &str) -> Option<TokenId> {
        self.tokens.find(token).map(TokenId)
    }

    /// The id of a word that a text holds: unknown if it has none.
    #[inline]
    pub(crate) fn lookup(&self, token: &str) -> u32 {
        match self.tokens.find(token) {
            Some(id) if id as usize >= self.specials.len() => id,
            _ => UNK.0,
        }
    }

    /// The token with this id.
    pub fn token(&self, id: TokenId) -> Option<&str> {
        self.tokens.word(id.0)
    }

    /// The padding token's id; 0 where there is none, as what is padded is masked.
    pub fn pad(&self) -> TokenId {
        self.special(Special::Pad).unwrap_or_default()
    }

    /// The unknown token's id; that of padding where no text is unknown, as with sub-words of bytes.
    pub fn unk(&self) -> TokenId {
        self.special(Special::Unk).unwrap_or(self.pad())
    }

    /// The specials with their ids.
    pub fn specials(&self) -> &[(Special, TokenId)] {
        &self.specials
    }

    /// The id of a special, or `None` if this vocabulary was made without it.
    pub fn special(&self, special: Special) -> Option<TokenId> {
        self.specials.iter().find(|(known, _)| *known == special).map(|(_, id)| *id)
    }

    /// All tokens with their counts in the order of their ids; sub-words have the count 0.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.tokens.iter().zip(self.counts.iter().copied().chain(std::iter::repeat(0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTS: [(&str, u64); 6] = [("b", 2), ("a", 2), ("rare", 1), ("the", 9), ("<pad>", 50), ("B", 2)];

    fn vocab(config: &VocabConfig) -> Vocab {
        Vocab::rank(&COUNTS.iter().map(|(token, _)| token).collect(), &COUNTS.map(|(_, count)| count), config)
            .unwrap()
            .0
    }

    fn check(size_limit: Option<usize>, minimum_count: u32, specials: &[Special], expect: &str) {
        let config = VocabConfig { size_limit, minimum_count, specials: specials.to_vec() };
        let vocab = vocab(&config);
        let tokens: Vec<&str> = vocab.iter().map(|(token, _)| token).collect();
        assert_eq!(tokens.join(" "), expect);
    }

    #[test]
    fn order_and_limits() {
        check(None, 1, &[], "<pad> <unk> the B a b rare");
        check(None, 0, &[], "<pad> <unk> the B a b rare");
        check(None, 2, &[], "<pad> <unk> the B a b");
        check(Some(2), 1, &[], "<pad> <unk> the B");
        check(Some(99), 10, &[], "<pad> <unk>");
        check(Some(1), 1, &[Special::Eos, Special::Mask], "<pad> <unk> <eos> <mask> the");
    }

    #[test]
    fn there_and_back() {
        let vocab = vocab(&VocabConfig { specials: vec![Special::Cls], ..VocabConfig::default() });
        for id in (0..vocab.len() as u32).map(TokenId) {
            assert_eq!(vocab.id(vocab.token(id).unwrap()), Some(id));
        }
        assert_eq!(vocab.token(TokenId(vocab.len() as u32)), None);
        assert_eq!(vocab.id("none"), None);
        assert_eq!(vocab.iter().nth(3), Some(("the", 9)));
        assert_eq!(vocab.special(Special::Cls), Some(TokenId(2)));
        assert_eq!(vocab.special(Special::Sep), None);
    }

    #[test]
    fn texts_cannot_name_specials() {
        let vocab = vocab(&VocabConfig::default());
        assert_eq!(vocab.lookup("<pad>"), vocab.unk().0);
        assert_eq!(vocab.lookup("<unk>"), vocab.unk().0);
        assert_eq!(vocab.lookup("the"), 2);
    }
}
