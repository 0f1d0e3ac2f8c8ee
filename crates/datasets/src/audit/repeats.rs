use std::hash::{DefaultHasher, Hasher};

use rayon::prelude::*;
use serde::Serialize;

use crate::Dataset;

/// A text that occurs more than once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Duplicate {
    /// The text.
    pub text: String,
    /// Its source rows, ascending.
    pub rows: Vec<u64>,
}

/// The texts that occur more than once in a data set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Duplicates {
    /// Different texts that occur more than once.
    pub texts: u64,
    /// Rows that repeat an earlier one.
    pub rows: u64,
    /// The first of them.
    pub examples: Vec<Duplicate>,
}

/// A text that occurs under more than one label, or set of labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// The text.
    pub text: String,
    /// Its source rows, ascending, each with its label.
    pub rows: Vec<(u64, String)>,
}

/// The texts that occur under more than one label.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Conflicts {
    /// Different texts under more than one label.
    pub texts: u64,
    /// All their rows.
    pub rows: u64,
    /// The first of them.
    pub examples: Vec<Conflict>,
}

/// A text that two splits share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shared {
    /// The text.
    pub text: String,
    /// A source row in the first split.
    pub first_row: u64,
    /// A source row in the second split.
    pub second_row: u64,
}

/// The texts that two splits share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Leak {
    /// The name of the first split.
    pub first: String,
    /// The name of the second split.
    pub second: String,
    /// Different texts that are in both.
    pub texts: u64,
    /// Rows of the second split whose text is in the first.
    pub rows: u64,
    /// The first of them.
    pub examples: Vec<Shared>,
}

/// Indices of non-empty rows, ordered by a hash of their text, then by the text, then by index.
fn ordered(data: &Dataset) -> Vec<(u64, u32)> {
    let mut rows: Vec<(u64, u32)> = (0..data.len() as u32)
        .into_par_iter()
        .filter_map(|row| {
            let text = text(data, row);
            let mut hasher = DefaultHasher::new();
            hasher.write(text.as_bytes());
            (!text.is_empty()).then(|| (hasher.finish(), row))
        })
        .collect();
    // Texts are compared only where hashes agree.
    rows.par_sort_unstable_by(|a, b| {
        a.0.cmp(&b.0).then_with(|| text(data, a.1).cmp(text(data, b.1))).then(a.1.cmp(&b.1))
    });
    rows
}

fn text(data: &Dataset, row: u32) -> &str {
    data.text(row as usize).unwrap_or_default().trim()
}

fn source_row(data: &Dataset, row: u32) -> u64 {
    data.rows().get(row as usize).copied().unwrap_or_default()
}

/// Groups of rows with one text, ordered by their first row.
fn groups<'o>(data: &Dataset, ordered: &'o [(u64, u32)]) -> Vec<&'o [(u64, u32)]> {
    let mut groups: Vec<_> = ordered
        .chunk_by(|a, b| a.0 == b.0 && text(data, a.1) == text(data, b.1))
        .filter(|group| group.len() > 1)
        .collect();
    groups.sort_unstable_by_key(|group| group.first().map(|(_, row)| *row));
    groups
}

pub(super) fn within(data: &Dataset, examples: usize) -> (Duplicates, Conflicts) {
    let (mut duplicates, mut conflicts) = (Duplicates::default(), Conflicts::default());
    for group in groups(data, &ordered(data)) {
        let rows = || group.iter().map(|&(_, row)| row);
        let example = || rows().next().map(|row| text(data, row).to_owned()).unwrap_or_default();
        duplicates.texts += 1;
        duplicates.rows += group.len() as u64 - 1;
        if duplicates.examples.len() < examples {
            let rows = rows().map(|row| source_row(data, row)).collect();
            duplicates.examples.push(Duplicate { text: example(), rows });
        }
        let labels = |row: u32| data.labels_of(row as usize);
        let first = rows().next().unwrap_or_default();
        if rows().all(|row| labels(row).eq(labels(first))) {
            continue;
        }
        conflicts.texts += 1;
        conflicts.rows += group.len() as u64;
        if conflicts.examples.len() < examples {
            let labelled = |row| (source_row(data, row), data.label_text(row as usize));
            conflicts.examples.push(Conflict { text: example(), rows: rows().map(labelled).collect() });
        }
    }
    (duplicates, conflicts)
}

pub(super) fn between(splits: &[(&str, &Dataset)], examples: usize) -> Vec<Leak> {
    let ordered: Vec<Vec<(u64, u32)>> = splits.iter().map(|(_, data)| ordered(data)).collect();
    let mut leaks = Vec::new();
    for (second, (second_name, second_data)) in splits.iter().enumerate() {
        for (first, (first_name, first_data)) in splits.iter().enumerate().take(second) {
            let (Some(firsts), Some(seconds)) = (ordered.get(first), ordered.get(second)) else { continue };
            let mut shared = shared((first_data, firsts), (second_data, seconds));
            if shared.is_empty() {
                continue;
            }
            shared.sort_unstable_by_key(|&(_, row, _)| row);
            let example = |&(first_row, second_row, _): &(u32, u32, u64)| Shared {
                text: text(second_data, second_row).to_owned(),
                first_row: source_row(first_data, first_row),
                second_row: source_row(second_data, second_row),
            };
            leaks.push(Leak {
                first: (*first_name).to_owned(),
                second: (*second_name).to_owned(),
                texts: shared.len() as u64,
                rows: shared.iter().map(|(_, _, rows)| rows).sum(),
                examples: shared.iter().take(examples).map(example).collect(),
            });
        }
    }
    leaks
}

/// Texts in both: a row of the first, a row of the second, and how many rows of the second have it.
fn shared(first: (&Dataset, &[(u64, u32)]), second: (&Dataset, &[(u64, u32)])) -> Vec<(u32, u32, u64)> {
    let mut found = Vec::new();
    let mut firsts = first.1.iter().peekable();
    for group in second.1.chunk_by(|a, b| a.0 == b.0 && text(second.0, a.1) == text(second.0, b.1)) {
        let Some(&(hash, row)) = group.first() else { continue };
        let wanted = (hash, text(second.0, row));
        while firsts.next_if(|&&(hash, row)| (hash, text(first.0, row)) < wanted).is_some() {}
        if let Some(&&(hash, first_row)) = firsts.peek()
            && (hash, text(first.0, first_row)) == wanted
        {
            found.push((first_row, row, group.len() as u64));
        }
    }
    found
}
