//! The error of this crate.

use std::path::PathBuf;

use crate::address::told;

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of the hub; each message says what to do.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Words that name no checkpoint.
    #[error("`{0}` is neither a folder nor a name on the hub: expected OWNER/NAME, or OWNER/NAME@REVISION")]
    Name(String),
    /// Words that name no file.
    #[error(
        "`{0}` is neither a file nor the name of one on the hub: expected OWNER/NAME:FILE, or \
         OWNER/NAME@REVISION:FILE"
    )]
    FileName(String),
    /// A checkpoint or file that the cache lacks, where the network may not or cannot be asked.
    #[error("{name} is not in the cache {cache}, and {reason}: {advice}")]
    Unreachable {
        /// The checkpoint or file.
        name: String,
        /// The files to put into a folder instead.
        advice: String,
        /// The cache.
        cache: PathBuf,
        /// Why the network does not help.
        reason: String,
    },
    /// A checkpoint or revision that does not exist, or that is hidden.
    #[error(
        "the hub has no {0}, or does not show it: check the name, and set HF_TOKEN if it needs an account"
    )]
    Missing(String),
    /// A checkpoint that needs an account or its owner's consent.
    #[error(
        "the hub does not hand out {0}: accept its terms on its page, and set HF_TOKEN to a token that may \
         read it"
    )]
    Forbidden(String),
    /// A checkpoint without the files that are needed.
    #[error("{name} has no {what}: choose another checkpoint or revision")]
    Incomplete {
        /// The checkpoint.
        name: String,
        /// The missing part.
        what: &'static str,
    },
    /// A repository without the file that is wanted.
    #[error("{name} has no {file}; its files are: {present}")]
    NoFile {
        /// The repository.
        name: String,
        /// The file.
        file: String,
        /// The files it has.
        present: String,
    },
    /// An address of the hub that cannot be asked; it is not told, since it may hold a password.
    #[error(
        "the hub's address (HF_ENDPOINT) cannot be used: expected https://HOST or \
         https://USER:PASSWORD@HOST, where the signs / ? # @ of a password are written %2F %3F %23 %40"
    )]
    Endpoint,
    /// An answer that makes no sense.
    #[error("{url}: {reason}; try again, and check HF_ENDPOINT")]
    Answer {
        /// The address, without user, password and query.
        url: String,
        /// The fault.
        reason: String,
    },
    /// A download that stopped. What came is kept.
    #[error(
        "the download of {file} stopped after {done} of {total} bytes ({reason}): the same command goes on \
         from there"
    )]
    Stopped {
        /// The file.
        file: String,
        /// Bytes that are there.
        done: u64,
        /// Bytes in all.
        total: u64,
        /// Why.
        reason: String,
    },
    /// A file whose bytes are not those that the hub announced.
    #[error("{file} came with the checksum {found}, expected {expected}: it was thrown away, try again")]
    Checksum {
        /// The file.
        file: String,
        /// The checksum that was announced: SHA-256, or git's SHA-1 of a small file.
        expected: String,
        /// That of what came.
        found: String,
    },
    /// A place of the cache that cannot be read or written.
    #[error("{path}: {reason}")]
    File {
        /// The place.
        path: PathBuf,
        /// The system's reason.
        reason: String,
    },
}

impl Error {
    pub(crate) fn answer(url: &str, reason: String) -> Self {
        Self::Answer { url: told(url).into_owned(), reason }
    }

    pub(crate) fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::File { path: path.into(), reason: error.to_string() }
    }
}
