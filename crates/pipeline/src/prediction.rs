//! Texts in, labels out.

use std::path::Path;

use assort_classifier::{Predictor, probabilities};
use assort_explain::{
    Attribution, Deletion, IntegratedGradients, Method, Occlusion, attribute_ngrams, attribute_text,
    attribute_tokens, deletion,
};
use assort_models::Model;
use assort_random::Seed;
use candle_core::Device;
use ndarray::{Array2, ArrayView1, Axis, s};
use serde::Serialize;

use crate::{Error, Featurizer, Manifest, ModelFolder, Result};

/// Texts that are inputs at a time, so that memory does not grow with the file.
const IN_MEMORY: usize = 8192;

/// A label with its probability.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Prediction<'p> {
    /// The label's name.
    pub label: &'p str,
    /// Its probability, in [0, 1].
    pub probability: f64,
}

/// A trained model with what turns texts into its inputs.
pub struct Pipeline {
    manifest: Manifest,
    featurizer: Featurizer,
    model: Model,
}

impl Pipeline {
    /// Loads a model folder.
    ///
    /// # Errors
    /// If it is no model folder, of another format, or its parts do not fit together.
    pub fn load(folder: &Path, device: &Device) -> Result<Self> {
        let (manifest, featurizer, model) = ModelFolder::at(folder).read(device)?;
        Ok(Self { manifest, featurizer, model })
    }

    /// The description of the model.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The part that turns texts into the model's inputs.
    pub fn featurizer(&self) -> &Featurizer {
        &self.featurizer
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The labels' names, in the order of the probabilities.
    pub fn labels(&self) -> &[String] {
        &self.manifest.labels
    }

    /// The probability of each label for each text, (B, K).
    ///
    /// # Errors
    /// If the device fails.
    pub fn probabilities<T: AsRef<str> + Sync>(&self, texts: &[T]) -> Result<Array2<f64>> {
        let mut all = Array2::zeros((texts.len(), self.labels().len()));
        for (texts, mut place) in texts.chunks(IN_MEMORY).zip(all.axis_chunks_iter_mut(Axis(0), IN_MEMORY)) {
            match self.featurizer.windows(texts)? {
                None => place.assign(&probabilities(&self.model, &self.featurizer.inputs(texts)?)?),
                Some((inputs, counts)) => {
                    place.assign(&averages(&probabilities(&self.model, &inputs)?, &counts));
                }
            }
        }
        Ok(all)
    }

    /// The `top` most probable labels of each text, the most probable first; of equals the first label.
    ///
    /// # Errors
    /// If the device fails.
    pub fn predict<T: AsRef<str> + Sync>(&self, texts: &[T], top: usize) -> Result<Vec<Vec<Prediction<'_>>>> {
        let probabilities = self.probabilities(texts)?;
        Ok(probabilities.rows().into_iter().map(|row| self.ranked(row, top)).collect())
    }

    /// The ways in which the model's texts can be attributed, the best first: exact where the logits are
    /// sums, estimates for networks.
    pub fn methods(&self) -> Vec<Method> {
        let has = |method: &Method| match method {
            Method::Exact => self.model.explainable().is_some(),
            Method::IntegratedGradients | Method::Occlusion => self.model.embedded().is_some(),
        };
        Method::ALL.into_iter().filter(has).collect()
    }

    /// Contribution of each piece of a text to the logits, from which the probabilities come; an empty text
    /// has none.
    ///
    /// # Errors
    /// [`Error::NoMethod`] if the model has no such attribution, or if the device fails.
    pub fn explain(&self, text: &str, method: Method) -> Result<Attribution> {
        let missing = || {
            let known: Vec<&str> = self.methods().into_iter().map(Method::name).collect();
            let known = if known.is_empty() { "another model".into() } else { known.join(" or ") };
            Error::NoMethod { model: self.manifest.architecture.name(), method, known }
        };
        let network = || self.model.embedded().ok_or_else(missing);
        let (gradients, occlusion);
        let model = match method {
            Method::Exact => self.model.explainable().ok_or_else(missing)?,
            Method::IntegratedGradients => {
                gradients = IntegratedGradients::new(network()?);
                &gradients
            }
            Method::Occlusion => {
                occlusion = Occlusion::new(network()?);
                &occlusion
            }
        };
        Ok(match &self.featurizer {
            Featurizer::Tokens(tokenizer, hasher) => {
                attribute_tokens(model, tokenizer, hasher.as_ref(), text)?
            }
            Featurizer::Ngrams(vectorizer) => attribute_ngrams(model, vectorizer, text)?,
            Featurizer::Texts => attribute_text(model, text)?,
        })
    }

    /// How much the probability of label number `label` falls without the words that speak for it, and
    /// without others, which the seed draws. `None` for a text without words.
    ///
    /// # Errors
    /// If the device fails.
    pub fn deletion(&self, attribution: &Attribution, label: usize, seed: Seed) -> Result<Option<Deletion>> {
        deletion(attribution, label, seed, |texts| {
            let all = self.probabilities(texts)?;
            Ok(all.rows().into_iter().filter_map(|row| row.get(label).copied()).collect())
        })
    }

    /// One row of probabilities (K) as its `top` most probable labels.
    pub fn ranked(&self, row: ArrayView1<f64>, top: usize) -> Vec<Prediction<'_>> {
        let labels = self.labels().iter().zip(row);
        let mut ranked: Vec<Prediction> =
            labels.map(|(label, &probability)| Prediction { label, probability }).collect();
        ranked.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        ranked.truncate(top);
        ranked
    }
}

/// The mean of the rows of each text, of which it has so many.
pub(crate) fn averages(rows: &Array2<f64>, counts: &[usize]) -> Array2<f64> {
    let mut means = Array2::zeros((counts.len(), rows.ncols()));
    let mut start = 0;
    for (mut mean, &count) in means.rows_mut().into_iter().zip(counts) {
        for row in rows.slice(s![start..start + count, ..]).rows() {
            mean += &row;
        }
        mean /= count as f64;
        start += count;
    }
    means
}
