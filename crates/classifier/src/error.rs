//! What can go wrong in a forward pass.

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of a model.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A hyper-parameter that no model can have.
    #[error("{parameter} = {found}: {expected}")]
    Configuration {
        /// The hyper-parameter.
        parameter: &'static str,
        /// Its value.
        found: String,
        /// What it must be.
        expected: &'static str,
    },
    /// Rows of another kind than the model reads.
    #[error("the model reads {expected}, but was given {found}")]
    Inputs {
        /// What the model reads.
        expected: &'static str,
        /// What it was given.
        found: &'static str,
    },
    /// Rows that make up no batch.
    #[error(transparent)]
    Rows(#[from] assort_rows::Error),
    /// A batch, parameter or gradient that does not fit.
    #[error(transparent)]
    Tensor(#[from] assort_tensor::Error),
    /// An op that refused its input; the message is the op's own.
    #[error("{0}")]
    Op(String),
    /// An error of candle.
    #[error(transparent)]
    Candle(#[from] candle_core::Error),
}
