//! The sizes of an encoder and the names of its parameters.

use assort_classifier::{Error, Result};
use assort_tensor::Part;
use candle_core::{Device, Tensor};

use super::Activation;
use crate::Initial;

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
    /// How first position embeddings are made.
    pub first_positions: Start,
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
    /// Layers that make logits of the first token.
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

/// Layers that make logits of the first token's last hidden state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// `pre_classifier`, ReLU, dropout, `classifier`.
    Rectified(&'static str),
    /// `bert.pooler.dense`, tanh, dropout, `classifier`.
    Pooled(&'static str),
}

impl Head {
    /// The name of the layer before the classifier.
    pub fn inner(self) -> &'static str {
        match self {
            Self::Rectified(name) | Self::Pooled(name) => name,
        }
    }
}

/// The last layer.
pub const CLASSIFIER: &str = "classifier";

/// How a parameter begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Drawn from N(0, deviation²).
    Normal,
    /// All zero.
    Zeros,
    /// All one.
    Ones,
    /// Sines in the even columns, cosines in the odd ones (Vaswani and others 2017, 3.5).
    Waves,
}

/// A parameter that a model has.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Its name.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// How it begins.
    pub start: Start,
    /// Where it belongs.
    pub part: Part,
}

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

    /// Every parameter of a model for `classes` labels, in order.
    pub fn slots(&self, classes: usize) -> Vec<Slot> {
        let mut slots = Slots(Vec::new());
        let (width, names) = (self.width, &self.names);
        slots.add(&names.word, vec![self.vocabulary, width], Start::Normal, Part::Words);
        slots.add(&names.position, vec![self.positions, width], self.first_positions, Part::Embeddings);
        if self.types > 0 {
            slots.add(&names.token_type, vec![self.types, width], Start::Normal, Part::Embeddings);
        }
        slots.norm(&names.embedding_norm, width, Part::Embeddings);
        for (index, names) in names.layers.iter().enumerate() {
            let part = Part::Layer(index);
            for name in [&names.query, &names.key, &names.value, &names.out] {
                slots.layer(name, width, width, part);
            }
            slots.norm(&names.attention_norm, width, part);
            slots.layer(&names.inner, width, self.inner, part);
            slots.layer(&names.outer, self.inner, width, part);
            slots.norm(&names.outer_norm, width, part);
        }
        slots.layer(self.head.inner(), width, width, Part::Head);
        slots.layer(CLASSIFIER, width, classes, Part::Classifier);
        slots.0
    }

    /// A parameter's first value.
    pub fn value(&self, slot: &Slot, initial: Initial, device: &Device) -> Result<Tensor> {
        let shape = match *slot.shape {
            [rows, columns] => (rows, columns),
            _ => (1, slot.shape.iter().product()),
        };
        let tensor = match (initial, slot.start) {
            (Initial::Drawn(_), Start::Normal) => {
                let table = initial.part(&slot.name).normal(shape, self.deviation as f32, device)?;
                if let Some(row) = self.padding.map(|row| row as usize).filter(|&row| row < shape.0)
                    && slot.name == self.names.word
                {
                    table.slice_set(&Tensor::zeros((1, shape.1), table.dtype(), device)?, 0, row)?;
                }
                table
            }
            (Initial::Drawn(_), Start::Ones) => Initial::Zeros.normal(shape, 0.0, device)?.ones_like()?,
            (Initial::Drawn(_), Start::Waves) => waves(shape, device)?,
            (Initial::Drawn(_), Start::Zeros) | (Initial::Zeros, _) => {
                Initial::Zeros.normal(shape, 0.0, device)?
            }
        };
        Ok(tensor.reshape(slot.shape.as_slice())?)
    }
}

struct Slots(Vec<Slot>);

impl Slots {
    fn add(&mut self, name: &str, shape: Vec<usize>, start: Start, part: Part) {
        self.0.push(Slot { name: name.into(), shape, start, part });
    }

    fn layer(&mut self, name: &str, inputs: usize, outputs: usize, part: Part) {
        self.add(&format!("{name}.weight"), vec![outputs, inputs], Start::Normal, part);
        self.add(&format!("{name}.bias"), vec![outputs], Start::Zeros, part);
    }

    fn norm(&mut self, name: &str, width: usize, part: Part) {
        self.add(&format!("{name}.weight"), vec![width], Start::Ones, part);
        self.add(&format!("{name}.bias"), vec![width], Start::Zeros, part);
    }
}

/// Column c of row t: the sine or cosine of t / 10000^(2 ⌊c/2⌋ / D).
fn waves((rows, columns): (usize, usize), device: &Device) -> Result<Tensor> {
    let angle = |t: usize, c: usize| t as f64 / 10_000f64.powf((c - c % 2) as f64 / columns as f64);
    let wave = |t, c| if c % 2 == 0 { angle(t, c).sin() } else { angle(t, c).cos() };
    let values: Vec<f32> = (0..rows * columns).map(|i| wave(i / columns, i % columns) as f32).collect();
    Ok(Tensor::from_vec(values, (rows, columns), device)?)
}
