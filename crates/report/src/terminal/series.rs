//! Several trainings beside each other, as lines and tables.

use assort_metrics::figures::{ACCURACY, LOSS, MACRO_F1, MICRO_F1, SUBSET_ACCURACY};
use assort_metrics::{FigureKind, Scale};
use assort_settings::word;

use super::block::room;
use super::evaluation::summary;
use super::table::{Lean, Table};
use crate::MeanDeviation;
use crate::numbers::{UNDEFINED, figure, grouped, percent, scaled, seconds};
use crate::series::{CrossValidation, FoldResult, Standing, Trial, words};
use crate::text::shortened;

/// The most combinations that are listed; the file has them all.
const LISTED: usize = 20;

/// The most columns of a value.
const VALUE: usize = 24;

/// A trial that is over.
pub fn trial(trial: &Trial) -> Vec<String> {
    let came = match (&trial.validation, &trial.failure) {
        (Some(judged), _) => {
            let (loss, accuracy) = (figure(judged.value(&LOSS)), percent(judged.accuracy()));
            format!("loss {loss}, accuracy {accuracy}, {}", seconds(trial.seconds))
        }
        (None, why) => format!("failed: {}", why.as_deref().unwrap_or(UNDEFINED)),
    };
    vec![format!("{}, seed {}: {came}", words(&trial.values), trial.seed)]
}

/// A fold that is over.
pub fn fold(fold: &FoldResult) -> Vec<String> {
    summary(&fold.evaluation)
}

/// The combinations, the best first, on a terminal of this width; the column that decided is marked.
pub fn standings(standings: &[Standing], by: &'static FigureKind, width: Option<usize>) -> Vec<String> {
    let keys: Vec<&String> = standings.first().map(|one| one.values.keys().collect()).unwrap_or_default();
    let is_of_sets = standings.iter().any(|standing| standing.figures.get(&MICRO_F1).is_some());
    let mut kinds: Vec<&'static FigureKind> = match is_of_sets {
        true => vec![&LOSS, &MICRO_F1, &MACRO_F1, &SUBSET_ACCURACY],
        false => vec![&LOSS, &ACCURACY, &MACRO_F1],
    };
    if !kinds.contains(&by) {
        kinds.push(by);
    }
    let mark = |kind: &&FigureKind| format!("{}{}", kind.title, if *kind == by { " *" } else { "" });
    let figures: Vec<String> = kinds.iter().map(mark).chain(["time".into()]).collect();
    let mut header: Vec<(&str, Lean)> = keys.iter().map(|key| (key.as_str(), Lean::Right)).collect();
    header.extend(figures.iter().map(|name| (name.as_str(), Lean::Right)));
    header.push(("folder", Lean::Left));
    let mut table = Table::new(&header);
    for standing in standings.iter().take(LISTED) {
        let values = standing.values.values().map(|value| shortened(&word(value), VALUE));
        let means = kinds.iter().map(|kind| mean_deviation(standing.figures.get(kind), kind.scale));
        let folders = match (&standing.failure, standing.folders.as_slice()) {
            (Some(_), _) => "failed".into(),
            (None, [first, .., last]) => format!("{first} … {last}"),
            (None, folders) => folders.concat(),
        };
        let cells = means.chain([seconds(standing.seconds), folders]);
        table.row(values.chain(cells));
    }
    let mut lines = table.lines_within(room(width));
    if standings.len() > LISTED {
        lines.push(format!("and {} more in sweep.json", grouped(standings.len() - LISTED)));
    }
    lines.push("* on the validation rows: decides the order".into());
    lines
}

/// Mean and deviation of each figure over the folds.
pub fn folds(all: &CrossValidation) -> Vec<String> {
    let header = [("", Lean::Left), ("mean", Lean::Right), ("deviation", Lean::Right)];
    let mut table = Table::new(&header);
    for (kind, mean) in all.figures() {
        let value = |value: Option<f64>| scaled(value, kind.scale);
        let deviation = value(mean.and_then(|mean| mean.deviation));
        table.row([kind.title.into(), value(mean.map(|mean| mean.mean)), deviation]);
    }
    table.lines()
}

fn mean_deviation(value: Option<MeanDeviation>, scale: Scale) -> String {
    match value {
        Some(MeanDeviation { mean, deviation: Some(deviation) }) => {
            format!("{} ± {}", scaled(mean, scale).trim_end_matches(" %"), scaled(deviation, scale))
        }
        other => scaled(other.map(|value| value.mean), scale),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Confusion, Evaluation, LabelPairs};
    use assort_metrics::Figure;
    use serde_json::{Map, json};

    #[test]
    fn the_best_stand_first_with_their_deviation() {
        let evaluation = |loss: f64, accuracy: f64| {
            let figure = |(kind, value)| Figure { kind, value: Some(value), interval: None };
            Evaluation {
                rows: 10,
                cut: 0,
                figures: [(&LOSS, loss), (&ACCURACY, accuracy)].map(figure).into_iter().collect(),
                accuracy_interval: None,
                reliability: Vec::new(),
                answered: None,
                intervals: Default::default(),
                slices: Vec::new(),
                ranking: None,
                averaging: String::new(),
                per_label: Vec::new(),
                pairs: LabelPairs::Confusion(Confusion::default()),
                seconds: 0.0,
            }
        };
        let trial = |hidden: usize, seed: u64, validation: Option<Evaluation>| Trial {
            folder: format!("trial-{hidden}-{seed}"),
            values: Map::from_iter([("hidden".into(), json!(hidden))]),
            seed,
            failure: validation.is_none().then(|| "diverged".into()),
            validation,
            best_epoch: None,
            cut_short: false,
            parameters: 0,
            seconds: 1.5,
            history: Vec::new(),
        };
        let pair = [trial(64, 0, Some(evaluation(0.5, 0.76))), trial(64, 1, Some(evaluation(0.5, 0.74)))];
        let failed = trial(8, 0, None);
        let found = standings(
            &[
                Standing::new(&pair[0].values, &pair.iter().collect::<Vec<_>>()),
                Standing::new(&failed.values, &[&failed]),
            ],
            &LOSS,
            None,
        );
        let expect = [
            "hidden  loss *           accuracy      macro F1    time  folder",
            "    64  0.5000 ± 0.0000  75.0 ± 1.4 %         –   1.5 s  trial-64-0 … trial-64-1",
            "     8       –            –         –   1.5 s  failed",
            "* on the validation rows: decides the order",
        ];
        let squeezed = |lines: &[String]| -> Vec<String> {
            lines.iter().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
        };
        assert_eq!(squeezed(&found), squeezed(&expect.map(String::from)));
    }
}
