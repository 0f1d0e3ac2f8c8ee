//! A published encoder becomes a classifier.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use assort_classifier::{Adaptation, Classifier};
use assort_models::encoder::{ClassifierWeights, Encoder, Loaded, Lora, TokenPooling};
use assort_models::{DropoutShares, Published, TrainingKind};
use assort_pipeline::{Adapter, Checkpoint, FeatureConfig, PretrainedRecord};
use assort_random::Seed;
use assort_settings::{ExperimentConfig, Precision};
use assort_text::{TextConfig, TokenizerKind};
use candle_core::{DType, Tensor};

use crate::context::Context;
use crate::{Advice, Error, Event, Files, Result};

/// A checkpoint with the architecture and the features that follow from it.
pub struct Opened {
    pub architecture: Published,
    pub features: FeatureConfig,
    checkpoint: Checkpoint,
    classifier: ClassifierWeights,
    /// With the number of layers, from the last one, that it is for.
    lora: Option<(Lora, usize)>,
    precision: Precision,
    record: PretrainedRecord,
    /// Whether the last layer was drawn, because the checkpoint has none that fits.
    pub has_fresh_classifier: bool,
}

impl Opened {
    /// Opens the checkpoint that the settings name; `None` for a model that starts from nothing.
    pub fn new(run: &Context) -> Result<Option<Self>> {
        let config = &run.config;
        let Some(wanted) = &config.pretrained else { return Ok(None) };
        let model = config.model.name();
        let Some(name) = &wanted.pretrained else {
            let kind = if model == "frozen" { "bert or distilbert" } else { model };
            let reason = format!("name the folder of a {kind}, or one on the hub as OWNER/NAME");
            return Err(assort_settings::Error::value("pretrained", "none", reason).into());
        };
        let (folder, revision) = place(&run.request.files, name);
        let checkpoint = Checkpoint::open(&folder)?;
        let fail = |reason: String| assort_pipeline::Error::Checkpoint { folder: folder.clone(), reason };
        let mut architecture = checkpoint.architecture()?;
        let takes_any = config.model.recipe().training == TrainingKind::SolvedHead;
        if !takes_any && architecture.name() != model {
            let found = architecture.name();
            return Err(fail(format!("it is a {found}, not a {model}: choose the model {found}")).into());
        }
        architecture.set_dropouts(&DropoutShares {
            hidden: wanted.dropout,
            attention: wanted.attention_dropout,
            classifier: wanted.classifier_dropout,
        });
        let (positions, _) = architecture.sizes();
        let features = features(&config.features, &folder, positions)?;
        let named = if revision.is_some() { name.clone() } else { last(&folder) };
        let record = PretrainedRecord { name: named, revision, ..PretrainedRecord::default() };
        let layers = config.fine_tuning.as_ref().and_then(|tuning| tuning.trained_layers);
        let lora = wanted.lora().map(|lora| (lora, layers.unwrap_or(usize::MAX)));
        let (classifier, precision) = (wanted.classifier, wanted.precision);
        let has_fresh_classifier = false;
        Ok(Some(Self {
            architecture,
            features,
            checkpoint,
            classifier,
            lora,
            precision,
            record,
            has_fresh_classifier,
        }))
    }

    /// The network for these labels. Its tokenizer has so many tokens.
    pub fn network(
        &mut self,
        labels: &[String],
        tokens: usize,
        seed: Seed,
        run: &mut Context,
    ) -> Result<Box<dyn Classifier>> {
        let clock = Instant::now();
        let (mut tensors, embeddings) = self.tensors(tokens)?;
        self.classifier_fits(labels, &mut tensors, run)?;
        let loaded =
            self.architecture.from_checkpoint(labels.len(), &tensors, self.classifier, seed, run.device);
        let Loaded { mut model, fresh, unused } = loaded.map_err(|error| self.unfit(error.to_string()))?;
        if let Some((lora, layers)) = self.lora {
            model.adapt(lora, layers, seed)?;
        }
        if self.precision == Precision::Bf16 {
            model.set_compute_dtype(DType::BF16);
        }
        self.tell(run, (tokens, embeddings), (&fresh, &unused), clock);
        self.architecture.set_labels(labels, run.config.task);
        self.has_fresh_classifier = fresh.iter().any(|name| name.starts_with("classifier"));
        Ok(Box::new(model))
    }

    /// The encoder with a last layer for so many labels on its states alone, which is still to be fitted. Its
    /// tokenizer has so many tokens.
    pub fn encoder(&mut self, labels: usize, tokens: usize, run: &mut Context) -> Result<Encoder> {
        let clock = Instant::now();
        let (tensors, embeddings) = self.tensors(tokens)?;
        let plan = self.architecture.plan()?.with_pooling(TokenPooling::Mean);
        // Whatever the last layer is here, it is replaced.
        let (fresh, seed) = (ClassifierWeights::FreshIfOther, Seed::new(run.config.seed));
        let loaded = Encoder::planned_from_checkpoint(plan, labels, &tensors, fresh, seed, run.device);
        let Loaded { model, unused, .. } = loaded.map_err(|error| self.unfit(error.to_string()))?;
        self.tell(run, (tokens, embeddings), (&[], &unused), clock);
        self.architecture.set_headless();
        Ok(model)
    }

    fn unfit(&self, reason: String) -> Error {
        assort_pipeline::Error::Checkpoint { folder: self.checkpoint.folder().into(), reason }.into()
    }

    /// The tensors of the checkpoint, and the number of its word embeddings, which are enough for so many
    /// tokens.
    fn tensors(&mut self, tokens: usize) -> Result<(HashMap<String, Tensor>, usize)> {
        let (_, embeddings) = self.architecture.sizes();
        if tokens > embeddings {
            return Err(self.unfit(format!(
                "its tokenizer has {tokens} tokens, but there are {embeddings} word embeddings: copy the \
                 tokenizer that belongs to it"
            )));
        }
        let (tensors, files) = self.checkpoint.tensors(&self.architecture)?;
        self.record.files = files;
        Ok((tensors, embeddings))
    }

    /// Tells what became of the checkpoint.
    fn tell(
        &self,
        run: &mut Context,
        (tokens, embeddings): (usize, usize),
        (fresh, unused): (&[String], &[String]),
        clock: Instant,
    ) {
        if tokens < embeddings {
            let message = format!(
                "the tokenizer has {tokens} tokens for {embeddings} word embeddings: is it the one that \
                 belongs to {}?",
                self.record.name
            );
            run.warn(message);
        }
        run.tell(&Event::Checkpoint {
            name: &self.record.name,
            revision: self.record.revision.as_deref(),
            fresh,
            unused,
            seconds: clock.elapsed().as_secs_f64(),
        });
    }

    /// The adaptation with the settings that Hugging Face's PEFT has to know.
    pub fn adapter(&self, learned: Adaptation) -> Option<Adapter> {
        let (Lora { rank, alpha, .. }, _) = self.lora?;
        let (base, revision) = (self.record.name.clone(), self.record.revision.clone());
        Some(Adapter { base, revision, rank, alpha, learned })
    }

    /// Origin of the weights.
    pub fn record(&self) -> &PretrainedRecord {
        &self.record
    }

    /// Compares a classifier that the checkpoint has with the labels of the data: one for another number of
    /// labels is refused unless it may be fresh; one for the same labels in another order is put into theirs.
    fn classifier_fits(
        &self,
        labels: &[String],
        tensors: &mut HashMap<String, Tensor>,
        run: &mut Context,
    ) -> Result<()> {
        let Some(rows) = tensors.get("classifier.weight").and_then(|weight| weight.dim(0).ok()) else {
            return Ok(());
        };
        let known = self.architecture.labels().ok().flatten();
        let known = known.filter(|known| known.len() == rows).unwrap_or_default();
        if rows != labels.len() {
            if self.classifier == ClassifierWeights::FreshIfOther {
                return Ok(());
            }
            let (own, named) = (known.join(", "), labels.join(", "));
            let reason = format!(
                "the classifier of {} sorts into {rows} labels ({own}), the data have {} ({named}): choose \
                 another checkpoint, or start with a fresh classifier",
                self.record.name,
                labels.len(),
            );
            let advice = Advice::Set { key: "classifier", value: "fresh-if-other".into() };
            return Err(Error::unfit(reason, advice));
        }
        let last_first = known.iter().enumerate().rev();
        let by_name: HashMap<_, u32> = last_first.map(|(place, name)| (name, place as u32)).collect();
        let places: Option<Vec<u32>> = labels.iter().map(|label| by_name.get(label).copied()).collect();
        let Some(places) = places else {
            let message = format!(
                "the classifier of {} sorts into {}: its weights are where {} begin",
                self.record.name,
                if known.is_empty() { format!("{rows} labels") } else { known.join(", ") },
                labels.join(", ")
            );
            run.warn(message);
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

/// The folder of the checkpoint of this name, and its commit if it was brought from the hub.
fn place(files: &Files, name: &str) -> (PathBuf, Option<String>) {
    match &files.checkpoint {
        Some(fetched) => (fetched.folder.clone(), Some(fetched.commit.clone())),
        None => (PathBuf::from(name), None),
    }
}

/// The architecture of the checkpoint that a configuration names, if it names one.
pub fn encoder(files: &Files, config: &ExperimentConfig) -> Result<Option<Published>> {
    let name = config.pretrained.as_ref().and_then(|wanted| wanted.pretrained.as_deref());
    let open = |name: &str| Ok(Checkpoint::open(&place(files, name).0)?.architecture()?);
    name.map(open).transpose()
}

/// The checkpoint's own tokenizer, with texts as long as they may be.
fn features(wanted: &FeatureConfig, folder: &Path, positions: usize) -> Result<FeatureConfig> {
    let FeatureConfig::Tokens { text, .. } = wanted else { return Ok(wanted.clone()) };
    let longest = text.longest.unwrap_or(positions);
    if longest > positions {
        let reason = format!("the model has {positions} positions: give at most as many, or none");
        return Err(assort_settings::Error::value("longest", longest, reason).into());
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
