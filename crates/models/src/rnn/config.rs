//! The hyper-parameters of recurrent networks.

use assort_classifier::Result;
use assort_kernels::RecurrentCell;
use assort_tensor::Part;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::ranges::{at_least_one, deviation, share};
use crate::slots::{Size, Slots, Start};
use crate::{Recipe, Shape};

/// In which directions a text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Directions {
    /// From the first token to the last.
    One,
    /// Also from the last to the first; the states lie side by side.
    Both,
}

impl Directions {
    /// Endings of the names of each direction's parameters.
    pub(super) fn suffixes(self) -> &'static [&'static str] {
        match self {
            Self::One => &[""],
            Self::Both => &["", "_reverse"],
        }
    }

    /// S, how many there are.
    pub(super) fn count(self) -> usize {
        self.suffixes().len()
    }
}

/// How the states of a row become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StatePooling {
    /// The state that each direction ends with.
    Last,
    /// Their mean.
    Mean,
    /// The largest value in each dimension.
    Max,
    /// Their mean, weighed by the softmax of a score that is learned.
    Attention,
}

/// Output of the last layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Head {
    /// A logit for each label.
    AllLogits,
    /// One logit, that of the second of two labels; the first one's is 0. The softmax of the two is the
    /// logistic function, and their cross entropy is the binary cross entropy of the one.
    OneLogit,
}

/// The hyper-parameters of [`Rnn`](super::Rnn).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RnnConfig {
    /// D, the width of an embedding.
    pub embedding: usize,
    /// H, the width of a state in one direction.
    pub hidden: usize,
    /// How many recurrent layers lie one on the other.
    pub layers: usize,
    /// In which directions a text is read.
    pub directions: Directions,
    /// How the states of a row become one.
    pub pooling: StatePooling,
    /// Output of the last layer.
    pub head: Head,
    /// The share of tokens that training takes as unknown, in [0, 1).
    pub word_dropout: f64,
    /// The share of embedded values that training sets to zero, in [0, 1).
    pub embedding_dropout: f64,
    /// The share of states that training sets to zero between two layers, in [0, 1).
    pub layer_dropout: f64,
    /// The share of values that training sets to zero before the last layer, in [0, 1).
    pub dropout: f64,
    /// Gradients go back through so many tokens and stop at the next multiple of it; without it, through the
    /// whole text.
    pub backward_steps: Option<usize>,
    /// The standard deviation of the first embeddings; PyTorch's is 1.
    pub embedding_deviation: f64,
}

impl Default for RnnConfig {
    fn default() -> Self {
        Self {
            embedding: 100,
            hidden: 128,
            layers: 1,
            directions: Directions::Both,
            pooling: StatePooling::Max,
            head: Head::AllLogits,
            word_dropout: 0.1,
            embedding_dropout: 0.5,
            layer_dropout: 0.3,
            dropout: 0.5,
            backward_steps: None,
            embedding_deviation: 0.1,
        }
    }
}

impl RnnConfig {
    /// The settings that suit it.
    pub(crate) fn recipe() -> Recipe {
        Recipe::of_sequences(json!({
            "optimizer": "adamw",
            "learning_rate": 2e-3,
            "warmup": 0.1,
            "weight_decay": 0.01,
            "clip_norm": 1.0,
            "epochs": 4,
            "average_best": 2,
        }))
    }

    /// Tells the parameters.
    pub(crate) fn slots(&self, cell: RecurrentCell, shape: Shape, slots: &mut Slots) -> Result<()> {
        slots.words(shape.vocabulary, self.embedding, self.embedding_deviation)?;
        let (hidden, states) = (Size("hidden", self.hidden), Size("hidden", self.states()));
        let outputs = hidden.times(cell.gates());
        let start = Start::Uniform { bound: 1.0 / (self.hidden as f32).sqrt() };
        let mut inputs = Size("embedding", self.embedding);
        for layer in 0..self.layers {
            for suffix in self.directions.suffixes() {
                let cause = if layer == 0 && !suffix.is_empty() { "directions" } else { "layers" };
                let parts: [(&str, &[Size]); 4] = [
                    ("weight_ih", &[outputs, inputs]),
                    ("weight_hh", &[outputs, hidden]),
                    ("bias_ih", &[outputs]),
                    ("bias_hh", &[outputs]),
                ];
                for (part, sizes) in parts {
                    let name = format!("rnn.{part}_l{layer}{suffix}");
                    slots.add_by(cause, &name, Part::Layer(layer), sizes, start)?;
                }
            }
            inputs = states;
        }
        if self.pooling == StatePooling::Attention {
            slots.linear("pooling", "attention", Part::Head, states, Size("pooling", 1))?;
        }
        let outputs = match self.head {
            Head::AllLogits => Size("classes", shape.classes),
            Head::OneLogit => Size("head", 1),
        };
        slots.linear("model", "fc", Part::Classifier, states, outputs)
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// Names the first hyper-parameter that lies outside its range.
    pub fn check(&self) -> Result<()> {
        at_least_one("embedding", self.embedding)?;
        at_least_one("hidden", self.hidden)?;
        at_least_one("layers", self.layers)?;
        at_least_one("backward_steps", self.backward_steps.unwrap_or(1))?;
        share("word_dropout", self.word_dropout)?;
        share("embedding_dropout", self.embedding_dropout)?;
        share("layer_dropout", self.layer_dropout)?;
        share("dropout", self.dropout)?;
        deviation("embedding_deviation", self.embedding_deviation)
    }

    /// S · H, the width of a state.
    pub(super) fn states(&self) -> usize {
        self.hidden.saturating_mul(self.directions.count())
    }
}
