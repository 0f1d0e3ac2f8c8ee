//! How good a model is, as tables.

use assort_metrics::figures::{
    ACCURACY, LOSS, MACRO_F1, MACRO_PRECISION, MACRO_RECALL, MICRO_F1, MICRO_PRECISION, MICRO_RECALL,
    SUBSET_ACCURACY, WEIGHTED_F1, WEIGHTED_PRECISION, WEIGHTED_RECALL,
};
use assort_metrics::{FigureKind, LabelReport, Scale, Task};
use console::measure_text_width;

use super::block::room;
use super::table::{Lean, Table};
use crate::numbers::{UNDEFINED, counted, figure, grouped, percent, range, scaled};
use crate::text::fitted;
use crate::{Evaluation, LabelPairs};

/// The most labels whose confusion matrix fits a screen.
const MATRIX_LABELS: usize = 12;

/// The most columns of a label's name.
const NAME: usize = 30;

/// The figures of the summary, by the task.
const SUMMARY: [&FigureKind; 3] = [&ACCURACY, &MACRO_F1, &LOSS];
const SUMMARY_OF_SETS: [&FigureKind; 4] = [&MICRO_F1, &MACRO_F1, &SUBSET_ACCURACY, &LOSS];

/// The figures under the labels, each line with its name; the first where rows have any number of labels.
const AVERAGES: [(&str, [&FigureKind; 3]); 3] = [
    ("micro average", [&MICRO_PRECISION, &MICRO_RECALL, &MICRO_F1]),
    ("macro average", [&MACRO_PRECISION, &MACRO_RECALL, &MACRO_F1]),
    ("weighted average", [&WEIGHTED_PRECISION, &WEIGHTED_RECALL, &WEIGHTED_F1]),
];

/// The figures in one line, and one about labels without rows where there are any.
pub fn summary(evaluation: &Evaluation) -> Vec<String> {
    let interval = evaluation.accuracy_interval.map_or(String::new(), |interval| {
        let (low, high) = (percent(interval.low), percent(interval.high));
        format!(" ({:.0} % interval {low} to {high})", interval.confidence * 100.0)
    });
    let (accuracy, rows) = (percent(evaluation.accuracy()), counted(evaluation.rows as u64, "row"));
    let of = |kind: &FigureKind| match evaluation.interval(kind).filter(|_| kind != &LOSS) {
        Some(interval) => format!("{} ({})", figure(evaluation.value(kind)), range(&interval, Scale::Number)),
        None => figure(evaluation.value(kind)),
    };
    let (f1, loss) = (of(&MACRO_F1), of(&LOSS));
    let line = match evaluation.task() {
        Task::OneOf => format!("accuracy {accuracy}{interval}, macro F1 {f1}, log loss {loss}, {rows}"),
        Task::AnyOf => {
            let micro = of(&MICRO_F1);
            format!(
                "micro F1 {micro}, macro F1 {f1}, all labels right {accuracy}{interval}, log loss {loss}, \
                 {rows}"
            )
        }
    };
    std::iter::once(line).chain(absent(evaluation)).chain(answered(evaluation)).collect()
}

/// What thresholds let through, where there are some.
fn answered(evaluation: &Evaluation) -> Option<String> {
    let answered = evaluation.answered?;
    let share = |part: usize, whole: usize| percent((whole > 0).then(|| part as f64 / whole as f64));
    Some(format!(
        "thresholds answer {} ({}), of which {} are right",
        counted(answered.rows as u64, "row"),
        share(answered.rows, evaluation.rows),
        share(answered.right, answered.rows)
    ))
}

/// How many of the texts are longer than the model reads, if any are.
pub fn cut(texts: usize, rows: usize) -> Option<String> {
    let verb = if texts == 1 { "is" } else { "are" };
    let share = percent((rows > 0).then(|| texts as f64 / rows as f64));
    let (cut, rows) = (grouped(texts as u64), counted(rows as u64, "text"));
    (texts > 0)
        .then(|| format!("{cut} of {rows} ({share}) {verb} longer than the model reads, and {verb} cut"))
}

/// Why macro F1 is low beside the accuracy: it counts labels that no row has.
fn absent(evaluation: &Evaluation) -> Option<String> {
    let all = evaluation.per_label.len();
    let absent = evaluation.absent();
    let (have, count) = if absent == 1 { ("has", "counts") } else { ("have", "count") };
    let of = format!("{} of the {} {have} no row here", grouped(absent as u64), counted(all as u64, "label"));
    (absent > 0 && evaluation.rows > 0).then(|| format!("{of} and {count} as 0 in macro F1"))
}

/// Every label and the averages; names of labels are cut on a terminal of this width.
pub fn report(evaluation: &Evaluation, width: Option<usize>) -> Vec<String> {
    let header = [
        ("", Lean::Left),
        ("precision", Lean::Right),
        ("recall", Lean::Right),
        ("F1", Lean::Right),
        ("support", Lean::Right),
    ];
    let mut table = Table::new(&header);
    let mut line = |name: &str, values: [Option<f64>; 3], support: u64| {
        let values = values.into_iter().map(figure);
        let name = fitted(name, width.map(|_| NAME));
        table.row(std::iter::once(name).chain(values).chain([grouped(support)]));
    };
    for label in &evaluation.per_label {
        line(&label.label, [label.precision, label.recall, label.f1], label.support);
    }
    let rows = evaluation.rows as u64;
    let averages = &AVERAGES[usize::from(evaluation.task() == Task::OneOf)..];
    for (name, kinds) in averages {
        line(name, kinds.map(|kind: &FigureKind| evaluation.value(kind)), rows);
    }
    let mut lines = table.lines_within(room(width));
    lines.insert(evaluation.per_label.len() + 1, String::new());
    lines.extend(undefined(evaluation));
    lines.extend(others(evaluation));
    lines
}

/// The figures that neither the summary nor the table of labels has.
fn others(evaluation: &Evaluation) -> Option<String> {
    let summary = match evaluation.task() {
        Task::OneOf => SUMMARY.as_slice(),
        Task::AnyOf => &SUMMARY_OF_SETS,
    };
    let is_shown = |kind| summary.contains(&kind) || AVERAGES.iter().any(|(_, kinds)| kinds.contains(&kind));
    let others = evaluation.figures.iter().filter(|figure| !is_shown(figure.kind) && figure.value.is_some());
    let words: Vec<String> = others
        .map(|figure| format!("{} {}", figure.kind.title, scaled(figure.value, figure.kind.scale)))
        .collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// A line about undefined values, and how they enter the averages.
fn undefined(evaluation: &Evaluation) -> Option<String> {
    let is_defined =
        |label: &LabelReport| label.precision.is_some() && label.recall.is_some() && label.f1.is_some();
    let some = evaluation.per_label.iter().any(|label| !is_defined(label));
    some.then(|| format!("{UNDEFINED}: {}", evaluation.averaging))
}

/// The confusion matrix, true labels downwards, or the labels that rows have together; nothing if it would be
/// too wide.
pub fn pairs(evaluation: &Evaluation, width: Option<usize>) -> Vec<String> {
    let labels = &evaluation.per_label;
    let (corner, counts) = match &evaluation.pairs {
        LabelPairs::Confusion(counts) => ("true \\ predicted", counts),
        LabelPairs::CoOccurrence(counts) => ("with", counts),
    };
    if labels.is_empty() || labels.len() > MATRIX_LABELS {
        return Vec::new();
    }
    let short: Vec<String> = labels.iter().map(|label| fitted(&label.label, width.map(|_| 12))).collect();
    let mut header = vec![(corner, Lean::Left)];
    header.extend(short.iter().map(|label| (label.as_str(), Lean::Right)));
    let mut table = Table::new(&header);
    let rows = counts.rows(&(0..labels.len()).collect::<Vec<_>>());
    for (label, counts) in labels.iter().zip(rows) {
        let counts = counts.iter().map(|count| grouped(*count));
        table.row(std::iter::once(fitted(&label.label, width.map(|_| NAME))).chain(counts));
    }
    let lines = table.lines_within(room(width));
    let fits = |line: &String| room(width).is_none_or(|room| measure_text_width(line) <= room);
    if lines.iter().all(fits) { lines } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assort_metrics::Figure;
    use assort_metrics::figures::COHEN_KAPPA;

    fn evaluation() -> Evaluation {
        let label = |name: &str, precision, support| LabelReport {
            label: name.into(),
            precision,
            recall: Some(0.5),
            f1: precision,
            support,
            predicted: 2,
        };
        let figures = [
            (&LOSS, 0.25),
            (&ACCURACY, 0.5),
            (&MACRO_PRECISION, 0.25),
            (&MACRO_RECALL, 0.5),
            (&MACRO_F1, 0.3),
            (&WEIGHTED_PRECISION, 0.4),
            (&WEIGHTED_RECALL, 0.5),
            (&WEIGHTED_F1, 0.4),
            (&COHEN_KAPPA, 0.125),
        ];
        let figure = |(kind, value)| Figure { kind, value: Some(value), interval: None };
        Evaluation {
            rows: 1_200,
            cut: 0,
            figures: figures.map(figure).into_iter().collect(),
            accuracy_interval: None,
            reliability: Vec::new(),
            answered: None,
            intervals: Default::default(),
            slices: Vec::new(),
            ranking: None,
            averaging: "an undefined value counts as 0".into(),
            per_label: vec![label("fruit", Some(0.5), 1_000), label("vegetable", None, 200)],
            pairs: LabelPairs::Confusion(vec![vec![1_000, 0], vec![150, 50]].into()),
            seconds: 0.1,
        }
    }

    #[test]
    fn tables() {
        let found = report(&evaluation(), Some(80));
        let expect = [
            "                  precision  recall      F1  support",
            "fruit                0.5000  0.5000  0.5000    1,000",
            "vegetable                 –  0.5000       –      200",
            "",
            "macro average        0.2500  0.5000  0.3000    1,200",
            "weighted average     0.4000  0.5000  0.4000    1,200",
            "–: an undefined value counts as 0",
            "Cohen's kappa 0.1250",
        ];
        assert_eq!(found, expect);
        let expect = "\
true \\ predicted  fruit  vegetable
fruit             1,000          0
vegetable           150         50";
        assert_eq!(pairs(&evaluation(), None).join("\n"), expect);
        let line = "accuracy 50.0 %, macro F1 0.3000, log loss 0.2500, 1,200 rows";
        assert_eq!(summary(&evaluation()), [line]);
        let mut absent = evaluation();
        absent.per_label[1].support = 0;
        let why = "1 of the 2 labels has no row here and counts as 0 in macro F1";
        assert_eq!(summary(&absent), [line, why]);
    }
}
