//! The validation curves of the trials, laid over each other.

use assort_plot::{LineChart, NumberFormat, Series};
use assort_train::{EpochRecord, Monitor};
use serde_json::{Map, Value};

use super::trial::{Standing, Trial};

/// More lines than this cannot be told apart.
const LINES: usize = 7;

/// The validation figure by epoch of the best combinations, of each its first seed; `None` without epochs.
pub fn curves(trials: &[Trial], standings: &[Standing], by: Monitor) -> Option<LineChart> {
    let first = |standing: &Standing| {
        let trial = trials.iter().find(|trial| trial.values == standing.values)?;
        (!trial.history.is_empty()).then_some(trial)
    };
    let drawn: Vec<&Trial> = standings.iter().filter_map(first).take(LINES).collect();
    if drawn.is_empty() {
        return None;
    }
    let kind = by.kind();
    let name = kind.title;
    let y_format = if by == Monitor::ACCURACY { NumberFormat::Percent } else { NumberFormat::Number };
    let figure = |epoch: &EpochRecord| epoch.validation.value(kind);
    let series = |trial: &&Trial| {
        let values: Vec<f64> = trial.history.iter().map(|epoch| figure(epoch).unwrap_or(f64::NAN)).collect();
        Series::by_epoch(words(&trial.values), &values)
    };
    let of = match standings.len() > drawn.len() {
        true => format!(" of the best {} of {} combinations", drawn.len(), standings.len()),
        false => String::new(),
    };
    Some(LineChart {
        title: format!("Validation {name}{of}"),
        x_name: "epoch".into(),
        y_name: name.into(),
        series: drawn.iter().map(series).collect(),
        y_format,
        ..LineChart::default()
    })
}

/// A value as users write it.
pub fn word(value: &Value) -> String {
    match value {
        Value::String(word) => word.clone(),
        Value::Null => "none".into(),
        other => other.to_string(),
    }
}

/// A combination in words: `learning_rate 0.001, hidden 32`.
pub fn words(values: &Map<String, Value>) -> String {
    let pairs: Vec<String> = values.iter().map(|(key, value)| format!("{key} {}", word(value))).collect();
    if pairs.is_empty() { "these settings".into() } else { pairs.join(", ") }
}
