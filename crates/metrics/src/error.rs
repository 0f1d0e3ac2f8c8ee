//! Errors.

/// An error of this crate. Rows and columns are counted from 0.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Two inputs of different length.
    #[error("{what} has {found} entries, expected {expected}: give one for each {unit}")]
    Length {
        /// The input.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The length it should have.
        expected: usize,
        /// Meaning of one entry.
        unit: &'static str,
    },
    /// A class number that is too large.
    #[error("{what} of row {row} is class {found}, expected a number below {classes}: check the label list")]
    Label {
        /// "true label" or "predicted label".
        what: &'static str,
        /// The row.
        row: usize,
        /// The class.
        found: u32,
        /// The number of classes.
        classes: usize,
    },
    /// Counts that are no square.
    #[error("the confusion matrix is {rows} x {columns}: give one row and one column for each label")]
    NotSquare {
        /// Its rows.
        rows: usize,
        /// Its columns.
        columns: usize,
    },
    /// A score that is no number, or a probability outside of [0, 1].
    #[error("row {row}, column {column} holds {found}, expected {expected}: look for a diverged training")]
    Score {
        /// The row.
        row: usize,
        /// The column.
        column: usize,
        /// The value.
        found: f64,
        /// The value expected.
        expected: &'static str,
    },
    /// Probabilities that do not add up.
    #[error("the probabilities of row {row} add up to {found}, expected 1: apply a softmax to logits first")]
    Sum {
        /// The row.
        row: usize,
        /// Their sum.
        found: f64,
    },
    /// A figure of another task.
    #[error("{figure} is no figure of this task: choose one that is")]
    Task {
        /// Its name.
        figure: &'static str,
    },
    /// A parameter outside of its range.
    #[error("{parameter} is {found}, expected {expected}")]
    Parameter {
        /// Its name.
        parameter: &'static str,
        /// Its value.
        found: f64,
        /// Its range.
        expected: &'static str,
    },
}
