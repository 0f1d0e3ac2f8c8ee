//! How good a pipeline is on labelled rows.

use std::collections::BTreeMap;
use std::time::Instant;

use assort_classifier::{Calibration, Decision, Predictions};
use assort_datasets::{Dataset, LabelId};
use assort_metrics::figures::{ACCURACY, SUBSET_ACCURACY};
use assort_metrics::{Binning, Bootstrap, ClassificationReport, FigureSet, Task, UndefinedRule, reliability};
use assort_pipeline::Pipeline;
use assort_random::Seed;
use assort_report::{Answered, Confusion, Evaluation, LabelPairs, Mistake};
use ndarray::{Array2, ArrayView1, ArrayView2};

use crate::ranking::ranking;
use crate::truth::{Truth, evidence, evidence_of_sets};
use crate::{Error, Result, memory};

/// Predicts the rows and compares with their labels, whose numbers must be the pipeline's
/// (see [`Dataset::with_labels`](assort_datasets::Dataset::with_labels)).
///
/// # Errors
/// If the device fails, a label number lies outside the pipeline's labels, or there is no room for so many.
pub fn evaluate(pipeline: &Pipeline, data: &Dataset) -> Result<Evaluation> {
    Ok(evaluate_rows(pipeline, data)?.0)
}

/// [`evaluate`], and the probability of each label for each row, (B, K).
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_rows(pipeline: &Pipeline, data: &Dataset) -> Result<(Evaluation, Array2<f64>)> {
    memory::check_judging(data.len(), pipeline.labels().len())?;
    let evaluated = Evaluated::new(pipeline, data)?;
    let evaluated = evaluated.in_full(pipeline.labels(), data, pipeline.manifest().seed)?;
    Ok((evaluated.evaluation, evaluated.probabilities))
}

/// An evaluation with what it was made from.
pub struct Evaluated {
    pub evaluation: Evaluation,
    pub predictions: Predictions,
    /// The probability of each label for each row, (B, K).
    pub probabilities: Array2<f64>,
    decision: Decision,
}

/// The rows that the decision answers, and those of them that are right.
fn answered(truth: &Truth, probabilities: ArrayView2<f64>, decision: &Decision) -> Answered {
    let answers = probabilities.rows().into_iter().map(|row| decision.answer(row)).enumerate();
    let mut found = Answered::default();
    for (row, label) in answers.filter_map(|(row, answer)| Some((row, answer?))) {
        found.rows += 1;
        found.right += usize::from(truth.holds(row, label));
    }
    found
}

impl Evaluated {
    pub fn new(pipeline: &Pipeline, data: &Dataset) -> Result<Self> {
        if pipeline.task() != data.task() {
            let [any, one] = ["any number of labels", "one label"];
            let (gives, have) = if data.task() == Task::OneOf { (any, one) } else { (one, any) };
            let why = format!("the model gives a row {gives}, and the rows have {have} each: choose another");
            return Err(Error::Request(why));
        }
        let clock = Instant::now();
        let (probabilities, cut) = pipeline.probabilities_and_cut(&data.texts().slices())?;
        let time = (cut, clock.elapsed().as_secs_f64());
        Self::decided(pipeline.labels(), data, probabilities, pipeline.decision(), time)
    }

    /// Of probabilities (B, K) for the labels of these names, of which the highest is the answer; `cut` texts
    /// were longer than the model reads.
    pub fn of(
        names: &[String],
        data: &Dataset,
        probabilities: Array2<f64>,
        time: (usize, f64),
    ) -> Result<Self> {
        Self::decided(names, data, probabilities, &Decision::default(), time)
    }

    fn decided(
        names: &[String],
        data: &Dataset,
        probabilities: Array2<f64>,
        decision: &Decision,
        (cut, seconds): (usize, f64),
    ) -> Result<Self> {
        let rule = UndefinedRule::AsZero;
        let truth = Truth::new(data);
        let (figures, report, pairs, predictions, answers) = match &truth {
            Truth::Labels(truth) => {
                let evidence = evidence(truth, probabilities.view(), decision)?;
                let matrix = evidence.confusion();
                let report = ClassificationReport::new(matrix, names, rule)?;
                let pairs = LabelPairs::Confusion(Confusion::new(matrix));
                let predictions = Predictions::Labels(evidence.predicted().to_vec());
                (FigureSet::new(&evidence)?, report, pairs, predictions, evidence.answers())
            }
            Truth::Sets(truth) => {
                let evidence = evidence_of_sets(truth, probabilities.view(), decision)?;
                let report = ClassificationReport::of_sets(&evidence, names, rule)?;
                let pairs = LabelPairs::CoOccurrence(Confusion::of_counts(evidence.co_occurrence().view()));
                let predictions = Predictions::Sets(evidence.predicted().to_owned());
                (FigureSet::new(&evidence)?, report, pairs, predictions, evidence.answers())
            }
        };
        let undefined = &report.macro_average.undefined;
        let averaging = format!(
            "an undefined value counts as 0 in an average; undefined were: precision of {}, recall of {}, F1 \
             of {} of {} labels",
            undefined.precision,
            undefined.recall,
            undefined.f1,
            report.labels.len()
        );
        let share = figures.get(&ACCURACY).or_else(|| figures.get(&SUBSET_ACCURACY));
        let evaluation = Evaluation {
            rows: data.len(),
            cut,
            answered: match (decision.is_default(), data.task()) {
                (false, Task::OneOf) => Some(answered(&truth, probabilities.view(), decision)),
                _ => None,
            },
            intervals: BTreeMap::new(),
            slices: Vec::new(),
            ranking: None,
            accuracy_interval: share.and_then(|figure| figure.interval),
            figures,
            averaging,
            reliability: reliability(answers.unwrap_or_default(), Binning::EqualWidth),
            pairs,
            per_label: report.labels,
            seconds,
        };
        Ok(Self { evaluation, predictions, probabilities, decision: decision.clone() })
    }

    /// The same rows and probabilities by another decision.
    pub fn redecided(&self, names: &[String], data: &Dataset, decision: &Decision) -> Result<Self> {
        let time = (self.evaluation.cut, self.evaluation.seconds);
        Self::decided(names, data, self.probabilities.clone(), decision, time)
    }

    /// The same with what takes longest, which is made of what is shown and not of what is only compared: an
    /// interval for every figure, drawn by a seed, and the curves of labels.
    pub fn in_full(mut self, names: &[String], data: &Dataset, seed: u64) -> Result<Self> {
        let truth = Truth::new(data);
        let bootstrap = Bootstrap::new(Seed::new(seed).stream("intervals"));
        let figures = match &truth {
            Truth::Labels(truth) => {
                let evidence = evidence(truth, self.probabilities.view(), &self.decision)?;
                FigureSet::with_intervals(&evidence, &bootstrap)?
            }
            Truth::Sets(truth) => {
                let evidence = evidence_of_sets(truth, self.probabilities.view(), &self.decision)?;
                FigureSet::with_intervals(&evidence, &bootstrap)?
            }
        };
        self.evaluation.intervals =
            figures.intervals().map(|(name, interval)| (name.to_owned(), interval)).collect();
        self.evaluation.ranking = ranking(names, &truth, self.probabilities.view());
        Ok(self)
    }

    /// The same rows after a calibration of the probabilities.
    pub fn calibrated(&self, names: &[String], data: &Dataset, calibration: &Calibration) -> Result<Self> {
        let probabilities = calibration.apply(self.probabilities.view(), data.task());
        Self::of(names, data, probabilities, (self.evaluation.cut, self.evaluation.seconds))
    }

    /// The wrong rows that the model was surest of, the surest first.
    pub fn mistakes(&self, data: &Dataset, most: usize) -> Vec<Mistake> {
        let mut wrong: Vec<(usize, Vec<u32>, f64)> = match &self.predictions {
            Predictions::Labels(labels) => labels
                .iter()
                .enumerate()
                .filter(|&(row, &label)| data.labels_of(row).all(|truth| truth.0 != label))
                .map(|(row, &label)| (row, vec![label], self.probabilities[(row, label as usize)]))
                .collect(),
            Predictions::Sets(sets) => {
                let rows = sets.rows().into_iter().enumerate();
                rows.filter_map(|(row, set)| self.wrong_set(data, row, set)).collect()
            }
        };
        wrong.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)));
        let name = |label: &u32| data.names().name(LabelId(*label)).unwrap_or_default();
        let mistake = |(row, predicted, probability): (usize, Vec<u32>, f64)| Mistake {
            text: data.text(row).unwrap_or_default().into(),
            truth: data.label_text(row),
            predicted: predicted.iter().map(name).collect::<Vec<_>>().join(", "),
            probability,
        };
        wrong.into_iter().take(most).map(mistake).collect()
    }

    /// A row whose predicted set is wrong, with the probability that the model gave the decision of a label
    /// where it was surest and wrong.
    fn wrong_set(&self, data: &Dataset, row: usize, set: ArrayView1<bool>) -> Option<(usize, Vec<u32>, f64)> {
        let mut surest: Option<f64> = None;
        for (label, (predicted, probability)) in set.iter().zip(self.probabilities.row(row)).enumerate() {
            if *predicted != data.labels_of(row).any(|truth| truth.index() == label) {
                let own = if *predicted { *probability } else { 1.0 - probability };
                surest = Some(surest.map_or(own, |surest| surest.max(own)));
            }
        }
        let predicted = (0..).zip(set).filter(|(_, holds)| **holds).map(|(label, _)| label);
        surest.map(|surest| (row, predicted.collect(), surest))
    }
}
