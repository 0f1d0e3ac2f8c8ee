//! Recurrent networks: Elman's, long short-term memory, gated recurrent unit.
//!
//! ```text
//! x       = dropout(E[ids of a row])                                   (T, D)
//! states  = one recurrent layer after the other, dropout in between    (T, S·H) for S directions
//! pooled  = the last state, the mean, the maximum or attention         (B, S·H)
//! logits  = dropout(pooled) · Wᵀ + b                                   (B, K)
//! ```
//! Attention scores a state by one linear layer and weighs it by the softmax over the row. No padding is computed. A row
//! without tokens pools to zeros. The formulas of the cells, and where truncation cuts, stand with
//! [`lstm_sequence`](assort_kernels::lstm_sequence).

mod config;

use assort_classifier::{Classifier, Embedded, Error, Mode, Result};
use assort_kernels::{
    Pooling, RecurrentWeights, attention_pool, dropout, embedding_bag, gru_sequence, last_state,
    lstm_sequence, rnn_sequence,
};
use assort_random::{Seed, keep};
use assort_tensor::{Parameters, Ragged};
use candle_core::{Device, Tensor};

pub use config::{Cell, Directions, Head, RnnConfig, StatePooling};

use crate::layers::{embed, linear, op};
use crate::{Initial, Shape};

/// The id of the unknown token in every vocabulary.
const UNKNOWN: u32 = 1;

/// The model: `embedding.weight` (V, D); `rnn.weight_ih_l0`, `rnn.weight_hh_l0`, `rnn.bias_ih_l0`, `rnn.bias_hh_l0` and so on
/// for each layer and, with `_reverse` behind, for the second direction, as PyTorch's `RNN`, `LSTM` and `GRU` have them;
/// `attention.weight` (1, S·H) and `attention.bias` (1) where attention pools; `fc.weight` (K, S·H), `fc.bias` (K).
pub struct Rnn {
    cell: Cell,
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
        cell: Cell,
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
        let mut parameters = Parameters::default();
        let deviation = config.embedding_deviation;
        let table = initial.part("embedding").table(shape.vocabulary, config.embedding, deviation, device)?;
        parameters.declare("embedding.weight", &table)?;
        let outputs = config.hidden.saturating_mul(cell.gates());
        let (mut inputs, bound) = (config.embedding, 1.0 / (config.hidden as f32).sqrt());
        for layer in 0..config.layers {
            for suffix in config.directions.suffixes() {
                let shapes: [(&str, &[usize]); 4] = [
                    ("weight_ih", &[outputs, inputs]),
                    ("weight_hh", &[outputs, config.hidden]),
                    ("bias_ih", &[outputs]),
                    ("bias_hh", &[outputs]),
                ];
                for (part, shape) in shapes {
                    let name = format!("rnn.{part}_l{layer}{suffix}");
                    parameters.declare(&name, &initial.part(&name).uniform(shape, bound, device)?)?;
                }
            }
            inputs = config.states();
        }
        let mut layer = |name: &str, outputs| -> Result<()> {
            let (weight, bias) = initial.part(name).linear(config.states(), outputs, device)?;
            parameters.declare(&format!("{name}.weight"), &weight)?;
            Ok(parameters.declare(&format!("{name}.bias"), &bias)?)
        };
        if config.pooling == StatePooling::Attention {
            layer("attention", 1)?;
        }
        match config.head {
            Head::AllLogits => layer("fc", shape.classes)?,
            Head::OneLogit => layer("fc", 1)?,
        }
        Ok(Self { cell, config: config.clone(), parameters, classes: shape.classes, device: device.clone() })
    }

    /// The states (N, S·H) that layer `layer` makes of x (N, ·).
    fn layer(&self, layer: usize, x: &Tensor, rows: &Ragged, mode: Mode) -> Result<Tensor> {
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
        let weights = weights.collect::<Result<Vec<_>>>()?;
        let sequence = match self.cell {
            Cell::Rnn => rnn_sequence,
            Cell::Lstm => lstm_sequence,
            Cell::Gru => gru_sequence,
        };
        op(sequence(x, rows, &weights, self.config.backward_steps))
    }

    /// What the last layer reads (B, S·H).
    fn state(&self, rows: &Ragged, embedded: &Tensor, mode: Mode) -> Result<Tensor> {
        let mut states = drop_out(embedded.clone(), self.config.embedding_dropout, mode, "embedding")?;
        for layer in 0..self.config.layers {
            if layer > 0 {
                states = drop_out(states, self.config.layer_dropout, mode, &format!("layer {layer}"))?;
            }
            states = self.layer(layer, &states, rows, mode)?;
        }
        let pooled = self.pool(&states, rows, mode)?;
        if let Mode::Train(step) = mode {
            step.keep_state(&pooled);
        }
        drop_out(pooled, self.config.dropout, mode, "dropout")
    }

    /// The states of each row as one (B, S·H).
    fn pool(&self, states: &Tensor, rows: &Ragged, mode: Mode) -> Result<Tensor> {
        let bag = |pooling| -> Result<Tensor> {
            let places = Ragged::new((0..rows.tokens() as u32).collect(), rows.offsets().to_vec())?;
            op(embedding_bag(states, &places, pooling, None, None))
        };
        match self.config.pooling {
            StatePooling::Last => op(last_state(states, rows, self.config.directions.count())),
            StatePooling::Mean => bag(Pooling::Mean),
            StatePooling::Max => bag(Pooling::Max),
            StatePooling::Attention => {
                let scores = linear(&self.parameters, "attention", states, mode)?;
                op(attention_pool(states, &scores, rows))
            }
        }
    }
}

/// Dropout with a stream of its own, in training.
fn drop_out(x: Tensor, share: f64, mode: Mode, name: &str) -> Result<Tensor> {
    match mode {
        Mode::Train(step) => op(dropout(&x, share as f32, step.seed.stream(name))),
        Mode::Eval => Ok(x),
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

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn parameters_mut(&mut self) -> &mut Parameters {
        &mut self.parameters
    }

    fn classes(&self) -> usize {
        self.classes
    }

    fn device(&self) -> &Device {
        &self.device
    }

    fn embedded(&self) -> Option<&dyn Embedded> {
        Some(self)
    }
}

#[cfg(test)]
mod tests;
