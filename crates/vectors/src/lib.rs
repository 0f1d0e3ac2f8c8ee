//! Words as points: [`WordVectors`] are words and a table of numbers, a row for each word.
//!
//! [`WordVectors::open`] reads the files that others publish (GloVe, word2vec, fastText, as text or binary,
//! packed by gzip or not), and writes a binary copy beside a large one: the next time that copy is
//! mapped into memory instead. The price is the disk space of the copy. One table in one piece makes a
//! look-up of neighbours one product, and a start for a model's embedding one copy
//! ([`WordVectors::fill_table`]). No tensors here.
//!
#![doc = include_str!("../README.md")]

mod binary;
mod blocks;
mod cache;
mod digest;
mod error;
mod fasttext;
mod mean;
mod mmap;
mod neighbours;
mod open;
mod parse;
mod read;
mod report;
mod skip_gram;
mod source;
mod spelling;
mod start;
mod word_vectors;

pub use error::Error;
pub use fasttext::{FasttextLoss, FasttextModel};
pub use neighbours::{Neighbour, Neighbours, analogy, cosine};
pub use open::{CacheConfig, Opened};
pub use report::ReadReport;
pub use skip_gram::SkipGram;
pub use start::{Coverage, FirstVectors};
pub use word_vectors::WordVectors;
