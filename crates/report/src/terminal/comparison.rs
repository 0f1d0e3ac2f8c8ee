//! Several models beside each other, as tables.

use assort_metrics::figures::{ACCURACY, LOSS, MACRO_F1, WEIGHTED_F1};
use assort_metrics::{Better, FigureKind};

use super::table::{Lean, Table};
use crate::numbers::{UNDEFINED, counted, decimal, figure, grouped, percent};
use crate::text::fitted;
use crate::{Candidate, Comparison, Disagreement, Pair, Reasons};

/// The most columns of a model's or a label's name.
const NAME: usize = 30;

/// A difference is told as one where its probability among equal models is below this.
const LEVEL: f64 = 0.05;

/// A line of figures for each model; the best of each column is marked. Names are cut where there is a
/// terminal, which has so many columns.
pub fn figures(candidates: &[Candidate], width: Option<usize>) -> Vec<String> {
    let of = |kind: &'static FigureKind, word: fn(Option<f64>) -> String| {
        let values: Vec<Option<f64>> = candidates.iter().map(|one| one.evaluation.value(kind)).collect();
        marked(&values, kind.better, word)
    };
    let rates: Vec<Option<f64>> = candidates.iter().map(|candidate| candidate.rows_per_second).collect();
    let columns = [
        of(&ACCURACY, percent),
        of_intervals(candidates),
        of(&MACRO_F1, figure),
        of(&WEIGHTED_F1, figure),
        of(&LOSS, figure),
        marked(&rates, Better::Higher, |rate| decimal(rate, 0)),
    ];
    let header = [
        ("", Lean::Left),
        ("model", Lean::Left),
        ("accuracy  ", Lean::Right),
        ("95 % interval", Lean::Right),
        ("macro F1  ", Lean::Right),
        ("weighted F1  ", Lean::Right),
        ("log loss  ", Lean::Right),
        ("rows/s  ", Lean::Right),
    ];
    let mut table = Table::new(&header);
    for (at, candidate) in candidates.iter().enumerate() {
        let cells = columns.iter().map(|column| column.get(at).cloned().unwrap_or_default());
        table.row([short(&candidate.name, width), candidate.model.clone()].into_iter().chain(cells));
    }
    let mut lines = table.lines();
    lines.push("* the best of its column".into());
    lines
}

fn of_intervals(candidates: &[Candidate]) -> Vec<String> {
    let interval = |candidate: &Candidate| {
        let interval = candidate.evaluation.accuracy_interval;
        interval.map_or(UNDEFINED.into(), |interval| span(interval.low, interval.high))
    };
    candidates.iter().map(interval).collect()
}

fn span(low: f64, high: f64) -> String {
    format!("{} to {}", percent(low).trim_end_matches(" %"), percent(high))
}

/// The values as words, the best ones with a star.
fn marked(values: &[Option<f64>], best: Better, word: fn(Option<f64>) -> String) -> Vec<String> {
    let defined = values.iter().flatten().copied();
    let extreme = match best {
        Better::Higher => defined.fold(f64::NEG_INFINITY, f64::max),
        Better::Lower => defined.fold(f64::INFINITY, f64::min),
    };
    let mark = |value: &Option<f64>| if *value == Some(extreme) { "*" } else { " " };
    values.iter().map(|value| format!("{} {}", word(*value), mark(value))).collect()
}

/// A line for each two models.
pub fn pairs(comparison: &Comparison, width: Option<usize>) -> Vec<String> {
    let name =
        |at: usize| comparison.candidates.get(at).map(|one| short(&one.name, width)).unwrap_or_default();
    let header = [
        ("", Lean::Left),
        ("accuracy", Lean::Right),
        ("95 % interval", Lean::Right),
        ("right alone", Lean::Right),
        ("McNemar's p", Lean::Right),
        ("", Lean::Left),
    ];
    let mut table = Table::new(&header);
    for pair in &comparison.pairs {
        let Pair { first, second, accuracy, mcnemar, .. } = pair;
        let interval = accuracy.interval.map_or(UNDEFINED.into(), |interval| {
            format!("{} to {}", points(Some(interval.low)), points(Some(interval.high)))
        });
        let better = if mcnemar.first_alone > mcnemar.second_alone { *first } else { *second };
        table.row([
            format!("{} → {}", name(*first), name(*second)),
            points(accuracy.value),
            interval,
            format!("{} : {}", grouped(mcnemar.first_alone), grouped(mcnemar.second_alone)),
            probability(pair.p_value),
            match pair.p_value < LEVEL {
                true => format!("{} is better", name(better)),
                false => "no difference shown".into(),
            },
        ]);
    }
    let mut lines = table.lines();
    lines.push("accuracy: the second's less the first's, in points of 1 %".into());
    if comparison.pairs.len() > 1 {
        let pairs = counted(comparison.pairs.len(), "pair");
        lines.push(format!(
            "{pairs}: p is corrected for their number (Holm), so that of equal models one in twenty \
             comparisons shows any difference"
        ));
    }
    lines
}

/// A difference of shares in points of 1 %: +1.2, −0.4.
fn points(difference: Option<f64>) -> String {
    difference.map_or(UNDEFINED.into(), |difference| format!("{:+.1}", difference * 100.0).replace('-', "−"))
}

fn probability(p: f64) -> String {
    if p < 1e-4 { format!("{p:.0e}") } else { figure(p) }
}

/// How many rows divide the models, and the first of them with the reasons for each answer: `text` gives row
/// number and text of one.
pub fn disagreements<'t>(
    comparison: &Comparison,
    rows: usize,
    reasons: &[Vec<Reasons>],
    width: Option<usize>,
    text: impl Fn(&Disagreement) -> (u64, &'t str),
) -> Vec<String> {
    let all = comparison.disagreements.len();
    let shown = all.min(reasons.len());
    let rows = counted(rows, "row");
    let mut lines = vec![match shown {
        0 => format!("{} of {rows}", grouped(all)),
        shown if shown == all => format!("{} of {rows}", grouped(all)),
        shown => format!("{} of {rows}; the {} where all are surest:", grouped(all), grouped(shown)),
    }];
    let label = |label: u32| {
        comparison.labels.get(label as usize).map(|label| short(label, width)).unwrap_or_default()
    };
    let within = |taken: usize| width.map(|width| width.saturating_sub(taken).max(20));
    for (row, reasons) in comparison.disagreements.iter().zip(reasons) {
        let (number, text) = text(row);
        let start = format!("row {number}, {}: ", label(row.truth));
        let room = within(console::measure_text_width(&start));
        lines.push(format!("{start}{}", fitted(text, room)));
        let answers = comparison.candidates.iter().zip(&row.answers).map(|(candidate, answer)| {
            let mark = if answer.label == row.truth { "✓" } else { "✗" };
            let (name, share) = (short(&candidate.name, width), percent(answer.probability));
            format!("{mark} {name}: {} {share}", label(answer.label))
        });
        for (answer, reasons) in answers.zip(reasons) {
            let piece = |(text, value): &(String, f64)| format!("{} {value:+.2}", short(text, width));
            let because = reasons.iter().map(piece).collect::<Vec<_>>().join(" · ");
            let line = if because.is_empty() { answer } else { format!("{answer}: {because}") };
            lines.push(format!("  {}", fitted(&line, within(2))));
        }
    }
    lines
}

/// A name, cut where there is a terminal.
fn short(name: &str, width: Option<usize>) -> String {
    fitted(name, width.map(|_| NAME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_are_marked() {
        let word = |value: Option<f64>| value.map_or("–".into(), |value| format!("{value:.0}"));
        let check =
            |values: &[Option<f64>], best, expect: &[&str]| assert_eq!(marked(values, best, word), expect);
        check(&[Some(1.0), Some(2.0)], Better::Higher, &["1  ", "2 *"]);
        check(&[Some(1.0), Some(2.0)], Better::Lower, &["1 *", "2  "]);
        check(&[Some(2.0), None, Some(2.0)], Better::Higher, &["2 *", "–  ", "2 *"]);
        check(&[None], Better::Lower, &["–  "]);
    }

    #[test]
    fn words() {
        assert_eq!(points(Some(0.0123)), "+1.2");
        assert_eq!(points(Some(-0.004)), "−0.4");
        assert_eq!(points(None), "–");
        assert_eq!(probability(0.25), "0.2500");
        assert_eq!(probability(3.2e-9), "3e-9");
        assert_eq!(span(0.5, 0.625), "50.0 to 62.5 %");
    }
}
