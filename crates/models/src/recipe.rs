//! Inputs of an architecture, how it comes about, and the settings that suit it where they are not the
//! general ones.

use serde_json::{Map, Value, json};

/// Form of a row that a model reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputKind {
    /// Token ids.
    Tokens,
    /// Weighted n-grams.
    Ngrams,
    /// The text itself.
    Texts,
}

/// How a model comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrainingKind {
    /// By gradient, from drawn parameters.
    Gradient,
    /// By gradient, from the weights of a published checkpoint.
    FineTuning,
    /// By a solver of its own.
    Solver,
    /// By a solver too, but for its last layer alone: all below are the weights of a published checkpoint.
    SolvedHead,
    /// By hand: nothing is learned.
    Written,
}

/// The defaults of an architecture beside those of its own hyper-parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// Form of a row that the model reads.
    pub inputs: InputKind,
    /// How the model comes about.
    pub training: TrainingKind,
    /// Settings of data, text and training, by key, whose defaults are not the general ones.
    pub settings: Map<String, Value>,
}

impl Recipe {
    /// A recipe whose `settings` are a JSON object, as `json!({ "epochs": 5 })`; anything else is no setting.
    pub(crate) fn new(inputs: InputKind, training: TrainingKind, settings: Value) -> Self {
        let settings = match settings {
            Value::Object(settings) => settings,
            _ => Map::new(),
        };
        Self { inputs, training, settings }
    }

    /// The recipe of a network that reads words in their order, from its own settings. Words that occur once
    /// are unknown, so that training knows the unknown word; of long texts the beginning and the end are
    /// read.
    pub(crate) fn of_sequences(own: Value) -> Self {
        let settings = json!({
            "minimum_count": 2,
            "longest": 400,
            "truncation": "head-and-tail",
            "batch_size": 64,
            "minimum_tokens": 2_000_000,
            "schedule": "linear",
            "patience": 2,
        });
        let mut recipe = Self::new(InputKind::Tokens, TrainingKind::Gradient, settings);
        recipe.settings.extend(Self::new(recipe.inputs, recipe.training, own).settings);
        recipe
    }
}
