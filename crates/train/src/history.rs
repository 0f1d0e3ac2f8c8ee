//! Figures of each epoch.

use assort_metrics::FigureSet;
use serde::{Deserialize, Serialize};

use crate::Monitor;

/// One epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// Its number, from 1.
    pub epoch: usize,
    /// The mean training loss over the epoch's rows, as the steps saw it.
    pub train_loss: f64,
    /// The share of training rows that were decided rightly, as the steps saw it.
    pub train_accuracy: f64,
    /// The figures of its validation; undefined without validation rows. Each is written as a key of its own,
    /// `validation_loss` say.
    #[serde(flatten, with = "prefixed")]
    pub validation: FigureSet,
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

impl EpochRecord {
    /// The figure to watch, turned so that smaller is better. `None` without validation rows.
    pub fn cost(&self, monitor: Monitor) -> Option<f64> {
        self.validation.value(monitor.kind()).map(|value| monitor.kind().cost(value))
    }
}

/// Figures among the keys of a record.
mod prefixed {
    use std::collections::HashMap;

    use assort_metrics::{FIGURES, Figure, FigureKind, FigureSet};
    use serde::de::{Deserialize, Deserializer};
    use serde::ser::Serializer;
    use serde_json::Value;

    const PREFIX: &str = "validation_";

    pub fn serialize<S: Serializer>(figures: &FigureSet, serializer: S) -> Result<S::Ok, S::Error> {
        serializer
            .collect_map(figures.iter().map(|figure| (format!("{PREFIX}{}", figure.kind.name), figure.value)))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<FigureSet, D::Error> {
        // The record has other keys, whose values are of any kind.
        let keys = HashMap::<String, Value>::deserialize(deserializer)?;
        let figure = |kind: &&'static FigureKind| {
            let value = keys.get(&format!("{PREFIX}{}", kind.name))?;
            Some(Figure { kind, value: value.as_f64(), interval: None })
        };
        Ok(FIGURES.iter().filter_map(figure).collect())
    }
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

    /// The epochs whose weights make the model, in order: the best one, or the `count` with the best figures,
    /// however small the difference; of equals the earlier.
    pub fn kept(&self, monitor: Monitor, count: usize) -> Vec<usize> {
        if count == 1 {
            return self.best().map(|record| record.epoch).into_iter().collect();
        }
        let figures = self.0.iter().filter_map(|record| Some((record.cost(monitor)?, record.epoch)));
        let mut ranked: Vec<(f64, usize)> = figures.filter(|(figure, _)| !figure.is_nan()).collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut epochs: Vec<usize> = ranked.into_iter().take(count).map(|(_, epoch)| epoch).collect();
        epochs.sort_unstable();
        epochs
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

#[cfg(test)]
mod tests {
    use super::*;
    use assort_metrics::Figure;
    use assort_metrics::figures::{ACCURACY, LOSS, MACRO_F1};

    fn record(epoch: usize, loss: f64) -> EpochRecord {
        let figure = |kind, value| Figure { kind, value, interval: None };
        let validation =
            [figure(&LOSS, Some(loss)), figure(&ACCURACY, Some(1.0 - loss)), figure(&MACRO_F1, None)];
        EpochRecord {
            epoch,
            train_loss: 0.0,
            train_accuracy: 0.0,
            validation: validation.into_iter().collect(),
            rows: 1,
            tokens: 1,
            learning_rate: 0.1,
            step_seconds: 0.0,
            validation_seconds: 0.0,
            best: epoch == 2,
        }
    }

    fn check(losses: &[f64], count: usize, expect: &[usize]) {
        let mut history = History::default();
        losses.iter().zip(1..).for_each(|(loss, epoch)| history.push(record(epoch, *loss)));
        assert_eq!(history.kept(Monitor::LOSS, count), expect, "{losses:?}");
        assert_eq!(history.kept(Monitor::ACCURACY, count), expect, "{losses:?}");
        let without = if count == 1 { expect } else { &[] };
        assert_eq!(history.kept(Monitor::MACRO_F1, count), without, "{losses:?}");
    }

    #[test]
    fn figures_are_keys_of_the_record() {
        let record = record(1, 0.25);
        let json = concat!(
            r#"{"epoch":1,"train_loss":0.0,"train_accuracy":0.0,"validation_loss":0.25,"#,
            r#""validation_accuracy":0.75,"#,
            r#""validation_macro_f1":null,"rows":1,"tokens":1,"learning_rate":0.1,"step_seconds":0.0,"#,
            r#""validation_seconds":0.0,"best":false}"#
        );
        assert_eq!(serde_json::to_string(&record).unwrap(), json);
        assert_eq!(serde_json::from_str::<EpochRecord>(json).unwrap(), record);
    }

    #[test]
    fn the_best_epochs_are_kept() {
        check(&[0.9, 0.5, 0.4995], 1, &[2]);
        check(&[0.9, 0.5, 0.4995, 0.7], 2, &[2, 3]);
        check(&[0.9, 0.5, f64::NAN, 0.7], 3, &[1, 2, 4]);
        check(&[0.5, 0.5, 0.5], 2, &[1, 2]);
        check(&[0.5, 0.6], 5, &[1, 2]);
        check(&[], 2, &[]);
    }
}
