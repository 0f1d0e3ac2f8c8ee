//! Pretrained vectors that a word embedding begins with.

use std::path::Path;
use std::time::Instant;

use assort_classifier::Classifier;
use assort_random::Seed;
use assort_report::VectorFigures;
use assort_settings::Source;
use assort_tensor::{Parameter, Training};
use assort_text::Vocab;
use assort_train::FrozenFirst;
use assort_vectors::{CacheConfig, FirstVectors, Opened, WordVectors};
use candle_core::Tensor;

use crate::context::Context;
use crate::{Error, Event, Result};

/// Opened word vectors.
pub struct Pretrained {
    /// The file's name, or its name on the hub.
    name: String,
    vectors: WordVectors,
    opened: Opened,
    digest: String,
    seconds: f64,
}

/// Opens the vectors file that the settings name, if they name one. The model's embedding is as wide as the
/// vectors, unless the user has chosen another width, which is an error.
pub fn open(run: &mut Context) -> Result<Option<Pretrained>> {
    let Some(named) = run.config.embedding.as_ref().and_then(|embedding| embedding.vectors.clone()) else {
        return Ok(None);
    };
    let files = &run.request.files;
    let (path, name) = match &files.vectors {
        Some(path) => (path.clone(), named.display().to_string()),
        None => (named.clone(), file_name(&named)),
    };
    let clock = Instant::now();
    let cache = CacheConfig { fallback: files.vectors_cache.clone(), ..CacheConfig::default() };
    let (vectors, report, opened) = WordVectors::open(&path, Some(&cache))?;
    for message in report.cautions(&path, vectors.len()) {
        run.warn(message);
    }
    let width = vectors.width();
    if let Some(own) = run.config.model.embedding_width().filter(|own| *own != width) {
        if run.config.setting("embedding").is_some_and(|setting| setting.source != Source::Default) {
            let place = path.display();
            let reason = format!(
                "{place} has vectors of {width} numbers: leave embedding out, or choose another file"
            );
            return Err(assort_settings::Error::value("embedding", own, reason).into());
        }
        run.config = run.config.clone().with_embedding_width(width, Source::File(path.clone()))?;
    }
    let (digest, seconds) = (vectors.digest(), clock.elapsed().as_secs_f64());
    Ok(Some(Pretrained { name, vectors, opened, digest, seconds }))
}

impl Pretrained {
    /// Writes the first vectors of the vocabulary's words into the model, and tells how many are known.
    pub fn place(
        &self,
        model: &dyn Classifier,
        vocab: &Vocab,
        seed: Seed,
        run: &mut Context,
    ) -> Result<VectorFigures> {
        let clock = Instant::now();
        let table = &words(model)?.var;
        let embedding = run.config.embedding.as_ref();
        let missing = embedding.map_or(FirstVectors::Model, |embedding| embedding.vectors_missing);
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
        run.tell(&Event::Vectors { figures: &figures, copy });
        Ok(figures)
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The table of word embeddings, (V, D) or more rows.
fn words(model: &dyn Classifier) -> Result<&Parameter> {
    let why = "the model has no word embedding: leave vectors out, and freeze_embedding_epochs at 0";
    model.parameters().words().ok_or_else(|| Error::Request(why.into()))
}

/// Freezes the embedding of a model for as long as the configuration wants, and says for how many epochs.
pub fn freeze(run: &Context, model: &mut dyn Classifier) -> Result<Option<FrozenFirst>> {
    let epochs = run.config.embedding.as_ref().map_or(0, |embedding| embedding.freeze_embedding_epochs);
    if epochs == 0 {
        return Ok(None);
    }
    let parameter = words(model)?.name.clone();
    // The table of parameters tells what the whole run trains.
    if run.config.train.as_ref().is_some_and(|train| epochs >= train.epochs) {
        model.parameters_mut().set_training(&parameter, Training::Frozen)?;
    }
    Ok(Some(FrozenFirst { parameter, epochs }))
}
