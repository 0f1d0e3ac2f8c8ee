//! Several pipelines on the same rows.

use assort_datasets::Dataset;
use assort_metrics::{Bootstrap, ConfusionMatrix, Difference, McNemar};
use assort_pipeline::Pipeline;
use assort_random::Seed;
use serde::Serialize;

use crate::judge::Judged;
use crate::{Error, Judgement, Result};

/// One of the models.
#[derive(Clone, Debug, Serialize)]
pub struct Candidate {
    /// The name that it goes by.
    pub name: String,
    /// Its architecture.
    pub model: String,
    /// Rows that it predicted a second, from texts to probabilities.
    pub rows_per_second: Option<f64>,
    /// How good it is on the rows.
    pub judgement: Judgement,
}

/// Two of the models, by their places among the candidates.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Pair {
    /// The one.
    pub first: usize,
    /// The other.
    pub second: usize,
    /// The second's accuracy less the first's.
    pub accuracy: Difference,
    /// Whether the rows that one alone got right are evenly divided.
    pub mcnemar: McNemar,
    /// Rows that the two predict differently, right or wrong.
    pub different: usize,
}

/// What a model says of a row.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// The label's number.
    pub label: u32,
    /// Its probability.
    pub probability: f64,
}

/// A row that not all models predict alike.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Disagreement {
    /// Its place in the data, from 0.
    pub index: usize,
    /// The number of its true label.
    pub truth: u32,
    /// What each candidate says.
    pub answers: Vec<Answer>,
}

impl Disagreement {
    /// The probability of the least sure answer.
    fn least(&self) -> f64 {
        self.answers.iter().map(|answer| answer.probability).fold(f64::INFINITY, f64::min)
    }
}

/// Several models on the same rows.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The labels' names, by number.
    pub labels: Vec<String>,
    /// The models, in the order in which they were given.
    pub candidates: Vec<Candidate>,
    /// Each model with each later one.
    pub pairs: Vec<Pair>,
    /// The rows that divide the models, first those where even the least sure answer is surest.
    pub disagreements: Vec<Disagreement>,
}

/// Checks that models, given with their names, can be compared: that there are two, with the same labels.
///
/// # Errors
/// [`Error::Request`] naming what differs.
pub fn check_comparable(models: &[(String, Pipeline)]) -> Result<()> {
    let [(first, pipeline), others @ ..] = models else { return Err(too_few()) };
    if others.is_empty() {
        return Err(too_few());
    }
    for (name, other) in others {
        if pipeline.labels() == other.labels() {
            continue;
        }
        let lacking = |of: &Pipeline, among: &Pipeline| {
            of.labels().iter().find(|label| !among.labels().contains(label)).cloned()
        };
        let why = match (lacking(pipeline, other), lacking(other, pipeline)) {
            (Some(label), _) => format!("{first} has the label '{label}', which {name} does not have"),
            (None, Some(label)) => format!("{name} has the label '{label}', which {first} does not have"),
            (None, None) => format!("{first} and {name} have their labels in different orders"),
        };
        return Err(Error::Request(format!("{why}: compare models of the same labels")));
    }
    Ok(())
}

fn too_few() -> Error {
    Error::Request("to compare takes two models at least: name another folder".into())
}

/// Predicts the rows with each model and compares. The rows' label numbers must be the models'
/// (see [`Dataset::with_labels`]). Intervals hold at 95 %, from 1,000 resamples that the seed decides.
///
/// # Errors
/// As [`check_comparable`]; if a device fails, or a label number lies outside the models' labels.
pub fn compare(models: &[(String, Pipeline)], data: &Dataset, seed: u64) -> Result<Comparison> {
    check_comparable(models)?;
    let labels = models.first().map(|(_, pipeline)| pipeline.labels().to_vec()).unwrap_or_default();
    let judged: Vec<Judged> =
        models.iter().map(|(_, pipeline)| Judged::new(pipeline, data)).collect::<Result<_>>()?;
    let candidates = models.iter().zip(&judged).map(|((name, pipeline), judged)| {
        let judgement = judged.judgement.clone();
        let seconds = judgement.seconds;
        Candidate {
            name: name.clone(),
            model: pipeline.manifest().architecture.name().into(),
            rows_per_second: (seconds > 0.0).then(|| data.len() as f64 / seconds),
            judgement,
        }
    });
    let truth: Vec<u32> = data.labels().iter().map(|label| label.0).collect();
    let bootstrap = Bootstrap::new(Seed::new(seed).stream("bootstrap"));
    let mut pairs = Vec::new();
    for (first, one) in judged.iter().enumerate() {
        for (second, other) in judged.iter().enumerate().skip(first + 1) {
            let both = [one.predicted.as_slice(), other.predicted.as_slice()];
            pairs.push(Pair {
                first,
                second,
                accuracy: bootstrap.difference(&truth, both, labels.len(), ConfusionMatrix::accuracy)?,
                mcnemar: McNemar::from_labels(&truth, &one.predicted, &other.predicted)?,
                different: one.predicted.iter().zip(&other.predicted).filter(|(a, b)| a != b).count(),
            });
        }
    }
    let candidates = candidates.collect();
    Ok(Comparison { candidates, pairs, disagreements: disagreements(&truth, &judged), labels })
}

fn disagreements(truth: &[u32], judged: &[Judged]) -> Vec<Disagreement> {
    let answer = |judged: &Judged, row: usize| {
        let label = judged.predicted.get(row).copied()?;
        let probability = judged.probabilities.get((row, label as usize)).copied()?;
        Some(Answer { label, probability })
    };
    let row = |(index, truth): (usize, &u32)| {
        let answers: Vec<Answer> = judged.iter().filter_map(|judged| answer(judged, index)).collect();
        let is_divided = answers.windows(2).any(|pair| matches!(pair, [a, b] if a.label != b.label));
        is_divided.then_some(Disagreement { index, truth: *truth, answers })
    };
    let mut rows: Vec<Disagreement> = truth.iter().enumerate().filter_map(row).collect();
    rows.sort_by(|a, b| b.least().total_cmp(&a.least()).then(a.index.cmp(&b.index)));
    rows
}
