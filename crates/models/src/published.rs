//! Encoders that somebody trained before.

use std::collections::HashMap;

use assort_classifier::{Error, Result, Task};
use assort_random::Seed;
use candle_core::{Device, Tensor};
use serde_json::Value;

use crate::encoder::{ClassifierWeights, Encoder, EncoderConfig, Loaded, MaskedLanguageModel};
use crate::{BertConfig, DistilbertConfig, ModelConfig, Shapes};

/// Shares that training drops, in place of those of a checkpoint's configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DropoutShares {
    /// Of hidden values.
    pub hidden: Option<f64>,
    /// Of attention probabilities.
    pub attention: Option<f64>,
    /// Before the classifier.
    pub classifier: Option<f64>,
}

impl ModelConfig {
    /// The architecture that a `config.json` of Hugging Face describes.
    ///
    /// # Errors
    /// If it describes none that is here, or a field has the wrong type.
    pub fn published(config: &Value) -> Result<Self> {
        let fail = |error: serde_json::Error| Error::File { file: "config.json", source: error.into() };
        let kind = config.get("model_type").and_then(Value::as_str).unwrap_or("nothing");
        let config = match kind {
            DistilbertConfig::MODEL_TYPE => {
                Self::Distilbert(serde_json::from_value(config.clone()).map_err(fail)?)
            }
            BertConfig::MODEL_TYPE => Self::Bert(serde_json::from_value(config.clone()).map_err(fail)?),
            other => {
                let known = [DistilbertConfig::MODEL_TYPE, BertConfig::MODEL_TYPE].join(" or ");
                return Err(Error::Op(format!(
                    "config.json: model_type is {other}, but only {known} is read"
                )));
            }
        };
        config.check()?;
        Ok(config)
    }

    /// An encoder for `classes` labels with a checkpoint's tensors, see [`Encoder::from_checkpoint`].
    ///
    /// # Errors
    /// As there, and if the architecture is no encoder.
    pub fn from_checkpoint(
        &self,
        classes: usize,
        tensors: &HashMap<String, Tensor>,
        classifier: ClassifierWeights,
        seed: Seed,
        device: &Device,
    ) -> Result<Loaded> {
        match self {
            Self::Distilbert(config) => {
                Encoder::from_checkpoint(&**config, classes, tensors, classifier, seed, device)
            }
            Self::Bert(config) => {
                Encoder::from_checkpoint(&**config, classes, tensors, classifier, seed, device)
            }
            other => Err(Error::Op(format!("the model {} is not trained from a checkpoint", other.name()))),
        }
    }

    /// Compares the settings with the shapes of a checkpoint, see [`Encoder::compare`].
    ///
    /// # Errors
    /// As there, and if the architecture is no encoder.
    pub fn compare_checkpoint(&self, shapes: &Shapes) -> Result<()> {
        match self {
            Self::Distilbert(config) => Encoder::compare(&**config, shapes),
            Self::Bert(config) => Encoder::compare(&**config, shapes),
            other => Err(Error::Op(format!("the model {} is not trained from a checkpoint", other.name()))),
        }
    }

    /// A checkpoint's encoder with its head for masked tokens.
    ///
    /// # Errors
    /// As [`MaskedLanguageModel::from_checkpoint`], and if the architecture is no encoder.
    pub fn masked(&self, tensors: &HashMap<String, Tensor>, device: &Device) -> Result<MaskedLanguageModel> {
        match self {
            Self::Distilbert(config) => MaskedLanguageModel::from_checkpoint(&**config, tensors, device),
            Self::Bert(config) => MaskedLanguageModel::from_checkpoint(&**config, tensors, device),
            other => Err(Error::Op(format!("the model {} guesses no tokens", other.name()))),
        }
    }

    /// An encoder's longest sequence and its number of word embeddings; `None` for other architectures.
    pub fn sizes(&self) -> Option<(usize, usize)> {
        match self {
            Self::Distilbert(config) => Some((config.max_position_embeddings, config.vocab_size)),
            Self::Bert(config) => Some((config.max_position_embeddings, config.vocab_size)),
            _ => None,
        }
    }

    /// An encoder's `config.json`; `None` for other architectures.
    pub fn published_config(&self) -> Option<Value> {
        match self {
            Self::Distilbert(config) => serde_json::to_value(config).ok(),
            Self::Bert(config) => serde_json::to_value(config).ok(),
            _ => None,
        }
    }

    /// The names of an encoder's labels in the order of the logits, if its configuration has them.
    ///
    /// # Errors
    /// If labels lack a name there or share one.
    pub fn labels(&self) -> Result<Option<Vec<String>>> {
        match self {
            Self::Distilbert(config) => config.labels(),
            Self::Bert(config) => config.labels(),
            _ => Ok(None),
        }
    }

    /// Writes the names of the labels into an encoder's configuration.
    pub fn set_labels(&mut self, labels: &[String], task: Task) {
        match self {
            Self::Distilbert(config) => config.set_labels(labels, task),
            Self::Bert(config) => config.set_labels(labels, task),
            _ => {}
        }
    }

    /// Writes shares of dropout into an encoder's configuration.
    pub fn set_dropouts(&mut self, shares: &DropoutShares) {
        let put = |place: &mut f64, share: Option<f64>| *place = share.unwrap_or(*place);
        match self {
            Self::Distilbert(config) => {
                put(&mut config.dropout, shares.hidden);
                put(&mut config.attention_dropout, shares.attention);
                put(&mut config.seq_classif_dropout, shares.classifier);
            }
            Self::Bert(config) => {
                put(&mut config.hidden_dropout_prob, shares.hidden);
                put(&mut config.attention_probs_dropout_prob, shares.attention);
                config.classifier_dropout = shares.classifier.or(config.classifier_dropout);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(config: Value, expect: &str) {
        let found = match ModelConfig::published(&config) {
            Ok(config) => format!("{} {:?}", config.name(), config.sizes()),
            Err(error) => error.to_string(),
        };
        assert!(found.contains(expect), "{found}");
    }

    #[test]
    fn configurations() {
        check(json!({"model_type": "bert", "vocab_size": 7}), "bert Some((512, 7))");
        check(json!({"model_type": "distilbert"}), "distilbert Some((512, 30522))");
        check(json!({"model_type": "roberta"}), "model_type is roberta, but only distilbert or bert is read");
        check(json!([]), "model_type is nothing");
        check(json!({"model_type": "bert", "vocab_size": "many"}), "config.json: invalid type");
        check(json!({"model_type": "distilbert", "n_heads": 5}), "n_heads = 5");
    }

    #[test]
    fn labels_and_dropouts_are_written_where_hugging_face_reads_them() {
        for kind in ["bert", "distilbert"] {
            let mut config = ModelConfig::published(&json!({"model_type": kind})).unwrap();
            assert_eq!(config.labels().unwrap(), None);
            config.set_labels(&["no".into(), "yes".into()], Task::OneOf);
            config.set_dropouts(&DropoutShares { classifier: Some(0.5), ..DropoutShares::default() });
            let json = serde_json::to_value(&config).unwrap();
            assert_eq!(json["id2label"], json!({"0": "no", "1": "yes"}));
            assert_eq!(json["label2id"], json!({"no": 0, "yes": 1}));
            let key = if kind == "bert" { "classifier_dropout" } else { "seq_classif_dropout" };
            assert_eq!(json[key], json!(0.5));
            assert_eq!(config.labels().unwrap(), Some(vec!["no".into(), "yes".into()]));
        }
    }
}
