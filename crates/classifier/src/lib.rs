//! [`Classifier`] is the contract between the architectures and all who use them: a forward pass from a
//! ragged batch to logits, and named parameters. Training knows models through it alone, and models know
//! nothing of training; so a new architecture is one type that implements it. [`Predictor`] is the smaller
//! contract that prediction and judging need; every classifier is one, and so may be models that are not
//! trained by gradient.
//!
//! Models whose logits are sums over the words of a text say so as [`Explainable`]; networks that go on from
//! the embeddings of their tokens are [`Embedded`], and others find out what each token does.
//!
//! A model gives scores and knows no task: whether a row has one label or any number of them is said where
//! scores become probabilities and decisions, [`Logits::probabilities`] and [`Predictions`].
//!
//! Chance and sparse gradients enter a forward pass only through [`Mode::Train`], so an evaluation is free of
//! both.
//!
#![doc = include_str!("../README.md")]

mod adaptation;
mod batched;
mod calibration;
mod decision;
mod embedded;
mod error;
mod explainable;
mod inputs;
mod logits;
mod predictions;
mod staged;

use std::sync::OnceLock;

use assort_random::Seed;
use assort_tensor::{Parameters, Ragged, RowSink, Tracking};
use candle_core::{Device, Tensor};

pub use adaptation::{Adaptation, AdaptedWeight};
pub use assort_metrics::THRESHOLD;
pub use assort_rows::{ClassWeights, Task};
pub use batched::{EVALUATION_BATCH, in_batches, probabilities, ragged_probabilities};
pub use calibration::{Calibration, CalibrationKind, TrueLabels};
pub use decision::{ConformalSets, Costs, Decision};
pub use embedded::Embedded;
pub use error::{Error, Result};
pub use explainable::{Contributions, Explainable, Match, Parts};
pub use inputs::Inputs;
pub use logits::Logits;
pub use predictions::Predictions;
pub use staged::Staged;

/// Things that one training step lends to the forward pass.
#[derive(Clone, Debug)]
pub struct Step {
    /// The step's own seed, for dropout.
    pub seed: Seed,
    /// Where lookups leave their sparse gradients.
    pub rows: RowSink,
    state: OnceLock<Tensor>,
}

impl Step {
    /// A step with nothing left in it yet.
    pub fn new(seed: Seed) -> Self {
        Self { seed, rows: RowSink::default(), state: OnceLock::new() }
    }

    /// Leaves the state (B, H) that the model's last layer reads, before dropout, for losses that compare
    /// states. The first one left stays.
    pub fn keep_state(&self, state: &Tensor) {
        self.state.get_or_init(|| state.clone());
    }

    /// The state that the forward pass left; `None` if the model leaves none.
    pub fn state(&self) -> Option<&Tensor> {
        self.state.get()
    }
}

/// Purpose of a forward pass.
#[derive(Clone, Copy, Debug)]
pub enum Mode<'s> {
    /// To train: dropout is on, gradients are recorded.
    Train(&'s Step),
    /// To judge or predict: no chance, no graph.
    Eval,
}

impl Mode<'_> {
    /// Whether ops on parameters are recorded.
    pub fn tracking(self) -> Tracking {
        match self {
            Self::Train(_) => Tracking::Recorded,
            Self::Eval => Tracking::Detached,
        }
    }
}

/// A model that scores rows.
pub trait Predictor: Send + Sync {
    /// K, the number of labels.
    fn classes(&self) -> usize;

    /// The scores of each row, (B, K). Rows may be empty.
    ///
    /// # Errors
    /// If the inputs are not of the kind that the model reads, an id or column lies outside its tables, or
    /// the device fails.
    fn predict(&self, inputs: &Inputs) -> Result<Logits>;

    /// The model as one whose logits decompose, if it is one.
    fn explainable(&self) -> Option<&dyn Explainable> {
        None
    }

    /// The model as one that goes on from embeddings, if it is one.
    fn embedded(&self) -> Option<&dyn Embedded> {
        None
    }
}

/// A model that is trained by gradient.
pub trait Classifier: Send + Sync {
    /// Logits (B, K) of a batch.
    ///
    /// # Errors
    /// If an id lies outside the vocabulary, or the device fails.
    fn forward(&self, inputs: &Ragged, mode: Mode) -> Result<Tensor>;

    /// Its parameters, in one fixed order.
    fn parameters(&self) -> &Parameters;

    /// Its parameters, to freeze some.
    fn parameters_mut(&mut self) -> &mut Parameters;

    /// K, the number of labels.
    fn classes(&self) -> usize;

    /// Where it computes.
    fn device(&self) -> &Device;

    /// One state (B, H) for each row, without chance: what the last layer reads, where that layer is linear.
    ///
    /// # Errors
    /// As [`Classifier::forward`].
    fn row_states(&self, _inputs: &Ragged) -> Result<Option<Tensor>> {
        Ok(None)
    }

    /// Adds what adapters have learned to the weights that they stand beside, and leaves them; the logits
    /// stay. Gives the adapters and what was trained with them; `None` for a model without.
    ///
    /// # Errors
    /// If the device fails.
    fn merge(&mut self) -> Result<Option<Adaptation>> {
        Ok(None)
    }

    /// The model as two parts, if its lowest layers are frozen.
    fn staged(&self) -> Option<&dyn Staged> {
        None
    }

    /// The model as one whose logits decompose, if it is one.
    fn explainable(&self) -> Option<&dyn Explainable> {
        None
    }

    /// The model as one that goes on from embeddings, if it is one.
    fn embedded(&self) -> Option<&dyn Embedded> {
        None
    }
}

impl<C: Classifier + ?Sized> Predictor for C {
    fn classes(&self) -> usize {
        Classifier::classes(self)
    }

    fn predict(&self, inputs: &Inputs) -> Result<Logits> {
        Logits::new(self.forward(inputs.ragged()?, Mode::Eval)?)
    }

    fn explainable(&self) -> Option<&dyn Explainable> {
        Classifier::explainable(self)
    }

    fn embedded(&self) -> Option<&dyn Embedded> {
        Classifier::embedded(self)
    }
}
