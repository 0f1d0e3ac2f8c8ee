//! A search for the best model: what was tried, and what stands on the front.

use std::path::Path;

use assort_datasets::{Ratios, ReadOptions, Task, join_names};
use assort_metrics::FigureKind;
use serde::{Deserialize, Serialize};

use crate::Trial;
use crate::text::argument;

/// A finished trial with what its model takes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AutoTrial {
    /// The trial; its values are the settings that are not the defaults, and the model.
    #[serde(flatten)]
    pub trial: Trial,
    /// Size of the files that predict; 0 if the training failed.
    pub bytes: u64,
    /// Median milliseconds to sort one text, on one thread.
    pub milliseconds: f64,
    /// Whether size and time are within the limits.
    pub fits: bool,
}

/// Everything that a search has tried.
#[derive(Clone, Debug)]
pub struct AutoTable<'t> {
    /// The trials in their order.
    pub trials: &'t [AutoTrial],
    /// The validation figure that decides.
    pub by: &'static FigureKind,
    /// The place of the trial that was chosen, if one fits.
    pub chosen: Option<usize>,
    /// What was left out, with the reason.
    pub left_out: &'t [String],
    /// The arguments that name the rows, for commands that make a trial again: see [`row_arguments`].
    pub rows: String,
}

/// The arguments of `assort train` that name these rows.
pub fn row_arguments(
    train: &Path,
    validation: Option<&Path>,
    split: Option<&Ratios>,
    group: Option<&str>,
    read: &ReadOptions,
) -> String {
    let shares = |split: &Ratios| split.shares().iter().map(f64::to_string).collect::<Vec<_>>().join(",");
    let path = |path: &Path| path.display().to_string();
    let given = [
        ("--train", Some(path(train))),
        ("--validation", validation.map(path)),
        ("--split", split.map(shares)),
        ("--group", group.map(str::to_owned)),
        ("--text", read.text.clone()),
        ("--label", read.label.clone()),
        ("--labels", (!read.label_columns.is_empty()).then(|| join_names(&read.label_columns))),
        ("--label-separator", read.label_separator.clone()),
        ("--keep", (!read.keep.is_empty()).then(|| join_names(&read.keep))),
        ("--at-least", (read.at_least > 1).then(|| read.at_least.to_string())),
        ("--format", read.format.map(|format| format.to_string())),
    ];
    let mut words: Vec<String> = (given.into_iter())
        .filter_map(|(flag, value)| Some(format!("{flag} {}", argument(&value?))))
        .collect();
    if read.no_header {
        words.push("--no-header".into());
    }
    if read.task == Task::AnyOf {
        words.push("--multi-label".into());
    }
    words.join(" ")
}

impl AutoTrial {
    /// The validation figure, turned so that smaller is better; `None` if the training failed.
    pub fn cost(&self, by: &FigureKind) -> Option<f64> {
        self.trial.figure(by).map(|value| by.cost(value))
    }
}

impl<'t> AutoTable<'t> {
    /// The table, with the best trial that fits as the chosen one; of equals the smallest, then the first.
    pub fn new(
        trials: &'t [AutoTrial],
        by: &'static FigureKind,
        left_out: &'t [String],
        rows: String,
    ) -> Self {
        let fitting = trials.iter().enumerate().filter(|(_, trial)| trial.fits);
        let ranked = fitting.filter_map(|(at, trial)| Some((at, trial.cost(by)?, trial.bytes)));
        let chosen = ranked.min_by(|a, b| a.1.total_cmp(&b.1).then(a.2.cmp(&b.2))).map(|(at, ..)| at);
        Self { trials, by, chosen, left_out, rows }
    }

    /// A trial's name among the others: its number and its model.
    pub fn name(&self, at: usize) -> String {
        let model = self.trials.get(at).and_then(|trial| trial.trial.values.get("model"));
        format!("{} {}", at + 1, model.map(assort_settings::word).unwrap_or_default())
    }

    /// The arguments of `assort train` that make a trial again.
    pub fn arguments(&self, at: usize) -> String {
        let Some(trial) = self.trials.get(at).map(|trial| &trial.trial) else { return String::new() };
        let mut words = vec![self.rows.clone()];
        for (key, value) in &trial.values {
            let value = assort_settings::word(value);
            words.push(match key.as_str() {
                "model" => format!("--model {value}"),
                key => format!("--set {}", argument(&format!("{key}={value}"))),
            });
        }
        if trial.seed != 0 {
            words.push(format!("--seed {}", trial.seed));
        }
        words.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assort_metrics::figures::ACCURACY;
    use assort_metrics::{Figure, FigureSet};
    use serde_json::{Map, json};

    fn trial(model: &str, accuracy: Option<f64>, bytes: u64, fits: bool) -> AutoTrial {
        let evaluation = accuracy.map(|value| {
            let mut evaluation = crate::sample::Sample::labels(2).evaluation;
            let figure = Figure { kind: &ACCURACY, value: Some(value), interval: None };
            evaluation.figures = [figure].into_iter().collect::<FigureSet>();
            evaluation
        });
        let values = Map::from_iter([("model".into(), json!(model)), ("subwords".into(), json!([3, 6]))]);
        let trial = Trial {
            folder: String::new(),
            values,
            seed: 0,
            validation: evaluation,
            failure: None,
            best_epoch: None,
            cut_short: false,
            parameters: 0,
            seconds: 1.0,
            history: Vec::new(),
        };
        AutoTrial { trial, bytes, milliseconds: bytes as f64, fits }
    }

    #[test]
    fn rows_as_arguments() {
        let read = ReadOptions {
            text: Some("the text".into()),
            keep: vec!["a".into(), "b, c".into()],
            no_header: true,
            ..ReadOptions::default()
        };
        let split = Ratios::parse("0.7,0.15,0.15").unwrap();
        let found = row_arguments(Path::new("a.csv"), None, Some(&split), Some("who"), &read);
        let expect = "--train a.csv --split 0.7,0.15,0.15 --group who --text 'the text' \
                      --keep 'a,\"b, c\"' --no-header";
        assert_eq!(found, expect);
    }

    #[test]
    fn the_best_that_fits_is_chosen() {
        let trials = [
            trial("bag", Some(0.8), 20, true),
            trial("linear", Some(0.8), 10, true),
            trial("cnn", Some(0.7), 15, true),
            trial("lstm", None, 0, true),
            trial("bert", Some(0.9), 90, false),
        ];
        let table = AutoTable::new(&trials, &ACCURACY, &[], "--train 'a b.csv'".into());
        assert_eq!(table.chosen, Some(1));
        assert_eq!(table.name(4), "5 bert");
        assert_eq!(table.arguments(0), "--train 'a b.csv' --model bag --set 'subwords=[3,6]'");
        assert_eq!(AutoTable::new(&trials[3..], &ACCURACY, &[], String::new()).chosen, None);
    }
}
