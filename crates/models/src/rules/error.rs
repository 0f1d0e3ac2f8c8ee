//! Errors of a file of rules.

use std::fmt;
use std::path::PathBuf;

/// A place in a file of rules.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The character of the line, from 1.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}, column {}", self.file.display(), self.line, self.column)
    }
}

/// An error of a file of rules.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is not TOML, or has other keys than rules have.
    #[error("{place}: {reason}")]
    File {
        /// Where.
        place: Box<Place>,
        /// The parser's reason.
        reason: String,
    },
    /// An expression that cannot be read.
    #[error("{place}: the expression {pattern} is broken here: {reason}")]
    Pattern {
        /// Where in the file the expression breaks.
        place: Box<Place>,
        /// The expression.
        pattern: String,
        /// The fault.
        reason: String,
    },
    /// Expressions that would take too much memory.
    #[error("{place}: {pattern} takes too much memory{}: shorten counted repetitions such as {{1,1000}}",
        if *count > 1 { format!(", together with the other {}", count - 1) } else { String::new() })]
    TooLarge {
        /// Where the largest stands.
        place: Box<Place>,
        /// The largest expression.
        pattern: String,
        /// The number of all expressions.
        count: usize,
    },
    /// An empty expression, which would match every text.
    #[error("{place}: this expression is empty and would match every text: write one, or remove it")]
    EmptyPattern {
        /// Where.
        place: Box<Place>,
    },
    /// A weight that no expression can have.
    #[error("{place}: the weight is {found}: give a number above 0, at most 1000000")]
    Weight {
        /// Where.
        place: Box<Place>,
        /// The weight.
        found: f64,
    },
    /// A label without expressions.
    #[error("{place}: the label '{label}' has no patterns: give some, or remove it")]
    EmptyLabel {
        /// Where.
        place: Box<Place>,
        /// The label.
        label: String,
    },
    /// No label at all.
    #[error("{file}: there are no rules: write [labels.NAME] with patterns = ['…']")]
    NoLabels {
        /// The file.
        file: PathBuf,
    },
    /// A label that no row has.
    #[error("{place}: the label '{label}' is not among the labels of the training rows: {known}")]
    UnknownLabel {
        /// Where.
        place: Box<Place>,
        /// The label.
        label: String,
        /// The labels that there are.
        known: String,
    },
}
