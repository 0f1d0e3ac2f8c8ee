//! A search for the best model as a page: the front as a picture, every trial with its command.

use assort_plot::LineChart;
use maud::{Markup, html};

use super::STYLE;
use super::front::{Point, chart};
use super::parts::{document, figure, head, line, paragraph, scroll};
use crate::numbers::{four_digits, megabytes, scaled, seconds};
use crate::text::visible;
use crate::{AutoTable, AutoTrial, Result};

/// The page.
///
/// # Errors
/// If a picture cannot be drawn.
pub fn page(table: &AutoTable, title: &str) -> Result<String> {
    let [size, time, training] = [SIZE, TIME, TRAINING].map(|price| front(table, price));
    let body = html! {
        main {
            h1 { "Which model? " (visible(title)) }
            (paragraph(&summary(table)))
            (figure("time", &time.title, time.svg()?, CAPTION))
            (figure("size", &size.title, size.svg()?, CAPTION))
            (figure("training", &training.title, training.svg()?, CAPTION))
            h2 { "Every trial" }
            (scroll("Every trial", &trials(table)))
            @if !table.left_out.is_empty() {
                h2 { "Left out" }
                ul { @for reason in table.left_out { li { (visible(reason)) } } }
            }
            h2 { "Each trial again" }
            @for (at, trial) in table.trials.iter().enumerate() {
                p {
                    (table.name(at))
                    @if trial.trial.cut_short { ": time was over first, this goes on to its end" }
                }
                pre tabindex="0" { code { (visible(&command(table, at))) } }
            }
        }
    };
    Ok(document(&format!("{title} – assort auto"), STYLE, &body))
}

const CAPTION: &str = "Higher is better, further left is cheaper. The line joins the trials than which none \
                       is both as good and cheaper.";

/// Which model was chosen, by what.
pub fn summary(table: &AutoTable) -> String {
    let by = table.by.title;
    match table.chosen.and_then(|at| Some((at, table.trials.get(at)?))) {
        Some((at, trial)) => format!(
            "Of {} trials, {} has the best {by} on the validation rows, {}. Test rows had no part in it.",
            table.trials.len(),
            table.name(at),
            scaled(trial.trial.figure(table.by), table.by.scale)
        ),
        None => "No trial fits.".into(),
    }
}

/// The command that makes a trial again.
fn command(table: &AutoTable, at: usize) -> String {
    format!("assort train {} --out FOLDER", table.arguments(at))
}

fn trials(table: &AutoTable) -> Markup {
    let columns = ["Trial", table.by.title, "Size", "A text", "Training", "Fits"];
    let row = |(at, trial): (usize, &AutoTrial)| {
        let mark = match (table.chosen == Some(at), trial.trial.cut_short) {
            (true, true) => " (chosen, cut short)",
            (true, false) => " (chosen)",
            (false, true) => " (cut short)",
            (false, false) => "",
        };
        let cells = match &trial.trial.failure {
            Some(failure) => vec![failure.clone()],
            None => vec![
                scaled(trial.trial.figure(table.by), table.by.scale),
                megabytes(trial.bytes),
                format!("{} ms", four_digits(trial.milliseconds)),
                seconds(trial.trial.seconds),
                if trial.fits { "yes" } else { "no" }.into(),
            ],
        };
        line(&format!("{}{mark}", table.name(at)), &cells)
    };
    let all = table.trials.iter().enumerate();
    html! { table { (head(&columns)) tbody { @for trial in all { (row(trial)) } } } }
}

/// What a trial costs: words after the figure's name, the axis, and the number.
type Price = (&'static str, &'static str, fn(&AutoTrial) -> f64);
const SIZE: Price = ("by size", "MB", |trial| trial.bytes as f64 / 1e6);
const TIME: Price = ("by time", "milliseconds a text, one thread", |trial| trial.milliseconds);
const TRAINING: Price = ("by training", "seconds of training", |trial| trial.trial.seconds);

fn front(table: &AutoTable, (title, name, price): Price) -> LineChart {
    let point = |(at, trial): (usize, &AutoTrial)| Point {
        name: table.name(at),
        price: price(trial),
        value: trial.trial.figure(table.by),
    };
    let points: Vec<Point> = table.trials.iter().enumerate().map(point).collect();
    chart(title, name, &points, table.by)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Trial;
    use assort_metrics::figures::ACCURACY;
    use serde_json::{Map, json};

    #[test]
    fn every_trial_is_told_and_nothing_leaves_its_place() {
        let trial = |model: &str, failure: Option<&str>| AutoTrial {
            trial: Trial {
                folder: "trial-001".into(),
                values: Map::from_iter([("model".into(), json!(model)), ("rules".into(), json!("<b>.toml"))]),
                seed: 0,
                validation: failure.is_none().then(|| crate::sample::Sample::labels(3).evaluation),
                failure: failure.map(str::to_owned),
                best_epoch: None,
                cut_short: false,
                parameters: 3,
                seconds: 1.5,
                history: Vec::new(),
            },
            bytes: 2_000_000,
            milliseconds: 0.25,
            fits: true,
        };
        let trials = [trial("linear", None), trial("cnn", Some("<i>it diverged"))];
        let left_out = ["lstm: <u>too long".to_owned()];
        let page =
            page(&AutoTable::new(&trials, &ACCURACY, &left_out, "--train x.csv".into()), "<s>").unwrap();
        for expect in ["1 linear (chosen)", "2.0 MB", "0.25 ms", "&lt;i&gt;it diverged", "&lt;u&gt;too long"]
        {
            assert!(page.contains(expect), "{expect}");
        }
        assert!(page.contains("assort train --train x.csv --model linear"));
        assert!(["<i>", "<u>", "<s>", "<b>"].iter().all(|tag| !page.contains(tag)));
    }
}
