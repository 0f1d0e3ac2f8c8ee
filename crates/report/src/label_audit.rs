//! What an audit of labels finds.

use assort_datasets::{Column, Leak};
use serde::Serialize;

/// What an audit of labels finds.
#[derive(Clone, Debug, Serialize)]
pub struct LabelAudit {
    /// The rows.
    pub rows: usize,
    /// The model whose probabilities were asked, and the number of trainings that left each row out once.
    pub model: String,
    /// See `model`.
    pub folds: usize,
    /// The share of rows whose label the models gave, not having seen it.
    pub accuracy: Option<f64>,
    /// About how many labels are wrong.
    pub estimate: f64,
    /// Rows whose label is probably wrong, the most probable errors first.
    pub suspects: Vec<Suspect>,
    /// The names of the labels.
    pub labels: Vec<String>,
    /// Rows that carry a label and count for another, (K, K).
    pub joint: Vec<Vec<u64>>,
    /// Groups of rows that are nearly the same text and carry different labels.
    pub conflicts: Vec<NearGroup>,
    /// Groups of rows that are nearly the same text, with whatever labels.
    pub near_groups: usize,
    /// Rows in these groups but one of each: what could be left away.
    pub near_rows: usize,
    /// Texts that the files share.
    pub leaks: Vec<Leak>,
}

/// A row whose label is probably wrong.
#[derive(Clone, Debug, Serialize)]
pub struct Suspect {
    /// The row in its file.
    pub row: u64,
    /// Its text.
    pub text: String,
    /// The label that it carries.
    pub label: String,
    /// The label's probability.
    pub label_probability: f64,
    /// The label that it probably has.
    pub likely: String,
    /// That one's probability.
    pub likely_probability: f64,
}

/// Rows that are nearly the same text.
#[derive(Clone, Debug, Serialize)]
pub struct NearGroup {
    /// The text of the first.
    pub text: String,
    /// The rows in their file, each with its label.
    pub rows: Vec<(u64, String)>,
}

impl LabelAudit {
    /// The findings as a table to work through: suspects first, then rows of conflicting groups.
    pub fn columns(&self) -> Vec<Column> {
        let other = |group: &NearGroup, row: u64| {
            let others = group.rows.iter().filter(|(other, _)| *other != row);
            others.map(|(other, label)| format!("{other}: {label}")).collect::<Vec<_>>().join("; ")
        };
        let near = || self.conflicts.iter().flat_map(|group| group.rows.iter().map(move |row| (group, row)));
        let all = |of_suspect: fn(&Suspect) -> String,
                   of_near: &dyn Fn(&NearGroup, &(u64, String)) -> String| {
            let suspects = self.suspects.iter().map(of_suspect);
            suspects.chain(near().map(|(group, row)| of_near(group, row))).collect::<Vec<_>>()
        };
        let rows = self.suspects.iter().map(|suspect| suspect.row).chain(near().map(|(_, row)| row.0));
        let number = |of: fn(&Suspect) -> f64| {
            let none = near().map(|_| f64::NAN);
            self.suspects.iter().map(of).chain(none).collect::<Vec<_>>()
        };
        vec![
            Column::counts("row", rows.collect()),
            Column::strings(
                "finding",
                all(|_| "label".into(), &|_, _| "nearly the same text with another label".into()),
            ),
            Column::strings("label", all(|suspect| suspect.label.clone(), &|_, row| row.1.clone())),
            Column::strings(
                "likely",
                all(|suspect| suspect.likely.clone(), &|group, row| other(group, row.0)),
            ),
            Column::reals("label_probability", number(|suspect| suspect.label_probability)),
            Column::reals("likely_probability", number(|suspect| suspect.likely_probability)),
            Column::strings("text", all(|suspect| suspect.text.clone(), &|group, _| group.text.clone())),
        ]
    }

    /// Pairs of labels, what rows carry and what they probably have, by their number of suspects.
    pub fn pairs(&self) -> Vec<(&str, &str, usize)> {
        let mut counts = std::collections::BTreeMap::new();
        for suspect in &self.suspects {
            *counts.entry((suspect.label.as_str(), suspect.likely.as_str())).or_insert(0) += 1;
        }
        let mut pairs: Vec<_> =
            counts.into_iter().map(|((label, likely), rows)| (label, likely, rows)).collect();
        pairs.sort_by_key(|(.., rows)| std::cmp::Reverse(*rows));
        pairs
    }
}
