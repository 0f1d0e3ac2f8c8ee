//! Rows that have something in common.

use assort_metrics::Interval;
use serde::{Deserialize, Serialize};

/// Rows that have something in common, and how good a model is on them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slice {
    /// What they have in common: a column's name, or the length of their texts.
    pub of: String,
    /// Which value of it.
    pub value: String,
    /// The rows.
    pub rows: usize,
    /// The share of right rows, where a row has any number of labels in all of them.
    pub accuracy: f64,
    /// Wilson's interval at 95 % of the accuracy.
    pub interval: Option<Interval>,
    /// How probable so large a difference from the other rows would be by chance (Fisher's exact test), all
    /// slices looked at together (Holm).
    pub p_value: f64,
}
