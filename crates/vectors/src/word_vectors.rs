//! Words with their vectors.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use assort_files::AtomicFile;
use assort_text::{CharacterNgrams, WordSet};

use crate::Error;
use crate::digest::Digest;
use crate::mean::mean;
use crate::mmap::Mapping;

/// Words and a table (V, D) of their vectors, row by row.
#[derive(Debug)]
pub struct WordVectors {
    words: WordSet,
    width: usize,
    /// The rows of words, then those of n-grams.
    table: Table,
    ngrams: Option<CharacterNgrams>,
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
        Ok(Self { words, width, table: Table::Owned(values), ngrams: None })
    }

    /// Vectors of words, and behind them those of n-grams.
    pub(crate) fn with_ngrams(
        words: WordSet,
        width: usize,
        values: Vec<f32>,
        ngrams: Option<CharacterNgrams>,
    ) -> Result<Self, Error> {
        let rows = words.len() + ngrams.map_or(0, CharacterNgrams::rows);
        if words.is_empty() || rows.checked_mul(width) != Some(values.len()) {
            return Err(Error::Shape { words: words.len(), values: values.len() });
        }
        Ok(Self { words, width, table: Table::Owned(values), ngrams })
    }

    /// Vectors whose numbers lie in a mapped file from byte `start` on, or `None` if they do not fit there.
    pub(crate) fn mapped(words: WordSet, width: usize, mapping: Mapping, start: usize) -> Option<Self> {
        let end = start.checked_add(words.len().checked_mul(width)?.checked_mul(4)?)?;
        bytemuck::try_cast_slice::<u8, f32>(mapping.get(start..end)?).ok()?;
        (width > 0).then_some(Self {
            words,
            width,
            table: Table::Mapped { mapping, start, end },
            ngrams: None,
        })
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

    /// The words' vectors, row by row: V times D numbers.
    pub fn table(&self) -> &[f32] {
        self.rows().get(..self.len() * self.width).unwrap_or_default()
    }

    /// All rows, those of n-grams too.
    fn rows(&self) -> &[f32] {
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

    /// The vector of a word; of one that is not there the mean of its n-grams', where the file has n-grams.
    pub fn vector_or_ngrams(&self, word: &str) -> Option<Cow<'_, [f32]>> {
        if let Some(vector) = self.vector(word) {
            return Some(Cow::Borrowed(vector));
        }
        let buckets = self.ngrams?.buckets(word);
        let mut vector = vec![0.0; self.width];
        mean(&mut vector, 0, &buckets, self.rows().get(self.table().len()..)?);
        (!buckets.is_empty()).then_some(Cow::Owned(vector))
    }

    /// Whether words that are not there get a vector of their n-grams.
    pub fn has_ngrams(&self) -> bool {
        self.ngrams.is_some()
    }

    /// Writes the words' vectors as text, whole or not at all: a line with V and D, then one for each word.
    ///
    /// # Errors
    /// [`Error::File`] if the place cannot be written.
    pub fn save_text(&self, path: &Path) -> Result<(), Error> {
        let write = || -> io::Result<()> {
            let mut file = BufWriter::new(AtomicFile::create(path)?);
            writeln!(file, "{} {}", self.len(), self.width)?;
            for (word, row) in self.words.iter().zip(self.table().chunks(self.width)) {
                write!(file, "{word}")?;
                row.iter().try_for_each(|value| write!(file, " {value}"))?;
                writeln!(file)?;
            }
            file.into_inner().map_err(io::IntoInnerError::into_error)?.commit()
        };
        write().map_err(|source| Error::File { path: path.to_owned(), source })
    }

    /// Sixteen bytes in hexadecimal that differ where words or numbers differ, whatever file they came from.
    pub fn digest(&self) -> String {
        let mut digest = Digest::new(self.width);
        digest.values(self.rows());
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
    fn what_is_saved_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.txt");
        let toy = vectors(&["king", "日本"], &[0.1, -2.5e-8, 3.0, f32::MIN_POSITIVE]).unwrap();
        toy.save_text(&path).unwrap();
        let (read, report, _) = WordVectors::open(&path, None).unwrap();
        assert_eq!((read.digest(), report.announced), (toy.digest(), Some(2)));
        let nowhere = toy.save_text(&folder.path().join("no/v.txt")).unwrap_err().to_string();
        assert!(nowhere.contains("no/v.txt"), "{nowhere}");
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
