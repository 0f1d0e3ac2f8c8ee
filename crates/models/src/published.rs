//! Encoders that somebody trained before.

use std::collections::HashMap;

use assort_classifier::{Error, Result, Task};
use assort_random::Seed;
use candle_core::{Device, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::encoder::{ClassifierWeights, Encoder, EncoderConfig, Loaded, MaskedLanguageModel, Plan};
use crate::{BertConfig, DistilbertConfig, Shapes};

/// The architecture of a published encoder with its sizes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "model", rename_all = "kebab-case")]
pub enum Published {
    /// A transformer of six layers, distilled from BERT.
    Distilbert(Box<DistilbertConfig>),
    /// A transformer.
    Bert(Box<BertConfig>),
}

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

impl Published {
    /// The architecture that a `config.json` of Hugging Face describes.
    ///
    /// # Errors
    /// If it describes none that is here, or a field has the wrong type or lies outside its range.
    pub fn parse(config: &Value) -> Result<Self> {
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
        config.plan()?.check()?;
        Ok(config)
    }

    /// The architecture's name, as that of a model.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Distilbert(_) => DistilbertConfig::MODEL_TYPE,
            Self::Bert(_) => BertConfig::MODEL_TYPE,
        }
    }

    /// The sizes and names of its parameters, unchecked.
    ///
    /// # Errors
    /// If a field asks for what there is not.
    pub fn plan(&self) -> Result<Plan> {
        match self {
            Self::Distilbert(config) => config.plan(),
            Self::Bert(config) => config.plan(),
        }
    }

    /// An encoder for `classes` labels with a checkpoint's tensors, see [`Encoder::from_checkpoint`].
    ///
    /// # Errors
    /// As there.
    pub fn from_checkpoint(
        &self,
        classes: usize,
        tensors: &HashMap<String, Tensor>,
        classifier: ClassifierWeights,
        seed: Seed,
        device: &Device,
    ) -> Result<Loaded> {
        Encoder::planned_from_checkpoint(self.plan()?, classes, tensors, classifier, seed, device)
    }

    /// Compares the settings with the shapes of a checkpoint, see [`Encoder::compare`].
    ///
    /// # Errors
    /// As there.
    pub fn compare(&self, shapes: &Shapes) -> Result<()> {
        Encoder::compare(self.plan()?, shapes)
    }

    /// A checkpoint's encoder with its head for masked tokens.
    ///
    /// # Errors
    /// As [`MaskedLanguageModel::from_checkpoint`].
    pub fn masked(&self, tensors: &HashMap<String, Tensor>, device: &Device) -> Result<MaskedLanguageModel> {
        match self {
            Self::Distilbert(config) => MaskedLanguageModel::from_checkpoint(&**config, tensors, device),
            Self::Bert(config) => MaskedLanguageModel::from_checkpoint(&**config, tensors, device),
        }
    }

    /// The longest sequence and the number of word embeddings.
    pub fn sizes(&self) -> (usize, usize) {
        match self {
            Self::Distilbert(config) => (config.max_position_embeddings, config.vocab_size),
            Self::Bert(config) => (config.max_position_embeddings, config.vocab_size),
        }
    }

    /// Its `config.json`.
    ///
    /// # Errors
    /// If a value has no form in JSON.
    pub fn json(&self) -> serde_json::Result<Value> {
        match self {
            Self::Distilbert(config) => serde_json::to_value(config),
            Self::Bert(config) => serde_json::to_value(config),
        }
    }

    /// The names of its labels in the order of the logits, if its configuration has them.
    ///
    /// # Errors
    /// If labels lack a name there or share one.
    pub fn labels(&self) -> Result<Option<Vec<String>>> {
        match self {
            Self::Distilbert(config) => config.labels(),
            Self::Bert(config) => config.labels(),
        }
    }

    /// Writes the names of the labels into its configuration.
    pub fn set_labels(&mut self, labels: &[String], task: Task) {
        match self {
            Self::Distilbert(config) => config.set_labels(labels, task),
            Self::Bert(config) => config.set_labels(labels, task),
        }
    }

    /// Makes its configuration that of an encoder without a classifier that Hugging Face's programs know.
    pub fn set_headless(&mut self) {
        match self {
            Self::Distilbert(config) => config.set_headless(),
            Self::Bert(config) => config.set_headless(),
        }
    }

    /// Writes shares of dropout into its configuration.
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
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(config: Value, expect: &str) {
        let found = match Published::parse(&config) {
            Ok(config) => format!("{} {:?}", config.name(), config.sizes()),
            Err(error) => error.to_string(),
        };
        assert!(found.contains(expect), "{found}");
    }

    #[test]
    fn configurations() {
        check(json!({"model_type": "bert", "vocab_size": 7}), "bert (512, 7)");
        check(json!({"model_type": "distilbert"}), "distilbert (512, 30522)");
        check(json!({"model_type": "roberta"}), "model_type is roberta, but only distilbert or bert is read");
        check(json!([]), "model_type is nothing");
        check(json!({"model_type": "bert", "vocab_size": "many"}), "config.json: invalid type");
        check(json!({"model_type": "distilbert", "n_heads": 5}), "n_heads = 5");
    }

    #[test]
    fn labels_and_dropouts_are_written_where_hugging_face_reads_them() {
        for kind in ["bert", "distilbert"] {
            let mut config = Published::parse(&json!({"model_type": kind})).unwrap();
            assert_eq!(config.labels().unwrap(), None);
            config.set_labels(&["no".into(), "yes".into()], Task::OneOf);
            config.set_dropouts(&DropoutShares { classifier: Some(0.5), ..DropoutShares::default() });
            let json = config.json().unwrap();
            assert_eq!(json["id2label"], json!({"0": "no", "1": "yes"}));
            assert_eq!(json["label2id"], json!({"no": 0, "yes": 1}));
            let key = if kind == "bert" { "classifier_dropout" } else { "seq_classif_dropout" };
            assert_eq!(json[key], json!(0.5));
            assert_eq!(config.labels().unwrap(), Some(vec!["no".into(), "yes".into()]));
        }
    }

    #[test]
    fn a_headless_encoder_knows_no_labels() {
        for (kind, class) in [("bert", "BertModel"), ("distilbert", "DistilBertModel")] {
            let mut config = Published::parse(&json!({"model_type": kind, "custom": 1})).unwrap();
            config.set_labels(&["no".into(), "yes".into()], Task::OneOf);
            config.set_headless();
            let json = config.json().unwrap();
            assert_eq!((&json["architectures"][0], &json["custom"]), (&class.into(), &1.into()));
            assert!(json.get("id2label").is_none() && json.get("problem_type").is_none());
        }
    }
}
