//! Parts that make up no batch.

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of a batch; each message says what was expected and what was found.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Offsets that do not cut the ids into rows.
    #[error("ragged batch: {0}")]
    Offsets(String),
    /// More tokens than 32-bit offsets can tell apart.
    #[error("the texts hold {found} tokens, more than {}: encode them in several batches", u32::MAX)]
    TooManyTokens {
        /// Their number.
        found: usize,
    },
    /// Values that do not make up whole rows.
    #[error("{found} values are no rows of {width} values")]
    Dense {
        /// The number of columns.
        width: usize,
        /// The number of values.
        found: usize,
    },
    /// Parts that do not make up a sparse matrix.
    #[error("row {row} of the sparse matrix: {problem}")]
    Sparse {
        /// The row, counted from 0.
        row: usize,
        /// The expected and the found.
        problem: String,
    },
}
