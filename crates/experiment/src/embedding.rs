//! How a word embedding begins: from pretrained vectors, and whether it is trained from the first epoch on.

use std::path::{Path, PathBuf};
use std::time::Instant;

use assort_classifier::Classifier;
use assort_random::Seed;
use assort_tensor::Training;
use assort_text::Vocab;
use assort_vectors::{CacheConfig, Missing, Opened, WordVectors};
use candle_core::Tensor;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{Error, Event, ExperimentConfig, Listener, Request, Result, Source, VectorFigures};

/// The parameter that every model with a word embedding has, (V, D) or more rows.
pub const PARAMETER: &str = "embedding.weight";

/// What a word begins with that the vectors file lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FirstVectors {
    /// A draw from a normal distribution with deviation 1.
    UnitNormal,
    /// A draw from a normal distribution with the deviation of the file's numbers.
    FileNormal,
    /// What the model draws without a file.
    Model,
}

/// How a word embedding begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EmbeddingConfig {
    /// A text file of pretrained word vectors (GloVe, word2vec, fastText `.vec`), or its name on the hub.
    pub vectors: Option<PathBuf>,
    /// What a word begins with that the file lacks.
    pub vectors_missing: FirstVectors,
    /// The embedding stays as it is for the first so many epochs.
    pub freeze_embedding_epochs: usize,
}

impl Default for EmbeddingConfig {
    fn default() -> Self {
        Self { vectors: None, vectors_missing: FirstVectors::UnitNormal, freeze_embedding_epochs: 0 }
    }
}

/// Opened word vectors.
pub struct Pretrained {
    /// The file's name, or its name on the hub.
    name: String,
    vectors: WordVectors,
    opened: Opened,
    digest: String,
    seconds: f64,
}

/// Opens the vectors file of a request, if it names one. The model's embedding is as wide as the vectors, unless the
/// user has chosen another width, which is an error.
pub fn open(request: &Request, listener: &mut dyn Listener) -> Result<(Request, Option<Pretrained>)> {
    let mut request = request.clone();
    let config = request.settings.resolve()?;
    let Some(named) = config.embedding.as_ref().and_then(|embedding| embedding.vectors.clone()) else {
        return Ok((request, None));
    };
    let (path, name) = match request.settings.fetched_vectors() {
        Some(path) => (path.to_owned(), named.display().to_string()),
        None => (named.clone(), file_name(&named)),
    };
    let clock = Instant::now();
    let cache = CacheConfig { fallback: request.files.vectors_cache.clone(), ..CacheConfig::default() };
    let (vectors, report, opened) = WordVectors::open(&path, Some(&cache))?;
    for message in report.cautions(&path, vectors.len()) {
        listener.tell(&Event::Warning { message });
    }
    let width = vectors.width();
    let is_chosen = |key: &str| request.settings.iter().any(|s| s.key == key && s.source != Source::Default);
    match config.model.embedding_width() {
        Some(own) if own != width && is_chosen("embedding") => {
            let reason = format!(
                "{} has vectors of {width} numbers: leave embedding out, or choose another file",
                path.display()
            );
            return Err(Error::Setting { key: "embedding".into(), value: own.to_string(), reason });
        }
        Some(own) if own != width => {
            request.settings.put("embedding", json!(width), Source::File(path.clone()))?
        }
        _ => {}
    }
    let (digest, seconds) = (vectors.digest(), clock.elapsed().as_secs_f64());
    Ok((request, Some(Pretrained { name, vectors, opened, digest, seconds })))
}

impl Pretrained {
    /// Writes the first vectors of the vocabulary's words into the model, and tells how many are known.
    pub fn place(
        &self,
        model: &dyn Classifier,
        vocab: &Vocab,
        missing: FirstVectors,
        seed: Seed,
        listener: &mut dyn Listener,
    ) -> Result<VectorFigures> {
        let clock = Instant::now();
        let no_embedding = || Error::Request(format!("the model has no {PARAMETER}: leave vectors out"));
        let table = &model.parameters().get(PARAMETER).ok_or_else(no_embedding)?.var;
        let missing = match missing {
            FirstVectors::UnitNormal => Missing::Normal(1.0),
            FirstVectors::FileNormal => Missing::FileNormal,
            FirstVectors::Model => Missing::Kept,
        };
        let tensor = |error| Error::Tensor(assort_tensor::Error::from(error));
        let mut values: Vec<f32> = table.flatten_all().and_then(|flat| flat.to_vec1()).map_err(tensor)?;
        self.vectors.fill_table(vocab, missing, seed, &mut values);
        let filled = Tensor::from_vec(values, table.dims(), table.device());
        filled.and_then(|filled| table.set(&filled)).map_err(tensor)?;
        let coverage = self.vectors.coverage(vocab);
        let figures = VectorFigures {
            file: self.name.clone(),
            digest: self.digest.clone(),
            words: self.vectors.len(),
            width: self.vectors.width(),
            vocabulary: coverage.words,
            found: coverage.found,
            word_share: coverage.word_share(),
            token_share: coverage.token_share(),
            seconds: self.seconds + clock.elapsed().as_secs_f64(),
        };
        let copy = match &self.opened {
            Opened::Copied(path) => Some(path.as_path()),
            _ => None,
        };
        listener.tell(&Event::Vectors { figures: &figures, copy });
        Ok(figures)
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Freezes the embedding of a model for as long as the configuration wants, and says for how many epochs.
pub fn freeze(
    config: &ExperimentConfig,
    model: &mut dyn Classifier,
) -> Result<Option<assort_train::FrozenFirst>> {
    let epochs = config.embedding.as_ref().map_or(0, |embedding| embedding.freeze_embedding_epochs);
    if epochs == 0 {
        return Ok(None);
    }
    // The table of parameters tells what the whole run trains.
    if config.train.as_ref().is_some_and(|train| epochs >= train.epochs) {
        model.parameters_mut().set_training(PARAMETER, Training::Frozen)?;
    }
    Ok(Some(assort_train::FrozenFirst { parameter: PARAMETER.into(), epochs }))
}
