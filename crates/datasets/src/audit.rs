//! Figures of a corpus, and findings in it that should give pause.

mod lengths;
mod near;
mod repeats;

pub use lengths::{LengthAdvice, Lengths};
pub use near::{NearDuplicates, near_duplicates};
pub use repeats::{Conflict, Conflicts, Duplicate, Duplicates, Leak, Shared};

use serde::Serialize;

use crate::Dataset;
use lengths::Measured;

/// Settings of an audit.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditOptions {
    /// The share of texts that the advised longest length leaves whole.
    pub whole: f64,
    /// How many examples of a finding are kept.
    pub examples: usize,
}

impl Default for AuditOptions {
    fn default() -> Self {
        Self { whole: 0.95, examples: 5 }
    }
}

/// Rows of one label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelCount {
    /// The label's name.
    pub label: String,
    /// Its rows.
    pub rows: u64,
    /// Its share of all rows; `None` if there are no rows.
    pub share: Option<f64>,
}

/// Figures and findings of one data set.
///
/// Texts count as equal if they are so without white space at their ends; empty texts are not compared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Audit {
    /// Rows.
    pub rows: u64,
    /// Rows of each label, in the order of the labels.
    pub labels: Vec<LabelCount>,
    /// Unicode characters a text; `None` if there are no rows.
    pub characters: Option<Lengths>,
    /// Tokens a text; `None` if there are no rows.
    pub tokens: Option<Lengths>,
    /// The same, text by text.
    #[serde(skip)]
    pub token_counts: Vec<u32>,
    /// The longest length in tokens that suits the texts; `None` if there are no rows.
    pub longest: Option<LengthAdvice>,
    /// Texts that are empty or white space alone.
    pub empty: u64,
    /// Texts that occur more than once.
    pub duplicates: Duplicates,
    /// Texts that occur under more than one label.
    pub conflicts: Conflicts,
}

impl Audit {
    /// Audits one data set, in parallel; the result does not depend on the number of threads. Tokens are
    /// parted by white space.
    ///
    /// ```
    /// use assort_datasets::{Audit, AuditOptions, Dataset};
    /// let data = Dataset::from_pairs([("same", "a"), ("same", "b"), ("two words", "a")], "memory");
    /// let audit = Audit::of(&data, &AuditOptions::default());
    /// assert_eq!((audit.duplicates.rows, audit.conflicts.texts), (1, 1));
    /// assert_eq!(audit.tokens.unwrap().longest, 2);
    /// ```
    pub fn of(data: &Dataset, options: &AuditOptions) -> Self {
        Self::with_tokens(data, options, lengths::words)
    }

    /// [`Audit::of`] with the tokens of a text counted by somebody who knows what a model reads.
    pub fn with_tokens(data: &Dataset, options: &AuditOptions, tokens: impl Fn(&str) -> u32 + Sync) -> Self {
        let rows = data.len() as u64;
        let counts = data.counts();
        let labels = (data.names().iter().zip(&counts)).map(|((_, name), &count)| LabelCount {
            label: name.to_owned(),
            rows: count,
            share: (rows > 0).then(|| count as f64 / rows as f64),
        });
        let Measured { characters, tokens, ascending } = lengths::measure(data.texts(), tokens);
        let (duplicates, conflicts) = repeats::within(data, options.examples);
        Self {
            rows,
            labels: labels.collect(),
            empty: data.texts().iter().filter(|text| text.trim().is_empty()).count() as u64,
            characters: Lengths::of(&characters),
            longest: LengthAdvice::of(&ascending, options.whole),
            tokens: Lengths::of(&ascending),
            token_counts: tokens,
            duplicates,
            conflicts,
        }
    }
}

/// Texts that two of these named splits share: a model judged on them is judged on texts that it has seen.
///
/// One entry for each pair of splits that shares a text, in the order of the splits.
pub fn leaks(splits: &[(&str, &Dataset)], options: &AuditOptions) -> Vec<Leak> {
    repeats::between(splits, options.examples)
}
