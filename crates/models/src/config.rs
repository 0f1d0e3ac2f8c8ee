//! Models by name.

use assort_classifier::{Classifier, Result};
use assort_random::Seed;
use candle_core::Device;
use serde::{Deserialize, Serialize};

use crate::{Bag, BagConfig};

/// What the data decides about a model's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// V, the number of token ids.
    pub vocabulary: usize,
    /// K, the number of labels.
    pub classes: usize,
}

/// An architecture with its hyper-parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "model", rename_all = "kebab-case")]
pub enum ModelConfig {
    /// Pooled embeddings and up to one hidden layer.
    Bag(BagConfig),
}

impl ModelConfig {
    /// The names that [`ModelConfig::named`] knows.
    pub const NAMES: [&'static str; 1] = ["bag"];

    /// The architecture of this name with its defaults.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "bag" => Some(Self::Bag(BagConfig::default())),
            _ => None,
        }
    }

    /// The architecture's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Bag(_) => "bag",
        }
    }

    /// A model with fresh parameters, drawn from the seed.
    ///
    /// # Errors
    /// If a hyper-parameter lies outside its range.
    pub fn build(&self, shape: Shape, seed: Seed, device: &Device) -> Result<Box<dyn Classifier>> {
        match self {
            Self::Bag(config) => Ok(Box::new(Bag::new(config, shape, seed, device)?)),
        }
    }
}
