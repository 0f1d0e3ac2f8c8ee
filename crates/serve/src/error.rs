//! Errors of a server that cannot start or go on.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of the server itself. What is wrong with a request is told to its client.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An address that cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// A model that cannot be loaded when the server starts.
    #[error(transparent)]
    Model(#[from] assort_pipeline::Error),
    /// No model to serve.
    #[error("there is no model to serve: name the folder of one")]
    NoModels,
    /// Two models that clients could not tell apart.
    #[error("two models have the name '{0}'")]
    SameName(String),
    /// A key that no header can carry, or none at all.
    #[error("{0}")]
    Key(String),
    /// A file of a certificate that cannot be used.
    #[error("{path}: {reason}")]
    Certificate {
        /// The file.
        path: PathBuf,
        /// The fault, and what to do.
        reason: String,
    },
    /// Threads that the system does not give.
    #[error("cannot start the server's threads: {0}")]
    Threads(io::Error),
}

/// Remedy of an error, for the program in front to offer in its own words.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Listen on another address or port.
    OtherAddress,
    /// Give one of two models another name.
    NameModel(String),
    /// Of a model's folder.
    Folder(assort_pipeline::Advice),
}

impl Error {
    /// The remedy, if it lies in a choice of the caller.
    pub fn advice(&self) -> Option<Advice> {
        match self {
            Self::Listen { .. } => Some(Advice::OtherAddress),
            Self::SameName(name) => Some(Advice::NameModel(name.clone())),
            Self::Model(error) => error.advice().map(Advice::Folder),
            _ => None,
        }
    }
}
