//! A run as its reader wants it told.

use std::collections::BTreeMap;

use assort_datasets::Role;
use assort_settings::Setting;

use crate::{Evaluation, Metrics, Mistake, StrongestNgrams};

/// Everything that the report of a run shows, as a page, a model card and pictures. Same values, same bytes.
pub struct Report<'r> {
    /// A name for the run: the folder's.
    pub title: String,
    /// The figures.
    pub metrics: &'r Metrics,
    /// Which rows `evaluation` is of: test rows where there are some, else the validation rows.
    pub role: Role,
    /// The figures of these rows.
    pub evaluation: &'r Evaluation,
    /// Each label with its training, validation and test rows.
    pub label_rows: &'r [(String, [usize; 3])],
    /// The hyper-parameters with their sources.
    pub settings: &'r [Setting],
    /// The most confident mistakes among the evaluated rows.
    pub mistakes: &'r [Mistake],
    /// What the run suggests to do next, with remedies in words of the program in front.
    pub hints: &'r [String],
    /// What speaks most for each label, of a linear model on n-grams.
    pub strongest: &'r [StrongestNgrams],
    /// Files by role: `train`, `validation`, `test`.
    pub files: BTreeMap<String, String>,
}
