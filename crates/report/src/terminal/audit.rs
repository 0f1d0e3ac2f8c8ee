//! The content of a corpus, as text.

use assort_datasets::{Audit, Dataset, Leak, Lengths};

use super::bars;
use super::block::{MARGIN, WIDTH, block};
use super::table::{Lean, Table};
use crate::numbers::{counted, grouped, percent};
use crate::text::{fitted, shortened};

/// The columns of a label's name.
const NAME: usize = 30;

/// The first rows that are shown.
const FIRST_ROWS: usize = 5;

/// Whether lengths are drawn here or in pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bars {
    /// As bars of characters.
    Text,
    /// In files.
    Pictures,
}

/// First rows, labels, lengths and repeats of one data set. Labels are cut where there is a terminal, which
/// has so many columns; texts are cut in any case.
pub fn blocks(data: &Dataset, audit: &Audit, bars: Bars, width: Option<usize>) -> String {
    let room = width.unwrap_or(WIDTH).saturating_sub(MARGIN);
    let name = |label: &str| fitted(label, width.map(|_| NAME));
    let mut text = block("first rows", &first_rows(data, room));
    let labels: Vec<(String, u64)> =
        audit.labels.iter().map(|count| (name(&count.label), count.rows)).collect();
    text.push_str(&block("labels", &bars::counts(&labels, room)));
    text.push_str(&block("lengths", &lengths(audit)));
    if bars == Bars::Text {
        text.push_str(&block("tokens", &histogram(audit, room)));
    }
    text.push_str(&block("repeats", &duplicates(audit, room)));
    text.push_str(&block("conflicts", &conflicts(audit, room)));
    text
}

fn first_rows(data: &Dataset, room: usize) -> Vec<String> {
    let mut table = Table::plain(&[Lean::Right, Lean::Left, Lean::Left]);
    for row in 0..data.len().min(FIRST_ROWS) {
        let number = data.rows().get(row).copied().unwrap_or_default();
        let label = shortened(&data.label_text(row), 20);
        table.row([number.to_string(), label, shortened(data.text(row).unwrap_or_default(), room)]);
    }
    table.lines().iter().map(|line| shortened_line(line, room)).collect()
}

/// A line as it is laid out, cut to the room.
fn shortened_line(line: &str, room: usize) -> String {
    console::truncate_str(line, room, "…").into_owned()
}

fn lengths(audit: &Audit) -> Vec<String> {
    let names = ["", "mean", "shortest", "50 %", "90 %", "95 %", "99 %", "longest"];
    let header: Vec<(&str, Lean)> = names
        .into_iter()
        .map(|name| (name, if name.is_empty() { Lean::Left } else { Lean::Right }))
        .collect();
    let mut table = Table::new(&header);
    let mut add = |name: &str, lengths: &Option<Lengths>| {
        let Some(lengths) = lengths else { return };
        let Lengths { mean, shortest, p50, p90, p95, p99, longest } = lengths;
        let counts = [shortest, p50, p90, p95, p99, longest].map(|count| grouped(*count));
        table.row([name.to_owned(), format!("{mean:.1}")].into_iter().chain(counts));
    };
    add("tokens", &audit.tokens);
    add("characters", &audit.characters);
    let mut lines = table.lines();
    lines.push("tokens are words and marks, as they are cut by default; sub-words are more".into());
    lines.push("half of the texts are no longer than at 50 %".into());
    lines.extend(audit.longest.as_ref().map(|advice| {
        format!("advice: --set longest={} would cut {} of the texts", advice.tokens, percent(advice.cut))
    }));
    lines
}

fn histogram(audit: &Audit, room: usize) -> Vec<String> {
    let tokens: Vec<u64> = audit.token_counts.iter().map(|count| u64::from(*count)).collect();
    let end = audit.tokens.as_ref().map_or(0, |lengths| u64::from(lengths.p99));
    bars::counts(&bars::bins(&tokens, end, 12), room)
}

fn duplicates(audit: &Audit, room: usize) -> Vec<String> {
    let found = &audit.duplicates;
    if found.texts == 0 {
        return vec!["no text occurs twice".into()];
    }
    let head = format!("{} more than once; {} an earlier one", occurs(found.texts), repeat(found.rows));
    let example = |duplicate: &assort_datasets::Duplicate| {
        let mut rows: Vec<String> = duplicate.rows.iter().take(4).map(u64::to_string).collect();
        if duplicate.rows.len() > rows.len() {
            rows.push("…".into());
        }
        shortened_line(&format!("  rows {}: {}", rows.join(", "), shortened(&duplicate.text, room)), room)
    };
    std::iter::once(head).chain(found.examples.iter().map(example)).collect()
}

fn conflicts(audit: &Audit, room: usize) -> Vec<String> {
    let found = &audit.conflicts;
    if found.texts == 0 {
        return vec!["no text stands under two labels".into()];
    }
    let head = format!(
        "{} under more than one label, in {}",
        if found.texts == 1 {
            "1 text stands".into()
        } else {
            format!("{} texts stand", grouped(found.texts))
        },
        counted(found.rows, "row")
    );
    let example = |conflict: &assort_datasets::Conflict| {
        let mut rows: Vec<String> = conflict
            .rows
            .iter()
            .take(3)
            .map(|(row, label)| format!("{row} {}", shortened(label, 20)))
            .collect();
        if conflict.rows.len() > rows.len() {
            rows.push("…".into());
        }
        shortened_line(&format!("  rows {}: {}", rows.join(", "), shortened(&conflict.text, room)), room)
    };
    std::iter::once(head).chain(found.examples.iter().map(example)).collect()
}

fn occurs(texts: u64) -> String {
    if texts == 1 { "1 text occurs".into() } else { format!("{} texts occur", grouped(texts)) }
}

fn repeat(rows: u64) -> String {
    if rows == 1 { "1 row repeats".into() } else { format!("{} rows repeat", grouped(rows)) }
}

/// Texts that splits share.
pub fn shared(leaks: &[Leak], width: Option<usize>) -> String {
    if leaks.is_empty() {
        return block("shared", &["no text is in two of them".into()]);
    }
    let room = width.unwrap_or(WIDTH).saturating_sub(MARGIN);
    let mut lines = Vec::new();
    for leak in leaks {
        let Leak { first, second, texts, rows, examples } = leak;
        let rows = counted(*rows, "row");
        lines.push(format!("{first} and {second} share {}: {rows} of {second}", counted(*texts, "text")));
        lines.extend(examples.iter().map(|example| {
            let places = format!("rows {} and {}", example.first_row, example.second_row);
            shortened_line(&format!("  {places}: {}", shortened(&example.text, room)), room)
        }));
    }
    block("shared", &lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use assort_datasets::{AuditOptions, leaks};

    fn data() -> Dataset {
        let pairs = [("ripe plum", "fruit"), ("ripe plum", "vegetable"), ("raw leek", "vegetable")];
        Dataset::from_pairs(pairs, "kitchen")
    }

    #[test]
    fn all_findings_are_told() {
        let data = data();
        let found = blocks(&data, &Audit::of(&data, &AuditOptions::default()), Bars::Text, Some(60));
        for words in [
            "1  fruit      ripe plum",
            "vegetable  2  66.7 %",
            "tokens       2.0         2",
            "advice: --set longest=8 would cut 0.0 % of the texts",
            "1 text occurs more than once; 1 row repeats an earlier one",
            "rows 1, 2: ripe plum",
            "1 text stands under more than one label, in 2 rows",
            "rows 1 fruit, 2 vegetable: ripe plum",
        ] {
            assert!(found.contains(words), "{words}: {found}");
        }
        assert!(found.lines().all(|line| console::measure_text_width(line) <= 95), "{found}");
    }

    #[test]
    fn shared_texts_are_told() {
        let data = data();
        let found = shared(&leaks(&[("a", &data), ("b", &data)], &AuditOptions::default()), Some(80));
        assert!(found.contains("a and b share 2 texts: 3 rows of b"), "{found}");
        assert!(shared(&[], None).contains("no text is in two of them"));
    }
}
