//! Errors of training.

use std::io;
use std::path::PathBuf;

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of training; each message says what to change.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A loss that is no finite number.
    #[error("the loss is {0}: lower learning_rate or set clip_norm")]
    Loss(f64),
    /// A hyper-parameter outside its range.
    #[error("{parameter} = {found}: {expected}")]
    Configuration {
        /// The hyper-parameter.
        parameter: &'static str,
        /// Its value.
        found: String,
        /// The values that are allowed.
        expected: String,
    },
    /// Rows that cannot be trained on.
    #[error("{0}")]
    Examples(String),
    /// The loss left the numbers.
    #[error("the loss is {loss} at step {step} of epoch {epoch}: lower learning_rate, or set clip_norm")]
    Diverged {
        /// Epoch, from 1.
        epoch: usize,
        /// Step in the epoch, from 1.
        step: usize,
        /// The loss.
        loss: f64,
    },
    /// A state file that cannot be read.
    #[error("{path}: {reason}")]
    State {
        /// The file.
        path: PathBuf,
        /// The fault, and what to do.
        reason: String,
    },
    /// A state file that is torn or changed.
    #[error("{path}: not a whole training state ({reason})")]
    TornState {
        /// The file.
        path: PathBuf,
        /// The fault.
        reason: String,
    },
    /// A state file that cannot be written.
    #[error("{path}: {source}")]
    Unwritten {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file for what memory has no room for.
    #[error("{path}: {source}; make room, or set cache_megabytes to none")]
    Spill {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A state of another run.
    #[error("the saved state belongs to another run: {0}")]
    OtherRun(String),
    /// The observer could not store what it was given.
    #[error("{0}")]
    Observer(String),
    /// An error of the model.
    #[error(transparent)]
    Classifier(#[from] assort_classifier::Error),
    /// A batch, parameter or gradient that does not fit.
    #[error(transparent)]
    Tensor(#[from] assort_tensor::Error),
    /// A figure that could not be computed.
    #[error(transparent)]
    Metrics(#[from] assort_metrics::Error),
    /// An error of a kernel.
    #[error(transparent)]
    Kernel(#[from] assort_kernels::Error),
    /// An error of candle.
    #[error(transparent)]
    Candle(#[from] candle_core::Error),
}

/// Remedy of an error, for the program or service in front to offer in its own words.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Start anew, without the saved state.
    StartAnew,
}

impl Error {
    /// The remedy, if it lies in a choice of the caller.
    pub fn advice(&self) -> Option<Advice> {
        matches!(self, Self::TornState { .. } | Self::OtherRun(_)).then_some(Advice::StartAnew)
    }
}
