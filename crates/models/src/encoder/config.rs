//! Common part of the configurations of all encoders.

use assort_classifier::{Error, Result, Task};
use assort_kernels::Activation;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::label_names::label_names;
use super::plan::Plan;
use crate::{InputKind, Recipe, TrainingKind};

/// Fields of a `config.json` that no computation reads.
pub type Unread = Map<String, Value>;

/// The configuration of an encoder: Hugging Face's `config.json`.
pub trait EncoderConfig: Clone + Default + Serialize + DeserializeOwned {
    /// Value of `model_type`.
    const MODEL_TYPE: &'static str;

    /// The class in `architectures` that has a head for sorting sequences.
    const CLASSIFIER: &'static str;

    /// The class in `architectures` that has no head.
    const HEADLESS: &'static str;

    /// The sizes and names of a model, unchecked.
    ///
    /// # Errors
    /// If a field asks for what there is not.
    fn plan(&self) -> Result<Plan>;

    /// Checks the ranges.
    ///
    /// # Errors
    /// Names the first field that lies outside its range, or asks for what there is not.
    fn check(&self) -> Result<()> {
        self.plan()?.check()
    }

    /// The settings that suit it: AdamW, a short warm-up, then a straight line down to zero (Devlin and
    /// others 2018, A.3).
    fn recipe() -> Recipe {
        let settings = json!({
            "epochs": 3,
            "optimizer": "adamw",
            "learning_rate": 5e-5,
            "schedule": "linear",
            "warmup": 0.06,
            "weight_decay": 0.01,
            "decay_on": "matrices",
            "clip_norm": 1.0,
            "monitor": "accuracy",
            "patience": null,
            "min_delta": 0.0,
        });
        Recipe::new(InputKind::Tokens, TrainingKind::FineTuning, settings)
    }

    /// The fields that are not read.
    fn unread(&self) -> &Unread;

    /// The fields that are not read, to change them.
    fn unread_mut(&mut self) -> &mut Unread;

    /// The labels' names in the order of the logits, as `id2label` has them, or else `label2id`; `None` if
    /// there are none.
    ///
    /// # Errors
    /// If labels lack a name or share one.
    fn labels(&self) -> Result<Option<Vec<String>>> {
        label_names(self.unread())
    }

    /// Sets what makes Hugging Face's own program load the model as a classifier with these labels, in f32.
    fn set_labels(&mut self, labels: &[String], task: Task) {
        let by_id: Map<_, _> =
            labels.iter().enumerate().map(|(id, label)| (id.to_string(), json!(label))).collect();
        let by_label: Map<_, _> =
            labels.iter().enumerate().map(|(id, label)| (label.clone(), json!(id))).collect();
        let problem = match task {
            Task::OneOf => "single_label_classification",
            Task::AnyOf => "multi_label_classification",
        };
        let fields = self.unread_mut();
        fields.remove("num_labels");
        fields.remove("dtype");
        fields.insert("architectures".into(), json!([Self::CLASSIFIER]));
        fields.insert("model_type".into(), json!(Self::MODEL_TYPE));
        fields.insert("problem_type".into(), json!(problem));
        fields.insert("torch_dtype".into(), json!("float32"));
        fields.insert("id2label".into(), Value::Object(by_id));
        fields.insert("label2id".into(), Value::Object(by_label));
    }

    /// Sets what makes Hugging Face's own program load the encoder alone, in f32.
    fn set_headless(&mut self) {
        let fields = self.unread_mut();
        for key in ["num_labels", "dtype", "problem_type", "id2label", "label2id"] {
            fields.remove(key);
        }
        fields.insert("architectures".into(), json!([Self::HEADLESS]));
        fields.insert("model_type".into(), json!(Self::MODEL_TYPE));
        fields.insert("torch_dtype".into(), json!("float32"));
    }
}

/// The numbers of the layers, of which a field of a configuration says how many there are.
///
/// # Errors
/// If there are more than any encoder has.
pub(crate) fn layers(parameter: &'static str, count: usize) -> Result<std::ops::Range<usize>> {
    match count {
        0..=1000 => Ok(0..count),
        _ => Err(Error::Configuration { parameter, found: count.to_string(), expected: "at most 1,000" }),
    }
}

/// The activation that a field of a configuration names.
///
/// # Errors
/// If there is none of this name.
pub(crate) fn activation(parameter: &'static str, name: &str) -> Result<Activation> {
    match name {
        "gelu" => Ok(Activation::Gelu),
        "relu" => Ok(Activation::Relu),
        other => Err(Error::Configuration {
            parameter,
            found: other.into(),
            expected: "only gelu (in its exact form) and relu are there: choose another checkpoint",
        }),
    }
}
