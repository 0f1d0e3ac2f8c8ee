//! Several trainings beside each other: the trials of a sweep, the folds of a cross-validation.

use assort_metrics::FigureKind;
use assort_settings::word;
use assort_train::EpochRecord;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Evaluation, FigureMeans, MeanDeviation};

/// A finished trial: one combination with one seed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Trial {
    /// The name of its folder in the sweep's.
    pub folder: String,
    /// The values of the swept hyper-parameters.
    pub values: Map<String, Value>,
    /// The seed of first weights, shuffling and dropout.
    pub seed: u64,
    /// How good it is on the validation rows; `None` if the training failed.
    pub validation: Option<Evaluation>,
    /// Why the training failed, if it did; then it left no folder.
    pub failure: Option<String>,
    /// The epoch whose weights were kept.
    pub best_epoch: Option<usize>,
    /// Whether time was over before its last epoch.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut_short: bool,
    /// Values in the model.
    pub parameters: usize,
    /// Seconds of the training.
    pub seconds: f64,
    /// Every epoch.
    pub history: Vec<EpochRecord>,
}

impl Trial {
    /// A figure on the validation rows.
    pub fn figure(&self, kind: &FigureKind) -> Option<f64> {
        self.validation.as_ref()?.value(kind)
    }
}

/// A combination with the figures of its trials, one for each seed.
#[derive(Clone, Debug, Serialize)]
pub struct Standing {
    /// The values of the swept hyper-parameters.
    pub values: Map<String, Value>,
    /// The folders of its trials.
    pub folders: Vec<String>,
    /// The figures on the validation rows; undefined if a trial failed.
    #[serde(flatten)]
    pub figures: FigureMeans,
    /// Mean seconds of a training.
    pub seconds: f64,
    /// Why a training failed, if one did.
    pub failure: Option<String>,
}

impl Standing {
    /// The figures of trials with these values.
    pub fn new(values: &Map<String, Value>, trials: &[&Trial]) -> Self {
        let evaluations: Vec<Option<&Evaluation>> =
            trials.iter().map(|trial| trial.validation.as_ref()).collect();
        Self {
            values: values.clone(),
            folders: trials.iter().map(|trial| trial.folder.clone()).collect(),
            figures: FigureMeans::new(&evaluations),
            seconds: trials.iter().map(|trial| trial.seconds).sum::<f64>() / trials.len() as f64,
            failure: trials.iter().find_map(|trial| trial.failure.clone()),
        }
    }
}

/// One finished fold.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FoldResult {
    /// Its number, from 1.
    pub fold: usize,
    /// The name of its model folder.
    pub folder: String,
    /// How good its model is on its rows.
    #[serde(rename = "judgement")]
    pub evaluation: Evaluation,
    /// Seconds of the training.
    pub seconds: f64,
}

/// Figures of all folds together.
#[derive(Clone, Debug)]
pub struct CrossValidation {
    /// The folds.
    pub folds: Vec<FoldResult>,
    /// Each figure over the folds; undefined where it is in one of them.
    pub figures: FigureMeans,
}

impl CrossValidation {
    /// The figures that mean something to rows of this task, with their means; `None` where one is undefined
    /// in a fold.
    pub fn figures(&self) -> impl Iterator<Item = (&'static FigureKind, Option<MeanDeviation>)> {
        let task = self.folds.first().map(|fold| fold.evaluation.task());
        self.figures.iter().filter(move |(kind, _)| task.is_none_or(|task| kind.serves(task)))
    }
}

/// A combination in words: `learning_rate 0.001, hidden 32`.
pub fn words(values: &Map<String, Value>) -> String {
    let pairs: Vec<String> = values.iter().map(|(key, value)| format!("{key} {}", word(value))).collect();
    if pairs.is_empty() { "these settings".into() } else { pairs.join(", ") }
}
