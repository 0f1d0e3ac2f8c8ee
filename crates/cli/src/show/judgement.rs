//! How good a model is, as tables.

use assort_experiment::{Judgement, LabelFigures};

use super::numbers::{UNDEFINED, counted, figure, grouped, percent};
use super::table::{Lean, Table};
use crate::screen::shortened;

/// The most labels whose confusion matrix fits a screen.
const MATRIX_LABELS: usize = 12;

/// The most columns of a label's name.
const NAME: usize = 30;

/// The figures in one line.
pub fn summary(judgement: &Judgement) -> String {
    let interval = judgement.accuracy_interval.map_or(String::new(), |interval| {
        let (low, high) = (percent(interval.low), percent(interval.high));
        format!(" ({:.0} % interval {low} to {high})", interval.confidence * 100.0)
    });
    format!(
        "accuracy {}{interval}, macro F1 {}, log loss {}, {}",
        percent(judgement.accuracy),
        figure(judgement.macro_f1),
        figure(judgement.loss),
        counted(judgement.rows as u64, "row"),
    )
}

/// Every label and the averages.
pub fn report(judgement: &Judgement) -> Vec<String> {
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
        table.row(std::iter::once(shortened(name, NAME)).chain(values).chain([grouped(support)]));
    };
    for label in &judgement.per_label {
        line(&label.label, [label.precision, label.recall, label.f1], label.support);
    }
    let rows = judgement.rows as u64;
    let Judgement { macro_precision, macro_recall, macro_f1, .. } = *judgement;
    let Judgement { weighted_precision, weighted_recall, weighted_f1, .. } = *judgement;
    line("macro average", [macro_precision, macro_recall, macro_f1], rows);
    line("weighted average", [weighted_precision, weighted_recall, weighted_f1], rows);
    let mut lines = table.lines();
    lines.insert(judgement.per_label.len() + 1, String::new());
    lines.extend(undefined(judgement));
    lines
}

/// What is undefined, and how it enters the averages.
fn undefined(judgement: &Judgement) -> Option<String> {
    let is_defined =
        |label: &LabelFigures| label.precision.is_some() && label.recall.is_some() && label.f1.is_some();
    let some = judgement.per_label.iter().any(|label| !is_defined(label));
    some.then(|| format!("{UNDEFINED}: {}", judgement.averaging))
}

/// The confusion matrix, true labels downwards; nothing if it would be too wide.
pub fn confusion(judgement: &Judgement) -> Vec<String> {
    let labels = &judgement.per_label;
    if labels.is_empty() || labels.len() > MATRIX_LABELS {
        return Vec::new();
    }
    let short: Vec<String> = labels.iter().map(|label| shortened(&label.label, 12)).collect();
    let mut header = vec![("true \\ predicted", Lean::Left)];
    header.extend(short.iter().map(|label| (label.as_str(), Lean::Right)));
    let mut table = Table::new(&header);
    for (label, counts) in labels.iter().zip(&judgement.confusion) {
        let counts = counts.iter().map(|count| grouped(*count));
        table.row(std::iter::once(shortened(&label.label, NAME)).chain(counts));
    }
    table.lines()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judgement() -> Judgement {
        let label = |name: &str, precision, support| LabelFigures {
            label: name.into(),
            precision,
            recall: Some(0.5),
            f1: precision,
            support,
            predicted: 2,
        };
        Judgement {
            rows: 1_200,
            loss: Some(0.25),
            accuracy: Some(0.5),
            accuracy_interval: None,
            macro_precision: Some(0.25),
            macro_recall: Some(0.5),
            macro_f1: Some(0.3),
            weighted_precision: Some(0.4),
            weighted_recall: Some(0.5),
            weighted_f1: Some(0.4),
            averaging: "an undefined value counts as 0".into(),
            per_label: vec![label("fruit", Some(0.5), 1_000), label("vegetable", None, 200)],
            confusion: vec![vec![1_000, 0], vec![150, 50]],
            seconds: 0.1,
        }
    }

    #[test]
    fn tables() {
        let found = report(&judgement());
        let expect = [
            "                  precision  recall      F1  support",
            "fruit                0.5000  0.5000  0.5000    1,000",
            "vegetable                 –  0.5000       –      200",
            "",
            "macro average        0.2500  0.5000  0.3000    1,200",
            "weighted average     0.4000  0.5000  0.4000    1,200",
            "–: an undefined value counts as 0",
        ];
        assert_eq!(found, expect);
        let expect = "\
true \\ predicted  fruit  vegetable
fruit             1,000          0
vegetable           150         50";
        assert_eq!(confusion(&judgement()).join("\n"), expect);
        assert_eq!(summary(&judgement()), "accuracy 50.0 %, macro F1 0.3000, log loss 0.2500, 1,200 rows");
    }
}
