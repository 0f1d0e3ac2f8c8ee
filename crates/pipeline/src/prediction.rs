//! Texts in, labels out.

use std::path::Path;

use assort_classifier::{Decision, Inputs, Predictor, Task, probabilities};
use assort_explain::{
    Attribution, Deletion, IntegratedGradients, Method, Occlusion, attribute_lines, attribute_ngrams,
    attribute_text, attribute_tokens, deletion,
};
use assort_models::Model;
use assort_random::Seed;
use candle_core::Device;
use ndarray::{Array2, ArrayView1, Axis, s};
use serde::Serialize;

use crate::{Error, Featurizer, Integrity, Manifest, ModelFolder, Result};

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

/// The probability of each of K labels for each text, (B, K), of a model that need not be in a folder; from
/// logits to probabilities by the task's link.
///
/// # Errors
/// If the device fails.
pub fn text_probabilities<T: AsRef<str> + Sync>(
    featurizer: &Featurizer,
    model: &Model,
    kind: (usize, Task),
    texts: &[T],
) -> Result<Array2<f64>> {
    seen_probabilities(featurizer, model, kind, texts, |_, _| Ok(()))
}

/// The same; `see` sees texts that are no windows with their inputs.
fn seen_probabilities<T: AsRef<str> + Sync>(
    featurizer: &Featurizer,
    model: &Model,
    (classes, task): (usize, Task),
    texts: &[T],
    mut see: impl FnMut(&[T], &Inputs) -> Result<()>,
) -> Result<Array2<f64>> {
    let scored = |inputs: &Inputs| probabilities(model, inputs, task);
    let mut all = Array2::zeros((texts.len(), classes));
    for (texts, mut place) in texts.chunks(IN_MEMORY).zip(all.axis_chunks_iter_mut(Axis(0), IN_MEMORY)) {
        match featurizer.windows(texts)? {
            None => {
                let inputs = featurizer.inputs(texts)?;
                see(texts, &inputs)?;
                place.assign(&scored(&inputs)?);
            }
            Some((inputs, counts)) => {
                place.assign(&averages(&scored(&inputs)?, &counts));
            }
        }
    }
    Ok(all)
}

impl Pipeline {
    /// Loads a model folder, and checks that its files are those that were written.
    ///
    /// # Errors
    /// If it is no model folder, of another format, a file has changed, or its parts do not fit together.
    pub fn load(folder: &Path, device: &Device) -> Result<Self> {
        Self::open(folder, Integrity::Checked, device)
    }

    /// [`load`](Self::load) with the choice to trust the files.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn open(folder: &Path, integrity: Integrity, device: &Device) -> Result<Self> {
        let (manifest, featurizer, model) = ModelFolder::at(folder).read(integrity, device)?;
        Ok(Self { manifest, featurizer, model })
    }

    /// The manifest.
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

    /// How many labels a text has, which decides link and decision.
    pub fn task(&self) -> Task {
        self.manifest.task
    }

    /// The probability of each label for each text, (B, K), by the task's link, calibrated.
    ///
    /// # Errors
    /// If the device fails.
    pub fn probabilities<T: AsRef<str> + Sync>(&self, texts: &[T]) -> Result<Array2<f64>> {
        let kind = (self.labels().len(), self.task());
        Ok(self.calibrated(text_probabilities(&self.featurizer, &self.model, kind, texts)?))
    }

    fn calibrated(&self, probabilities: Array2<f64>) -> Array2<f64> {
        match &self.manifest.calibration {
            Some(calibration) => calibration.apply(probabilities.view(), self.task()),
            None => probabilities,
        }
    }

    /// [`Pipeline::probabilities`], and how many of the texts are longer than the model reads and are cut.
    ///
    /// # Errors
    /// If the device fails.
    pub fn probabilities_and_cut<T: AsRef<str> + Sync>(&self, texts: &[T]) -> Result<(Array2<f64>, usize)> {
        let (mut cut, kind) = (0, (self.labels().len(), self.task()));
        let probabilities =
            seen_probabilities(&self.featurizer, &self.model, kind, texts, |texts, inputs| {
                cut += self.featurizer.count_cut(texts, inputs)?;
                Ok(())
            })?;
        Ok((self.calibrated(probabilities), cut))
    }

    /// The `top` most probable labels of each text, as [`Pipeline::ranked`].
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

    /// The share of each piece of a text in the logits, from which the probabilities come; an empty text has
    /// no pieces.
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
            Featurizer::Lines(encoder) => attribute_lines(model, encoder, text)?,
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

    /// How probabilities become answers.
    pub fn decision(&self) -> &Decision {
        &self.manifest.decision
    }

    /// One row of probabilities (K) as its `top` labels, the one that is the answer first and the others as
    /// far as they are to be preferred: the most probable first, unless the folder's decision says otherwise;
    /// of equals the first label. Where a text has any number of labels, those alone whose probability
    /// reaches their threshold.
    pub fn ranked(&self, row: ArrayView1<f64>, top: usize) -> Vec<Prediction<'_>> {
        let (decision, task) = (self.decision(), self.task());
        let order = match task {
            Task::OneOf => decision.order(row),
            Task::AnyOf => Decision::default().order(row),
        };
        let holds = |label: &usize| {
            task == Task::OneOf || row.get(*label).is_some_and(|p| *p >= decision.threshold(task, *label))
        };
        order.into_iter().filter(holds).take(top).filter_map(|label| self.prediction(row, label)).collect()
    }

    /// The answer to one row of probabilities (K), where a text has one label; `None` where the folder's
    /// thresholds or costs say that none is better.
    pub fn answer(&self, row: ArrayView1<f64>) -> Option<Prediction<'_>> {
        self.prediction(row, self.decision().answer(row)?)
    }

    /// [`Pipeline::ranked`], but nothing where [`Pipeline::answer`] gives a text with one label none.
    pub fn ranked_if_sure(&self, row: ArrayView1<f64>, top: usize) -> Vec<Prediction<'_>> {
        match self.task() {
            Task::OneOf if self.decision().answer(row).is_none() => Vec::new(),
            _ => self.ranked(row, top),
        }
    }

    /// The labels of one row of probabilities (K) that hold the true one as often as promised; `None` where
    /// the folder promises nothing.
    pub fn label_set(&self, row: ArrayView1<f64>) -> Option<Vec<Prediction<'_>>> {
        let set = self.decision().set(row)?;
        Some(set.into_iter().filter_map(|label| self.prediction(row, label)).collect())
    }

    fn prediction(&self, row: ArrayView1<f64>, label: usize) -> Option<Prediction<'_>> {
        Some(Prediction { label: self.labels().get(label)?, probability: *row.get(label)? })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DataRecord, FeatureConfig};
    use assort_models::{BagConfig, Initial, ModelConfig, Shape};
    use assort_text::TextConfig;

    const TEXTS: [&str; 3] = ["ripe pear", "raw leek", "ripe leek"];

    /// A folder with a small model that begins with drawn weights.
    fn written(task: Task, folder: &Path) -> String {
        let text = TextConfig { longest: Some(2), ..TextConfig::default() };
        let features = FeatureConfig::Tokens { text, hasher: None };
        let (featurizer, _) = Featurizer::fit(&TEXTS, &features).unwrap();
        let shape = Shape { vocabulary: featurizer.width(), classes: 3 };
        let config = ModelConfig::Bag(BagConfig { embedding: 4, ..BagConfig::default() });
        let network = config.network(shape, Initial::Drawn(Seed::new(5)), &Device::Cpu).unwrap();
        let data = DataRecord { rows: 3, ..DataRecord::default() };
        let labels = ["a", "b", "c"].map(String::from).to_vec();
        let mut manifest = Manifest::new(config, shape, labels, features, 0, data);
        manifest.task = task;
        ModelFolder::at(folder).write(&manifest, &featurizer, &Model::Network(network)).unwrap();
        std::fs::read_to_string(folder.join("assort.json")).unwrap()
    }

    #[test]
    fn the_manifest_decides_link_and_decision() {
        let place = tempfile::tempdir().unwrap();
        let load = |task| {
            let json = written(task, place.path());
            (json, Pipeline::load(place.path(), &Device::Cpu).unwrap())
        };
        let (json, one) = load(Task::OneOf);
        assert!(!json.contains("\"task\""), "one label a row is not written");
        let (json, any) = load(Task::AnyOf);
        assert!(json.contains("\"task\": \"any-of\""));
        assert_eq!((one.task(), any.task()), (Task::OneOf, Task::AnyOf));
        let (shares, holds) = (one.probabilities(&TEXTS).unwrap(), any.probabilities(&TEXTS).unwrap());
        for (shares, holds) in shares.rows().into_iter().zip(holds.rows()) {
            assert!((shares.sum() - 1.0).abs() < 1e-12 && (holds.sum() - 1.0).abs() > 1e-3);
            // The softmax of the logits, which the logistic function's inverse gives back.
            let exponentials = holds.mapv(|p| p / (1.0 - p));
            assert!(
                shares.iter().zip(&(&exponentials / exponentials.sum())).all(|(a, b)| (a - b).abs() < 1e-12)
            );
        }
        let (ranked, sets) = (one.predict(&TEXTS, 3).unwrap(), any.predict(&TEXTS, 3).unwrap());
        assert!(ranked.iter().all(|row| row.len() == 3));
        for (set, row) in sets.iter().zip(holds.rows()) {
            let names: Vec<&str> = set.iter().map(|found| found.label).collect();
            let expect = ["a", "b", "c"].into_iter().zip(row).filter(|(_, p)| **p >= 0.5).count();
            assert!(names.len() == expect && set.iter().all(|found| found.probability >= 0.5), "{names:?}");
        }
        assert!((1..9).contains(&sets.iter().map(Vec::len).sum::<usize>()), "some labels hold, some do not");
    }

    #[test]
    fn the_manifest_calibrates() {
        let place = tempfile::tempdir().unwrap();
        let mut manifest: serde_json::Value =
            serde_json::from_str(&written(Task::OneOf, place.path())).unwrap();
        let raw = Pipeline::load(place.path(), &Device::Cpu).unwrap().probabilities(&TEXTS).unwrap();
        manifest["calibration"] = serde_json::json!({"kind": "temperature", "scale": 3.0});
        std::fs::write(place.path().join("assort.json"), manifest.to_string()).unwrap();
        let pipeline = Pipeline::load(place.path(), &Device::Cpu).unwrap();
        let found = pipeline.probabilities(&TEXTS).unwrap();
        for (found, raw) in found.rows().into_iter().zip(raw.rows()) {
            let cubes = raw.mapv(|p| p.powi(3));
            assert!(found.iter().zip(&(&cubes / cubes.sum())).all(|(a, b)| (a - b).abs() < 1e-12));
        }
        assert_eq!(pipeline.probabilities_and_cut(&TEXTS).unwrap().0, found);
        assert_eq!(
            pipeline.predict(&TEXTS, 1).unwrap()[0][0].probability,
            found.row(0).fold(0.0, |a: f64, b| a.max(*b))
        );
        manifest["calibration"] = serde_json::json!({"kind": "vector", "scales": [1.0], "shifts": [0.0]});
        let refused = Manifest::from_json(&manifest.to_string(), place.path()).unwrap_err().to_string();
        assert!(refused.contains("its calibration is not one of its labels"), "{refused}");
    }

    #[test]
    fn the_manifest_decides_when_to_answer() {
        let place = tempfile::tempdir().unwrap();
        written(Task::OneOf, place.path());
        let raw = Pipeline::load(place.path(), &Device::Cpu).unwrap();
        let row = raw.probabilities(&TEXTS[..1]).unwrap().row(0).to_owned();
        let order: Vec<usize> = Decision::default().order(row.view());
        let (first, last) = (order[0], order[2]);
        let mut weights = vec![1.0; 3];
        weights[last] = 2.0 * row[first] / row[last];
        let decide = |decision: Decision| {
            ModelFolder::at(place.path()).change(|manifest| manifest.decision = decision).unwrap();
            Pipeline::load(place.path(), &Device::Cpu).unwrap()
        };
        let weighted = decide(Decision { weights, ..Decision::default() });
        let ranked = weighted.predict(&TEXTS[..1], 3).unwrap().remove(0);
        assert_eq!(ranked[0], Prediction { label: &weighted.labels()[last], probability: row[last] });
        assert_eq!(weighted.answer(row.view()), Some(ranked[0]));
        let strict = decide(Decision { thresholds: vec![row[first] + 0.01; 3], ..Decision::default() });
        assert_eq!((strict.answer(row.view()), strict.ranked(row.view(), 3).len()), (None, 3));
        assert_eq!(strict.label_set(row.view()), None);
        let folder = ModelFolder::at(place.path());
        folder.change(|manifest| manifest.decision.thresholds = vec![0.5]).unwrap();
        let refused = Pipeline::load(place.path(), &Device::Cpu).map(|_| ()).unwrap_err().to_string();
        assert!(refused.contains("its decision is not one of its labels"), "{refused}");
    }

    #[test]
    fn texts_that_are_cut_are_counted() {
        let place = tempfile::tempdir().unwrap();
        written(Task::OneOf, place.path());
        let pipeline = Pipeline::load(place.path(), &Device::Cpu).unwrap();
        let texts = ["ripe pear", "a ripe pear", "", "leek", "one two three four"];
        let (probabilities, cut) = pipeline.probabilities_and_cut(&texts).unwrap();
        assert_eq!((cut, probabilities), (2, pipeline.probabilities(&texts).unwrap()));
        assert_eq!(pipeline.probabilities_and_cut(&texts[2..4]).unwrap().1, 0);
    }

    #[test]
    fn models_of_one_label_a_row_refuse_sets() {
        let place = tempfile::tempdir().unwrap();
        let json = written(Task::AnyOf, place.path());
        let mut manifest: serde_json::Value = serde_json::from_str(&json).unwrap();
        manifest["architecture"] = serde_json::to_value(ModelConfig::named("linear")).unwrap();
        let refused = Manifest::from_json(&manifest.to_string(), place.path()).unwrap_err().to_string();
        assert!(refused.contains("a linear of this kind gives each row one label"), "{refused}");
        manifest["task"] = "one-of".into();
        assert_eq!(Manifest::from_json(&manifest.to_string(), place.path()).unwrap().task, Task::OneOf);
    }
}
