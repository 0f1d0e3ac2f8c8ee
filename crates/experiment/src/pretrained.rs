//! A published encoder becomes a classifier.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use assort_classifier::Classifier;
use assort_models::encoder::{ClassifierWeights, Lora, LoraTargets};
use assort_models::{DropoutShares, ModelConfig};
use assort_pipeline::{Adapter, Checkpoint, FeatureConfig, PretrainedRecord};
use assort_random::Seed;
use assort_text::{TextConfig, TokenizerKind};
use candle_core::{DType, Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::{Error, Event, ExperimentConfig, Listener, Result, Settings};

/// What the products of an encoder's layers are computed in while it is trained and its epochs are judged. The figures of the run are
/// those of the saved model, in f32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// 32 bits.
    F32,
    /// The upper 16 of them, as GPUs multiply fastest; parameters and all else stay in 32 bits.
    Bf16,
}

/// Which checkpoint, and what becomes of its head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PretrainedConfig {
    /// The folder of the checkpoint, or its name on the hub.
    pub pretrained: Option<String>,
    /// What is done with a classifier that sorts into another number of labels.
    pub classifier: ClassifierWeights,
    /// The share of hidden values that training drops; the checkpoint's own without it.
    pub dropout: Option<f64>,
    /// The share of attention probabilities that training drops.
    pub attention_dropout: Option<f64>,
    /// The share of values before the classifier that training drops.
    pub classifier_dropout: Option<f64>,
    /// The rank of the low-rank matrices that learn in place of the layers' weights (Hu and others 2021, LoRA); the weights
    /// themselves learn without it. Within [`Settings`](crate::Settings) it brings a learning rate of 1e-3 unless one is given.
    pub lora_rank: Option<usize>,
    /// What their product is multiplied by, times the rank.
    pub lora_alpha: f64,
    /// Which weights they stand beside.
    pub lora_targets: LoraTargets,
    /// What the layers' products are computed in while it is trained: bf16 on CUDA alone.
    pub precision: Precision,
}

impl Default for PretrainedConfig {
    fn default() -> Self {
        Self {
            pretrained: None,
            classifier: ClassifierWeights::Kept,
            dropout: None,
            attention_dropout: None,
            classifier_dropout: None,
            lora_rank: None,
            lora_alpha: 16.0,
            lora_targets: LoraTargets::QueryValue,
            precision: Precision::F32,
        }
    }
}

impl PretrainedConfig {
    /// Checks the ranges.
    pub(crate) fn check(&self) -> Result<()> {
        let shares = [
            ("dropout", self.dropout),
            ("attention_dropout", self.attention_dropout),
            ("classifier_dropout", self.classifier_dropout),
        ];
        for (key, share) in shares {
            if let Some(share) = share.filter(|share| !(0.0..1.0).contains(share)) {
                let reason = "a share from 0 to below 1, or none for the checkpoint's own".into();
                return Err(Error::Setting { key: key.into(), value: share.to_string(), reason });
            }
        }
        if let Some(lora) = self.lora() {
            return Ok(lora.check()?);
        }
        let (defaults, key, value) = (Self::default(), "lora_rank".into(), "none".into());
        if (self.lora_alpha, self.lora_targets) != (defaults.lora_alpha, defaults.lora_targets) {
            let reason = "lora_alpha and lora_targets need one: 8 is usual".into();
            return Err(Error::Setting { key, value, reason });
        }
        Ok(())
    }

    /// What learns in place of the weights.
    fn lora(&self) -> Option<Lora> {
        let (alpha, targets) = (self.lora_alpha, self.lora_targets);
        self.lora_rank.map(|rank| Lora { rank, alpha, targets })
    }
}

impl ExperimentConfig {
    /// Checks what needs a device of another kind.
    pub(crate) fn check_device(&self, device: &Device) -> Result<()> {
        let halves = self.pretrained.as_ref().is_some_and(|wanted| wanted.precision == Precision::Bf16);
        if !halves || device.is_cuda() {
            return Ok(());
        }
        let reason = "only CUDA multiplies in bf16: choose f32, or --device cuda".into();
        Err(Error::Setting { key: "precision".into(), value: "bf16".into(), reason })
    }
}

/// A published checkpoint that was brought to a local folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The folder.
    pub folder: PathBuf,
    /// The commit that it is a snapshot of.
    pub commit: String,
}

/// A checkpoint with the architecture and the features that follow from it.
pub struct Opened {
    pub architecture: ModelConfig,
    pub features: FeatureConfig,
    checkpoint: Checkpoint,
    classifier: ClassifierWeights,
    /// With the number of layers, from the last one, that it is for.
    lora: Option<(Lora, usize)>,
    precision: Precision,
    record: PretrainedRecord,
}

impl Opened {
    /// Opens the checkpoint that the settings name. `None` for a model that starts from nothing.
    pub fn new(settings: &Settings, config: &ExperimentConfig) -> Result<Option<Self>> {
        let Some(wanted) = &config.pretrained else { return Ok(None) };
        let model = config.model.name();
        let Some(name) = &wanted.pretrained else {
            let reason =
                format!("name the folder of a {model}, or one on the hub: --pretrained FOLDER|OWNER/NAME");
            return Err(Error::Setting { key: "pretrained".into(), value: "none".into(), reason });
        };
        let (folder, revision) = match settings.fetched() {
            Some(fetched) => (fetched.folder.clone(), Some(fetched.commit.clone())),
            None => (PathBuf::from(name), None),
        };
        let checkpoint = Checkpoint::open(&folder)?;
        let fail = |reason: String| assort_pipeline::Error::Checkpoint { folder: folder.clone(), reason };
        let mut architecture =
            ModelConfig::published(checkpoint.config()).map_err(|e| fail(e.to_string()))?;
        if architecture.name() != model {
            let found = architecture.name();
            return Err(fail(format!("it is a {found}, not a {model}: set --model {found}")).into());
        }
        architecture.set_dropouts(&DropoutShares {
            hidden: wanted.dropout,
            attention: wanted.attention_dropout,
            classifier: wanted.classifier_dropout,
        });
        let (positions, _) = architecture.sizes().unwrap_or_default();
        let features = features(&config.features, &folder, positions)?;
        let named = if revision.is_some() { name.clone() } else { last(&folder) };
        let record = PretrainedRecord { name: named, revision, ..PretrainedRecord::default() };
        let layers = config.fine_tuning.as_ref().and_then(|tuning| tuning.trained_layers);
        let lora = wanted.lora().map(|lora| (lora, layers.unwrap_or(usize::MAX)));
        let (classifier, precision) = (wanted.classifier, wanted.precision);
        Ok(Some(Self { architecture, features, checkpoint, classifier, lora, precision, record }))
    }

    /// The network for these labels. Its tokenizer has so many tokens.
    pub fn network(
        &mut self,
        labels: &[String],
        tokens: usize,
        seed: Seed,
        device: &Device,
        listener: &mut dyn Listener,
    ) -> Result<Box<dyn Classifier>> {
        let clock = Instant::now();
        let fail = |reason: String| {
            Error::from(assort_pipeline::Error::Checkpoint {
                folder: self.checkpoint.folder().into(),
                reason,
            })
        };
        let (_, embeddings) = self.architecture.sizes().unwrap_or_default();
        if tokens > embeddings {
            return Err(fail(format!(
                "its tokenizer has {tokens} tokens, but there are {embeddings} word embeddings: copy the tokenizer that \
                 belongs to it"
            )));
        }
        let (mut tensors, files) = self.checkpoint.tensors()?;
        self.classifier_fits(labels, &mut tensors, listener)?;
        let loaded = self.architecture.from_checkpoint(labels.len(), &tensors, self.classifier, seed, device);
        let mut loaded = loaded.map_err(|e| fail(e.to_string()))?;
        if let Some((lora, layers)) = self.lora {
            loaded.model.adapt(lora, layers, seed)?;
        }
        if self.precision == Precision::Bf16 {
            loaded.model.set_compute_dtype(DType::BF16);
        }
        if tokens < embeddings {
            let message = format!(
                "the tokenizer has {tokens} tokens for {embeddings} word embeddings: is it the one that belongs to \
                 {}?",
                self.record.name
            );
            listener.tell(&Event::Warning { message });
        }
        listener.tell(&Event::Checkpoint {
            name: &self.record.name,
            revision: self.record.revision.as_deref(),
            fresh: &loaded.fresh,
            unused: &loaded.unused,
            seconds: clock.elapsed().as_secs_f64(),
        });
        self.record.files = files;
        self.architecture.set_labels(labels);
        Ok(Box::new(loaded.model))
    }

    /// What low-rank matrices have learned, with what Hugging Face's PEFT has to know of them.
    pub fn adapter(&self, learned: Vec<(String, Tensor)>) -> Option<Adapter> {
        let (Lora { rank, alpha, .. }, _) = self.lora?;
        let (base, revision) = (self.record.name.clone(), self.record.revision.clone());
        Some(Adapter { base, revision, rank, alpha, learned })
    }

    /// What is known of where the weights came from.
    pub fn record(&self) -> &PretrainedRecord {
        &self.record
    }

    /// Compares a classifier that the checkpoint has with the labels of the data: one for another number of labels is refused
    /// unless it may be fresh; one for the same labels in another order is put into theirs.
    fn classifier_fits(
        &self,
        labels: &[String],
        tensors: &mut HashMap<String, Tensor>,
        listener: &mut dyn Listener,
    ) -> Result<()> {
        let Some(rows) = tensors.get("classifier.weight").and_then(|weight| weight.dim(0).ok()) else {
            return Ok(());
        };
        let known = self.architecture.labels().filter(|known| known.len() == rows).unwrap_or_default();
        if rows != labels.len() {
            if self.classifier == ClassifierWeights::FreshIfOther {
                return Ok(());
            }
            return Err(Error::Request(format!(
                "the classifier of {} sorts into {rows} labels ({}), the data have {} ({}): choose another checkpoint, or \
                 start with a fresh classifier (--set classifier=fresh-if-other)",
                self.record.name,
                known.join(", "),
                labels.len(),
                labels.join(", ")
            )));
        }
        let places: Option<Vec<u32>> = labels
            .iter()
            .map(|label| known.iter().position(|other| other == label).map(|place| place as u32))
            .collect();
        let Some(places) = places else {
            let message = format!(
                "the classifier of {} sorts into {}: its weights are where {} begin",
                self.record.name,
                if known.is_empty() { format!("{rows} labels") } else { known.join(", ") },
                labels.join(", ")
            );
            listener.tell(&Event::Warning { message });
            return Ok(());
        };
        for part in ["classifier.weight", "classifier.bias"] {
            if let Some(tensor) = tensors.get_mut(part) {
                let picks = Tensor::from_vec(places.clone(), places.len(), tensor.device());
                let picked = picks.and_then(|picks| tensor.index_select(&picks, 0));
                *tensor = picked.map_err(assort_tensor::Error::from)?;
            }
        }
        Ok(())
    }
}

/// The checkpoint's own tokenizer, with texts as long as they may be.
fn features(wanted: &FeatureConfig, folder: &Path, positions: usize) -> Result<FeatureConfig> {
    let FeatureConfig::Tokens { text, .. } = wanted else { return Ok(wanted.clone()) };
    let longest = text.longest.unwrap_or(positions);
    if longest > positions {
        let reason = format!("the model has {positions} positions: give at most as many, or none");
        return Err(Error::Setting { key: "longest".into(), value: longest.to_string(), reason });
    }
    let text = TextConfig {
        tokenizer: TokenizerKind::Pretrained,
        tokenizer_file: Some(folder.into()),
        longest: Some(longest),
        ..text.clone()
    };
    Ok(FeatureConfig::Tokens { text, hasher: None })
}

/// A folder's own name.
fn last(folder: &Path) -> String {
    let whole = folder.canonicalize().unwrap_or_else(|_| folder.into());
    whole.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
