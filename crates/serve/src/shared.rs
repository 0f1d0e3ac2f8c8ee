//! What all requests share.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use assort_pipeline::Pipeline;
use candle_core::Device;
use ndarray::Array1;
use rayon::prelude::*;
use serde_json::Value;

use crate::batcher::{Batcher, Gather};
use crate::failure::{Failure, Suggestion};
use crate::metrics::{Metrics, ModelMetrics};
use crate::model::{Current, Model};
use crate::{Error, Keys, Limits, Products, Result, ServeConfig};

/// The texts of a request, predicted.
pub struct Predicted {
    /// The model that did it.
    pub model: Arc<Model>,
    /// For each text the probability of each of K labels.
    pub probabilities: Vec<Array1<f64>>,
}

/// Anything else that a model is asked.
pub type Question = Box<dyn Fn(&Model) -> Result<Value, Failure> + Send>;

/// A model's answer to a question.
pub struct Answer {
    pub model: Arc<Model>,
    pub value: Value,
}

/// A model with its threads: one for predictions, one for all that takes longer.
pub struct Served {
    pub name: String,
    pub folder: PathBuf,
    pub current: Arc<Current>,
    pub metrics: ModelMetrics,
    pub predictions: Batcher<Vec<String>, Predicted>,
    pub questions: Batcher<Question, Answer>,
}

impl Served {
    fn start(name: String, folder: PathBuf, config: &ServeConfig, metrics: ModelMetrics) -> Result<Self> {
        let limits = &config.limits;
        let products =
            if matches!(config.device, Device::Cpu) { config.products } else { Products::Together };
        let current = Arc::new(Current::default());
        let gather = Gather { queue: limits.queue, most: limits.batch, time: limits.batch_time };
        let (place, counts) = (current.clone(), metrics.clone());
        let predictions = Batcher::start(
            &format!("predict {name}"),
            gather,
            metrics.waiting.clone(),
            |texts: &Vec<String>| texts.len(),
            move |batch: &[Vec<String>]| predict(&place, &counts, products, batch),
        )?;
        let one = Gather { most: 1, ..gather };
        let place = current.clone();
        let questions = Batcher::start(
            &format!("explain {name}"),
            one,
            metrics.waiting.clone(),
            |_: &Question| 1,
            move |batch: &[Question]| batch.iter().map(|question| answer(&place, question)).collect(),
        )?;
        Ok(Self { name, folder, current, metrics, predictions, questions })
    }
}

/// Predicts the texts of several requests together.
fn predict(
    place: &Current,
    metrics: &ModelMetrics,
    products: Products,
    batch: &[Vec<String>],
) -> Result<Vec<Predicted>, Failure> {
    let model = place.ready()?;
    let start = Instant::now();
    let texts: Vec<&str> = batch.iter().flatten().map(String::as_str).collect();
    let mut rows = probabilities(&model.pipeline, products, &texts)?.into_iter();
    metrics.computed.observe(start.elapsed().as_secs_f64());
    metrics.batches.observe(texts.len() as f64);
    metrics.texts.inc_by(texts.len() as u64);
    let parts = batch.iter().map(|texts| Predicted {
        model: model.clone(),
        probabilities: rows.by_ref().take(texts.len()).collect(),
    });
    Ok(parts.collect())
}

/// The probability of each of K labels for each text: of each by itself, shared out to the threads, or of all
/// together.
fn probabilities(
    pipeline: &Pipeline,
    products: Products,
    texts: &[&str],
) -> assort_pipeline::Result<Vec<Array1<f64>>> {
    let rows = |texts: &[&str]| {
        pipeline.probabilities(texts).map(|all| all.rows().into_iter().map(|row| row.to_owned()).collect())
    };
    match (products, texts) {
        (Products::Together, _) | (_, [_]) => rows(texts),
        (Products::Each, _) => {
            let parts: Vec<Vec<Array1<f64>>> = texts.par_chunks(1).map(rows).collect::<Result<_, _>>()?;
            Ok(parts.into_iter().flatten().collect())
        }
    }
}

fn answer(place: &Current, question: &Question) -> Result<Answer, Failure> {
    let model = place.ready()?;
    let value = question(&model)?;
    Ok(Answer { model, value })
}

/// What the handlers of all requests know.
pub struct Shared {
    pub models: Vec<Served>,
    pub limits: Limits,
    pub keys: Keys,
    pub metrics: Metrics,
    stopping: AtomicBool,
}

impl Shared {
    /// Starts the models' threads; nothing is loaded yet.
    pub fn start(config: &ServeConfig) -> Result<Self> {
        let metrics = Metrics::new();
        let mut models: Vec<Served> = Vec::new();
        for (name, folder) in &config.models {
            if models.iter().any(|model| model.name == *name) {
                return Err(Error::SameName(name.clone()));
            }
            let counts = metrics.model(name);
            models.push(Served::start(name.clone(), folder.clone(), config, counts)?);
        }
        if models.is_empty() {
            return Err(Error::NoModels);
        }
        let (limits, keys) = (config.limits.clone(), config.keys.clone());
        Ok(Self { models, limits, keys, metrics, stopping: AtomicBool::new(false) })
    }

    /// The model that a request names; the only one, where it names none.
    pub fn model(&self, name: Option<&str>) -> Result<&Served, Failure> {
        let names =
            || Suggestion::Choose { from: self.models.iter().map(|model| model.name.clone()).collect() };
        match (name, self.models.as_slice()) {
            (None, [only]) => Ok(only),
            (None, _) => Err(Failure::of_field("model", "there are several models: name one").with(names())),
            (Some(name), models) => models.iter().find(|model| model.name == name).ok_or_else(|| {
                Failure::of_field("model", format!("there is no model '{name}'")).with(names())
            }),
        }
    }

    /// The names of models that are not loaded yet.
    pub fn unready(&self) -> Vec<&str> {
        let missing = self.models.iter().filter(|model| model.current.get().is_none());
        missing.map(|model| model.name.as_str()).collect()
    }

    /// From now on the server stops.
    pub fn begin_to_stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Whether the server stops.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}
