//! `metrics.json`: the figures of a run, for programs.

use std::collections::BTreeMap;

use assort_train::EpochRecord;
use serde::{Deserialize, Serialize};

use crate::{CalibrationFigures, Evaluation, Rival, Search};

/// Values in the model.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ParameterFigures {
    /// All of them.
    pub total: usize,
    /// Those that are trained.
    pub trainable: usize,
}

/// One line of the parameter table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ParameterLine {
    /// The parameter's name.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// The number of its values.
    pub values: usize,
    /// Whether it is trained.
    pub trained: bool,
}

/// The training.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TrainFigures {
    /// Training rows.
    pub rows: usize,
    /// Their tokens.
    pub tokens: usize,
    /// Epochs done.
    pub epochs: usize,
    /// Steps done.
    pub steps: usize,
    /// Whether time was over before the last epoch.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut_short: bool,
    /// The best epoch by the validation figure, whose weights were kept unless several were averaged.
    pub best_epoch: Option<usize>,
    /// The epochs whose weights were averaged; empty where one epoch's were kept.
    pub averaged_epochs: Vec<usize>,
    /// From rows in memory to the final weights: tokenizing, vocabulary and validation included.
    pub seconds: f64,
    /// The steps alone.
    pub step_seconds: f64,
    /// Rows a step second.
    pub rows_per_second: Option<f64>,
    /// Tokens a step second.
    pub tokens_per_second: Option<f64>,
    /// The share of positions that padding would take in filled-up batches.
    pub padding: f64,
}

impl TrainFigures {
    /// Says which weights the model has.
    pub fn kept(&self) -> String {
        match (self.averaged_epochs.as_slice(), self.best_epoch) {
            ([first @ .., last], _) if !first.is_empty() => {
                let first: Vec<String> = first.iter().map(usize::to_string).collect();
                format!("the mean of the weights of epochs {} and {last} was kept", first.join(", "))
            }
            (_, Some(best)) => format!("the weights of epoch {best} were kept"),
            _ => "the weights of the last epoch were kept".into(),
        }
    }
}

/// Pretrained word vectors that the embedding began with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VectorFigures {
    /// The file's name, or its name on the hub.
    pub file: String,
    /// A checksum of its words and numbers.
    pub digest: String,
    /// Its words.
    pub words: usize,
    /// The numbers of a vector.
    pub width: usize,
    /// Words of the vocabulary, specials left out.
    pub vocabulary: usize,
    /// Those among them with a vector.
    pub found: usize,
    /// The share of the vocabulary with a vector.
    pub word_share: Option<f64>,
    /// The share of the training tokens with a vector.
    pub token_share: Option<f64>,
    /// Seconds of opening the file and filling the embedding.
    pub seconds: f64,
}

/// Rows by use.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SplitRows {
    /// Training rows, after over- or undersampling.
    pub train: usize,
    /// Validation rows.
    pub validation: usize,
    /// Test rows.
    pub test: usize,
}

/// The data.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DataFigures {
    /// SHA-256 of texts and labels of all rows.
    pub digest: String,
    /// All rows.
    pub rows: usize,
    /// Rows by use.
    pub splits: SplitRows,
    /// The labels, in the order of the confusion matrix.
    pub labels: Vec<String>,
    /// Rows of each label.
    pub label_rows: BTreeMap<String, usize>,
}

/// Predicting texts with the finished model, tokenizing included.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PredictFigures {
    /// Rows that were predicted.
    pub rows: usize,
    /// How long it took.
    pub seconds: f64,
    /// Rows a second.
    pub rows_per_second: Option<f64>,
}

/// All figures of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Metrics {
    /// The architecture.
    pub model: String,
    /// The seed.
    pub seed: u64,
    /// Values in the model.
    pub parameters: ParameterFigures,
    /// SHA-256 of the weights' file.
    pub weights_digest: String,
    /// Seconds of reading all files.
    pub read_seconds: f64,
    /// The pretrained word vectors; `None` if there were none.
    pub vectors: Option<VectorFigures>,
    /// The training.
    pub train: TrainFigures,
    /// The rows that chose the epoch.
    pub validation: Evaluation,
    /// The rows that nothing was chosen by; `None` if there were none.
    pub test: Option<Evaluation>,
    /// The data.
    pub data: DataFigures,
    /// Predicting.
    pub predict: PredictFigures,
    /// The most memory that the process held, in MB of 2²⁰ bytes; `None` where the system does not tell.
    pub peak_memory_mb: Option<f64>,
    /// The models that were compared on the validation rows, that of the folder first; empty where there was
    /// one.
    pub rivals: Vec<Rival>,
    /// What was tried before training; `None` where no setting was left open.
    pub search: Option<Search>,
    /// What was tried to make probabilities mean what they say; `None` where nothing was.
    #[serde(default)]
    pub calibration: Option<CalibrationFigures>,
    /// Every epoch.
    pub history: Vec<EpochRecord>,
}
