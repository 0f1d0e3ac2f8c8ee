//! Words with their vectors.

use assort_text::WordSet;

use crate::Error;
use crate::digest::Digest;
use crate::mmap::Mapping;

/// Words and a table (V, D) of their vectors, row by row.
#[derive(Debug)]
pub struct WordVectors {
    words: WordSet,
    width: usize,
    table: Table,
}

#[derive(Debug)]
enum Table {
    Owned(Vec<f32>),
    /// The bytes `start .. end` of a mapped file.
    Mapped {
        mapping: Mapping,
        start: usize,
        end: usize,
    },
}

impl WordVectors {
    /// Vectors from words and as many rows of numbers.
    ///
    /// # Errors
    /// [`Error::Shape`] if the numbers cannot be divided among the words.
    pub fn new(words: WordSet, values: Vec<f32>) -> Result<Self, Error> {
        let width = values.len().checked_div(words.len()).unwrap_or(0);
        if width == 0 || words.len() * width != values.len() {
            return Err(Error::Shape { words: words.len(), values: values.len() });
        }
        Ok(Self { words, width, table: Table::Owned(values) })
    }

    /// Vectors whose numbers lie in a mapped file from byte `start` on, or `None` if they do not fit there.
    pub(crate) fn mapped(words: WordSet, width: usize, mapping: Mapping, start: usize) -> Option<Self> {
        let end = start.checked_add(words.len().checked_mul(width)?.checked_mul(4)?)?;
        bytemuck::try_cast_slice::<u8, f32>(mapping.get(start..end)?).ok()?;
        (width > 0).then_some(Self { words, width, table: Table::Mapped { mapping, start, end } })
    }

    /// V, the number of words.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether there are no words: never.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// D, the numbers of a vector.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The words; a word's number is its row.
    pub fn words(&self) -> &WordSet {
        &self.words
    }

    /// All vectors, row by row: V times D numbers.
    pub fn table(&self) -> &[f32] {
        match &self.table {
            Table::Owned(values) => values,
            Table::Mapped { mapping, start, end } => {
                let bytes = mapping.get(*start..*end).unwrap_or_default();
                bytemuck::try_cast_slice(bytes).unwrap_or_default()
            }
        }
    }

    /// The vector in a row.
    pub fn row(&self, row: u32) -> Option<&[f32]> {
        let start = (row as usize).checked_mul(self.width)?;
        self.table().get(start..start + self.width)
    }

    /// The vector of a word, in exactly this spelling.
    pub fn vector(&self, word: &str) -> Option<&[f32]> {
        self.row(self.words.find(word)?)
    }

    /// Sixteen bytes in hexadecimal that differ where words or numbers differ, whatever file they came from.
    pub fn digest(&self) -> String {
        let mut digest = Digest::new(self.width);
        digest.values(self.table());
        digest.words(&self.words);
        format!("{:032x}", digest.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vectors(words: &[&str], values: &[f32]) -> Result<WordVectors, Error> {
        WordVectors::new(words.iter().collect(), values.to_vec())
    }

    #[test]
    fn rows_by_word() -> Result<(), Error> {
        let toy = vectors(&["king", "queen"], &[1.0, 2.0, 3.0, 4.0])?;
        assert_eq!((toy.len(), toy.width()), (2, 2));
        assert_eq!(toy.vector("queen"), Some(&[3.0, 4.0][..]));
        assert_eq!(toy.vector("Queen"), None);
        assert_eq!(toy.row(2), None);
        Ok(())
    }

    #[test]
    fn shapes() {
        assert!(vectors(&[], &[]).is_err());
        assert!(vectors(&["a"], &[]).is_err());
        let message = vectors(&["a", "b"], &[1.0, 2.0, 3.0]).unwrap_err().to_string();
        assert!(message.starts_with("2 words and 3 numbers"), "{message}");
    }

    #[test]
    fn digests_tell_apart() {
        let digest = |words: &[&str], values: &[f32]| vectors(words, values).unwrap().digest();
        let first = digest(&["a", "b"], &[1.0, 2.0]);
        assert_eq!(first, digest(&["a", "b"], &[1.0, 2.0]));
        assert_ne!(first, digest(&["a", "c"], &[1.0, 2.0]));
        assert_ne!(first, digest(&["b", "a"], &[1.0, 2.0]));
        assert_ne!(first, digest(&["a", "b"], &[1.0, 3.0]));
        assert_ne!(digest(&["ab", "c"], &[1.0, 2.0]), digest(&["a", "bc"], &[1.0, 2.0]));
        assert_ne!(digest(&["a"], &[1.0, 2.0]), digest(&["a", "b"], &[1.0, 2.0]));
    }
}
