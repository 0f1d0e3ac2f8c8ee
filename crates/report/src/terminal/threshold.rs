//! A choice of thresholds as lines.

use super::table::{Lean, Table};
use crate::DecisionFigures;
use crate::numbers::{counted, decimal, figure, grouped, percent, range};
use crate::text::fitted;
use assort_metrics::Scale;

/// The most columns of a label's name.
const NAME: usize = 24;

/// What was chosen and what it brings; names of labels are cut on a terminal of this width.
pub fn lines(figures: &DecisionFigures, width: Option<usize>) -> Vec<String> {
    let mut lines = vec![format!("{}, on {}", figures.goal, counted(figures.rows, "row"))];
    if let Some(answered) = figures.answered {
        let threshold =
            answered.threshold.map_or(String::new(), |at| format!("from probability {} on: ", figure(at)));
        let interval = answered
            .interval
            .map_or(String::new(), |interval| format!(" (95 % interval {})", range(&interval, Scale::Share)));
        lines.push(format!("{threshold}{} of the rows are answered", percent(answered.coverage)));
        lines.push(format!("{} of the answers are right{interval}", percent(answered.accuracy)));
    }
    if let [Some(before), Some(after)] = figures.accuracy {
        lines.push(format!("accuracy of all rows {}, before {}", percent(after), percent(before)));
    }
    if let Some([before, after]) = figures.cost {
        lines.push(format!("mean cost of a row {}, before {}", figure(after), figure(before)));
    }
    if let Some(sets) = figures.sets {
        lines.push(format!("labels with probability {} or more make the set", figure(sets.least)));
        lines.push(format!(
            "sets hold the true label in {} here ({} promised), with {} labels in the mean, {} with one",
            percent(sets.held),
            percent(sets.promised),
            decimal(sets.mean_labels, 2),
            percent(sets.alone)
        ));
    }
    if !figures.labels.is_empty() {
        lines.push(String::new());
        lines.extend(table(figures, width));
    }
    lines
}

fn table(figures: &DecisionFigures, width: Option<usize>) -> Vec<String> {
    let is_weight = figures.labels.iter().any(|label| label.weight.is_some());
    let mut table = Table::new(&[
        ("", Lean::Left),
        (if is_weight { "weight" } else { "threshold" }, Lean::Right),
        ("precision", Lean::Right),
        ("recall", Lean::Right),
        ("F1", Lean::Right),
        ("answers", Lean::Right),
        ("", Lean::Left),
    ]);
    for label in &figures.labels {
        table.row([
            fitted(&label.label, width.map(|_| NAME)),
            figure(label.weight.or(label.threshold)),
            figure(label.precision),
            figure(label.recall),
            figure(label.f1),
            grouped(label.answers),
            if label.is_reached { String::new() } else { "the nearest, not kept".into() },
        ]);
    }
    table.lines()
}
