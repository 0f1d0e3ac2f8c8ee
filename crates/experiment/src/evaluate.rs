//! How good a pipeline is on labelled rows.

use std::time::Instant;

use assort_datasets::Dataset;
use assort_metrics::figures::ACCURACY;
use assort_metrics::{ClassificationReport, Evidence, FigureSet, Task, UndefinedRule};
use assort_pipeline::Pipeline;
use assort_report::{Confusion, Evaluation, Mistake};
use ndarray::Array2;

use crate::{Error, Result, memory};

/// Predicts the rows and compares with their labels, whose numbers must be the pipeline's
/// (see [`Dataset::with_labels`](assort_datasets::Dataset::with_labels)).
///
/// # Errors
/// If the device fails, a label number lies outside the pipeline's labels, or there is no room for so many.
pub fn evaluate(pipeline: &Pipeline, data: &Dataset) -> Result<Evaluation> {
    memory::check_judging(data.len(), pipeline.labels().len())?;
    Ok(Evaluated::new(pipeline, data)?.evaluation)
}

/// An evaluation with what it was made from.
pub struct Evaluated {
    pub evaluation: Evaluation,
    /// The label of each row.
    pub predicted: Vec<u32>,
    /// The probability of each label for each row, (B, K).
    pub probabilities: Array2<f64>,
}

impl Evaluated {
    pub fn new(pipeline: &Pipeline, data: &Dataset) -> Result<Self> {
        if pipeline.task() != Task::OneOf {
            let why =
                "the model gives a row any number of labels, and the rows have one each: choose another";
            return Err(Error::Request(why.into()));
        }
        let clock = Instant::now();
        let (probabilities, cut) = pipeline.probabilities_and_cut(&data.texts().slices())?;
        Self::of(pipeline.labels(), data, probabilities, (cut, clock.elapsed().as_secs_f64()))
    }

    /// Of probabilities (B, K) for the labels of these names; `cut` texts were longer than the model reads.
    pub fn of(
        names: &[String],
        data: &Dataset,
        probabilities: Array2<f64>,
        (cut, seconds): (usize, f64),
    ) -> Result<Self> {
        let truth: Vec<u32> = data.labels().iter().map(|label| label.0).collect();
        let evidence = Evidence::new(&truth, probabilities.view())?;
        let figures = FigureSet::new(&evidence)?;
        let matrix = evidence.confusion();
        let report = ClassificationReport::new(matrix, names, UndefinedRule::AsZero)?;
        let undefined = &report.macro_average.undefined;
        let averaging = format!(
            "an undefined value counts as 0 in an average; undefined were: precision of {}, recall of {}, F1 \
             of {} of {} labels",
            undefined.precision,
            undefined.recall,
            undefined.f1,
            report.labels.len()
        );
        let evaluation = Evaluation {
            rows: data.len(),
            cut,
            accuracy_interval: figures.get(&ACCURACY).and_then(|figure| figure.interval),
            figures,
            averaging,
            confusion: Confusion::new(matrix),
            per_label: report.labels,
            seconds,
        };
        let predicted = evidence.predicted().to_vec();
        Ok(Self { evaluation, predicted, probabilities })
    }

    /// The wrong rows that the model was surest of, the surest first.
    pub fn mistakes(&self, data: &Dataset, most: usize) -> Vec<Mistake> {
        let name = |label: u32| data.names().names().get(label as usize).cloned().unwrap_or_default();
        let mut wrong: Vec<(usize, u32, f64)> = self
            .predicted
            .iter()
            .enumerate()
            .filter(|&(row, &predicted)| data.label(row).is_some_and(|truth| truth.0 != predicted))
            .map(|(row, &predicted)| (row, predicted, self.probabilities[(row, predicted as usize)]))
            .collect();
        wrong.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)));
        let mistake = |(row, predicted, probability): (usize, u32, f64)| Mistake {
            text: data.text(row).unwrap_or_default().into(),
            truth: data.label_name(row).unwrap_or_default().into(),
            predicted: name(predicted),
            probability,
        };
        wrong.into_iter().take(most).map(mistake).collect()
    }
}
