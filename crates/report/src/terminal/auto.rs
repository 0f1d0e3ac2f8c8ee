//! A search for the best model as a table.

use super::table::{Lean, Table};
use crate::AutoTable;
use crate::numbers::{four_digits, megabytes, scaled, seconds};
use crate::text::shortened;

/// The trials in their order; the chosen one is marked.
pub fn trials(table: &AutoTable) -> Vec<String> {
    let header = [
        ("trial", Lean::Left),
        (table.by.title, Lean::Right),
        ("size", Lean::Right),
        ("a text", Lean::Right),
        ("training", Lean::Right),
        ("", Lean::Left),
    ];
    let mut lines = Table::new(&header);
    for (at, trial) in table.trials.iter().enumerate() {
        let mark = match (table.chosen == Some(at), trial.fits, &trial.trial.failure) {
            (true, ..) if trial.trial.cut_short => "chosen, cut short".into(),
            (true, ..) => "chosen".into(),
            (_, _, Some(failure)) => shortened(failure, 60),
            (_, false, None) => "beyond a limit".into(),
            _ if trial.trial.cut_short => "cut short".into(),
            _ => String::new(),
        };
        lines.row([
            table.name(at),
            scaled(trial.trial.figure(table.by), table.by.scale),
            megabytes(trial.bytes),
            format!("{} ms", four_digits(trial.milliseconds)),
            seconds(trial.trial.seconds),
            mark,
        ]);
    }
    let mut lines = lines.lines();
    lines.extend(table.left_out.iter().map(|reason| format!("left out: {reason}")));
    lines
}
