//! `assort.json`: what a model folder holds.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use assort_classifier::{Calibration, Decision, Task};
use assort_models::{ModelConfig, Shape};
use serde::{Deserialize, Serialize};

use crate::{Error, FeatureConfig, PretrainedRecord, Result};

/// The format that this program writes and reads.
const FORMAT: u32 = 1;
/// The format of shrunk models, whose tables earlier programs cannot read.
const SHRUNK: u32 = 2;

/// The data that a model was trained on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataRecord {
    /// SHA-256 of texts and labels of the training rows.
    pub digest: String,
    /// Training rows.
    pub rows: usize,
    /// The column that held the texts.
    pub text_column: String,
    /// The column that held the labels.
    pub label_column: String,
    /// What parted the labels of a cell, where it could hold several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_separator: Option<String>,
    /// The columns that stood for one label each, in place of the column of labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub label_columns: Vec<String>,
}

/// A model's size before it was shrunk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShrunkRecord {
    /// Bytes of the files that predict.
    pub bytes: u64,
    /// Rows of its table: words, buckets or features.
    pub rows: usize,
}

/// Everything about a model but its weights and its vocabulary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: u32,
    /// The program that wrote it.
    pub writer: String,
    /// The architecture with its hyper-parameters.
    pub architecture: ModelConfig,
    /// How many labels a row has, which decides what the scores mean. Folders that do not say have one; so
    /// one is not written.
    #[serde(default, skip_serializing_if = "is_default")]
    pub task: Task,
    /// Tokens or features, and labels.
    pub shape: Shape,
    /// The labels' names, in the order of the logits.
    pub labels: Vec<String>,
    /// How texts become the model's inputs.
    pub features: FeatureConfig,
    /// The seed of the run.
    pub seed: u64,
    /// The data that it was trained on.
    pub data: DataRecord,
    /// What becomes of the model's probabilities; `None` if they stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// How probabilities become answers.
    #[serde(default, skip_serializing_if = "Decision::is_default")]
    pub decision: Decision,
    /// Origin of its weights, if they were not drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pretrained: Option<PretrainedRecord>,
    /// The size that it had before it was shrunk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shrunk: Option<ShrunkRecord>,
    /// SHA-256 of each file that predicts, by its name in the folder; written with the folder. Empty in
    /// folders of earlier versions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
}

fn is_default(task: &Task) -> bool {
    *task == Task::default()
}

impl Manifest {
    /// A manifest, of one label a row, of this program's format.
    pub fn new(
        architecture: ModelConfig,
        shape: Shape,
        labels: Vec<String>,
        features: FeatureConfig,
        seed: u64,
        data: DataRecord,
    ) -> Self {
        let writer = concat!("assort ", env!("CARGO_PKG_VERSION")).into();
        Self {
            format: FORMAT,
            writer,
            architecture,
            task: Task::default(),
            shape,
            labels,
            features,
            seed,
            data,
            calibration: None,
            decision: Decision::default(),
            pretrained: None,
            shrunk: None,
            files: BTreeMap::new(),
        }
    }

    /// Says that the model was shrunk, which had this size before.
    pub(crate) fn set_shrunk(&mut self, record: ShrunkRecord) {
        (self.format, self.shrunk) = (SHRUNK, Some(record));
    }

    /// The manifest as it is written.
    ///
    /// # Errors
    /// If a value has no form in JSON.
    pub fn to_json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Reads a manifest. `path` is for messages.
    ///
    /// # Errors
    /// If it is of another format, torn, or contradicts itself.
    pub fn from_json(text: &str, path: &Path) -> Result<Self> {
        let fail = |reason: String| Error::File { path: path.into(), reason };
        let value: serde_json::Value = serde_json::from_str(text)
            .map_err(|e| fail(format!("not a whole manifest ({e}); train again")))?;
        let found = value.get("format").and_then(serde_json::Value::as_u64);
        let found = found.ok_or_else(|| fail("it names no `format`: not written by assort".into()))?;
        if ![FORMAT, SHRUNK].map(u64::from).contains(&found) {
            let writer = value.get("writer").and_then(serde_json::Value::as_str).unwrap_or("nothing").into();
            return Err(Error::Version { path: path.into(), found, expected: FORMAT, writer });
        }
        let manifest: Self = serde_json::from_value(value).map_err(|e| fail(format!("{e}; train again")))?;
        if manifest.shrunk.is_some() != (manifest.format == SHRUNK) {
            return Err(fail("its format is not that of its tables: restore the file".into()));
        }
        if manifest.labels.len() != manifest.shape.classes {
            let (labels, classes) = (manifest.labels.len(), manifest.shape.classes);
            return Err(fail(format!("{labels} labels, but the model has {classes} classes")));
        }
        if !manifest.architecture.serves(manifest.task) {
            let model = manifest.architecture.name();
            return Err(fail(format!("a {model} of this kind gives each row one label: restore the file")));
        }
        if manifest.calibration.as_ref().is_some_and(|calibration| !calibration.fits(manifest.labels.len())) {
            return Err(fail(
                "its calibration is not one of its labels: restore the file or train again".into(),
            ));
        }
        if !manifest.decision.fits(manifest.task, manifest.labels.len()) {
            return Err(fail(
                "its decision is not one of its labels: restore the file or train again".into(),
            ));
        }
        let mut seen = HashSet::new();
        if let Some(twice) = manifest.labels.iter().find(|label| !seen.insert(*label)) {
            return Err(fail(format!(
                "the label '{twice}' stands there twice: restore the file or train again"
            )));
        }
        Ok(manifest)
    }
}
