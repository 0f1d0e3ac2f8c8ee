//! Several pipelines on the same rows.

use std::collections::HashSet;

use assort_classifier::Predictions;
use assort_datasets::{Dataset, LabelId, RowLabels};
use assort_metrics::{Bootstrap, ConfusionMatrix, McNemar, Task, holm};
use assort_pipeline::Pipeline;
use assort_random::Seed;
use assort_report::{Answer, Candidate, Comparison, Disagreement, Pair};

use ndarray::ArrayView1;

use crate::evaluate::Evaluated;
use crate::{Error, Result, memory};

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
            let known: HashSet<&String> = among.labels().iter().collect();
            of.labels().iter().find(|label| !known.contains(label)).cloned()
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
    memory::check_judging(data.len(), labels.len())?;
    let evaluated: Vec<Evaluated> =
        models.iter().map(|(_, pipeline)| Evaluated::new(pipeline, data)).collect::<Result<_>>()?;
    let candidates = models.iter().zip(&evaluated).map(|((name, pipeline), evaluated)| {
        let evaluation = evaluated.evaluation.clone();
        let seconds = evaluation.seconds;
        Candidate {
            name: name.clone(),
            model: pipeline.manifest().architecture.name().into(),
            rows_per_second: (seconds > 0.0).then(|| data.len() as f64 / seconds),
            evaluation,
        }
    });
    let answers: Vec<Answers> = evaluated.iter().map(|one| Answers::new(one, data)).collect();
    let truth = Answers::truth(data);
    let classes = labels.len().max(2);
    let bootstrap = Bootstrap::new(Seed::new(seed).stream("bootstrap"));
    let mut pairs = Vec::new();
    for (first, one) in answers.iter().enumerate() {
        for (second, other) in answers.iter().enumerate().skip(first + 1) {
            let both = [one.answers.as_slice(), other.answers.as_slice()];
            pairs.push(Pair {
                first,
                second,
                accuracy: bootstrap.difference(&truth, both, classes, ConfusionMatrix::accuracy)?,
                mcnemar: McNemar::from_labels(&truth, &one.answers, &other.answers)?,
                p_value: 1.0,
                different: one.different(other),
            });
        }
    }
    let p_values: Vec<f64> = pairs.iter().map(|pair| pair.mcnemar.p_value).collect();
    pairs.iter_mut().zip(holm(&p_values)).for_each(|(pair, p_value)| pair.p_value = p_value);
    let candidates = candidates.collect();
    let disagreements = match data.task() {
        Task::OneOf => disagreements(&truth, &evaluated),
        Task::AnyOf => Vec::new(),
    };
    Ok(Comparison { candidates, pairs, disagreements, labels })
}

/// A model's answers as two can be compared by: labels, or where a row has any number of them, 1 where all of
/// them are right.
struct Answers<'e> {
    answers: Vec<u32>,
    predictions: &'e Predictions,
}

impl<'e> Answers<'e> {
    fn new(evaluated: &'e Evaluated, data: &Dataset) -> Self {
        let predictions = &evaluated.predictions;
        let answers = match predictions {
            Predictions::Labels(labels) => labels.clone(),
            Predictions::Sets(sets) => {
                let is_right = |(row, set): (usize, ArrayView1<bool>)| {
                    let own = set.iter().enumerate().filter(|(_, holds)| **holds).map(|(label, _)| label);
                    own.eq(data.labels_of(row).map(LabelId::index))
                };
                sets.rows().into_iter().enumerate().map(|row| u32::from(is_right(row))).collect()
            }
        };
        Self { answers, predictions }
    }

    /// The right answers.
    fn truth(data: &Dataset) -> Vec<u32> {
        match data.row_labels() {
            RowLabels::One(labels) => labels.iter().map(|label| label.0).collect(),
            RowLabels::Any(sets) => vec![1; sets.rows()],
        }
    }

    /// The rows on which two models differ.
    fn different(&self, other: &Self) -> usize {
        match (self.predictions, other.predictions) {
            (Predictions::Sets(one), Predictions::Sets(other)) => {
                one.rows().into_iter().zip(other.rows()).filter(|(a, b)| a != b).count()
            }
            _ => self.answers.iter().zip(&other.answers).filter(|(a, b)| a != b).count(),
        }
    }
}

fn disagreements(truth: &[u32], evaluated: &[Evaluated]) -> Vec<Disagreement> {
    let answer = |evaluated: &Evaluated, row: usize| {
        let Predictions::Labels(labels) = &evaluated.predictions else { return None };
        let label = labels.get(row).copied()?;
        let probability = evaluated.probabilities.get((row, label as usize)).copied()?;
        Some(Answer { label, probability })
    };
    let row = |(index, truth): (usize, &u32)| {
        let answers: Vec<Answer> =
            evaluated.iter().filter_map(|evaluated| answer(evaluated, index)).collect();
        let is_divided = answers.windows(2).any(|pair| matches!(pair, [a, b] if a.label != b.label));
        is_divided.then_some(Disagreement { index, truth: *truth, answers })
    };
    let mut rows: Vec<Disagreement> = truth.iter().enumerate().filter_map(row).collect();
    rows.sort_by(|a, b| b.least().total_cmp(&a.least()).then(a.index.cmp(&b.index)));
    rows
}
