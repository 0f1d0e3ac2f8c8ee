//! What a setting means, for people who look it up.

use assort_settings::reference::{CHAPTERS, Topic};

use super::table::{Lean, Table};
use super::wrap::wrapped;
use crate::Result;

/// A topic: its meaning, its values, its default for each model and when to change it, as titles with their
/// lines.
///
/// # Errors
/// If a default has no form in JSON.
pub fn topic(topic: &Topic, columns: usize) -> Result<Vec<(&'static str, Vec<String>)>> {
    let defaults = topic.listed_defaults()?;
    let lines =
        defaults.iter().flat_map(|(value, models)| wrapped(&format!("{value}  ({})", models), columns));
    Ok(vec![
        ("meaning", wrapped(topic.meaning, columns)),
        ("values", wrapped(topic.values, columns)),
        ("default", lines.collect()),
        ("change it", wrapped(topic.when, columns)),
    ])
}

/// Every setting that is wanted with its meaning, by chapters.
pub fn topics(columns: usize, is_wanted: impl Fn(&str) -> bool) -> Vec<(&'static str, Vec<String>)> {
    let widest = CHAPTERS.iter().flat_map(|chapter| chapter.topics).map(|topic| topic.key.len()).max();
    let room = columns.saturating_sub(widest.unwrap_or_default() + 2);
    let lines = |topics: &[Topic]| {
        let mut table = Table::plain(&[Lean::Left, Lean::Left]);
        for topic in topics.iter().filter(|topic| is_wanted(topic.key)) {
            let mut key = topic.key;
            for line in wrapped(topic.meaning, room) {
                table.row([format!("{key:<width$}", width = widest.unwrap_or_default()), line]);
                key = "";
            }
        }
        table.lines()
    };
    let chapters = CHAPTERS.iter().map(|chapter| (chapter.title, lines(chapter.topics)));
    chapters.filter(|(_, lines)| !lines.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use assort_settings::reference;

    #[test]
    fn a_topic_fits_its_columns() {
        let found = topic(reference::topic("filters").unwrap(), 40).unwrap();
        let expect = [
            ("meaning", vec!["The number of filters of each height."]),
            ("values", vec!["a whole number from 1 on"]),
            ("default", vec!["100  (cnn)"]),
            ("change it", vec!["Smaller for a smaller model."]),
        ];
        let found: Vec<(&str, Vec<&str>)> =
            found.iter().map(|(title, lines)| (*title, lines.iter().map(String::as_str).collect())).collect();
        assert_eq!(found, expect);
        assert_eq!(topics(60, |key| key == "filters").len(), 1);
        for chapter in topics(60, |_| true) {
            for line in chapter.1 {
                assert!(line.chars().count() <= 60, "{line}");
            }
        }
    }
}
