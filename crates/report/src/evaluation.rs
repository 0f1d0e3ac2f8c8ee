//! How good a model is on labelled rows.

use std::path::Path;

use assort_datasets::ReadReport;
use assort_metrics::{FigureKind, FigureSet, Interval, LabelReport};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Confusion;

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
    /// Wilson's interval of the accuracy at 95 %.
    pub accuracy_interval: Option<Interval>,
    /// How undefined values entered the averages.
    pub averaging: String,
    /// Each label.
    pub per_label: Vec<LabelReport>,
    /// Which labels were taken for which.
    pub confusion: Confusion,
    /// Seconds of predicting, tokenizing included.
    pub seconds: f64,
}

impl Evaluation {
    /// The value of a figure; `None` where it is undefined.
    pub fn value(&self, kind: &FigureKind) -> Option<f64> {
        self.figures.value(kind)
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
