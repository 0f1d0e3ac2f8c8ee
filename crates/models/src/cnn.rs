//! A small convolutional network over words (Kim 2014, "Convolutional Neural Networks for Sentence
//! Classification").
//!
//! ```text
//! x        = E[ids of a row]                                          (T, D)
//! feature  = relu(max over time of filter * x + bias)                 (B, F) for each filter height
//! logits   = dropout(all features side by side) · Wᵀ + b              (B, K)
//! ```
//! The variant is `CNN-rand` with one channel, without the bound on the norm of the last layer's rows. A row
//! shorter than a filter counts as filled up with zeros. Embeddings start from a normal distribution, all
//! else as in PyTorch.

use assort_classifier::{Classifier, Embedded, Error, Mode, Result};
use assort_kernels::{conv_max, dropout, relu};
use assort_tensor::{Parameters, Part, Ragged};
use candle_core::{Device, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::layers::{embed, from_fields, linear, op};
use crate::ranges::{at_least_one, deviation, share};
use crate::slots::{Size, Slots, Start, declare};
use crate::{Initial, Recipe, Shape};

/// The setting that says how many filters there are of which height.
const HEIGHTS: &str = "filter_heights";

/// The hyper-parameters of [`Cnn`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CnnConfig {
    /// D, the width of an embedding.
    pub embedding: usize,
    /// F, the number of filters of each height.
    pub filters: usize,
    /// How many tokens a filter spans, one number for each kind of filter.
    pub filter_heights: Vec<usize>,
    /// The share of features that training sets to zero before the last layer, in [0, 1).
    pub dropout: f64,
    /// The standard deviation of the first embeddings; PyTorch's is 1.
    pub embedding_deviation: f64,
}

impl Default for CnnConfig {
    fn default() -> Self {
        Self {
            embedding: 100,
            filters: 100,
            filter_heights: vec![3, 4, 5],
            dropout: 0.6,
            embedding_deviation: 0.1,
        }
    }
}

impl CnnConfig {
    /// The settings that suit it.
    pub(crate) fn recipe() -> Recipe {
        Recipe::of_sequences(json!({ "learning_rate": 1e-3, "epochs": 5 }))
    }

    /// Tells the parameters.
    pub(crate) fn slots(&self, shape: Shape, slots: &mut Slots) -> Result<()> {
        let (width, filters) = (Size("embedding", self.embedding), Size("filters", self.filters));
        slots.words(shape.vocabulary, self.embedding, self.embedding_deviation)?;
        for (i, &height) in self.filter_heights.iter().enumerate() {
            let start = Start::Linear { inputs: height.saturating_mul(self.embedding) };
            let sizes = [filters, Size("filters", 1), Size(HEIGHTS, height), width];
            slots.add_by(HEIGHTS, &format!("convs.{i}.weight"), Part::Layer(0), &sizes, start)?;
            slots.add_by(HEIGHTS, &format!("convs.{i}.bias"), Part::Layer(0), &[filters], start)?;
        }
        let features = Size(HEIGHTS, self.filter_heights.len()).times(self.filters);
        let classes = Size("classes", shape.classes);
        slots.linear("model", "classifier", Part::Classifier, features, classes)
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// Names the first hyper-parameter that lies outside its range.
    pub fn check(&self) -> Result<()> {
        at_least_one("embedding", self.embedding)?;
        at_least_one("filters", self.filters)?;
        if self.filter_heights.is_empty() || self.filter_heights.contains(&0) {
            let found = format!("{:?}", self.filter_heights);
            let expected = "a list of numbers from 1 on, as [3, 4, 5]";
            return Err(Error::Configuration { parameter: HEIGHTS, found, expected });
        }
        share("dropout", self.dropout)?;
        deviation("embedding_deviation", self.embedding_deviation)
    }
}

/// The model: `embedding.weight` (V, D), for the i-th height h `convs.i.weight` (F, 1, h, D) and
/// `convs.i.bias` (F) as PyTorch's `Conv2d` has them, `classifier.weight` (K, F · heights), `classifier.bias`
/// (K).
pub struct Cnn {
    config: CnnConfig,
    parameters: Parameters,
    classes: usize,
    device: Device,
}

impl Cnn {
    /// A model with fresh parameters.
    ///
    /// # Errors
    /// If a hyper-parameter lies outside its range.
    pub fn new(config: &CnnConfig, shape: Shape, initial: Initial, device: &Device) -> Result<Self> {
        config.check()?;
        let parameters = declare(initial, device, |slots| config.slots(shape, slots))?;
        Ok(Self { config: config.clone(), parameters, classes: shape.classes, device: device.clone() })
    }
}

impl Cnn {
    /// Input of the last layer (B, F · heights).
    fn features(&self, rows: &Ragged, embedded: &Tensor, mode: Mode) -> Result<Tensor> {
        let value = |name: String| self.parameters.value(&name, mode.tracking());
        let features = (0..self.config.filter_heights.len()).map(|i| {
            let filters = value(format!("convs.{i}.weight"))?.squeeze(1)?;
            op(relu(&op(conv_max(embedded, rows, &filters, &value(format!("convs.{i}.bias"))?))?))
        });
        let features = Tensor::cat(&features.collect::<Result<Vec<_>>>()?, 1)?;
        match mode {
            Mode::Train(step) => {
                step.keep_state(&features);
                op(dropout(&features, self.config.dropout as f32, step.seed.stream("dropout")))
            }
            Mode::Eval => Ok(features),
        }
    }
}

impl Embedded for Cnn {
    fn embed(&self, inputs: &Ragged, mode: Mode) -> Result<Tensor> {
        embed(&self.parameters, inputs, mode)
    }

    fn forward_embedded(&self, rows: &Ragged, embedded: &Tensor, mode: Mode) -> Result<Tensor> {
        linear(&self.parameters, "classifier", &self.features(rows, embedded, mode)?, mode)
    }
}

impl Classifier for Cnn {
    fn forward(&self, inputs: &Ragged, mode: Mode) -> Result<Tensor> {
        self.forward_embedded(inputs, &self.embed(inputs, mode)?, mode)
    }

    fn row_states(&self, inputs: &Ragged) -> Result<Option<Tensor>> {
        self.features(inputs, &self.embed(inputs, Mode::Eval)?, Mode::Eval).map(Some)
    }

    from_fields!();
}

#[cfg(test)]
mod tests;
