//! A classifier that somebody fine-tuned with Hugging Face's programs becomes a model folder.

use std::path::{Path, PathBuf};

use assort_classifier::Task;
use assort_models::encoder::ClassifierWeights;
use assort_models::{Model, Shape};
use assort_random::Seed;
use assort_text::{TextConfig, TokenizerKind};
use candle_core::Device;
use serde_json::Value;

use crate::{
    Checkpoint, DataRecord, Error, Existing, FeatureConfig, Featurizer, Manifest, ModelFolder,
    PretrainedRecord, Result, Staging, Unfinished,
};

/// An imported model.
#[derive(Debug)]
pub struct Imported {
    /// The model folder.
    pub folder: PathBuf,
    /// Its manifest.
    pub manifest: Manifest,
    /// Tensors of the checkpoint that the model has no use for.
    pub unused: Vec<String>,
}

/// Length of texts by the settings of the checkpoint's tokenizer; `None` if they tell no length that anybody
/// could mean.
fn longest(folder: &Path) -> Option<usize> {
    let settings = assort_files::read_plain(&folder.join("tokenizer_config.json")).ok()?;
    let settings: Value = serde_json::from_slice(&settings).ok()?;
    settings.get("model_max_length")?.as_u64()?.try_into().ok().filter(|longest| *longest > 2)
}

/// Makes a model folder of a checkpoint with a classifier. `record` says where it came from; the digests of
/// its files are added.
///
/// # Errors
/// If the checkpoint has no classifier, gives numbers in place of labels, does not fit its
/// own configuration or tokenizer, or the place is taken.
pub fn import(
    checkpoint: &Checkpoint,
    mut record: PretrainedRecord,
    out: &Path,
    existing: Existing,
) -> Result<Imported> {
    Staging::check(out, existing)?;
    let fail = |reason: String| Error::Checkpoint { folder: checkpoint.folder().into(), reason };
    let mut architecture = checkpoint.architecture()?;
    let task = match checkpoint.config().get("problem_type").and_then(Value::as_str) {
        None | Some("single_label_classification") => Task::OneOf,
        Some("multi_label_classification") => Task::AnyOf,
        Some(kind) => {
            return Err(fail(format!(
                "problem_type is {kind}: only single and multi_label_classification are read"
            )));
        }
    };
    let (tensors, files) = checkpoint.tensors(&architecture)?;
    let no_classifier = || Error::NoClassifier(checkpoint.folder().into());
    let weight = tensors.get("classifier.weight").ok_or_else(no_classifier)?;
    let classes = weight.dims().first().copied().unwrap_or_default();
    if classes < 2 && task == Task::OneOf || classes == 0 {
        return Err(fail(format!("its classifier has {classes} output: it sorts into no labels")));
    }
    let named = architecture.labels().map_err(|e| fail(e.to_string()))?;
    let labels = named.unwrap_or_else(|| (0..classes).map(|id| format!("LABEL_{id}")).collect());
    if labels.len() != classes {
        let named = labels.len();
        return Err(fail(format!(
            "config.json: id2label names {named} labels, but the classifier has {classes} outputs"
        )));
    }
    let (positions, embeddings) = architecture.sizes();
    let mut text = TextConfig {
        tokenizer: TokenizerKind::Pretrained,
        tokenizer_file: Some(checkpoint.folder().into()),
        longest: Some(longest(checkpoint.folder()).map_or(positions, |longest| longest.min(positions))),
        ..TextConfig::default()
    };
    let features = FeatureConfig::Tokens { text: text.clone(), hasher: None };
    let (featurizer, _) = Featurizer::fit::<&str>(&[], &features)?;
    let vocabulary = featurizer.width();
    if vocabulary > embeddings {
        return Err(fail(format!(
            "its tokenizer has {vocabulary} tokens, but there are {embeddings} word embeddings: copy the \
             tokenizer \
             that belongs to it"
        )));
    }
    let loaded =
        architecture.from_checkpoint(classes, &tensors, ClassifierWeights::Kept, Seed::new(0), &Device::Cpu);
    let loaded = loaded.map_err(|e| fail(e.to_string()))?;
    if !loaded.fresh.is_empty() {
        return Err(fail(format!(
            "it lacks {}: make a classifier of it with assort train",
            loaded.fresh.join(", ")
        )));
    }
    architecture.set_labels(&labels, task);
    text.tokenizer_file = None;
    record.files = files;
    let data = DataRecord { digest: String::new(), rows: 0, ..DataRecord::default() };
    let features = FeatureConfig::Tokens { text, hasher: None };
    let shape = Shape { vocabulary, classes };
    let mut manifest = Manifest::new(architecture.into(), shape, labels, features, 0, data);
    (manifest.task, manifest.pretrained) = (task, Some(record));

    let staging = Staging::begin(out, existing, Unfinished::Remove)?;
    ModelFolder::at(staging.path()).write(&manifest, &featurizer, &Model::Network(Box::new(loaded.model)))?;
    Ok(Imported { folder: staging.commit()?, manifest, unused: loaded.unused })
}
