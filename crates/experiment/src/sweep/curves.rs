//! The validation curves of the trials, laid over each other.

use assort_metrics::{FigureKind, Scale};
use assort_plot::{LineChart, NumberFormat, Series};
use assort_report::{Standing, Trial, combination_words};
use assort_train::EpochRecord;

/// More lines than this cannot be told apart.
const LINES: usize = 7;

/// The validation figure by epoch of the best combinations, of each its first seed; `None` without epochs.
pub fn curves(trials: &[Trial], standings: &[Standing], by: &FigureKind) -> Option<LineChart> {
    let first = |standing: &Standing| {
        let trial = trials.iter().find(|trial| trial.values == standing.values)?;
        (!trial.history.is_empty()).then_some(trial)
    };
    let drawn: Vec<&Trial> = standings.iter().filter_map(first).take(LINES).collect();
    if drawn.is_empty() {
        return None;
    }
    let y_format = match by.scale {
        Scale::Share => NumberFormat::Percent,
        Scale::Number => NumberFormat::Number,
    };
    let figure = |epoch: &EpochRecord| epoch.validation.value(by);
    let series = |trial: &&Trial| {
        let values: Vec<f64> = trial.history.iter().map(|epoch| figure(epoch).unwrap_or(f64::NAN)).collect();
        Series::by_epoch(combination_words(&trial.values), &values)
    };
    let of = match standings.len() > drawn.len() {
        true => format!(" of the best {} of {} combinations", drawn.len(), standings.len()),
        false => String::new(),
    };
    Some(LineChart {
        title: format!("Validation {}{of}", by.title),
        x_name: "epoch".into(),
        y_name: by.title.into(),
        series: drawn.iter().map(series).collect(),
        y_format,
        ..LineChart::default()
    })
}
