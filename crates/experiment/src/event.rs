//! Events of an experiment while it runs.

use std::path::Path;

use assort_datasets::ReadReport;
use assort_report::{
    CalibrationFigures, Evaluation, FoldResult, Metrics, ParameterLine, Rival, Search, Trial, Tried,
    VectorFigures,
};
use assort_train::EpochRecord;
use serde::Serialize;

use crate::{Advice, Role};

/// Something that happened, in the order of the run. Serialized, it is one JSON object with a field `event`.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event<'e> {
    /// A file was read.
    Read {
        /// Its role.
        role: Role,
        /// The file.
        path: &'e Path,
        /// Columns, rows, and what was left out.
        report: &'e ReadReport,
        /// How long it took.
        seconds: f64,
    },
    /// Something that the user should know.
    Warning {
        /// What.
        message: String,
        /// The remedy, for the front to offer in its own words.
        #[serde(skip)]
        advice: Option<Advice>,
    },
    /// What the finished run suggests to do next.
    Hint {
        /// The sentence.
        message: String,
        /// The remedy, for the front to offer in its own words.
        #[serde(skip)]
        advice: Advice,
    },
    /// The rows were divided.
    Split {
        /// Training rows, after over- or undersampling.
        train: usize,
        /// Validation rows.
        validation: usize,
        /// Test rows.
        test: usize,
        /// Each label with its training, validation and test rows.
        labels: Vec<(String, [usize; 3])>,
    },
    /// The vocabulary stands and all rows are token ids.
    Tokenized {
        /// V, special tokens included.
        vocabulary: usize,
        /// Tokens of the training rows.
        tokens: usize,
        /// The most common tokens with their counts.
        most_common: Vec<(String, u64)>,
        /// The share of validation tokens that the vocabulary lacks; `None` without tokens.
        unknown: Option<f64>,
        /// Training texts that are longer than the longest length, and lose what is beyond.
        cut: usize,
        /// The longest length in tokens, if there is one.
        longest: Option<usize>,
        /// How long it took.
        seconds: f64,
    },
    /// The word embedding begins with pretrained vectors.
    Vectors {
        /// The file, and how much of the vocabulary it knows.
        figures: &'e VectorFigures,
        /// A binary copy that was written for the next time.
        copy: Option<&'e Path>,
    },
    /// A checkpoint became the model's first weights.
    Checkpoint {
        /// Its folder's name, or its name on the hub.
        name: &'e str,
        /// The commit, if it came from the hub.
        revision: Option<&'e str>,
        /// Parameters of the head that are drawn, because it lacks them or has them for other labels.
        fresh: &'e [String],
        /// Its tensors that the model has no use for.
        unused: &'e [String],
        /// How long it took.
        seconds: f64,
    },
    /// The output of frozen layers is computed, once for all epochs.
    Prepare {
        /// Rows done.
        done: usize,
        /// All rows.
        rows: usize,
    },
    /// One of several models was judged on the validation rows.
    Rival {
        /// Its figures.
        rival: &'e Rival,
    },
    /// Settings of a linear model were tried.
    Tried {
        /// They, with their figures.
        tried: &'e Tried,
    },
    /// Settings that were left open are chosen.
    Chosen {
        /// All that was tried.
        search: &'e Search,
    },
    /// The features stand and all rows are weighted features.
    Vectorized {
        /// The number of features.
        features: usize,
        /// Weights that are not zero in the training rows.
        weights: usize,
        /// How long it took.
        seconds: f64,
    },
    /// The rules were read.
    Rules {
        /// Each label with its expressions, in the order of the labels.
        labels: Vec<(String, usize)>,
        /// The label where nothing matches.
        default: String,
        /// How long it took.
        seconds: f64,
    },
    /// The model stands.
    Model {
        /// The architecture.
        name: &'e str,
        /// Each parameter.
        parameters: Vec<ParameterLine>,
        /// Values in all.
        total: usize,
        /// Values that are trained.
        trainable: usize,
        /// Where it computes.
        device: String,
    },
    /// Training begins, or goes on.
    Start {
        /// Training rows.
        rows: usize,
        /// Epochs at most.
        epochs: usize,
        /// Steps of an epoch.
        steps_per_epoch: usize,
        /// The share of positions that padding would take in filled-up batches.
        padding: f64,
        /// Epochs done before.
        done_epochs: usize,
        /// Steps of the current epoch done before.
        done_steps: usize,
    },
    /// The gradient report of the first step.
    Gradients {
        /// Each parameter with the norm of its gradient; `None` where it is frozen.
        norms: Vec<(String, Option<f64>)>,
    },
    /// A step was taken.
    Step {
        /// Epoch, from 1.
        epoch: usize,
        /// Step in the epoch, from 1.
        step: usize,
        /// Steps of the epoch.
        steps: usize,
        /// The epoch's mean loss so far.
        loss: f64,
        /// The learning rate.
        learning_rate: f64,
    },
    /// An epoch is over.
    Epoch {
        /// Its figures.
        record: &'e EpochRecord,
    },
    /// Calibrations were tried on the validation rows.
    Calibrated {
        /// What was tried and kept.
        figures: &'e CalibrationFigures,
    },
    /// Rows were judged with the best weights.
    Judged {
        /// Which rows.
        role: Role,
        /// The figures.
        judgement: &'e Evaluation,
    },
    /// A stop was asked for and the state is stored.
    Interrupted {
        /// The folder that the run goes on from.
        partial: &'e Path,
    },
    /// The model folder is whole.
    Saved {
        /// The folder.
        folder: &'e Path,
        /// The report in it.
        report: &'e Path,
        /// The figures.
        metrics: &'e Metrics,
    },
    /// A trial of a sweep is over, or was there already.
    Trial {
        /// Its number, from 1.
        number: usize,
        /// How many there are.
        trials: usize,
        /// Its result.
        trial: &'e Trial,
    },
    /// A fold of a cross-validation is over, or was there already.
    Fold {
        /// Its result.
        fold: &'e FoldResult,
        /// How many there are.
        folds: usize,
    },
}

/// Who is told.
pub trait Listener: Send {
    /// Takes an event.
    fn tell(&mut self, event: &Event);

    /// The remedy in the words of the front, as the end of a sentence; `None` if it has none.
    fn advise(&self, _advice: &Advice) -> Option<String> {
        None
    }
}

impl<F: FnMut(&Event) + Send> Listener for F {
    fn tell(&mut self, event: &Event) {
        self(event);
    }
}
