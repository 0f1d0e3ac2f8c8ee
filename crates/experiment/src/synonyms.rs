//! Words that word vectors hold for alike.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;

use assort_vectors::{CacheConfig, Neighbours, WordVectors};

use crate::Result;

/// The least cosine of words that may stand for each other.
const ALIKE: f32 = 0.6;

/// Nearest words, each looked for once: one product with the whole table.
pub struct Synonyms {
    vectors: WordVectors,
    found: RefCell<HashMap<String, Option<String>>>,
}

impl Synonyms {
    /// Opens a file of word vectors.
    pub fn open(path: &Path) -> Result<Self> {
        let (vectors, ..) = WordVectors::open(path, Some(&CacheConfig::default()))?;
        Ok(Self { vectors, found: RefCell::default() })
    }

    /// The word nearest to this one, in its own spelling or else in lower case, if it is near enough.
    pub fn of(&self, word: &str) -> Option<String> {
        if let Some(known) = self.found.borrow().get(word) {
            return known.clone();
        }
        let words = self.vectors.words();
        let row = words.find(word).or_else(|| words.find(&word.to_lowercase()));
        let nearest = row.and_then(|row| {
            let near = Neighbours::new(&self.vectors).nearest(self.vectors.row(row)?, 1, &[row]);
            let best = near.first().filter(|best| best.cosine >= ALIKE)?;
            words.word(best.row).map(str::to_owned)
        });
        self.found.borrow_mut().insert(word.to_owned(), nearest.clone());
        nearest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.txt");
        std::fs::write(&path, "good 1 0.1\nfine 1 0.2\nleek -1 3\n").unwrap();
        let synonyms = Synonyms::open(&path).unwrap();
        let of = |word: &str| synonyms.of(word);
        for _ in 0..2 {
            assert_eq!((of("good").as_deref(), of("Fine").as_deref()), (Some("fine"), Some("good")));
            assert_eq!((of("leek"), of("unknown")), (None, None));
        }
    }
}
