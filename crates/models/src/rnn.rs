//! Recurrent networks: Elman's, long short-term memory, gated recurrent unit.
//!
//! ```text
//! x       = dropout(E[ids of a row])                                   (T, D)
//! states  = one recurrent layer after the other, dropout in between    (T, S·H) for S directions
//! pooled  = the last state, the mean, the maximum or attention         (B, S·H)
//! logits  = dropout(pooled) · Wᵀ + b                                   (B, K)
//! ```
//! Attention scores a state by one linear layer and weighs it by the softmax over the row. No padding is
//! computed. A row without tokens pools to zeros. The formulas of the cells, and where truncation cuts, stand
//! with [`recurrent`](assort_kernels::recurrent).

mod config;

use assort_classifier::{Classifier, Embedded, Error, Mode, Result};
pub use assort_kernels::RecurrentCell;
use assort_kernels::{
    Dropout, Recurrent, RecurrentOutput, RecurrentWeights, attention_pool, dropout, recurrent,
};
use assort_random::{Seed, keep};
use assort_tensor::{Parameters, Ragged};
use candle_core::{Device, Tensor};

pub use config::{Directions, Head, RnnConfig, StatePooling};

use crate::layers::{embed, from_fields, linear, op, sink};
use crate::slots::declare;
use crate::{Initial, Shape};

/// The id of the unknown token in every vocabulary.
const UNKNOWN: u32 = 1;

/// The model: `embedding.weight` (V, D); `rnn.weight_ih_l0`, `rnn.weight_hh_l0`, `rnn.bias_ih_l0`,
/// `rnn.bias_hh_l0` and so on for each layer and, with `_reverse` behind, for the second direction, as
/// PyTorch's `RNN`, `LSTM` and `GRU` have them; `attention.weight` (1, S·H) and `attention.bias` (1) where
/// attention pools; `fc.weight` (K, S·H), `fc.bias` (K).
pub struct Rnn {
    cell: RecurrentCell,
    config: RnnConfig,
    parameters: Parameters,
    classes: usize,
    device: Device,
}

impl Rnn {
    /// A model with fresh parameters.
    ///
    /// # Errors
    /// If a hyper-parameter lies outside its range, or one logit is asked for where there are not two labels.
    pub fn new(
        cell: RecurrentCell,
        config: &RnnConfig,
        shape: Shape,
        initial: Initial,
        device: &Device,
    ) -> Result<Self> {
        config.check()?;
        if config.head == Head::OneLogit && shape.classes != 2 {
            let found = format!("one-logit with {} labels", shape.classes);
            let expected = "one logit tells two labels apart: use head = all-logits";
            return Err(Error::Configuration { parameter: "head", found, expected });
        }
        let parameters = declare(initial, device, |slots| config.slots(cell, shape, slots))?;
        Ok(Self { cell, config: config.clone(), parameters, classes: shape.classes, device: device.clone() })
    }

    /// The weights of a layer.
    fn weights(&self, layer: usize, mode: Mode) -> Result<Vec<RecurrentWeights>> {
        let weights = self.config.directions.suffixes().iter().map(|suffix| {
            let value =
                |part: &str| self.parameters.value(&format!("rnn.{part}_l{layer}{suffix}"), mode.tracking());
            Ok(RecurrentWeights {
                input: value("weight_ih")?,
                hidden: value("weight_hh")?,
                input_bias: value("bias_ih")?,
                hidden_bias: value("bias_hh")?,
            })
        });
        weights.collect()
    }

    /// Dropout of a layer's input.
    fn dropout(&self, layer: usize, mode: Mode) -> Result<Dropout> {
        let Mode::Train(step) = mode else { return Ok(Dropout::NONE) };
        let (share, name) = match layer {
            0 => (self.config.embedding_dropout, "embedding".to_owned()),
            _ => (self.config.layer_dropout, format!("layer {layer}")),
        };
        op(Dropout::new(share as f32, step.seed.stream(&name)))
    }

    /// Input of the last layer (B, S·H).
    fn state(&self, rows: &Ragged, embedded: &Tensor, mode: Mode) -> Result<Tensor> {
        let layers = 0..self.config.layers;
        let network = Recurrent {
            cell: self.cell,
            layers: layers.clone().map(|layer| self.weights(layer, mode)).collect::<Result<_>>()?,
            dropouts: layers.map(|layer| self.dropout(layer, mode)).collect::<Result<_>>()?,
            truncation: self.config.backward_steps,
            output: match self.config.pooling {
                StatePooling::Last => RecurrentOutput::Last,
                StatePooling::Mean => RecurrentOutput::Mean,
                StatePooling::Max => RecurrentOutput::Max,
                StatePooling::Attention => RecurrentOutput::States,
            },
        };
        let mut pooled = op(recurrent(embedded, rows, &network, sink(mode)))?;
        if self.config.pooling == StatePooling::Attention {
            let scores = linear(&self.parameters, "attention", &pooled, mode)?;
            pooled = op(attention_pool(&pooled, &scores, rows))?;
        }
        match mode {
            Mode::Train(step) => {
                step.keep_state(&pooled);
                op(dropout(&pooled, self.config.dropout as f32, step.seed.stream("dropout")))
            }
            Mode::Eval => Ok(pooled),
        }
    }
}

/// Rows in which a share of the tokens, chosen by the seed, is unknown.
fn drop_words(rows: &Ragged, share: f64, seed: Seed) -> Result<Ragged> {
    let dropped = |(index, &id)| if f64::from(keep(seed, index as u64)) < share { UNKNOWN } else { id };
    Ok(Ragged::new(rows.ids().iter().enumerate().map(dropped).collect(), rows.offsets().to_vec())?)
}

impl Embedded for Rnn {
    fn embed(&self, inputs: &Ragged, mode: Mode) -> Result<Tensor> {
        match mode {
            Mode::Train(step) if self.config.word_dropout > 0.0 => {
                let inputs = drop_words(inputs, self.config.word_dropout, step.seed.stream("words"))?;
                embed(&self.parameters, &inputs, mode)
            }
            _ => embed(&self.parameters, inputs, mode),
        }
    }

    fn forward_embedded(&self, rows: &Ragged, embedded: &Tensor, mode: Mode) -> Result<Tensor> {
        let logits = linear(&self.parameters, "fc", &self.state(rows, embedded, mode)?, mode)?;
        match self.config.head {
            Head::AllLogits => Ok(logits),
            Head::OneLogit => Ok(Tensor::cat(&[&logits.zeros_like()?, &logits], 1)?),
        }
    }
}

impl Classifier for Rnn {
    fn forward(&self, inputs: &Ragged, mode: Mode) -> Result<Tensor> {
        self.forward_embedded(inputs, &self.embed(inputs, mode)?, mode)
    }

    fn row_states(&self, inputs: &Ragged) -> Result<Option<Tensor>> {
        self.state(inputs, &self.embed(inputs, Mode::Eval)?, Mode::Eval).map(Some)
    }

    from_fields!();
}

#[cfg(test)]
mod tests;
