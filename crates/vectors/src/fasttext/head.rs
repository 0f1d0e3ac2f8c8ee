//! The beginning of a model of fastText: its settings, words and labels.

use std::ops::RangeInclusive;

use assort_text::CharacterNgrams;

use crate::Error;
use crate::binary::Reader;

pub const MAGIC: i32 = 793_712_314;
/// The version that is written, which reads sub-words of classifiers too.
pub const VERSION: i32 = 12;
/// The oldest version and the newest.
const VERSIONS: RangeInclusive<i32> = 11..=VERSION;
/// The number of the model that is a classifier.
pub const SUPERVISED: i32 = 3;
/// The fault of a head that cannot be one.
pub const TORN: &str = "the head of this fastText model is torn: fetch it again";

/// A word or label with its count.
pub type Entry = (Vec<u8>, i64);

/// Everything before the matrices.
pub struct Head {
    /// D.
    pub width: usize,
    /// Words of an n-gram at most.
    pub word_ngrams: i32,
    /// The number of the loss.
    pub loss: i32,
    /// The number of the model.
    pub model: i32,
    pub buckets: u32,
    /// Least and most characters of a sub-word.
    pub characters: (i32, i32),
    pub words: Vec<Entry>,
    pub labels: Vec<Entry>,
    /// Buckets that have a row, with its number among them; `None` where all have one.
    pub kept: Option<Vec<(i32, i32)>>,
}

impl Head {
    pub fn read(reader: &mut Reader) -> Result<Self, Error> {
        let [_, version] = integers(reader)?;
        if !VERSIONS.contains(&version) {
            return Err(
                reader.kind("a fastText model of another version: save it with fastText 0.9 or later")
            );
        }
        // Between them: window, epochs, least count, negatives; at the end the rate of updates.
        let [width, _, _, _, _, word_ngrams, loss, model, buckets, shortest, longest, _] = integers(reader)?;
        let _threshold: [u8; 8] = reader.bytes()?;
        let [entries, words, labels] = integers(reader)?;
        let _tokens: [u8; 8] = reader.bytes()?;
        let pruned = i64::from_le_bytes(reader.bytes()?);
        let size = |value: i32| usize::try_from(value).ok();
        let is_whole = i64::from(words) + i64::from(labels) == i64::from(entries);
        let (Some(width), Some(words), Some(labels), Ok(buckets), true) =
            (size(width), size(words), size(labels), u32::try_from(buckets), is_whole)
        else {
            return Err(reader.kind(TORN));
        };
        if width == 0 || longest > CharacterNgrams::LONGEST as i32 {
            return Err(reader.kind(TORN));
        }
        // Classifiers of the older version have no sub-words, whatever it says.
        let has_none = version < VERSION && model == SUPERVISED;
        let characters = if has_none { (0, 0) } else { (shortest, longest) };
        let words = dictionary(reader, (0, words), "expected words first, then labels: the file is torn")?;
        let labels = dictionary(reader, (1, labels), "expected labels after the words: the file is torn")?;
        let kept = match u64::try_from(pruned) {
            Ok(count) => {
                Some((0..count).map(|_| integers(reader).map(|[a, b]| (a, b))).collect::<Result<_, _>>()?)
            }
            Err(_) => None,
        };
        Ok(Self { width, word_ngrams, loss, model, buckets, characters, words, labels, kept })
    }

    /// The n-grams of its words' characters, if they have rows.
    pub fn ngrams(&self) -> Option<CharacterNgrams> {
        let (shortest, longest) = self.characters;
        CharacterNgrams::new(shortest.max(0) as usize, longest.max(0) as usize, self.buckets)
    }
}

/// So many entries of a kind, in the order of their rows.
fn dictionary(reader: &mut Reader, (kind, count): (u8, usize), wrong: &str) -> Result<Vec<Entry>, Error> {
    let mut entries = Vec::new();
    for _ in 0..count {
        reader.word += 1;
        let text = reader.until(0)?;
        let count = i64::from_le_bytes(reader.bytes()?);
        if reader.bytes()? != [kind] {
            return Err(reader.fault(wrong));
        }
        entries.push((text, count));
    }
    Ok(entries)
}

pub fn integers<const N: usize>(reader: &mut Reader) -> Result<[i32; N], Error> {
    let mut integers = [0; N];
    for integer in &mut integers {
        *integer = i32::from_le_bytes(reader.bytes()?);
    }
    Ok(integers)
}
