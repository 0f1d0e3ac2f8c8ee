//! The forward pass, in parts.

use assort_classifier::{Error, Mode, Result};
use assort_kernels::{
    Attention, Dropout, Norm, Pooling, attention, dropout, embedding_bag, gelu_linear, layer_norm, relu,
    residual_norm,
};
use assort_tensor::Ragged;
use candle_core::Tensor;

use super::{Activation, CLASSIFIER, Encoder, Head};
use crate::layers::{linear, op, sink};

/// Which hidden states a layer gives.
#[derive(Clone, Copy)]
enum Wanted<'a> {
    /// That of every token.
    All,
    /// That of each sequence's first token (B, D), given what the layer below gave for it. Zeros for an empty sequence.
    First(&'a Tensor),
}

impl Encoder {
    /// The word embedding of each token (N, D), before positions are added.
    pub(super) fn words(&self, inputs: &Ragged, mode: Mode) -> Result<Tensor> {
        self.check(inputs)?;
        self.look_up(&self.plan.names.word, inputs.ids().to_vec(), mode)
    }

    /// The hidden states (N, D) behind the lowest `layers` layers; 0: those of the embeddings. Training drops nothing below the
    /// lowest trained parameter.
    ///
    /// # Errors
    /// If an id has no embedding, or a sequence is longer than the model has positions.
    pub fn states(&self, inputs: &Ragged, layers: usize, mode: Mode) -> Result<Tensor> {
        let mut x = self.first_states(inputs, &self.words(inputs, mode)?, mode)?;
        for index in 0..layers.min(self.layers()) {
            x = self.layer(index, &x, inputs, Wanted::All, mode)?;
        }
        Ok(x)
    }

    /// The logits (B, K) from the hidden states (N, D) behind the lowest `layers` layers. Of `inputs` the lengths alone are
    /// read.
    ///
    /// # Errors
    /// If there is not one hidden state for each token.
    pub fn logits(&self, inputs: &Ragged, hidden: &Tensor, layers: usize, mode: Mode) -> Result<Tensor> {
        linear(&self.parameters, CLASSIFIER, &self.row_state(inputs, hidden, layers, mode)?, mode)
    }

    /// What the last layer reads (B, D), from the same.
    pub(super) fn row_state(
        &self,
        inputs: &Ragged,
        hidden: &Tensor,
        layers: usize,
        mode: Mode,
    ) -> Result<Tensor> {
        self.check_states(hidden, inputs)?;
        let mut x = hidden.clone();
        for index in layers..self.layers().saturating_sub(1) {
            x = self.layer(index, &x, inputs, Wanted::All, mode)?;
        }
        let firsts =
            inputs.offsets().windows(2).map(|pair| if pair[0] < pair[1] { vec![pair[0]] } else { vec![] });
        let firsts = Ragged::from_rows(firsts);
        let mut first = op(embedding_bag(&x, &firsts, Pooling::Sum, None, None))?;
        if layers < self.layers() {
            first = self.layer(self.layers() - 1, &x, inputs, Wanted::First(&first), mode)?;
        }
        self.inner_head(&first, mode)
    }

    /// What the last layer reads, from the last hidden state of each sequence's first token (B, D).
    fn inner_head(&self, first: &Tensor, mode: Mode) -> Result<Tensor> {
        let inner = linear(&self.parameters, self.plan.head.inner(), first, mode)?;
        let mut state = match self.plan.head {
            Head::Rectified(_) => op(relu(&inner))?,
            Head::Pooled(_) => inner.tanh()?,
        };
        if let Mode::Train(step) = mode {
            step.keep_state(&state);
            let share = self.plan.dropouts.classifier as f32;
            state = op(dropout(&state, share, step.seed.stream("classifier")))?;
        }
        Ok(state)
    }

    /// dropout(norm(words + positions + kinds)), from word embeddings (N, D). Gradients reach them, in evaluation too.
    pub(super) fn first_states(&self, inputs: &Ragged, words: &Tensor, mode: Mode) -> Result<Tensor> {
        self.check_states(words, inputs)?;
        self.check_lengths(inputs)?;
        let mode = self.mode(None, mode);
        let names = &self.plan.names;
        let places = inputs.lengths().flat_map(|length| 0..length as u32).collect();
        let mut added = self.look_up(&names.position, places, mode)?;
        if self.plan.types > 0 {
            added = (added + self.look_up(&names.token_type, vec![0; inputs.tokens()], mode)?)?;
        }
        let x = self.norm(&names.embedding_norm, words, Dropout::NONE, Some(&added), mode)?;
        match mode {
            Mode::Train(step) => {
                let share = self.plan.dropouts.hidden as f32;
                op(dropout(&x, share, step.seed.stream("embeddings")))
            }
            Mode::Eval => Ok(x),
        }
    }

    fn layer(&self, index: usize, x: &Tensor, inputs: &Ragged, wanted: Wanted, mode: Mode) -> Result<Tensor> {
        let mode = self.mode(Some(index), mode);
        let (names, dropouts) = (&self.plan.names.layers[index], &self.plan.dropouts);
        let product = |name: &str, input: &Tensor| linear(&self.parameters, name, input, mode);
        let mask = |name: &str, share: f64| match mode {
            Mode::Train(step) => {
                let seed = step.seed.stream("layer").at(index as u64).stream(name);
                Dropout::new(share as f32, seed).map_err(|error| Error::Op(error.to_string()))
            }
            Mode::Eval => Ok(Dropout::NONE),
        };
        let one_each: Vec<u32>;
        let (asking, queries) = match wanted {
            Wanted::All => (x, inputs.offsets()),
            Wanted::First(first) => {
                one_each = (0..=inputs.rows() as u32).collect();
                (first, one_each.as_slice())
            }
        };
        let settings = Attention {
            queries,
            keys: inputs.offsets(),
            heads: self.plan.heads,
            dropout: mask("attention", dropouts.attention)?,
        };
        let (q, k, v) = (product(&names.query, asking)?, product(&names.key, x)?, product(&names.value, x)?);
        let attended = product(&names.out, &op(attention(&q, &k, &v, &settings))?)?;
        let drop = mask("out", dropouts.attention_out)?;
        let x = self.norm(&names.attention_norm, &attended, drop, Some(asking), mode)?;
        let inner = product(&names.inner, &x)?;
        let outer = match self.plan.activation {
            Activation::Gelu => {
                let value =
                    |part: &str| self.parameters.value(&format!("{}.{part}", names.outer), mode.tracking());
                op(gelu_linear(&inner, &value("weight")?, &value("bias")?, sink(mode)))?
            }
            Activation::Relu => product(&names.outer, &op(relu(&inner))?)?,
        };
        self.norm(&names.outer_norm, &outer, mask("outer", dropouts.hidden)?, Some(&x), mode)
    }

    /// The norm of residual + dropout(x).
    fn norm(
        &self,
        name: &str,
        x: &Tensor,
        drop: Dropout,
        residual: Option<&Tensor>,
        mode: Mode,
    ) -> Result<Tensor> {
        let value = |part: &str| self.parameters.value(&format!("{name}.{part}"), mode.tracking());
        let (weight, bias) = (value("weight")?, value("bias")?);
        let norm = Norm { weight: &weight, bias: &bias, epsilon: self.plan.epsilon };
        op(match residual {
            Some(residual) => residual_norm(x, drop, residual, &norm),
            None => layer_norm(x, &norm),
        })
    }

    /// Rows of a table (N, D), one for each id. In training the table's gradient is that of the touched rows.
    fn look_up(&self, table: &str, ids: Vec<u32>, mode: Mode) -> Result<Tensor> {
        let single = (0..=ids.len() as u32).collect();
        let table = self.parameters.value(table, mode.tracking())?;
        op(embedding_bag(&table, &Ragged::new(ids, single)?, Pooling::Sum, None, sink(mode)))
    }

    /// The mode of a layer, or of the embeddings: below the lowest trained parameter that of evaluation.
    fn mode<'s>(&self, layer: Option<usize>, mode: Mode<'s>) -> Mode<'s> {
        match (self.frozen_layers(), layer) {
            (Some(_), None) => Mode::Eval,
            (Some(frozen), Some(layer)) if layer < frozen => Mode::Eval,
            _ => mode,
        }
    }

    fn check(&self, inputs: &Ragged) -> Result<()> {
        for (row, ids) in inputs.iter().enumerate() {
            if let Some(position) = ids.iter().position(|&id| id as usize >= self.plan.vocabulary) {
                return Err(Error::Op(format!(
                    "token {position} of row {row} has the id {}, but the model has {} embeddings: use its own tokenizer",
                    ids[position], self.plan.vocabulary
                )));
            }
        }
        self.check_lengths(inputs)
    }

    fn check_lengths(&self, inputs: &Ragged) -> Result<()> {
        match inputs.lengths().position(|length| length > self.plan.positions) {
            None => Ok(()),
            Some(row) => Err(Error::Op(format!(
                "row {row} has {} tokens, but the model has {} positions: cut texts to that length",
                inputs.row(row).len(),
                self.plan.positions
            ))),
        }
    }

    fn check_states(&self, states: &Tensor, inputs: &Ragged) -> Result<()> {
        let expected = vec![inputs.tokens(), self.plan.width];
        if states.dims() == expected {
            return Ok(());
        }
        let (name, found) = ("states".into(), states.dims().to_vec());
        Err(assort_tensor::Error::Shape { name, expected, found }.into())
    }
}
