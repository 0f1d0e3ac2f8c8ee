//! Choices and omissions of a reader.

use std::path::Path;

use assort_datasets::{Choice, ChosenColumn, ReadReport};

use crate::numbers::{counted, grouped};

/// Who named a column, if anybody did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The user may, with this flag.
    Flag(&'static str),
    /// The model's training.
    Training,
}

/// Who named the columns of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Naming {
    /// The text column.
    pub text: By,
    /// The label column.
    pub label: By,
}

/// The report as lines.
pub fn lines(path: &Path, report: &ReadReport, seconds: Option<f64>, naming: Naming) -> Vec<String> {
    let time = seconds.map(|seconds| format!(", {}", crate::numbers::seconds(seconds))).unwrap_or_default();
    let rows = match report.kept == report.rows {
        true => counted(report.rows, "row"),
        false => format!("{} of {}", grouped(report.kept), counted(report.rows, "row")),
    };
    let mut lines = vec![format!("{}: {rows} ({}{time})", path.display(), report.format)];
    let columns = [("text", &report.text, naming.text), ("label", &report.label, naming.label)];
    lines.extend(columns.iter().filter_map(|(role, column, by)| {
        let column = column.as_ref()?;
        Some(format!("{role} column: {} ({})", column.name, reason(column, *by)))
    }));
    let rows = |number: u64, what: &str| (number > 0).then(|| format!("{} {what}", counted(number, "row")));
    let incomplete: Vec<String> =
        [rows(report.without_label, "without a label"), rows(report.without_text, "without a text")]
            .into_iter()
            .flatten()
            .collect();
    let sets: Vec<String> =
        [rows(report.several, "with several labels"), rows(report.without_any, "with none")]
            .into_iter()
            .flatten()
            .collect();
    if !sets.is_empty() {
        lines.push(format!("any number of labels a row: {}", sets.join(", ")));
    }
    let mut left_out = Vec::new();
    if !incomplete.is_empty() {
        left_out.push(format!("{}{}", incomplete.join(", "), row_numbers(report)));
    }
    left_out.extend(rows(report.not_kept, "with labels not kept"));
    left_out.extend(rows(report.rare, "with rare labels"));
    if !left_out.is_empty() {
        lines.push(format!("left out: {}", left_out.join(", ")));
    }
    lines.extend(report.notes.iter().map(|note| format!("note: {note}")));
    lines
}

/// The first rows without label or text: ` (rows 3, 8, …)`.
fn row_numbers(report: &ReadReport) -> String {
    let numbers: Vec<String> = report.incomplete_rows.iter().map(u64::to_string).collect();
    let incomplete = report.without_label + report.without_text;
    let noun = if incomplete == 1 { "row" } else { "rows" };
    let more = if incomplete > numbers.len() as u64 { ", …" } else { "" };
    if numbers.is_empty() { String::new() } else { format!(" ({noun} {}{more})", numbers.join(", ")) }
}

fn reason(column: &ChosenColumn, by: By) -> String {
    match (column.choice, by) {
        (Choice::Named, By::Flag(flag)) => format!("by {flag}"),
        (Choice::Named, By::Training) => "as in training".into(),
        (Choice::Guessed, By::Flag(flag)) => format!("guessed; {flag} names another"),
        (Choice::Inferred, By::Flag(flag)) => format!("the only column left; {flag} names another"),
        (Choice::Guessed, By::Training) => "guessed".into(),
        (Choice::Inferred, By::Training) => "the only column left".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assort_datasets::Format;

    fn report(without_label: u64, not_kept: u64, incomplete_rows: &[u64]) -> ReadReport {
        let column = |name: &str, choice| Some(ChosenColumn { name: name.into(), choice });
        ReadReport {
            format: Format::Csv,
            columns: Vec::new(),
            text: column("content", Choice::Guessed),
            label: column("sentiment", Choice::Named),
            rows: 40_000,
            kept: 40_000 - without_label - not_kept,
            without_label,
            without_text: 0,
            not_kept,
            rare: 0,
            several: 0,
            without_any: 0,
            incomplete_rows: incomplete_rows.to_vec(),
            labels: Vec::new(),
            notes: Vec::new(),
        }
    }

    const LABELLED: Naming = Naming { text: By::Flag("--text"), label: By::Flag("--label") };

    fn check(report: &ReadReport, naming: Naming, expect: &str) {
        assert_eq!(lines(Path::new("a.csv"), report, Some(0.5), naming).join("|"), expect);
    }

    #[test]
    fn columns_and_what_is_left_out() {
        let columns =
            "text column: content (guessed; --text names another)|label column: sentiment (by --label)";
        let whole = format!("a.csv: 40,000 rows (csv, 0.50 s)|{columns}");
        check(&report(0, 0, &[]), LABELLED, &whole);
        let one = format!(
            "a.csv: 22,306 of 40,000 rows (csv, 0.50 s)|{columns}|\
             left out: 1 row without a label (row 5), 17,693 rows with labels not kept"
        );
        check(&report(1, 17_693, &[5]), LABELLED, &one);
        let kept = format!(
            "a.csv: 39,999 of 40,000 rows (csv, 0.50 s)|{columns}|left out: 1 row with labels not kept"
        );
        check(&report(0, 1, &[]), LABELLED, &kept);
        let many = "a.csv: 39,993 of 40,000 rows (csv, 0.50 s)|text column: content (guessed)|\
                    label column: sentiment (as in training)|left out: 7 rows without a label (rows 1, 2, …)";
        check(&report(7, 0, &[1, 2]), Naming { text: By::Training, label: By::Training }, many);
    }
}
