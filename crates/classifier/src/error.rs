//! Errors of a forward pass.

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
        /// Values it may have.
        expected: &'static str,
    },
    /// Rows of another kind than the model reads.
    #[error("the model reads {expected}, but was given {found}")]
    Inputs {
        /// Kind that the model reads.
        expected: &'static str,
        /// Kind that it was given.
        found: &'static str,
    },
    /// Rows that make up no batch.
    #[error(transparent)]
    Rows(#[from] assort_rows::Error),
    /// A batch, parameter or gradient that does not fit.
    #[error(transparent)]
    Tensor(#[from] assort_tensor::Error),
    /// Scores that no decision can be made by.
    #[error(transparent)]
    Metrics(#[from] assort_metrics::Error),
    /// A model that cannot do what it is asked; the message says why.
    #[error("{0}")]
    Op(String),
    /// A parameter that is larger than memory.
    #[error(
        "a parameter of {rows} x {columns} values does not fit in memory: choose smaller sizes for the model"
    )]
    Memory {
        /// Its rows.
        rows: usize,
        /// Its columns.
        columns: usize,
    },
    /// A parameter that a setting wants in another shape than the weights have.
    #[error(
        "the parameter {name} has the shape {found:?}, expected {expected:?} by the setting {setting}: \
        settings and weights are not of one model"
    )]
    Unfit {
        /// The setting.
        setting: &'static str,
        /// The parameter.
        name: String,
        /// Its shape by the settings.
        expected: Vec<usize>,
        /// Its shape in the weights.
        found: Vec<usize>,
    },
    /// A parameter that a setting asks for and the weights do not have.
    #[error("the parameter {name} (shape {expected:?}) is missing, which the setting {setting} asks for{}: \
        settings and weights are not of one model",
        near(nearest.as_deref()))]
    Lacking {
        /// The setting.
        setting: &'static str,
        /// The parameter.
        name: String,
        /// Its shape by the settings.
        expected: Vec<usize>,
        /// The most similar name in the weights and its shape, where there is any.
        nearest: Option<Box<(String, Vec<usize>)>>,
    },
    /// A file whose text is not what it should be.
    #[error("{file}: {source}")]
    File {
        /// The file's name.
        file: &'static str,
        /// The reader's error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An error of another crate, as of a kernel that refused its input, kept whole; the message is its own.
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
    /// An error of candle.
    #[error(transparent)]
    Candle(#[from] candle_core::Error),
}

impl Error {
    /// Keeps an error of another crate.
    pub fn other(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Other(Box::new(error))
    }
}

/// The words for the parameter that is most like a missing one.
fn near(nearest: Option<&(String, Vec<usize>)>) -> String {
    nearest.map_or(String::new(), |(name, shape)| format!("; the nearest is {name} of the shape {shape:?}"))
}
