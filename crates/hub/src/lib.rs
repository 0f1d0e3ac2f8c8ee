//! [`Hub`] brings a checkpoint that is published under a name, such as `distilbert/distilbert-base-uncased`,
//! to local files, or a single file of a repository, such as `OWNER/NAME:vectors.txt`. It looks into the
//! cache first and asks the network only for what is missing there.
//!
//! The cache has the layout of Hugging Face's own libraries, so what Python has fetched is found here and the
//! other way round: `blobs/ETAG` holds a file's bytes, `snapshots/COMMIT/NAME` points to a blob,
//! `refs/BRANCH` names a commit. The names come from Hugging Face's crate `hf-hub`.
//!
//! Its client is not used, for promises that it does not make (0.5.0): it asks the host of a redirect with
//! the token; it takes entity tags and commits from an answer as paths, whatever they hold; it compares
//! nothing with a checksum or a size, and completes a partial file of other bytes; it knows no time limit, no
//! offline mode, and no proxy but the environment's; some answers make it panic. The price is a client of our
//! own, on `ureq`.
//!
//! A file grows under another name and is renamed when all of it is there and its checksum fits; an
//! interrupted download goes on where it stopped. [`HubConfig`] says everything that the environment might:
//! nothing is read from there.
//!
#![doc = include_str!("../README.md")]

mod address;
mod cache;
mod checkpoint;
mod config;
mod download;
mod error;
mod hub;
mod paced;
mod progress;
mod remote;
mod repo;

pub use checkpoint::Checkpoint;
pub use config::{HubConfig, Limits, Network};
pub use error::{Error, Result};
pub use hub::Hub;
pub use progress::{Progress, Silent};
pub use repo::{FileId, RepoId};
pub use ureq::Proxy;
