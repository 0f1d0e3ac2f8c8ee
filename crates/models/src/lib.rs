//! The architectures, one module each: a configuration that is checked when a model is built from it, and a
//! model that implements [`Classifier`](assort_classifier::Classifier). [`ModelConfig`] is the one list of
//! them, for whoever chooses a model by name. Initial values follow PyTorch's, parameter names those of the
//! checkpoints that people have.
//!
//! ```
//! use assort_models::{BagConfig, Initial, ModelConfig, Shape};
//! use assort_random::Seed;
//! use candle_core::Device;
//! # fn main() -> Result<(), assort_classifier::Error> {
//! let config = ModelConfig::Bag(BagConfig { embedding: 8, hidden: 0, ..BagConfig::default() });
//! let shape = Shape { vocabulary: 100, classes: 3 };
//! let model = config.network(shape, Initial::Drawn(Seed::new(1)), &Device::Cpu)?;
//! assert_eq!(model.parameters().total(), 100 * 8 + 3 * 8 + 3);
//! # Ok(()) }
//! ```

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
