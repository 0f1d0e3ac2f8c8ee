//! [`Settings`] are the hyper-parameters as users write them: flat keys in layers (defaults, a file, single
//! assignments), each value with its source. [`Settings::resolve`] turns them, once, into a [`Checked`]
//! configuration, which cannot be had otherwise: whoever holds one need not check it again. The decision is
//! that layers are data, and that types come after all layers are there; the price is that a value is found
//! wrong only then, so the error looks up which layer it came from.
//!
//! [`mod@reference`] says of each setting what it means and when to change it.
//!
//! The settings that suit a model lie beside the model, as its [`Recipe`](assort_models::Recipe), and is the
//! lowest layer above the general defaults. What is found on disk or fetched is no setting: it belongs to the
//! run.
//!
#![doc = include_str!("../README.md")]

mod check;
mod checked;
mod config;
mod defaults;
mod embedding;
mod error;
mod keys;
mod layers;
mod pretrained;
pub mod reference;
mod serde_messages;
mod setting;
mod word_range;
mod written;

pub use checked::Checked;
pub use config::{CalibrationChoice, DataConfig, ExperimentConfig};
pub use embedding::EmbeddingConfig;
pub use error::{Advice, Error, Result};
pub use layers::Settings;
pub use pretrained::{Precision, PretrainedConfig};
pub use setting::{Setting, Source, word};
