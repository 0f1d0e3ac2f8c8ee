//! [`Pipeline`] is a trained model with its tokenizer, ready to predict; [`ModelFolder`] is the folder that
//! it travels in. It is all that a program needs to use a model.
//!
//! A folder says all about its model in a [`Manifest`], a type of its own with a version, so that code and
//! files may change apart. It is put together in a [`Staging`] beside its place and renamed into it: nobody
//! ever reads a half-written one, and none is replaced unasked. The price is the disk space of two folders
//! while one is replaced.
//!
#![doc = include_str!("../README.md")]

mod adapter;
mod checkpoint;
mod contents;
mod eight_bit;
mod embedder;
mod error;
mod fasttext;
mod featurizer;
mod fill_mask;
mod folder;
mod hugging_face;
mod import;
mod integrity;
mod manifest;
mod prediction;
mod shrink;
mod staging;
mod states;
mod weights;
mod word_vectors;
mod write;

pub use adapter::Adapter;
/// Parts of an explanation.
pub use assort_explain::{Attribution, Deletion, Method, Piece, Ranked, Word};
pub use assort_files::Existing;
pub use checkpoint::{Checkpoint, PretrainedRecord};
pub use embedder::{Embedder, TextVectors, TokenVectors};
pub use error::{Advice, Error, Result};
pub use fasttext::{FasttextDifference, export_fasttext, import_fasttext};
pub use featurizer::{FeatureConfig, Featurizer};
pub use fill_mask::{FillMask, Guess};
pub use folder::ModelFolder;
pub use import::{Imported, import};
pub use integrity::Integrity;
pub use manifest::{DataRecord, Manifest, ShrunkRecord};
pub use prediction::{Pipeline, Prediction, text_probabilities};
pub use shrink::{Shrunk, shrink};
pub use staging::{Staging, Unfinished};
pub use write::write_file;
