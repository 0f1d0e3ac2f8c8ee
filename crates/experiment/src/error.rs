//! Errors of an experiment.

use std::io;
use std::path::{Path, PathBuf};

use assort_files::Bytes;

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of an experiment; each message says what to do.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting that does not fit.
    #[error(transparent)]
    Settings(#[from] assort_settings::Error),
    /// A file that cannot be read or written.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// The fault.
        reason: String,
    },
    /// A finished model whose last state found no room.
    #[error("{folder} is whole and predicts, but training cannot go on from it: {source}")]
    NoState {
        /// The folder.
        folder: PathBuf,
        /// Why the state could not be written.
        source: Box<Error>,
    },
    /// A stop that was asked for before there was anything to keep.
    #[error("stopped before the model stood; nothing of it is kept")]
    Stopped,
    /// More memory than can be had.
    #[error(
        "{what} takes {needed} of memory, {free} can be had: leave out rare labels, rare words or rows, or \
        give it more memory"
    )]
    Memory {
        /// The numbers, and what is to be done with them.
        what: String,
        /// The memory that it takes.
        needed: Bytes,
        /// The memory that can be had.
        free: Bytes,
    },
    /// Parts of a batch that do not fit.
    #[error(transparent)]
    Rows(#[from] assort_rows::Error),
    /// A request that cannot be carried out.
    #[error("{0}")]
    Request(String),
    /// A request that cannot be carried out, with what would mend it.
    #[error("{reason}")]
    Unfit {
        /// The fault.
        reason: String,
        /// The remedy.
        advice: Advice,
    },
    /// An error of the data.
    #[error(transparent)]
    Datasets(#[from] assort_datasets::Error),
    /// An error of the tokenizer.
    #[error(transparent)]
    Text(#[from] assort_text::Error),
    /// An error of the model.
    #[error(transparent)]
    Classifier(#[from] assort_classifier::Error),
    /// A batch, parameter, gradient or device that does not fit.
    #[error(transparent)]
    Tensor(#[from] assort_tensor::Error),
    /// An error of a linear model.
    #[error(transparent)]
    Linear(#[from] assort_models::linear::Error),
    /// Rules that cannot be read.
    #[error(transparent)]
    Rules(#[from] assort_models::rules::Error),
    /// An error of training.
    #[error(transparent)]
    Train(#[from] assort_train::Error),
    /// A file of word vectors that cannot be read.
    #[error(transparent)]
    Vectors(#[from] assort_vectors::Error),
    /// A figure that could not be computed.
    #[error(transparent)]
    Metrics(#[from] assort_metrics::Error),
    /// A picture that could not be drawn.
    #[error(transparent)]
    Plot(#[from] assort_plot::Error),
    /// A report that could not be made.
    #[error(transparent)]
    Report(#[from] assort_report::Error),
    /// An error of the model folder.
    #[error(transparent)]
    Pipeline(#[from] assort_pipeline::Error),
}

/// Remedy of an error, for the program or service in front to offer in its own words.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Start from the beginning.
    StartAnew,
    /// Start from the beginning, and let the last state stay.
    StartAnewKeepingState,
    /// Start from the beginning, in another folder.
    StartAnewElsewhere,
    /// Go on from the state that is there, or start anew in its place.
    ResumeOrReplace,
    /// Go on with the runs that are there, or write to another folder.
    ResumeOrOtherFolder,
    /// Write to another folder.
    OtherFolder,
    /// Ask for the same as before, or write to another folder.
    SameOrOtherFolder,
    /// Give seeds in their own list.
    ListSeeds,
    /// Give a setting this value.
    Set {
        /// Its key.
        key: &'static str,
        /// Its value.
        value: String,
    },
    /// Keep rows that belong together in one part.
    KeepGroups,
    /// Of the settings.
    Settings(assort_settings::Advice),
    /// Of the data.
    Data(assort_datasets::Advice),
    /// Of the tokenizer.
    Text(assort_text::Advice),
    /// Of the device.
    Tensor(assort_tensor::Advice),
    /// Of training.
    Train(assort_train::Advice),
    /// Of the model folder.
    Folder(assort_pipeline::Advice),
}

impl Error {
    /// A file that the system does not let read or write.
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        assort_pipeline::Error::Io { path: path.into(), source }.into()
    }

    pub(crate) fn unfit(reason: impl Into<String>, advice: Advice) -> Self {
        Self::Unfit { reason: reason.into(), advice }
    }

    /// Whether a disk had no room: what comes next would find none either.
    pub fn is_full_disk(&self) -> bool {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(self);
        while let Some(error) = cause {
            let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
            if matches!(kind, Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)) {
                return true;
            }
            cause = error.source();
        }
        false
    }

    /// Whether the training left the numbers: its loss, or what it predicts with finite losses.
    pub fn is_divergence(&self) -> bool {
        use assort_metrics::Error::Score;
        use assort_train::Error::{Diverged, Loss, Metrics};
        match self {
            Self::Train(error) => matches!(error, Loss(_) | Diverged { .. } | Metrics(Score { .. })),
            Self::Metrics(error) => matches!(error, Score { .. }),
            _ => false,
        }
    }

    /// The remedy, if it lies in a choice of the caller.
    pub fn advice(&self) -> Option<Advice> {
        match self {
            Self::Unfit { advice, .. } => Some(advice.clone()),
            Self::Settings(error) => error.advice().map(Advice::Settings),
            Self::Datasets(error) => error.advice().map(Advice::Data),
            Self::Text(error) => error.advice().map(Advice::Text),
            Self::Tensor(error) => error.advice().map(Advice::Tensor),
            Self::Train(error) => error.advice().map(Advice::Train),
            Self::Pipeline(error) => error.advice().map(Advice::Folder),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_known_through_what_wraps_it() {
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        let path = PathBuf::from("m");
        let spilled = assort_train::Error::Spill { path: path.clone(), source: full() };
        let state = assort_train::Error::Unwritten { path: path.clone(), source: full() };
        let source =
            Box::new(Error::from(assort_train::Error::Unwritten { path: path.clone(), source: full() }));
        for error in [
            Error::io(&path, full()),
            Error::io(&path, io::ErrorKind::QuotaExceeded.into()),
            spilled.into(),
            state.into(),
            Error::NoState { folder: path.clone(), source },
        ] {
            assert!(error.is_full_disk(), "{error}");
        }
        assert!(!Error::io(&path, io::ErrorKind::NotFound.into()).is_full_disk());
        assert!(!Error::Request("no space left on device".into()).is_full_disk());
    }
}
