//! [`Pipeline`] is a trained model with its tokenizer, ready to predict; [`ModelFolder`] is the folder that it travels in.
//! What a folder holds is written by [`Manifest`], a type of its own with a version, so that code and files may change
//! apart. A folder is put together in a [`Staging`] beside its place and renamed into it: nobody ever reads a half-written
//! one, and none is replaced unasked.

mod adapter;
mod checkpoint;
mod embedder;
mod error;
mod featurizer;
mod fill_mask;
mod folder;
mod hugging_face;
mod import;
mod manifest;
mod prediction;
mod staging;
mod states;
mod weights;
mod word_vectors;

pub use adapter::Adapter;
/// What an explanation is made of.
pub use assort_explain::{Attribution, Deletion, Method, Piece, Ranked, Word};
pub use assort_files::Existing;
pub use checkpoint::{Checkpoint, PretrainedRecord};
pub use embedder::{Embedder, TextVectors, TokenVectors, cosine};
pub use error::{Advice, Error, Result};
pub use featurizer::{FeatureConfig, Featurizer};
pub use fill_mask::{FillMask, Guess};
pub use folder::ModelFolder;
pub use import::{Imported, import};
pub use manifest::{DataRecord, Manifest};
pub use prediction::{Pipeline, Prediction};
pub use staging::{Staging, write_file};
