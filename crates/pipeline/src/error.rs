//! Errors of a model folder.

use std::io;
use std::path::{Path, PathBuf};

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of a model folder; each message names the file and says what to do.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file that the system does not let read or write.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file that is not what it should be.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// The fault, and what to do.
        reason: String,
    },
    /// A folder that is there already.
    #[error("{0} is there already")]
    Exists(PathBuf),
    /// A folder that holds something else than a model, which nobody wants replaced.
    #[error("{0} is there already and is no model folder: move it away")]
    Foreign(PathBuf),
    /// A model folder that holds something beside the model.
    #[error("{folder} is not replaced, because {found} is not assort's: move it away")]
    Holds {
        /// The folder.
        folder: PathBuf,
        /// Its foreign entry.
        found: PathBuf,
    },
    /// A folder that another run is writing.
    #[error("another run is writing {0}: wait for it")]
    Busy(PathBuf),
    /// A folder that cannot be made.
    #[error("{path}: {reason}")]
    Unwritable {
        /// The folder.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A file that is not the one that was written.
    #[error("{0} has changed since it was written: restore the folder or train again")]
    Changed(PathBuf),
    /// A path that is no model folder.
    #[error("{0} is no model folder: it has no assort.json")]
    NoModel(PathBuf),
    /// A folder of another version of the format.
    #[error(
        "{path} has the format {found}, this program reads {expected}: use the assort that wrote it (it \
         says: {writer}), or train again"
    )]
    Version {
        /// The manifest.
        path: PathBuf,
        /// Its format.
        found: u64,
        /// The format of this program.
        expected: u32,
        /// The program that wrote it.
        writer: String,
    },
    /// A folder that is no published checkpoint, or lacks something.
    #[error("{folder}: {reason}")]
    Checkpoint {
        /// The folder.
        folder: PathBuf,
        /// The fault, and what to do.
        reason: String,
    },
    /// A checkpoint of an encoder alone, which sorts nothing.
    #[error("{0}: it has no classifier")]
    NoClassifier(PathBuf),
    /// A text that cannot be filled in.
    #[error("{0}")]
    Masks(String),
    /// Weights that do not fit the manifest.
    #[error("{path}: {source}")]
    Weights {
        /// The weights' file.
        path: PathBuf,
        /// Which parameter, and both shapes.
        source: Box<assort_classifier::Error>,
    },
    /// A model that another program has no form for.
    #[error("{folder} cannot be written for another program: {reason}")]
    Unexportable {
        /// The model's folder.
        folder: PathBuf,
        /// What that program lacks, and what to do.
        reason: String,
    },
    /// A model of which no small copy is made.
    #[error("{folder} cannot be shrunk: {reason}")]
    Unshrinkable {
        /// The model's folder.
        folder: PathBuf,
        /// Why, and what to do.
        reason: String,
    },
    /// A size that a model cannot have.
    #[error("the model does not fit in {asked} bytes: {least} are the least that it takes")]
    TooSmall {
        /// The size that was asked for.
        asked: u64,
        /// The least size.
        least: u64,
    },
    /// A file of another program that cannot be read.
    #[error(transparent)]
    Vectors(#[from] assort_vectors::Error),
    /// Rules that cannot be read.
    #[error(transparent)]
    Rules(#[from] assort_models::rules::Error),
    /// A model that has no attribution of this kind.
    #[error("the model `{model}` has no attribution by {method}: choose {known}")]
    NoMethod {
        /// The model.
        model: &'static str,
        /// The request.
        method: assort_explain::Method,
        /// The methods that there are.
        known: String,
    },
    /// A model without a state for each text.
    #[error("the model `{0}` has no state for a text that could be laid out: name a network")]
    NoStates(&'static str),
    /// An error of an explanation.
    #[error(transparent)]
    Explain(#[from] assort_explain::Error),
    /// An error of the tokenizer.
    #[error(transparent)]
    Text(#[from] assort_text::Error),
    /// An error of the model.
    #[error(transparent)]
    Classifier(#[from] assort_classifier::Error),
    /// An error of a batch.
    #[error(transparent)]
    Tensor(#[from] assort_tensor::Error),
}

/// Remedy of an error, for the program or service in front to offer in its own words.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Write to another folder.
    OtherFolder,
    /// Write to another folder, or allow this one to be replaced, by
    /// [`Existing::Replace`](crate::Existing::Replace).
    OtherFolderOrReplace,
    /// Trust the files all the same, by [`Integrity::Unchecked`](crate::Integrity::Unchecked).
    TrustFiles,
    /// Train a classifier that begins with this checkpoint.
    TrainFrom(PathBuf),
    /// Of the tokenizer.
    Text(assort_text::Advice),
}

impl Error {
    /// The remedy, if it lies in a choice of the caller.
    pub fn advice(&self) -> Option<Advice> {
        match self {
            Self::Exists(_) => Some(Advice::OtherFolderOrReplace),
            Self::Foreign(_) | Self::Holds { .. } | Self::Busy(_) | Self::Unwritable { .. } => {
                Some(Advice::OtherFolder)
            }
            Self::Changed(_) => Some(Advice::TrustFiles),
            Self::NoClassifier(folder) => Some(Advice::TrainFrom(folder.clone())),
            Self::Text(error) => error.advice().map(Advice::Text),
            _ => None,
        }
    }

    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.into(), source }
    }
}
