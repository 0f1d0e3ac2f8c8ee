//! The forward pass, in parts.

use assort_classifier::{Error, Mode, Result};
use assort_kernels::{
    Dropout, EncoderLayer, LayerStates, Norm, Pooling, dropout, embedding_bag, encoder_layer, relu,
    residual_norm,
};
use assort_tensor::Ragged;
use candle_core::Tensor;

use super::{CLASSIFIER, Encoder, Head, TokenPooling, in_pool};
use crate::layers::{linear, op, sink};

impl Encoder {
    /// The word embedding of each token (N, D), before positions are added.
    pub(super) fn words(&self, inputs: &Ragged, mode: Mode) -> Result<Tensor> {
        self.check(inputs)?;
        self.look_up(&self.plan.names.word, inputs.ids().to_vec(), mode)
    }

    /// The hidden states (N, D) behind the lowest `layers` layers; 0: those of the embeddings. Training drops
    /// nothing below the lowest trained parameter.
    ///
    /// # Errors
    /// If an id has no embedding, or a sequence is longer than the model has positions.
    pub fn states(&self, inputs: &Ragged, layers: usize, mode: Mode) -> Result<Tensor> {
        let mut x = self.first_states(inputs, &self.words(inputs, mode)?, mode)?;
        for index in 0..layers.min(self.layers()) {
            x = self.layer(index, &x, inputs, LayerStates::All, mode)?;
        }
        Ok(x)
    }

    /// The logits (B, K) from the hidden states (N, D) behind the lowest `layers` layers. Of `inputs` the
    /// lengths alone are read.
    ///
    /// # Errors
    /// If there is not one hidden state for each token.
    pub fn logits(&self, inputs: &Ragged, hidden: &Tensor, layers: usize, mode: Mode) -> Result<Tensor> {
        linear(&self.parameters, CLASSIFIER, &self.row_state(inputs, hidden, layers, mode)?, mode)
    }

    /// Input of the last layer (B, D), from the same.
    pub(super) fn row_state(
        &self,
        inputs: &Ragged,
        hidden: &Tensor,
        layers: usize,
        mode: Mode,
    ) -> Result<Tensor> {
        self.check_states(hidden, inputs)?;
        let pooling = match self.plan.head {
            Head::Rectified(_) | Head::Pooled(_) => None,
            Head::States(pooling) => Some(pooling),
        };
        let mut x = hidden.clone();
        let mut left = LayerStates::All;
        for index in layers..self.layers() {
            if index + 1 == self.layers() && pooling.is_none() {
                left = LayerStates::First;
            }
            x = self.layer(index, &x, inputs, left, mode)?;
        }
        if left == LayerStates::All {
            x = pool(&x, inputs, pooling.unwrap_or(TokenPooling::First))?;
        }
        self.inner_head(&x, mode)
    }

    /// The last hidden states of each sequence as one (B, D), for each way of pooling.
    ///
    /// # Errors
    /// As [`Encoder::states`].
    pub fn pooled(&self, inputs: &Ragged, poolings: &[TokenPooling]) -> Result<Vec<Tensor>> {
        in_pool(|| {
            let states = self.states(inputs, self.layers(), Mode::Eval)?;
            poolings.iter().map(|pooling| pool(&states, inputs, *pooling)).collect()
        })
    }

    /// Input of the last layer (B, D), from the last hidden states as one.
    fn inner_head(&self, pooled: &Tensor, mode: Mode) -> Result<Tensor> {
        let inner = |name| linear(&self.parameters, name, pooled, mode);
        let mut state = match self.plan.head {
            Head::Rectified(name) => op(relu(&inner(name)?))?,
            Head::Pooled(name) => inner(name)?.tanh()?,
            Head::States(_) => pooled.clone(),
        };
        if let Mode::Train(step) = mode {
            step.keep_state(&state);
            let share = self.plan.dropouts.classifier as f32;
            state = op(dropout(&state, share, step.seed.stream("classifier")))?;
        }
        Ok(state)
    }

    /// dropout(norm(words + positions + kinds)), from word embeddings (N, D). Gradients reach them, in
    /// evaluation too.
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
        let norm = self.pair(&names.embedding_norm, mode)?;
        let x = op(residual_norm(words, Dropout::NONE, &added, &self.norm_of(&norm)))?;
        match mode {
            Mode::Train(step) => {
                let share = self.plan.dropouts.hidden as f32;
                op(dropout(&x, share, step.seed.stream("embeddings")))
            }
            Mode::Eval => Ok(x),
        }
    }

    fn layer(
        &self,
        index: usize,
        x: &Tensor,
        inputs: &Ragged,
        states: LayerStates,
        mode: Mode,
    ) -> Result<Tensor> {
        let mode = self.mode(Some(index), mode);
        let (names, dropouts) = (&self.plan.names.layers[index], &self.plan.dropouts);
        let mask = |name: &str, share: f64| match mode {
            Mode::Train(step) => {
                let seed = step.seed.stream("layer").at(index as u64).stream(name);
                op(Dropout::new(share as f32, seed))
            }
            Mode::Eval => Ok(Dropout::NONE),
        };
        let [query, key, value, out, inner, outer] =
            [&names.query, &names.key, &names.value, &names.out, &names.inner, &names.outer]
                .map(|name| self.dense(name, mode));
        let (query, key, value, out, inner, outer) = (query?, key?, value?, out?, inner?, outer?);
        let (first, second) = (self.pair(&names.attention_norm, mode)?, self.pair(&names.outer_norm, mode)?);
        let layer = EncoderLayer {
            query: query.dense(),
            key: key.dense(),
            value: value.dense(),
            out: out.dense(),
            attention_norm: self.norm_of(&first),
            inner: inner.dense(),
            activation: self.plan.activation,
            outer: outer.dense(),
            outer_norm: self.norm_of(&second),
            heads: self.plan.heads,
            attention_dropout: mask("attention", dropouts.attention)?,
            out_dropout: mask("out", dropouts.attention_out)?,
            outer_dropout: mask("outer", dropouts.hidden)?,
            compute_dtype: self.compute_dtype,
        };
        op(encoder_layer(x, inputs, &layer, states, sink(mode)))
    }

    /// `NAME.weight` and `NAME.bias`.
    fn pair(&self, name: &str, mode: Mode) -> Result<[Tensor; 2]> {
        let value = |part: &str| self.parameters.value(&format!("{name}.{part}"), mode.tracking());
        Ok([value("weight")?, value("bias")?])
    }

    fn norm_of<'t>(&self, [weight, bias]: &'t [Tensor; 2]) -> Norm<'t> {
        Norm { weight, bias, epsilon: self.plan.epsilon }
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
                    "token {position} of row {row} has the id {}, but the model has {} embeddings: use \
                     its own tokenizer",
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

/// The states (N, D) of each sequence's tokens as one (B, D); zeros for a sequence without tokens.
fn pool(states: &Tensor, inputs: &Ragged, pooling: TokenPooling) -> Result<Tensor> {
    let tokens = |pair: &[u32]| pair[0]..pair[1];
    let pairs = inputs.offsets().windows(2);
    let (rows, how) = match pooling {
        TokenPooling::First => {
            (Ragged::from_rows(pairs.map(|pair| tokens(pair).take(1).collect::<Vec<u32>>())), Pooling::Sum)
        }
        TokenPooling::Mean => {
            (Ragged::from_rows(pairs.map(|pair| tokens(pair).collect::<Vec<u32>>())), Pooling::Mean)
        }
    };
    op(embedding_bag(states, &rows, how, None, None))
}
