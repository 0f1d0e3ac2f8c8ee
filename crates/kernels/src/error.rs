//! Errors of an op or a step.

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of this crate; each message names what was expected and what was found.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A tensor or list, given by name, has another shape than expected.
    #[error("{name}: the shape is {found:?}, expected {expected}")]
    Shape {
        /// The argument.
        name: &'static str,
        /// The shape that was needed, in words.
        expected: String,
        /// The shape that came.
        found: Vec<usize>,
    },
    /// A token id that the table has no row for.
    #[error(
        "token {position} of row {row} has the id {id}, but the table has {vocabulary} rows: use the \
         vocabulary that the table was made for"
    )]
    TokenId {
        /// The row of the batch.
        row: usize,
        /// The place in that row.
        position: usize,
        /// The id.
        id: u32,
        /// V.
        vocabulary: usize,
    },
    /// A label that the logits have no column for.
    #[error("row {row} has the label {label}, but the logits have {classes} columns")]
    Label {
        /// The row of the batch.
        row: usize,
        /// The label id.
        label: u32,
        /// K.
        classes: usize,
    },
    /// A setting out of its range.
    #[error("{name} is {found}, expected {expected}")]
    Setting {
        /// The setting.
        name: &'static str,
        /// Its range, in words.
        expected: &'static str,
        /// The value that came.
        found: f64,
    },
    /// A mean over nothing.
    #[error("{0}")]
    Undefined(&'static str),
    /// A gradient or a saved slot that does not fit its parameter.
    #[error("{0}")]
    Mismatch(String),
    /// An error of the tensor crate.
    #[error(transparent)]
    Tensor(#[from] assort_tensor::Error),
    /// An error of candle.
    #[error(transparent)]
    Candle(#[from] candle_core::Error),
}

impl From<Error> for candle_core::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Candle(inner) => inner,
            other => Self::wrap(other),
        }
    }
}
