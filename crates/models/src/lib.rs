//! The architectures, one module each: a configuration that is checked when a model is built from it, and a
//! model that implements [`Classifier`](assort_classifier::Classifier). [`ModelConfig`] is the one list of
//! them, for whoever chooses a model by name. Initial values follow PyTorch's, parameter names those of the
//! checkpoints that people have.
//!
#![doc = include_str!("../README.md")]

mod bag;
mod bert;
mod cnn;
mod config;
mod distilbert;
pub mod encoder;
mod fasttext;
pub mod frozen;
mod init;
mod layers;
pub mod linear;
mod published;
mod ranges;
mod recipe;
mod rnn;
pub mod rules;
mod shape;
mod slots;
#[cfg(test)]
mod testing;

pub use bag::{Bag, BagConfig, Pooling};
pub use bert::BertConfig;
pub use cnn::{Cnn, CnnConfig};
pub use config::{Model, ModelConfig};
pub use distilbert::DistilbertConfig;
pub use fasttext::{Fasttext, FasttextConfig, FasttextOutput};
pub use frozen::FrozenConfig;
pub use published::{DropoutShares, Published};
pub use recipe::{InputKind, Recipe, TrainingKind};
pub use rnn::{Directions, Head, RecurrentCell, Rnn, RnnConfig, StatePooling};
pub use shape::{Initial, Shape};
pub use slots::Shapes;
