//! What each epoch came to.

use serde::{Deserialize, Serialize};

/// One epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// Its number, from 1.
    pub epoch: usize,
    /// The mean training loss over the epoch's rows, as the steps saw it.
    pub train_loss: f64,
    /// The training accuracy, as the steps saw it.
    pub train_accuracy: f64,
    /// The validation loss; `None` without validation rows.
    pub validation_loss: Option<f64>,
    /// The validation accuracy.
    pub validation_accuracy: Option<f64>,
    /// The validation macro F1.
    pub validation_macro_f1: Option<f64>,
    /// The rows that its steps saw.
    pub rows: usize,
    /// The tokens that its steps saw.
    pub tokens: usize,
    /// The learning rate of its last step.
    pub learning_rate: f64,
    /// Seconds its steps took.
    pub step_seconds: f64,
    /// Seconds its validation took.
    pub validation_seconds: f64,
    /// Whether its weights are the best so far.
    pub best: bool,
}

/// The epochs of a run, stops and restarts included.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History(Vec<EpochRecord>);

impl History {
    /// Appends an epoch.
    pub fn push(&mut self, record: EpochRecord) {
        self.0.push(record);
    }

    /// The epochs in order.
    pub fn epochs(&self) -> &[EpochRecord] {
        &self.0
    }

    /// The best epoch: the last one that was the best so far.
    pub fn best(&self) -> Option<&EpochRecord> {
        self.0.iter().rev().find(|record| record.best)
    }

    /// The rows and tokens that all steps saw.
    pub fn seen(&self) -> (usize, usize) {
        self.0.iter().fold((0, 0), |(rows, tokens), record| (rows + record.rows, tokens + record.tokens))
    }

    /// Seconds all steps took.
    pub fn step_seconds(&self) -> f64 {
        self.0.iter().map(|record| record.step_seconds).sum()
    }

    /// Seconds all validations took.
    pub fn validation_seconds(&self) -> f64 {
        self.0.iter().map(|record| record.validation_seconds).sum()
    }
}
