//! DistilBERT with a head that sorts sequences (Sanh and others 2019), as Hugging Face's
//! `DistilBertForSequenceClassification`.
//!
//! ```text
//! x       = dropout(norm(word embedding + position embedding))              (N, D)
//! x       = norm(x + out(attention(q(x), k(x), v(x))))                       (N, D), in each layer
//! x       = norm(x + dropout(lin2(gelu(lin1(x)))))                           (N, D)
//! logits  = classifier(dropout(relu(pre_classifier(x of the first token))))  (B, K)
//! ```
//! Parameters have the names of the published checkpoints.

use assort_classifier::Result;
use serde::{Deserialize, Serialize};

use crate::encoder::{
    Dropouts, EncoderConfig, Fields, Head, LayerNames, Names, Plan, Unread, activation, layers,
};

/// The fields of a DistilBERT's `config.json`, with Hugging Face's defaults. What is not read is kept and
/// written again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DistilbertConfig {
    /// V, the rows of the table of word embeddings.
    pub vocab_size: usize,
    /// The longest sequence, in tokens.
    pub max_position_embeddings: usize,
    /// Whether the first position embeddings are sines and cosines.
    pub sinusoidal_pos_embds: bool,
    /// The number of layers.
    pub n_layers: usize,
    /// The number of attention heads; it divides `dim`.
    pub n_heads: usize,
    /// D, the width of a hidden state.
    pub dim: usize,
    /// The width inside a feed-forward block.
    pub hidden_dim: usize,
    /// The share of hidden values that training drops.
    pub dropout: f64,
    /// The share of attention probabilities that training drops.
    pub attention_dropout: f64,
    /// Activation after the first half of a feed-forward block.
    pub activation: String,
    /// The standard deviation of first weights.
    pub initializer_range: f64,
    /// The share of values that training drops before the classifier.
    pub seq_classif_dropout: f64,
    /// The id of the padding token.
    pub pad_token_id: Option<u32>,
    /// All other fields, as they were.
    #[serde(flatten)]
    pub unread: Unread,
}

impl Default for DistilbertConfig {
    fn default() -> Self {
        Self {
            vocab_size: 30_522,
            max_position_embeddings: 512,
            sinusoidal_pos_embds: false,
            n_layers: 6,
            n_heads: 12,
            dim: 768,
            hidden_dim: 3072,
            dropout: 0.1,
            attention_dropout: 0.1,
            activation: "gelu".into(),
            initializer_range: 0.02,
            seq_classif_dropout: 0.2,
            pad_token_id: Some(0),
            unread: Unread::default(),
        }
    }
}

const FIELDS: Fields = Fields {
    vocabulary: "vocab_size",
    positions: "max_position_embeddings",
    width: "dim",
    layers: "n_layers",
    heads: "n_heads",
    inner: "hidden_dim",
    hidden_dropout: "dropout",
    attention_dropout: "attention_dropout",
    classifier_dropout: "seq_classif_dropout",
};

impl EncoderConfig for DistilbertConfig {
    const MODEL_TYPE: &'static str = "distilbert";
    const CLASSIFIER: &'static str = "DistilBertForSequenceClassification";
    const HEADLESS: &'static str = "DistilBertModel";

    fn plan(&self) -> Result<Plan> {
        let layer = |index: usize| {
            let name = |part: &str| format!("distilbert.transformer.layer.{index}.{part}");
            LayerNames {
                query: name("attention.q_lin"),
                key: name("attention.k_lin"),
                value: name("attention.v_lin"),
                out: name("attention.out_lin"),
                attention_norm: name("sa_layer_norm"),
                inner: name("ffn.lin1"),
                outer: name("ffn.lin2"),
                outer_norm: name("output_layer_norm"),
            }
        };
        let embedding = |part: &str| format!("distilbert.embeddings.{part}");
        Ok(Plan {
            prefix: "distilbert.",
            fields: FIELDS,
            vocabulary: self.vocab_size,
            positions: self.max_position_embeddings,
            waves: self.sinusoidal_pos_embds,
            types: 0,
            width: self.dim,
            heads: self.n_heads,
            inner: self.hidden_dim,
            activation: activation("activation", &self.activation)?,
            epsilon: 1e-12,
            deviation: self.initializer_range,
            padding: self.pad_token_id,
            dropouts: Dropouts {
                hidden: self.dropout,
                attention: self.attention_dropout,
                // Nothing is dropped behind the attention's last product.
                attention_out: 0.0,
                classifier: self.seq_classif_dropout,
            },
            names: Names {
                word: embedding("word_embeddings.weight"),
                position: embedding("position_embeddings.weight"),
                token_type: String::new(),
                embedding_norm: embedding("LayerNorm"),
                layers: layers(FIELDS.layers, self.n_layers)?.map(layer).collect(),
            },
            head: Head::Rectified("pre_classifier"),
        })
    }

    fn unread(&self) -> &Unread {
        &self.unread
    }

    fn unread_mut(&mut self) -> &mut Unread {
        &mut self.unread
    }
}
