//! Errors of settings.

use std::path::PathBuf;

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of a setting; each message says what to do.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting that does not exist.
    #[error("`{key}` is no setting{}", suggestion(nearest.as_deref()))]
    Unknown {
        /// The words as written.
        key: String,
        /// The nearest setting's name, where one is near.
        nearest: Option<String>,
    },
    /// A setting that other models have.
    #[error("`{key}` is a setting of {owners}, not of {model}: choose such a model, or leave it away")]
    Foreign {
        /// The setting.
        key: String,
        /// The models that have it.
        owners: String,
        /// The model that has not.
        model: &'static str,
    },
    /// A value that a setting cannot have.
    #[error("{key} = {value}: {reason}")]
    Value {
        /// The setting.
        key: String,
        /// The words as written.
        value: String,
        /// The values that are allowed.
        reason: String,
    },
    /// A model that does not exist.
    #[error("`{name}` is no model; there are: {known}")]
    Model {
        /// The words as written.
        name: String,
        /// The models' names.
        known: String,
    },
    /// A file of settings that cannot be read.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// The fault.
        reason: String,
    },
    /// A setting of a file that does not fit.
    #[error("{path}: {error}")]
    InFile {
        /// The file.
        path: PathBuf,
        /// The fault of the setting.
        error: Box<Error>,
    },
    /// Settings of text that do not fit.
    #[error(transparent)]
    Text(#[from] assort_text::Error),
    /// Settings of a network that do not fit.
    #[error(transparent)]
    Classifier(#[from] assort_classifier::Error),
    /// Settings of a linear model that do not fit.
    #[error(transparent)]
    Linear(#[from] assort_models::linear::Error),
    /// Settings of training that do not fit.
    #[error(transparent)]
    Train(#[from] assort_train::Error),
}

/// Remedy of an error, for the program or service in front to offer in its own words.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Look at the list of all settings.
    ListSettings,
    /// Of the tokenizer.
    Text(assort_text::Advice),
}

impl Error {
    /// The remedy, if it lies in a choice of the caller.
    pub fn advice(&self) -> Option<Advice> {
        match self {
            Self::Unknown { .. } => Some(Advice::ListSettings),
            Self::InFile { error, .. } => error.advice(),
            Self::Text(error) => error.advice().map(Advice::Text),
            _ => None,
        }
    }

    /// A value that a setting cannot have.
    pub fn value(key: &str, value: impl ToString, reason: impl Into<String>) -> Self {
        Self::Value { key: key.into(), value: value.to_string(), reason: reason.into() }
    }
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!(": did you mean `{nearest}`?")).unwrap_or_default()
}
