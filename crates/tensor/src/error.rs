//! Errors of batches, parameters and gradients.

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of this crate; each message names what was expected and what was found.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Rows that make up no batch.
    #[error(transparent)]
    Rows(#[from] assort_rows::Error),
    /// A tensor, given by name, has another shape than expected.
    #[error("{name} has the shape {found:?}, expected {expected:?}")]
    Shape {
        /// The parameter or argument.
        name: String,
        /// The shape that was needed.
        expected: Vec<usize>,
        /// The shape that came.
        found: Vec<usize>,
    },
    /// Tensors or arrays whose shapes do not fit together.
    #[error("{0}")]
    Mismatch(String),
    /// A parameter that the model has and the file lacks.
    #[error("the parameter {name} (shape {expected:?}) is missing")]
    MissingParameter {
        /// The parameter.
        name: String,
        /// Its shape in the model.
        expected: Vec<usize>,
    },
    /// A tensor that the file has and the model lacks.
    #[error("the tensor {name} belongs to no parameter of this model{}",
        nearest.as_ref().map(|n| format!("; did you mean {n}?")).unwrap_or_default())]
    UnknownParameter {
        /// The tensor.
        name: String,
        /// The nearest parameter's name, where one is near.
        nearest: Option<String>,
    },
    /// A parameter's values that are no numbers.
    #[error("the parameter {0} holds values that are not finite: copy the file again, or train again")]
    NotFinite(String),
    /// Two parameters of one name.
    #[error("the parameter {0} exists twice")]
    DuplicateParameter(String),
    /// A trained parameter that no gradient reached, or a frozen one that got one, or one that is not finite.
    #[error("the gradient report found: {0}")]
    Gradient(String),
    /// A derivative that differs from the finite difference.
    #[error("gradient check: {0}")]
    Gradcheck(String),
    /// A kind of device, `cuda` or `metal`, that this build cannot open.
    #[error("this build has no {0}")]
    NotBuilt(&'static str),
    /// A device that was asked for and is not there.
    #[error("{0}")]
    Device(String),
    /// An error of candle.
    #[error(transparent)]
    Candle(#[from] candle_core::Error),
}

/// Remedy of an error, for the program or service in front to offer in its own words.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Build with this Cargo feature, or choose the CPU.
    BuildOrUseCpu {
        /// The feature.
        feature: &'static str,
    },
}

impl Error {
    /// The remedy, if it lies in a choice of the caller.
    pub fn advice(&self) -> Option<Advice> {
        match self {
            Self::NotBuilt(feature) => Some(Advice::BuildOrUseCpu { feature }),
            _ => None,
        }
    }
}
