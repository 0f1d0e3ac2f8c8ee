//! Models by name.

use std::collections::HashMap;

use assort_classifier::{Classifier, Inputs, Logits, Predictor, Result};
use assort_random::Seed;
use candle_core::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::{Bag, BagConfig};

/// What the data decides about a model's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// V, the number of token ids or features.
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

    /// A network with fresh parameters.
    ///
    /// # Errors
    /// If a hyper-parameter lies outside its range.
    pub fn network(&self, shape: Shape, initial: Initial, device: &Device) -> Result<Box<dyn Classifier>> {
        match self {
            Self::Bag(config) => Ok(Box::new(Bag::new(config, shape, initial, device)?)),
        }
    }

    /// A model with the parameters of a file.
    ///
    /// # Errors
    /// If a parameter is missing, unknown or of another shape; the error names it and both shapes.
    pub fn load(&self, shape: Shape, tensors: &HashMap<String, Tensor>, device: &Device) -> Result<Model> {
        let network = self.network(shape, Initial::Zeros, device)?;
        network.parameters().load(tensors)?;
        Ok(Model::Network(network))
    }
}

/// Where first parameters come from.
#[derive(Clone, Copy, Debug)]
pub enum Initial {
    /// Drawn as the architecture wants them.
    Drawn(Seed),
    /// All zero, to be replaced by those of a file.
    Zeros,
}

/// A trained model of any architecture.
pub enum Model {
    /// A network that is trained by gradient.
    Network(Box<dyn Classifier>),
}

impl Model {
    /// Everything that was learned, by name.
    pub fn tensors(&self) -> Result<Vec<(String, Tensor)>> {
        match self {
            Self::Network(network) => Ok(network.parameters().snapshot()?),
        }
    }
}

impl Predictor for Model {
    fn classes(&self) -> usize {
        match self {
            Self::Network(network) => Predictor::classes(&**network),
        }
    }

    fn predict(&self, inputs: &Inputs) -> Result<Logits> {
        match self {
            Self::Network(network) => network.predict(inputs),
        }
    }
}
