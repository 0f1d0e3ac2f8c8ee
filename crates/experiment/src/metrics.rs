//! The figures of a finished run.

use assort_datasets::Dataset;
use assort_report::{DataFigures, Metrics, ParameterFigures, PredictFigures, SplitRows, TrainFigures};
use assort_train::EpochRecord;

use crate::evaluate::Evaluated;
use crate::outcome::Outcome;
use crate::peak_memory::peak_mb;
use crate::prepare::Rows;
use assort_settings::ExperimentConfig;

/// The figures of a run.
pub fn metrics(
    config: &ExperimentConfig,
    rows: &Rows,
    outcome: &Outcome,
    weights_digest: String,
    (validation, test): (&Evaluated, Option<&Evaluated>),
) -> Metrics {
    let rate = |count: f64, seconds: f64| (seconds > 0.0).then(|| count / seconds);
    let predicted = &test.unwrap_or(validation).evaluation;
    let label_rows = rows.label_rows();
    let (total, trainable) = outcome.parameters;
    let epochs = outcome.training.epochs();
    Metrics {
        model: config.model.name().into(),
        seed: config.seed,
        parameters: ParameterFigures { total, trainable },
        weights_digest,
        read_seconds: rows.seconds,
        vectors: epochs.and_then(|epochs| epochs.vectors.clone()),
        train: training(config, rows, outcome),
        validation: validation.evaluation.clone(),
        test: test.map(|test| test.evaluation.clone()),
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
        rivals: Vec::new(),
        search: outcome.training.search().cloned(),
        calibration: None,
        history: history(outcome).to_vec(),
    }
}

fn history(outcome: &Outcome) -> &[EpochRecord] {
    outcome.training.epochs().map_or(&[], |epochs| epochs.history.epochs())
}

fn training(config: &ExperimentConfig, rows: &Rows, outcome: &Outcome) -> TrainFigures {
    let step_seconds = outcome.training.step_seconds();
    let rate = |count: usize| (step_seconds > 0.0).then(|| count as f64 / step_seconds);
    let epochs = outcome.training.epochs();
    let seen = epochs.map_or((rows.train.len(), outcome.tokens), |epochs| epochs.history.seen());
    let kept = epochs.zip(config.train.as_ref());
    let kept = kept.map(|(epochs, train)| epochs.history.kept(train.monitor, train.average_best));
    TrainFigures {
        rows: rows.train.len(),
        tokens: outcome.tokens,
        epochs: history(outcome).len(),
        steps: outcome.training.steps(),
        cut_short: epochs.is_some_and(|epochs| epochs.is_cut),
        best_epoch: epochs.and_then(|epochs| epochs.history.best()).map(|record| record.epoch),
        averaged_epochs: kept.filter(|epochs| epochs.len() > 1).unwrap_or_default(),
        seconds: outcome.seconds,
        step_seconds,
        rows_per_second: rate(seen.0),
        tokens_per_second: rate(seen.1),
        padding: epochs.map_or(0.0, |epochs| epochs.padding),
    }
}
