//! BERT with a head that sorts sequences (Devlin and others 2018), as Hugging Face's
//! `BertForSequenceClassification`.
//!
//! Its forward pass is that of [`crate::encoder`], with the tokens' kinds added to the embeddings and the
//! pooler before the classifier. All tokens are of the first kind. Parameters have the names of the published
//! checkpoints.

use assort_classifier::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::encoder::{
    Dropouts, EncoderConfig, Fields, Head, LayerNames, Names, Plan, Unread, activation, layers,
};

/// The fields of a BERT's `config.json`, with Hugging Face's defaults. What is not read is kept and written
/// again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BertConfig {
    /// V, the rows of the table of word embeddings.
    pub vocab_size: usize,
    /// D, the width of a hidden state.
    pub hidden_size: usize,
    /// The number of layers.
    pub num_hidden_layers: usize,
    /// The number of attention heads; it divides `hidden_size`.
    pub num_attention_heads: usize,
    /// The width inside a feed-forward block.
    pub intermediate_size: usize,
    /// Activation after the first half of a feed-forward block.
    pub hidden_act: String,
    /// The share of hidden values that training drops.
    pub hidden_dropout_prob: f64,
    /// The share of attention probabilities that training drops.
    pub attention_probs_dropout_prob: f64,
    /// The longest sequence, in tokens.
    pub max_position_embeddings: usize,
    /// The kinds of token that have an embedding.
    pub type_vocab_size: usize,
    /// The standard deviation of first weights.
    pub initializer_range: f64,
    /// ε of the norms.
    pub layer_norm_eps: f64,
    /// The id of the padding token.
    pub pad_token_id: Option<u32>,
    /// How positions enter; `absolute` alone is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position_embedding_type: Option<String>,
    /// The share of values that training drops before the classifier; `hidden_dropout_prob` if none.
    pub classifier_dropout: Option<f64>,
    /// Whether the model reads from left to right alone; it must not.
    pub is_decoder: bool,
    /// All other fields, as they were.
    #[serde(flatten)]
    pub unread: Unread,
}

impl Default for BertConfig {
    fn default() -> Self {
        Self {
            vocab_size: 30_522,
            hidden_size: 768,
            num_hidden_layers: 12,
            num_attention_heads: 12,
            intermediate_size: 3072,
            hidden_act: "gelu".into(),
            hidden_dropout_prob: 0.1,
            attention_probs_dropout_prob: 0.1,
            max_position_embeddings: 512,
            type_vocab_size: 2,
            initializer_range: 0.02,
            layer_norm_eps: 1e-12,
            pad_token_id: Some(0),
            position_embedding_type: None,
            classifier_dropout: None,
            is_decoder: false,
            unread: Unread::default(),
        }
    }
}

const FIELDS: Fields = Fields {
    vocabulary: "vocab_size",
    positions: "max_position_embeddings",
    width: "hidden_size",
    layers: "num_hidden_layers",
    heads: "num_attention_heads",
    inner: "intermediate_size",
    hidden_dropout: "hidden_dropout_prob",
    attention_dropout: "attention_probs_dropout_prob",
    classifier_dropout: "classifier_dropout",
};

impl EncoderConfig for BertConfig {
    const MODEL_TYPE: &'static str = "bert";
    const CLASSIFIER: &'static str = "BertForSequenceClassification";
    const HEADLESS: &'static str = "BertModel";

    fn plan(&self) -> Result<Plan> {
        let refuse = |parameter, found: &str, expected| {
            Err(Error::Configuration { parameter, found: found.into(), expected })
        };
        if let Some(kind) = self.position_embedding_type.as_deref().filter(|kind| *kind != "absolute") {
            return refuse(
                "position_embedding_type",
                kind,
                "only absolute positions are there: choose another checkpoint",
            );
        }
        if self.is_decoder {
            return refuse(
                "is_decoder",
                "true",
                "only encoders can sort whole sequences: choose another checkpoint",
            );
        }
        if self.type_vocab_size == 0 {
            return refuse("type_vocab_size", "0", "a number of at least 1");
        }
        let layer = |index: usize| {
            let name = |part: &str| format!("bert.encoder.layer.{index}.{part}");
            LayerNames {
                query: name("attention.self.query"),
                key: name("attention.self.key"),
                value: name("attention.self.value"),
                out: name("attention.output.dense"),
                attention_norm: name("attention.output.LayerNorm"),
                inner: name("intermediate.dense"),
                outer: name("output.dense"),
                outer_norm: name("output.LayerNorm"),
            }
        };
        let embedding = |part: &str| format!("bert.embeddings.{part}");
        let hidden = self.hidden_dropout_prob;
        Ok(Plan {
            prefix: "bert.",
            fields: FIELDS,
            vocabulary: self.vocab_size,
            positions: self.max_position_embeddings,
            waves: false,
            types: self.type_vocab_size,
            width: self.hidden_size,
            heads: self.num_attention_heads,
            inner: self.intermediate_size,
            activation: activation("hidden_act", &self.hidden_act)?,
            epsilon: self.layer_norm_eps,
            deviation: self.initializer_range,
            padding: self.pad_token_id,
            dropouts: Dropouts {
                hidden,
                attention: self.attention_probs_dropout_prob,
                attention_out: hidden,
                classifier: self.classifier_dropout.unwrap_or(hidden),
            },
            names: Names {
                word: embedding("word_embeddings.weight"),
                position: embedding("position_embeddings.weight"),
                token_type: embedding("token_type_embeddings.weight"),
                embedding_norm: embedding("LayerNorm"),
                layers: layers(FIELDS.layers, self.num_hidden_layers)?.map(layer).collect(),
            },
            head: Head::Pooled("bert.pooler.dense"),
        })
    }

    fn unread(&self) -> &Unread {
        &self.unread
    }

    fn unread_mut(&mut self) -> &mut Unread {
        &mut self.unread
    }
}
