//! Distinct words in one piece of memory, numbered by their first appearance.
//!
//! An own table, because the words lie in one `String` (no allocation for each) and a look-up compares the
//! hash that stands in the 8-byte slot before it touches the word. The hash has no secret: whoever writes the
//! training texts could make look-ups slow, and has nothing from it.

/// A set of words; word i is the i-th that was added.
#[derive(Clone, Debug)]
pub struct WordSet {
    text: String,
    ends: Vec<usize>,
    slots: Vec<Slot>,
}

/// Some bits of the hash, and the word's number plus one; zero marks a free slot.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    hash: u32,
    word: u32,
}

impl Default for WordSet {
    fn default() -> Self {
        Self { text: String::new(), ends: Vec::new(), slots: vec![Slot::default(); 16] }
    }
}

impl WordSet {
    /// The number of words.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The word with this number.
    pub fn word(&self, number: u32) -> Option<&str> {
        let number = number as usize;
        let end = *self.ends.get(number)?;
        let start = number.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.text.get(start..end)
    }

    /// The words in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len() as u32).filter_map(|number| self.word(number))
    }

    /// The number of a word.
    #[inline]
    pub fn find(&self, word: &str) -> Option<u32> {
        self.probe(word, hash(word.as_bytes())).ok()
    }

    /// The number of a word, which is added if it is new.
    #[inline]
    pub fn insert(&mut self, word: &str) -> u32 {
        let hash = hash(word.as_bytes());
        match self.probe(word, hash) {
            Ok(number) => number,
            Err(place) => self.add(word, hash, place),
        }
    }

    /// Adds the words of another set; the number of each here.
    pub(crate) fn merge(&mut self, other: &Self) -> Vec<u32> {
        other.iter().map(|word| self.insert(word)).collect()
    }

    /// The word's number, or the free slot where it belongs.
    #[inline]
    fn probe(&self, word: &str, hash: u32) -> Result<u32, usize> {
        let mask = self.slots.len() - 1;
        let mut place = hash as usize & mask;
        loop {
            let slot = self.slots[place];
            if slot.word == 0 {
                return Err(place);
            }
            if slot.hash == hash && self.word(slot.word - 1) == Some(word) {
                return Ok(slot.word - 1);
            }
            place = (place + 1) & mask;
        }
    }

    fn add(&mut self, word: &str, hash: u32, place: usize) -> u32 {
        let number = self.ends.len() as u32;
        self.text.push_str(word);
        self.ends.push(self.text.len());
        self.slots[place] = Slot { hash, word: number + 1 };
        if self.ends.len() * 2 > self.slots.len() {
            self.grow();
        }
        number
    }

    fn grow(&mut self) {
        let mut slots = vec![Slot::default(); self.slots.len() * 4];
        let mask = slots.len() - 1;
        for slot in self.slots.iter().filter(|slot| slot.word != 0) {
            let mut place = slot.hash as usize & mask;
            while slots[place].word != 0 {
                place = (place + 1) & mask;
            }
            slots[place] = *slot;
        }
        self.slots = slots;
    }
}

impl<W: AsRef<str>> FromIterator<W> for WordSet {
    fn from_iter<I: IntoIterator<Item = W>>(words: I) -> Self {
        let mut set = Self::default();
        words.into_iter().for_each(|word| {
            set.insert(word.as_ref());
        });
        set
    }
}

/// Folded multiplication, as in wyhash and foldhash: eight bytes from each side, longer words in steps of
/// eight.
#[inline]
fn hash(bytes: &[u8]) -> u32 {
    let (left, right) = match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(first), Some(last)) => {
            let mut left = u64::from_le_bytes(*first);
            if bytes.len() > 16 {
                for chunk in bytes.as_chunks::<8>().0 {
                    left = fold(left ^ u64::from_le_bytes(*chunk), LEFT);
                }
            }
            (left, u64::from_le_bytes(*last))
        }
        _ => match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            (Some(first), Some(last)) => {
                (u64::from(u32::from_le_bytes(*first)), u64::from(u32::from_le_bytes(*last)))
            }
            _ => match bytes {
                [first, .., last] => (u64::from(*first), u64::from(*last) << 8 | u64::from(bytes[1])),
                [only] => (u64::from(*only), 0),
                [] => (0, 0),
            },
        },
    };
    fold(fold(left ^ LEFT, right ^ RIGHT) ^ bytes.len() as u64, LEFT) as u32
}

const LEFT: u64 = 0x9E37_79B9_7F4A_7C15;
const RIGHT: u64 = 0xD6E8_FEB8_6659_FD93;

#[inline(always)]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{HashMap, HashSet};

    #[test]
    fn agrees_with_a_hash_map() {
        let mut set = WordSet::default();
        let mut map = HashMap::new();
        for step in 0..60_000u32 {
            let word = format!("{:x}", step.wrapping_mul(2_654_435_761) >> (step % 29));
            let word = word.repeat(1 + step as usize % 4);
            let next = map.len() as u32;
            let expect = *map.entry(word.clone()).or_insert(next);
            assert_eq!(set.insert(&word), expect);
        }
        assert_eq!(set.len(), map.len());
        for (word, number) in &map {
            assert_eq!(set.find(word), Some(*number));
            assert_eq!(set.word(*number), Some(word.as_str()));
        }
        assert_eq!(set.find("never"), None);
        assert_eq!(set.find(""), None);
        assert_eq!(set.word(set.len() as u32), None);
    }

    #[test]
    fn short_words_have_hashes_of_their_own() {
        let mut hashes = HashSet::new();
        let mut count = 0;
        for a in 32..127u8 {
            assert!(hashes.insert(hash(&[a])));
            for b in 32..127u8 {
                assert!(hashes.insert(hash(&[a, b])));
                for c in (32..127u8).step_by(9) {
                    count += usize::from(!hashes.insert(hash(&[a, b, c])));
                    count += usize::from(!hashes.insert(hash(&[a, b, c, b, a, c, c, c, a, b])));
                }
            }
        }
        assert!(count < 20, "{count} collisions");
    }
}
