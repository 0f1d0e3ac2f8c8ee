//! N-grams as buckets of an embedding table, without a list of them.

#[cfg(test)]
mod tests;

use crate::tokenizer::{Encoder, encode_chunks};
use crate::{Encoding, Error, NgramRange, TokenRows, Tokenizer, Units};
use serde::{Deserialize, Serialize};

/// The marks before and after a word, which are no characters.
const BEGIN: u32 = 0x11_0000;
const END: u32 = 0x11_0001;

/// Which n-grams are hashed, and into how many buckets.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HasherConfig {
    /// Words or characters of which n-grams are made.
    pub units: Units,
    /// How many tokens a word n-gram has.
    pub words: NgramRange,
    /// How many characters a sub-word has, the marks at a word's ends counted.
    pub characters: NgramRange,
    /// The number of buckets, which n-grams share that fall into the same; without one [`NgramHasher::fit`]
    /// chooses.
    pub buckets: Option<u32>,
}

impl Default for HasherConfig {
    fn default() -> Self {
        Self {
            units: Units::Words,
            words: NgramRange { shortest: 2, longest: 2 },
            characters: NgramRange { shortest: 3, longest: 6 },
            buckets: None,
        }
    }
}

impl HasherConfig {
    /// Checks what the types alone do not forbid.
    ///
    /// # Errors
    /// [`Error::Setting`] for a range with a zero or upside down, and for no buckets.
    pub fn check(&self) -> Result<(), Error> {
        self.words.check("words")?;
        self.characters.check("characters")?;
        if self.buckets == Some(0) {
            let advice = "give at least 1; about as many as the texts hold n-grams that come twice do well";
            return Err(Error::setting("buckets", 0, advice));
        }
        Ok(())
    }
}

/// Appends to a text's token ids the buckets of its word n-grams and sub-words, in `base .. base + buckets`.
///
/// The n-grams are those of Bojanowski, Grave, Joulin and Mikolov 2017, 'Enriching word vectors with subword
/// information': words hash by their text, so that words the vocabulary lacks take part, and a word's
/// sub-words are those of the word with a mark before and after it, a lone mark left out. The hash is a fixed
/// function, so ids mean the same on every machine.
///
/// ```
/// use assort_text::{HasherConfig, NgramHasher, TextConfig, Tokenizer};
///
/// let tokenizer = Tokenizer::fit(&["I love my dog"], &TextConfig::default())?;
/// let base = tokenizer.vocab().len() as u32;
/// let hasher = NgramHasher::new(HasherConfig { buckets: Some(1000), ..HasherConfig::default() }, base)?;
/// let encoding = hasher.encode(&tokenizer, "I love you")?;
/// assert_eq!(encoding.ids.len(), 5);
/// assert!(encoding.ids[3..].iter().all(|id| (base..hasher.end()).contains(id)));
/// assert_eq!(encoding.offsets[3], (0, 6));
/// # Ok::<(), assort_text::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NgramHasher {
    config: HasherConfig,
    base: u32,
    buckets: u32,
}

/// A token on its way to its n-grams.
#[derive(Clone, Copy)]
struct Piece {
    id: u32,
    hash: u64,
    start: usize,
    end: usize,
    /// Where its normalized text lies in the scratch.
    text: (usize, usize),
}

#[derive(Default)]
struct Scratch {
    pieces: Vec<Piece>,
    text: String,
    characters: Vec<u32>,
}

impl NgramHasher {
    /// A hasher whose buckets begin at `base`: the size of the vocabulary.
    ///
    /// # Errors
    /// [`Error::Setting`] as [`HasherConfig::check`], if there is no number of buckets, and if base and
    /// buckets leave 32 bits.
    pub fn new(config: HasherConfig, base: u32) -> Result<Self, Error> {
        config.check()?;
        let none = || Error::setting("buckets", "none", "give a number, or texts to fit it to");
        let buckets = config.buckets.ok_or_else(none)?;
        if base.checked_add(buckets).is_none() {
            let advice = "together with the vocabulary they must stay under 4,294,967,296";
            return Err(Error::setting("buckets", buckets, advice));
        }
        Ok(Self { config, base, buckets })
    }

    /// A hasher behind the tokenizer's vocabulary. Without a number of buckets there is one for every eight
    /// n-grams of the texts, from 1,000 to 500,000: a small corpus does not pay for a large table. They are
    /// counted in a thousand texts.
    ///
    /// # Errors
    /// As [`NgramHasher::new`].
    pub fn fit<T: AsRef<str> + Sync>(
        config: &HasherConfig,
        tokenizer: &Tokenizer,
        texts: &[T],
    ) -> Result<Self, Error> {
        const COUNTED: usize = 1000;
        const SHARE: usize = 8;
        let base = tokenizer.vocab().len() as u32;
        let with = |buckets| Self::new(HasherConfig { buckets: Some(buckets), ..config.clone() }, base);
        if let Some(buckets) = config.buckets {
            return with(buckets);
        }
        let counted: Vec<&str> =
            texts.iter().step_by(texts.len().div_ceil(COUNTED).max(1)).map(AsRef::as_ref).collect();
        let found = with(1)?.encode_batch(tokenizer, &counted)?;
        let ngrams = found.ids().iter().filter(|&&id| id == base).count();
        let all = ngrams * texts.len() / counted.len().max(1);
        with((all / SHARE).clamp(1000, 500_000) as u32)
    }

    /// The settings.
    pub fn config(&self) -> &HasherConfig {
        &self.config
    }

    /// The id after the last bucket: the rows of a table that holds tokens and buckets.
    pub fn end(&self) -> u32 {
        self.base + self.buckets
    }

    /// The token ids of a text and then its buckets, with the bytes of the original that each came from: from
    /// the first token of an n-gram to its last, and the whole token of a sub-word. Where the tokenizer
    /// shortens a text, n-grams are those of the tokens that are kept.
    ///
    /// # Errors
    /// As [`Tokenizer::tokens`].
    pub fn encode(&self, tokenizer: &Tokenizer, text: &str) -> Result<Encoding, Error> {
        let mut encoding = Encoding::default();
        let (mut encoder, mut scratch) = (Encoder::new(tokenizer), Scratch::default());
        self.each(tokenizer, &mut encoder, &mut scratch, text, |id, start, end| {
            encoding.ids.push(id);
            encoding.offsets.push((start, end));
        })?;
        Ok(encoding)
    }

    /// The ids of many texts, in parallel.
    ///
    /// # Errors
    /// As [`Tokenizer::encode_batch`].
    pub fn encode_batch<T: AsRef<str> + Sync>(
        &self,
        tokenizer: &Tokenizer,
        texts: &[T],
    ) -> Result<TokenRows, Error> {
        encode_chunks(texts, || {
            let (mut encoder, mut scratch) = (Encoder::new(tokenizer), Scratch::default());
            move |text, ids| self.each(tokenizer, &mut encoder, &mut scratch, text, |id, _, _| ids.push(id))
        })
    }

    /// Hands each id with its first byte and the byte after its last to `each`.
    fn each(
        &self,
        tokenizer: &Tokenizer,
        encoder: &mut Encoder,
        scratch: &mut Scratch,
        text: &str,
        mut each: impl FnMut(u32, usize, usize),
    ) -> Result<(), Error> {
        let Scratch { pieces, text: arena, characters } = scratch;
        pieces.clear();
        arena.clear();
        let (with_words, with_characters) =
            (self.config.units != Units::Characters, self.config.units != Units::Words);
        encoder.tokens(text, |id, token, start, end| {
            let from = arena.len();
            if with_characters {
                arena.push_str(token);
            }
            let hash = if with_words { hash_bytes(token.as_bytes()) } else { 0 };
            pieces.push(Piece { id, hash, start, end, text: (from, arena.len()) });
            tokenizer.flow(pieces.len())
        })?;
        tokenizer.truncate(pieces, 0);
        pieces.iter().for_each(|piece| each(piece.id, piece.start, piece.end));
        if with_words {
            let NgramRange { shortest, longest } = self.config.words;
            for first in 0..pieces.len() {
                let mut hash = WORDS;
                for (piece, length) in pieces[first..].iter().take(longest).zip(1..) {
                    hash = step(hash, piece.hash);
                    if length >= shortest {
                        each(self.bucket(hash), pieces[first].start, piece.end);
                    }
                }
            }
        }
        if with_characters {
            for piece in pieces.iter() {
                characters.clear();
                characters.push(BEGIN);
                let word = arena.get(piece.text.0..piece.text.1).unwrap_or_default();
                characters.extend(word.chars().map(u32::from));
                characters.push(END);
                self.sub_words(characters, |id| each(id, piece.start, piece.end));
            }
        }
        Ok(())
    }

    fn sub_words(&self, characters: &[u32], mut each: impl FnMut(u32)) {
        let NgramRange { shortest, longest } = self.config.characters;
        for first in 0..characters.len() {
            let mut hash = CHARACTERS;
            for (character, length) in characters[first..].iter().take(longest).zip(1..) {
                hash = step(hash, u64::from(*character));
                let lone_mark = length == 1 && *character >= BEGIN;
                if length >= shortest && !lone_mark {
                    each(self.bucket(hash));
                }
            }
        }
    }

    #[inline]
    fn bucket(&self, hash: u64) -> u32 {
        let mixed = (hash ^ (hash >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        let bucket = (u128::from(mixed) * u128::from(self.buckets)) >> 64;
        self.base + bucket as u32
    }
}

/// Where hashes of word n-grams and of sub-words begin.
const WORDS: u64 = 0x9E37_79B9_7F4A_7C15;
const CHARACTERS: u64 = 0xBF58_476D_1CE4_E5B9;

#[inline(always)]
fn step(hash: u64, next: u64) -> u64 {
    let product = (hash ^ next).wrapping_mul(0x9FB2_1C65_1E98_DF25);
    product ^ (product >> 29)
}

/// FNV-1a of 64 bits (Fowler, Noll and Vo).
#[inline]
fn hash_bytes(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01B3))
}
