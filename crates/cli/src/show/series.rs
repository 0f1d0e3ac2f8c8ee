//! Several trainings beside each other, as lines and tables.

use assort_experiment::{CrossValidation, FoldResult, Spread, Standing, Trial, word, words};
use assort_train::Monitor;

use super::judgement::summary;
use super::numbers::{UNDEFINED, figure, grouped, percent, seconds};
use super::table::{Lean, Table};
use crate::screen::shortened;

/// The most combinations that are listed; the file has them all.
const LISTED: usize = 20;

/// The most columns of a value.
const VALUE: usize = 24;

/// A trial that is over.
pub fn trial(trial: &Trial) -> Vec<String> {
    let came = match (&trial.validation, &trial.failure) {
        (Some(judged), _) => {
            let (loss, accuracy) = (figure(judged.loss), percent(judged.accuracy));
            format!("loss {loss}, accuracy {accuracy}, {}", seconds(trial.seconds))
        }
        (None, why) => format!("failed: {}", why.as_deref().unwrap_or(UNDEFINED)),
    };
    vec![format!("{}, seed {}: {came}", words(&trial.values), trial.seed)]
}

/// A fold that is over.
pub fn fold(fold: &FoldResult) -> Vec<String> {
    vec![summary(&fold.judgement)]
}

/// The combinations, the best first; the column that decided is marked.
pub fn standings(standings: &[Standing], by: Monitor) -> Vec<String> {
    let keys: Vec<&String> = standings.first().map(|one| one.values.keys().collect()).unwrap_or_default();
    let mark = |column, name: &str| if column == by { format!("{name} *") } else { name.to_owned() };
    let figures = [
        mark(Monitor::LOSS, "loss"),
        mark(Monitor::ACCURACY, "accuracy"),
        mark(Monitor::MACRO_F1, "macro F1"),
        "time".into(),
    ];
    let mut header: Vec<(&str, Lean)> = keys.iter().map(|key| (key.as_str(), Lean::Right)).collect();
    header.extend(figures.iter().map(|name| (name.as_str(), Lean::Right)));
    header.push(("folder", Lean::Left));
    let mut table = Table::new(&header);
    for standing in standings.iter().take(LISTED) {
        let values = standing.values.values().map(|value| shortened(&word(value), VALUE));
        let cells = [
            spread(standing.loss, figure),
            spread(standing.accuracy, percent),
            spread(standing.macro_f1, figure),
            seconds(standing.seconds),
            match (&standing.failure, standing.folders.as_slice()) {
                (Some(_), _) => "failed".into(),
                (None, [first, .., last]) => format!("{first} … {last}"),
                (None, folders) => folders.concat(),
            },
        ];
        table.row(values.chain(cells));
    }
    let mut lines = table.lines();
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
    let names = [
        ("accuracy", "accuracy"),
        ("macro precision", "macro_precision"),
        ("macro recall", "macro_recall"),
        ("macro F1", "macro_f1"),
        ("weighted F1", "weighted_f1"),
        ("log loss", "loss"),
    ];
    for (name, key) in names {
        let spread = all.figures.get(key).copied().flatten();
        let word = if key == "accuracy" { percent } else { figure };
        let deviation = word(spread.and_then(|spread| spread.deviation));
        table.row([name.into(), word(spread.map(|spread| spread.mean)), deviation]);
    }
    table.lines()
}

fn spread(spread: Option<Spread>, word: fn(Option<f64>) -> String) -> String {
    match spread {
        Some(Spread { mean, deviation: Some(deviation) }) => {
            let mean = word(Some(mean));
            format!("{} ± {}", mean.trim_end_matches(" %"), word(Some(deviation)))
        }
        other => word(other.map(|spread| spread.mean)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, json};

    #[test]
    fn the_best_stand_first_with_their_deviation() {
        let standing = |hidden: usize, loss: Option<Spread>, folders: &[&str]| Standing {
            values: Map::from_iter([("hidden".into(), json!(hidden))]),
            folders: folders.iter().map(ToString::to_string).collect(),
            loss,
            accuracy: loss.map(|_| Spread { mean: 0.75, deviation: Some(0.0125) }),
            macro_f1: None,
            seconds: 1.5,
            failure: loss.is_none().then(|| "diverged".into()),
        };
        let found = standings(
            &[
                standing(64, Some(Spread { mean: 0.5, deviation: None }), &["trial-002", "trial-004"]),
                standing(8, None, &["trial-001"]),
            ],
            Monitor::LOSS,
        );
        let expect = [
            "hidden  loss *     accuracy  macro F1    time  folder",
            "    64  0.5000  75.0 ± 1.2 %         –  1.50 s  trial-002 … trial-004",
            "     8       –            –         –  1.50 s  failed",
            "* on the validation rows: decides the order",
        ];
        let squeezed = |lines: &[String]| -> Vec<String> {
            lines.iter().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
        };
        assert_eq!(squeezed(&found), squeezed(&expect.map(String::from)));
    }
}
