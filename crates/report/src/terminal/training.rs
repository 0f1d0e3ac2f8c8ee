//! The events of a training in words.

use std::path::Path;

use assort_metrics::figures::{LOSS, MACRO_F1};
use assort_train::EpochRecord;

use super::block::room;
use super::table::{Lean, Table, aligned};
use crate::evaluation::accuracy;
use crate::numbers::{UNDEFINED, counted, figure, four_digits, grouped, percent, seconds};
use crate::text::{fitted, shortened};
use crate::{ParameterLine, Rival, Search, Tried, VectorFigures, words};

/// The columns of a label's name.
const NAME: usize = 30;

/// The most labels that are listed.
const LABELS: usize = 30;

/// Rows by use, in all and for each label; names of labels are cut on a terminal of this width.
pub fn split(totals: [usize; 3], labels: &[(String, [usize; 3])], width: Option<usize>) -> Vec<String> {
    let header =
        [("", Lean::Left), ("training", Lean::Right), ("validation", Lean::Right), ("test", Lean::Right)];
    let mut table = Table::new(&header);
    table.row(std::iter::once("rows".to_owned()).chain(totals.map(grouped)));
    for (label, counts) in labels.iter().take(LABELS) {
        table.row(
            std::iter::once(format!("  {}", fitted(label, width.map(|_| NAME)))).chain(counts.map(grouped)),
        );
    }
    let mut lines = table.lines_within(room(width));
    if labels.len() > LABELS {
        lines.push(format!("  and {} more labels", grouped(labels.len() - LABELS)));
    }
    lines
}

/// The features.
pub fn features(count: usize, weights: usize, time: f64) -> Vec<String> {
    vec![format!(
        "{} weighted n-grams, {} times in the training rows ({})",
        grouped(count),
        grouped(weights),
        seconds(time)
    )]
}

/// The pretrained vectors.
pub fn vectors(figures: &VectorFigures, copy: Option<&Path>) -> Vec<String> {
    let (found, all) = (grouped(figures.found), grouped(figures.vocabulary));
    let mut lines = vec![
        format!(
            "{}: {} words of {} numbers ({})",
            figures.file,
            grouped(figures.words),
            grouped(figures.width),
            seconds(figures.seconds)
        ),
        format!(
            "{found} of {all} words begin with theirs ({}): {} of the training tokens",
            percent(figures.word_share),
            percent(figures.token_share)
        ),
    ];
    if let Some(copy) = copy {
        lines.push(format!("binary copy for the next time: {}", copy.display()));
    }
    lines
}

/// The checkpoint that the model began with.
pub fn checkpoint(
    name: &str,
    revision: Option<&str>,
    fresh: &[String],
    unused: &[String],
    time: f64,
) -> Vec<String> {
    let revision = revision.map(|revision| format!(" at {}", shortened(revision, 12))).unwrap_or_default();
    let mut lines = vec![format!("{name}{revision} ({})", seconds(time))];
    if !fresh.is_empty() {
        lines.push(format!("drawn, because it has none that fits: {}", fresh.join(", ")));
    }
    if !unused.is_empty() {
        let listed: Vec<String> = unused.iter().take(4).cloned().collect();
        let more = if unused.len() > listed.len() { ", …" } else { "" };
        lines.push(format!("not used: {}{more}", listed.join(", ")));
    }
    lines
}

/// The rules; names of labels are cut on a terminal of this width.
pub fn rules(labels: &[(String, usize)], default: &str, time: f64, width: Option<usize>) -> Vec<String> {
    let name = |label: &str| fitted(label, width.map(|_| NAME));
    let all: usize = labels.iter().map(|(_, count)| count).sum();
    let named = labels.iter().filter(|(_, count)| *count > 0).take(LABELS);
    let named: Vec<String> =
        named.map(|(label, count)| format!("{} {}", name(label), grouped(*count))).collect();
    vec![
        format!("{} ({}): {}", counted(all, "expression"), seconds(time), named.join(", ")),
        format!("where none matches: {}", name(default)),
    ]
}

/// How many of the training texts are longer than the longest length, if any are.
pub fn cut(texts: usize, rows: usize, longest: Option<usize>) -> Option<String> {
    let longest = longest.filter(|_| texts > 0)?;
    let share = percent((rows > 0).then(|| texts as f64 / rows as f64));
    let (texts, rows) = (grouped(texts), counted(rows, "training text"));
    Some(format!("longest = {longest} cuts {texts} of {rows} ({share})"))
}

/// The vocabulary.
pub fn vocabulary(
    size: usize,
    tokens: usize,
    most_common: &[(String, u64)],
    unknown: Option<f64>,
    time: f64,
) -> Vec<String> {
    let common: Vec<String> = most_common
        .iter()
        .map(|(token, count)| format!("{} {}", shortened(token, 20), grouped(*count)))
        .collect();
    let known = match unknown {
        Some(share) => format!("{} of the validation tokens are not in it", percent(share)),
        None => "the validation rows have no tokens".into(),
    };
    vec![
        format!(
            "{} different tokens among {} of the training rows ({})",
            grouped(size),
            grouped(tokens),
            seconds(time)
        ),
        known,
        format!("most common: {}", if common.is_empty() { UNDEFINED.into() } else { common.join(" · ") }),
    ]
}

/// The parameter table.
pub fn model(
    name: &str,
    device: &str,
    parameters: &[ParameterLine],
    (total, trainable): (usize, usize),
    width: Option<usize>,
) -> Vec<String> {
    let mut table = Table::plain(&[Lean::Left, Lean::Left, Lean::Right, Lean::Left]);
    for parameter in parameters {
        let shape: Vec<String> = parameter.shape.iter().map(|size| grouped(*size)).collect();
        let state = if parameter.trained { "" } else { "frozen" };
        table.row([parameter.name.clone(), shape.join(" × "), grouped(parameter.values), state.into()]);
    }
    table.row(["parameters".into(), String::new(), grouped(total), String::new()]);
    if trainable != total {
        table.row(["trained".into(), String::new(), grouped(trainable), String::new()]);
    }
    std::iter::once(format!("{name} on {device}")).chain(table.lines_within(room(width))).collect()
}

/// The norm of each parameter's gradient at the first step; `None` for one that is frozen.
pub fn gradients(norms: &[(String, Option<f64>)]) -> Vec<String> {
    let mut table = Table::plain(&[Lean::Left, Lean::Right]);
    for (name, norm) in norms {
        table.row([name.clone(), norm.map_or("frozen".into(), figure)]);
    }
    std::iter::once("norms after the first backward pass, before a value has changed".to_owned())
        .chain(table.lines())
        .collect()
}

/// The beginning of a training.
pub fn start(rows: usize, epochs: usize, steps: usize, padding: f64, done: (usize, usize)) -> Vec<String> {
    let mut lines = vec![format!(
        "{}, {} an epoch, at most {}; filled-up batches would be {} padding",
        counted(rows, "row"),
        counted(steps, "step"),
        counted(epochs, "epoch"),
        percent(padding)
    )];
    if done != (0, 0) {
        let (epochs, steps) = (counted(done.0, "epoch"), counted(done.1, "step"));
        lines.push(format!("goes on after {epochs} and {steps}"));
    }
    lines
}

/// One of several models on the validation rows.
pub fn rival(rival: &Rival) -> String {
    let (accuracy, time) = (percent(rival.accuracy), seconds(rival.seconds));
    format!(
        "{}: accuracy {accuracy}, log loss {} on the validation rows ({time})",
        rival.model,
        figure(rival.loss)
    )
}

/// Widths of the numbers of what was tried.
const TRIED: [usize; 4] = [9, 8, 9, 9];

/// The header above the settings that are tried, on a terminal of this width.
pub fn tried_header(width: Option<usize>) -> String {
    tried_line(["features", "penalty C", "loss", "accuracy", "time"].map(str::to_owned), width)
}

/// Cells of which the first has what the numbers leave, and the time goes where that is little.
fn tried_line(cells: [String; 5], width: Option<usize>) -> String {
    const LONGEST: usize = 34;
    let numbers = TRIED.iter().map(|width| width + 2).sum::<usize>();
    let room = room(width).unwrap_or(usize::MAX);
    let first = room.saturating_sub(numbers).clamp(12, LONGEST);
    let mut widths = vec![first];
    widths.extend(TRIED);
    if room < numbers + first {
        widths.pop();
    }
    let [features, rest @ ..] = cells;
    let cells: Vec<String> = [shortened(&features, first)].into_iter().chain(rest).collect();
    aligned(&cells, &widths, &[Lean::Left])
}

/// What was chosen of them.
pub fn chosen(search: &Search) -> String {
    words::chosen(search)
}

/// The line of settings that were tried, on a terminal of this width.
pub fn tried(tried: &Tried, width: Option<usize>) -> String {
    let cells = [
        tried.kind(),
        four_digits(tried.inverse_penalty),
        figure(tried.loss),
        percent(tried.accuracy),
        seconds(tried.seconds),
    ];
    tried_line(cells, width)
}

/// Columns of an epoch's line: title, width, and how long it stays on a narrow terminal: the highest rank
/// goes first.
const EPOCH: [(&str, usize, usize); 9] = [
    ("epoch", 5, 0),
    ("loss", 8, 2),
    ("accuracy", 8, 4),
    ("val. loss", 9, 1),
    ("val. acc.", 9, 1),
    ("val. F1", 8, 5),
    ("rate", 9, 6),
    ("time", 9, 3),
    ("", 4, 0),
];

/// The header above the epochs, on a terminal of this width.
pub fn epoch_header(width: Option<usize>) -> String {
    epoch_line(&EPOCH.map(|(title, _, _)| title.to_owned()), width)
}

/// The line of an epoch, on a terminal of this width.
pub fn epoch(record: &EpochRecord, width: Option<usize>) -> String {
    let cells = [
        record.epoch.to_string(),
        figure(record.train_loss),
        percent(record.train_accuracy),
        figure(record.validation.value(&LOSS)),
        percent(accuracy(&record.validation)),
        figure(record.validation.value(&MACRO_F1)),
        four_digits(record.learning_rate),
        seconds(record.step_seconds + record.validation_seconds),
        if record.best { "best".into() } else { String::new() },
    ];
    epoch_line(&cells, width)
}

/// The cells of the columns that there is room for.
fn epoch_line(cells: &[String; 9], width: Option<usize>) -> String {
    let room = room(width).unwrap_or(usize::MAX);
    let most = (1..=6).rev().find(|most| {
        let kept = EPOCH.iter().filter(|(_, _, rank)| rank <= most);
        kept.map(|(_, width, _)| width + 2).sum::<usize>() <= room.saturating_add(2)
    });
    let kept = cells.iter().zip(EPOCH).filter(|(_, (_, _, rank))| *rank <= most.unwrap_or(1));
    let (cells, widths): (Vec<String>, Vec<usize>) =
        kept.map(|(cell, (_, width, _))| (cell.clone(), width)).unzip();
    aligned(&cells, &widths, &[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use assort_metrics::Figure;

    #[test]
    fn epochs_line_up() {
        let record = EpochRecord {
            epoch: 12,
            train_loss: 0.91234,
            train_accuracy: 0.5,
            validation: [
                (&LOSS, Some(1.0)),
                (&assort_metrics::figures::ACCURACY, None),
                (&MACRO_F1, Some(0.25)),
            ]
            .map(|(kind, value)| Figure { kind, value, interval: None })
            .into_iter()
            .collect(),
            rows: 10,
            tokens: 100,
            learning_rate: 3e-3,
            step_seconds: 1.0,
            validation_seconds: 0.5,
            best: true,
        };
        assert_eq!(
            [epoch_header(None), epoch(&record, None)],
            [
                "epoch      loss  accuracy  val. loss  val. acc.   val. F1       rate       time",
                "   12    0.9123    50.0 %     1.0000          –    0.2500      0.003      1.5 s  best",
            ]
        );
    }

    #[test]
    fn a_narrow_terminal_shows_fewer_columns() {
        for width in [40, 60, 80, 96, 120] {
            let header = epoch_header(Some(width));
            assert!(header.chars().count() + 13 <= width.max(50), "{width}: {header}");
            assert!(header.contains("epoch") && header.contains("val. acc."), "{header}");
        }
        assert!(!epoch_header(Some(60)).contains("rate") && epoch_header(Some(120)).contains("rate"));
    }

    #[test]
    fn parameters_with_separators() {
        let line = |name: &str, shape: &[usize], trained| ParameterLine {
            name: name.into(),
            shape: shape.to_vec(),
            values: shape.iter().product(),
            trained,
        };
        let parameters = [line("embedding.weight", &[40_733, 256], true), line("linear.bias", &[3], false)];
        let expect = "\
bag on cpu
embedding.weight  40,733 × 256  10,427,648
linear.bias       3                      3  frozen
parameters                      10,427,651
trained                         10,427,648";
        assert_eq!(model("bag", "cpu", &parameters, (10_427_651, 10_427_648), None).join("\n"), expect);
    }

    #[test]
    fn gradients_by_name() {
        let norms = [("embedding.weight".to_owned(), None), ("linear.bias".to_owned(), Some(1234.5))];
        let expect = "\
norms after the first backward pass, before a value has changed
embedding.weight      frozen
linear.bias       1,234.5000";
        assert_eq!(gradients(&norms).join("\n"), expect);
    }

    #[test]
    fn splits_and_vocabulary() {
        let labels = [("fruit".to_owned(), [1_404, 301, 301])];
        let expect = "         training  validation  test\nrows        1,404         301   301\n  fruit     \
            1,404         301   301";
        assert_eq!(split([1_404, 301, 301], &labels, None).join("\n"), expect);
        assert_eq!(cut(0, 9, Some(8)), None);
        let words = "longest = 8 cuts 1,200 of 4,000 training texts (30.0 %)";
        assert_eq!(cut(1_200, 4_000, Some(8)).as_deref(), Some(words));
        let found = vocabulary(12, 1_000, &[("the".into(), 90)], Some(0.031), 0.5);
        assert_eq!(
            found,
            [
                "12 different tokens among 1,000 of the training rows (0.50 s)",
                "3.1 % of the validation tokens are not in it",
                "most common: the 90"
            ]
        );
    }
}
