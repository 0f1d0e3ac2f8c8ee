//! The error of this crate.

use std::path::PathBuf;

/// Faults of files and tables of word vectors.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file that cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file that holds no word vectors that can be read.
    #[error("{}: {problem}", path.display())]
    Kind {
        /// The file.
        path: PathBuf,
        /// The fault, and the way to mend it.
        problem: &'static str,
    },
    /// A line that is no word with its numbers.
    #[error("{}, line {line}: {problem}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The expected and the found.
        problem: String,
    },
    /// A word of a binary file that is torn or holds no numbers.
    #[error("{}, word {word}: {problem}", path.display())]
    Word {
        /// The file.
        path: PathBuf,
        /// The word, counted from 1; 0 before the first.
        word: usize,
        /// The expected and the found.
        problem: String,
    },
    /// Texts or settings that no vectors can be learned with.
    #[error("{0}")]
    Training(String),
    /// Words and numbers that do not make up a table.
    #[error(
        "{words} words and {values} numbers make no table: expected as many numbers for each word, at \
         least one"
    )]
    Shape {
        /// The number of words.
        words: usize,
        /// The number of numbers.
        values: usize,
    },
}
