//! The sizes of an encoder and the names of its parameters.

use assort_classifier::{Error, Result};
use assort_tensor::Part;
use serde::{Deserialize, Serialize};

use super::Activation;
use crate::slots::{Size, Slot, Slots, Start};

/// Everything that tells one encoder from another.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Beginning of the names of all parameters but the head's.
    pub prefix: &'static str,
    /// Names of the configuration's fields, for messages.
    pub fields: Fields,
    /// V, the rows of the table of word embeddings.
    pub vocabulary: usize,
    /// The longest sequence, in tokens.
    pub positions: usize,
    /// Whether first position embeddings are sines and cosines.
    pub waves: bool,
    /// The kinds of token that have an embedding; all tokens are of the first kind. 0 where there is no such
    /// table.
    pub types: usize,
    /// D.
    pub width: usize,
    /// The number of attention heads.
    pub heads: usize,
    /// The width inside a feed-forward block.
    pub inner: usize,
    /// Function that follows its first half.
    pub activation: Activation,
    /// ε of the norms.
    pub epsilon: f64,
    /// The standard deviation of first weights.
    pub deviation: f64,
    /// The row of the table of word embeddings that begins with zeros.
    pub padding: Option<u32>,
    /// Shares that training drops.
    pub dropouts: Dropouts,
    /// The parameters' names.
    pub names: Names,
    /// Layers that make logits of the last hidden states.
    pub head: Head,
}

/// Names of a configuration's fields.
#[derive(Clone, Copy, Debug)]
pub struct Fields {
    /// Of the rows of the table of word embeddings.
    pub vocabulary: &'static str,
    /// Of the longest sequence.
    pub positions: &'static str,
    /// Of D.
    pub width: &'static str,
    /// Of the number of layers.
    pub layers: &'static str,
    /// Of the number of heads.
    pub heads: &'static str,
    /// Of the width inside a feed-forward block.
    pub inner: &'static str,
    /// Of the dropout of hidden values.
    pub hidden_dropout: &'static str,
    /// Of the dropout of attention probabilities.
    pub attention_dropout: &'static str,
    /// Of the dropout before the classifier.
    pub classifier_dropout: &'static str,
}

/// The share of values that training drops, by place.
#[derive(Clone, Copy, Debug)]
pub struct Dropouts {
    /// Of the embeddings and of what a feed-forward block gives.
    pub hidden: f64,
    /// Of attention probabilities.
    pub attention: f64,
    /// Of what an attention block gives.
    pub attention_out: f64,
    /// Before the classifier.
    pub classifier: f64,
}

/// The names of all parameters; those of layers and norms without `.weight` and `.bias`.
#[derive(Clone, Debug)]
pub struct Names {
    /// The table of word embeddings.
    pub word: String,
    /// The table of position embeddings.
    pub position: String,
    /// The table of the tokens' kinds, if there is one.
    pub token_type: String,
    /// The norm of the embeddings.
    pub embedding_norm: String,
    /// Each layer, from below.
    pub layers: Vec<LayerNames>,
}

/// The names of a layer's parts.
#[derive(Clone, Debug)]
pub struct LayerNames {
    /// The attention's queries.
    pub query: String,
    /// The attention's keys.
    pub key: String,
    /// The attention's values.
    pub value: String,
    /// The attention's last product.
    pub out: String,
    /// The norm behind the attention.
    pub attention_norm: String,
    /// The first half of the feed-forward block.
    pub inner: String,
    /// Its second half.
    pub outer: String,
    /// The norm behind it.
    pub outer_norm: String,
}

/// Layers that make logits of the last hidden states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// `pre_classifier`, ReLU, dropout, `classifier`.
    Rectified(&'static str),
    /// `bert.pooler.dense`, tanh, dropout, `classifier`.
    Pooled(&'static str),
    /// `classifier` alone, on the last hidden states of all tokens as one.
    States(TokenPooling),
}

/// How the last hidden states of a sequence's tokens become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenPooling {
    /// That of the first token, `[CLS]`.
    First,
    /// The mean of all.
    Mean,
}

impl Head {
    /// The name of the layer before the classifier, if there is one.
    pub fn inner(self) -> Option<&'static str> {
        match self {
            Self::Rectified(name) | Self::Pooled(name) => Some(name),
            Self::States(_) => None,
        }
    }
}

/// The last layer.
pub const CLASSIFIER: &str = "classifier";

impl Plan {
    /// # Errors
    /// Names the first field that lies outside its range.
    pub fn check(&self) -> Result<()> {
        let fields = self.fields;
        let fail =
            |parameter, found: String, expected| Err(Error::Configuration { parameter, found, expected });
        for (name, value) in [
            (fields.vocabulary, self.vocabulary),
            (fields.positions, self.positions),
            (fields.width, self.width),
            (fields.heads, self.heads),
            (fields.inner, self.inner),
        ] {
            if value == 0 {
                return fail(name, "0".into(), "a number of at least 1");
            }
        }
        if !self.width.is_multiple_of(self.heads) {
            return fail(
                fields.heads,
                self.heads.to_string(),
                "a number that divides the width of a hidden state",
            );
        }
        for (name, share) in [
            (fields.hidden_dropout, self.dropouts.hidden),
            (fields.hidden_dropout, self.dropouts.attention_out),
            (fields.attention_dropout, self.dropouts.attention),
            (fields.classifier_dropout, self.dropouts.classifier),
        ] {
            if !(0.0..1.0).contains(&share) {
                return fail(name, share.to_string(), "a share from 0 to below 1");
            }
        }
        if !(self.deviation >= 0.0 && self.deviation.is_finite()) {
            return fail("initializer_range", self.deviation.to_string(), "a number from 0 on");
        }
        if !(self.epsilon > 0.0 && self.epsilon.is_finite()) {
            return fail("layer_norm_eps", self.epsilon.to_string(), "a number above 0");
        }
        Ok(())
    }

    /// The same encoder with a head on its states alone.
    pub fn with_pooling(self, pooling: TokenPooling) -> Self {
        Self { head: Head::States(pooling), ..self }
    }

    /// The weights that each token is multiplied by: those of attention and feed-forward blocks.
    pub fn layer_weights(&self) -> usize {
        self.names.layers.len() * self.width * (4 * self.width + 2 * self.inner)
    }

    /// Every parameter of a model for `classes` labels, in order.
    pub fn slots(&self, classes: usize) -> Vec<Slot> {
        let mut all = Vec::new();
        // Nothing fails that is only gathered.
        let _ = self.tell(
            classes,
            &mut Slots(&mut |slot| {
                all.push(slot);
                Ok(())
            }),
        );
        all
    }

    /// Tells every parameter of a model for `classes` labels, in order.
    pub(crate) fn tell(&self, classes: usize, slots: &mut Slots) -> Result<()> {
        let (fields, names) = (self.fields, &self.names);
        let normal = Start::Normal { deviation: self.deviation, zeros: None };
        let words = Start::Normal { deviation: self.deviation, zeros: self.padding.map(|row| row as usize) };
        let waves = if self.waves { Start::Waves } else { normal };
        let (width, inner) = (Size(fields.width, self.width), Size(fields.inner, self.inner));
        slots.add(&names.word, Part::Words, &[Size(fields.vocabulary, self.vocabulary), width], words)?;
        let positions = [Size(fields.positions, self.positions), width];
        slots.add(&names.position, Part::Embeddings, &positions, waves)?;
        if self.types > 0 {
            let types = [Size("type_vocab_size", self.types), width];
            slots.add(&names.token_type, Part::Embeddings, &types, normal)?;
        }
        let norm = |slots: &mut Slots, cause, name: &str, part| {
            slots.add_by(cause, &format!("{name}.weight"), part, &[width], Start::Ones)?;
            slots.add_by(cause, &format!("{name}.bias"), part, &[width], Start::Zeros)
        };
        let layer = |slots: &mut Slots, cause, name: &str, part, inputs, outputs| {
            slots.add_by(cause, &format!("{name}.weight"), part, &[outputs, inputs], normal)?;
            slots.add_by(cause, &format!("{name}.bias"), part, &[outputs], Start::Zeros)
        };
        norm(slots, "model", &names.embedding_norm, Part::Embeddings)?;
        for (index, names) in names.layers.iter().enumerate() {
            let (part, cause) = (Part::Layer(index), fields.layers);
            for name in [&names.query, &names.key, &names.value, &names.out] {
                layer(slots, cause, name, part, width, width)?;
            }
            norm(slots, cause, &names.attention_norm, part)?;
            layer(slots, cause, &names.inner, part, width, inner)?;
            layer(slots, cause, &names.outer, part, inner, width)?;
            norm(slots, cause, &names.outer_norm, part)?;
        }
        if let Some(inner) = self.head.inner() {
            layer(slots, "model", inner, Part::Head, width, width)?;
        }
        layer(slots, "model", CLASSIFIER, Part::Classifier, width, Size("classes", classes))
    }
}
