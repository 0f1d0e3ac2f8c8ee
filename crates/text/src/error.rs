//! The error of this crate.

use std::path::{Path, PathBuf};

/// Faults of settings, files and texts.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting that cannot work.
    #[error("{parameter} is {found}: {advice}")]
    Setting {
        /// The setting's name, as users write it.
        parameter: &'static str,
        /// Its value.
        found: String,
        /// A value to write instead, or what to leave out.
        advice: &'static str,
    },
    /// A file that cannot be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// "read" or "write".
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file of a vocabulary or a vectorizer that is torn, edited or no such file at all.
    #[error("{}, line {line}: {problem}. Restore the file from the run that wrote it", path.display())]
    ListFile {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The expected and the found.
        problem: String,
    },
    /// A file that is no sub-word tokenizer, or one that cannot work.
    #[error(
        "{}: {problem}. Give a tokenizer.json of Hugging Face's form, a BERT's vocab.txt, or a folder with \
         one of them",
        path.display()
    )]
    TokenizerFile {
        /// The file.
        path: PathBuf,
        /// Its fault.
        problem: String,
    },
    /// Texts without a word to learn sub-words from.
    #[error("the {texts} texts hold no word to learn sub-words from: check the file and the column of texts")]
    NoWords {
        /// The number of texts.
        texts: usize,
    },
    /// A vocabulary that has no room for single characters.
    #[error(
        "a vocabulary of {size} tokens is too small: special tokens and single characters alone are {needed}"
    )]
    VocabularyTooSmall {
        /// The size that was asked for.
        size: usize,
        /// The least that would do.
        needed: usize,
    },
    /// Sub-words that cannot be learned.
    #[error("cannot learn sub-words: {problem}")]
    Training {
        /// The trainer's reason.
        problem: String,
    },
    /// Texts that cannot be cut into sub-words.
    #[error("cannot cut a text into sub-words: {problem}")]
    Cutting {
        /// The tokenizer's fault.
        problem: String,
    },
    /// Training texts in which nothing occurs often enough.
    #[error(
        "no feature is left of {documents} texts: check that they hold words, lower minimum_documents (here \
         {minimum}) or raise maximum_share"
    )]
    NoFeatures {
        /// The number of texts.
        documents: usize,
        /// In how many of them a feature must occur.
        minimum: u32,
    },
    /// More n-grams than 32-bit numbers can tell apart.
    #[error(
        "the texts hold {found} different n-grams, too many: raise minimum_documents or shorten the n-grams"
    )]
    TooManyFeatures {
        /// Their number.
        found: usize,
    },
    /// Rows that do not fit in one batch.
    #[error(transparent)]
    Rows(#[from] assort_rows::Error),
}

/// An option that would mend an error, for the program or service in front to offer in its own words.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Allow a larger vocabulary, by [`VocabConfig::size_limit`](crate::VocabConfig::size_limit).
    EnlargeVocabulary {
        /// The least that would do.
        needed: usize,
    },
}

impl Error {
    pub(crate) fn setting(parameter: &'static str, found: impl ToString, advice: &'static str) -> Self {
        Self::Setting { parameter, found: found.to_string(), advice }
    }

    /// Makes an error of what the system says of reading or writing a file.
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::File { action, path: path.to_owned(), source }
    }

    /// The option that would mend it, if one would.
    pub fn advice(&self) -> Option<Advice> {
        match self {
            Self::VocabularyTooSmall { needed, .. } => Some(Advice::EnlargeVocabulary { needed: *needed }),
            _ => None,
        }
    }
}
