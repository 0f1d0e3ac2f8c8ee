//! `metrics.json`: the figures of a run, for programs.

use std::collections::BTreeMap;

use assort_datasets::Dataset;
use assort_metrics::{FigureKind, Interval};
use assort_train::{EpochRecord, TrainConfig};
use serde::{Deserialize, Serialize};

use crate::ExperimentConfig;
use crate::fit::Fitted;
use crate::judge::Judged;
use crate::memory::peak_mb;
use crate::prepare::Rows;

/// Values in the model.
#[derive(Clone, Debug, Serialize)]
pub struct ParameterFigures {
    /// All of them.
    pub total: usize,
    /// Those that are trained.
    pub trainable: usize,
}

/// The training.
#[derive(Clone, Debug, Serialize)]
pub struct TrainFigures {
    /// Training rows.
    pub rows: usize,
    /// Their tokens.
    pub tokens: usize,
    /// Epochs done.
    pub epochs: usize,
    /// Steps done.
    pub steps: usize,
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
    /// Which weights the model has.
    pub(crate) fn kept(&self) -> String {
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
#[derive(Clone, Debug, Serialize)]
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

/// One label.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LabelFigures {
    /// Its name.
    pub label: String,
    /// Of the rows predicted so, the share that is right; `None` if none was.
    pub precision: Option<f64>,
    /// Of its rows, the share that was found; `None` if it has none.
    pub recall: Option<f64>,
    /// The harmonic mean of both.
    pub f1: Option<f64>,
    /// Its rows.
    pub support: u64,
    /// The rows predicted so.
    pub predicted: u64,
}

/// How good a model is on some rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Judgement {
    /// The rows.
    pub rows: usize,
    /// Mean cross entropy.
    pub loss: Option<f64>,
    /// The share of right rows.
    pub accuracy: Option<f64>,
    /// Wilson's interval of the accuracy at 95 %.
    pub accuracy_interval: Option<Interval>,
    /// The unweighted mean of the labels' precision.
    pub macro_precision: Option<f64>,
    /// The unweighted mean of the labels' recall.
    pub macro_recall: Option<f64>,
    /// The unweighted mean of the labels' F1.
    pub macro_f1: Option<f64>,
    /// The mean of the labels' precision, weighted by their rows.
    pub weighted_precision: Option<f64>,
    /// The mean of the labels' recall, weighted by their rows.
    pub weighted_recall: Option<f64>,
    /// The mean of the labels' F1, weighted by their rows.
    pub weighted_f1: Option<f64>,
    /// How undefined values entered the averages.
    pub averaging: String,
    /// Each label.
    pub per_label: Vec<LabelFigures>,
    /// Rows are true labels, columns predicted ones.
    pub confusion: Vec<Vec<u64>>,
    /// Seconds of predicting, tokenizing included.
    pub seconds: f64,
}

impl Judgement {
    /// The figure of this kind, if it is among the fields.
    pub(crate) fn figure(&self, kind: &FigureKind) -> Option<f64> {
        match kind.name {
            "loss" => self.loss,
            "accuracy" => self.accuracy,
            "macro_precision" => self.macro_precision,
            "macro_recall" => self.macro_recall,
            "macro_f1" => self.macro_f1,
            "weighted_precision" => self.weighted_precision,
            "weighted_recall" => self.weighted_recall,
            "weighted_f1" => self.weighted_f1,
            _ => None,
        }
    }
}

/// Rows by use.
#[derive(Clone, Debug, Serialize)]
pub struct SplitRows {
    /// Training rows, after over- or undersampling.
    pub train: usize,
    /// Validation rows.
    pub validation: usize,
    /// Test rows.
    pub test: usize,
}

/// The data.
#[derive(Clone, Debug, Serialize)]
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
#[derive(Clone, Debug, Serialize)]
pub struct PredictFigures {
    /// Rows that were predicted.
    pub rows: usize,
    /// How long it took.
    pub seconds: f64,
    /// Rows a second.
    pub rows_per_second: Option<f64>,
}

/// All figures of a run.
#[derive(Clone, Debug, Serialize)]
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
    pub validation: Judgement,
    /// The rows that nothing was chosen by; `None` if there were none.
    pub test: Option<Judgement>,
    /// The data.
    pub data: DataFigures,
    /// Predicting.
    pub predict: PredictFigures,
    /// The most memory that the process held, in MB of 2²⁰ bytes; `None` where the system does not tell.
    pub peak_memory_mb: Option<f64>,
    /// Every epoch.
    pub history: Vec<EpochRecord>,
}

impl Metrics {
    pub(crate) fn new(
        config: &ExperimentConfig,
        rows: &Rows,
        fitted: &Fitted,
        weights_digest: String,
        (validation, test): (&Judged, Option<&Judged>),
    ) -> Self {
        let rate = |count: f64, seconds: f64| (seconds > 0.0).then(|| count / seconds);
        let (step_seconds, seen) = (fitted.step_seconds, fitted.seen);
        let predicted = &test.unwrap_or(validation).judgement;
        let label_rows = rows.label_rows();
        let (total, trainable) = fitted.parameters;
        let kept = |train: &TrainConfig| fitted.history.kept(train.monitor, train.average_best);
        let averaged_epochs =
            config.train.as_ref().map(kept).filter(|epochs| epochs.len() > 1).unwrap_or_default();
        Self {
            model: config.model.name().into(),
            seed: config.seed,
            parameters: ParameterFigures { total, trainable },
            weights_digest,
            read_seconds: rows.seconds,
            vectors: fitted.vectors.clone(),
            train: TrainFigures {
                rows: rows.train.len(),
                tokens: fitted.tokens,
                epochs: fitted.history.epochs().len(),
                steps: fitted.steps,
                best_epoch: fitted.history.best().map(|record| record.epoch),
                averaged_epochs,
                seconds: fitted.seconds,
                step_seconds,
                rows_per_second: rate(seen.0 as f64, step_seconds),
                tokens_per_second: rate(seen.1 as f64, step_seconds),
                padding: fitted.padding,
            },
            validation: validation.judgement.clone(),
            test: test.map(|test| test.judgement.clone()),
            data: DataFigures {
                digest: rows.digest.clone(),
                rows: rows.read,
                splits: SplitRows {
                    train: rows.train.len(),
                    validation: rows.validation.len(),
                    test: rows.test.as_ref().map_or(0, Dataset::len),
                },
                labels: label_rows.iter().map(|(name, _)| name.clone()).collect(),
                label_rows: label_rows.into_iter().map(|(name, rows)| (name, rows.iter().sum())).collect(),
            },
            predict: PredictFigures {
                rows: predicted.rows,
                seconds: predicted.seconds,
                rows_per_second: rate(predicted.rows as f64, predicted.seconds),
            },
            peak_memory_mb: peak_mb(),
            history: fitted.history.epochs().to_vec(),
        }
    }
}
