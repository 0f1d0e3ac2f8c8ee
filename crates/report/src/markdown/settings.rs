//! The reference of all settings as a page.

use assort_settings::reference::{CHAPTERS, Topic};

use super::escape::{plain, table};
use crate::Result;

/// The tables of all settings, by chapters, below a head.
///
/// # Errors
/// If a default has no form in JSON.
pub fn settings(head: &str) -> Result<String> {
    let mut page = head.to_owned();
    for chapter in CHAPTERS {
        let lines = chapter.topics.iter().map(line).collect::<Result<Vec<_>>>()?;
        let columns = ["setting", "meaning", "values", "default", "change it"];
        page.push_str(&format!("\n## {}\n\n{}", chapter.title, table(&columns, &[], lines)));
    }
    Ok(page)
}

fn line(topic: &Topic) -> Result<Vec<String>> {
    let defaults = topic.listed_defaults()?;
    let told = defaults.iter().map(|(value, models)| format!("`{value}` ({models})"));
    let defaults = told.collect::<Vec<_>>().join("; ");
    Ok(vec![
        format!("`{}`", topic.key),
        plain(topic.meaning),
        plain(topic.values),
        defaults,
        plain(topic.when),
    ])
}
