use std::path::PathBuf;

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of scoring; each message names the place and says what to do.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file that cannot be read or written.
    #[error(transparent)]
    Data(Box<assort_datasets::Error>),
    /// The model fails.
    #[error(transparent)]
    Model(#[from] assort_pipeline::Error),
    /// A condition that is none.
    #[error("the condition '{text}': {problem}")]
    Condition {
        /// The condition as it was given.
        text: String,
        /// The fault, and what is expected.
        problem: String,
    },
    /// A pattern that names no file.
    #[error("{0} names no file: check the pattern")]
    NoMatch(String),
    /// A pattern that is none.
    #[error("{pattern} is no pattern of files: {reason}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// The reason.
        reason: String,
    },
    /// Two files whose answers would have one name.
    #[error("{} and {} would both be written as {}: give one of them another name", first.display(),
        second.display(), name.display())]
    OneName {
        /// The first file.
        first: PathBuf,
        /// The second file.
        second: PathBuf,
        /// The name.
        name: PathBuf,
    },
    /// A file that would be replaced by its own answers.
    #[error("{} would be replaced by its own answers: choose another folder", .0.display())]
    OwnInput(PathBuf),
    /// A folder of answers of another model or question.
    #[error("{} holds answers of {found}: choose another folder", folder.display())]
    OtherRun {
        /// The folder.
        folder: PathBuf,
        /// Whose answers they are.
        found: &'static str,
    },
    /// A folder that another run writes into.
    #[error("another run writes into {}: wait for it", .0.display())]
    Busy(PathBuf),
    /// A place that cannot be used.
    #[error("{}: {source}", path.display())]
    Io {
        /// The place.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}

/// What would mend an error, for the program in front to offer in its own words.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Advice of the reader or writer.
    Data(assort_datasets::Advice),
    /// Advice of the model's folder.
    Folder(assort_pipeline::Advice),
    /// Allow what is there to be replaced.
    Overwrite,
}

impl From<assort_datasets::Error> for Error {
    fn from(error: assort_datasets::Error) -> Self {
        Self::Data(error.into())
    }
}

impl Error {
    /// The error of the reader or writer, if it is one.
    pub fn data(&self) -> Option<&assort_datasets::Error> {
        match self {
            Self::Data(error) => Some(error),
            _ => None,
        }
    }

    /// What would mend it, if anything would.
    pub fn advice(&self) -> Option<Advice> {
        match self {
            Self::Data(error) => error.advice().map(Advice::Data),
            Self::Model(error) => error.advice().map(Advice::Folder),
            Self::OtherRun { .. } => Some(Advice::Overwrite),
            _ => None,
        }
    }

    /// Whether a file is at fault that was read, so that others may do.
    pub(crate) fn is_of_input(&self) -> bool {
        match self {
            Self::Data(error) => match &**error {
                assort_datasets::Error::Io { action, .. } => *action == "read",
                assort_datasets::Error::Exists(_) | assort_datasets::Error::Length { .. } => false,
                _ => true,
            },
            _ => false,
        }
    }
}
