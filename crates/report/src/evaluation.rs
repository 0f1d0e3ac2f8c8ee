//! How good a model is on labelled rows.

use std::collections::BTreeMap;
use std::path::Path;

use assort_datasets::ReadReport;
use assort_metrics::figures::{ACCURACY, SUBSET_ACCURACY};
use assort_metrics::{FigureKind, FigureSet, Interval, LabelReport, ReliabilityBin, Task};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Confusion, Ranking, Slice};

/// How good a model is on some rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Evaluation {
    /// The rows.
    pub rows: usize,
    /// Those whose text is longer than the model reads, and is cut.
    #[serde(default)]
    pub cut: usize,
    /// Every figure of the rows.
    #[serde(flatten)]
    pub figures: FigureSet,
    /// Wilson's interval at 95 % of [`Evaluation::accuracy`].
    pub accuracy_interval: Option<Interval>,
    /// What the folder's thresholds let through, where it has some and a row has one label; the other figures
    /// are of all rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<Answered>,
    /// Intervals at 95 % of the figures, by their names: Wilson's of shares of the rows, of others by a
    /// bootstrap within each label.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub intervals: BTreeMap<String, Interval>,
    /// How undefined values entered the averages.
    pub averaging: String,
    /// How often answers of a probability come true.
    #[serde(default)]
    pub reliability: Vec<ReliabilityBin>,
    /// Rows that have something in common, where that was asked for, the worst first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slices: Vec<Slice>,
    /// How well probabilities put rows in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranking: Option<Ranking>,
    /// Each label.
    pub per_label: Vec<LabelReport>,
    /// How often each pair of labels met.
    #[serde(flatten)]
    pub pairs: LabelPairs,
    /// Seconds of predicting, tokenizing included.
    pub seconds: f64,
}

/// Rows that a model answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// All of them.
    pub rows: usize,
    /// Those whose answer is right.
    pub right: usize,
}

/// How often each pair of labels met.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelPairs {
    /// Which labels were taken for which, where each row has one.
    Confusion(Confusion),
    /// Which labels rows have together, where they have any number of them; on the diagonal each one's rows.
    CoOccurrence(Confusion),
}

/// The share of rows that are right, where they have any number of labels in all of them.
pub(crate) fn accuracy(figures: &FigureSet) -> Option<f64> {
    figures.value(&ACCURACY).or_else(|| figures.value(&SUBSET_ACCURACY))
}

impl Evaluation {
    /// How many labels a row has.
    pub fn task(&self) -> Task {
        match self.pairs {
            LabelPairs::Confusion(_) => Task::OneOf,
            LabelPairs::CoOccurrence(_) => Task::AnyOf,
        }
    }

    /// The share of rows that are right, where they have any number of labels in all of them.
    pub fn accuracy(&self) -> Option<f64> {
        accuracy(&self.figures)
    }

    /// The value of a figure; `None` where it is undefined.
    pub fn value(&self, kind: &FigureKind) -> Option<f64> {
        self.figures.value(kind)
    }

    /// The interval of a figure, where one was made.
    pub fn interval(&self, kind: &FigureKind) -> Option<Interval> {
        self.intervals.get(kind.name).copied()
    }

    /// The figures for programs, after what was judged: the model's folder and the data.
    pub fn json(&self, folder: &Path, data: &JudgedData) -> Value {
        /// All of it in one object.
        #[derive(Serialize)]
        struct Judged<'a> {
            folder: &'a Path,
            data: &'a JudgedData<'a>,
            #[serde(flatten)]
            evaluation: &'a Evaluation,
        }
        json!(Judged { folder, data, evaluation: self })
    }

    /// Labels that no row has; averages over labels count them as 0.
    pub fn absent(&self) -> usize {
        self.per_label.iter().filter(|label| label.support == 0).count()
    }
}

/// The file that models are judged on.
#[derive(Clone, Debug, Serialize)]
pub struct JudgedData<'a> {
    /// Its path, as it was given.
    pub path: &'a Path,
    /// The digest of its texts and labels.
    pub digest: String,
    /// Its rows that count.
    pub rows: usize,
    /// What reading it found.
    pub read: &'a ReadReport,
}

/// A row that the model got wrong, for people to look at.
#[derive(Clone, Debug)]
pub struct Mistake {
    /// The text.
    pub text: String,
    /// The true label.
    pub truth: String,
    /// The predicted label.
    pub predicted: String,
    /// Its probability.
    pub probability: f64,
}
