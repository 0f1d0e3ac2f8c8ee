//! A run as its reader wants it told.

use std::collections::BTreeMap;

use assort_datasets::Role;
use assort_settings::Setting;

use crate::{Evaluation, Metrics, Mistake};

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
    /// What else a reader must know before believing the figures, its remedy in words of the program in
    /// front.
    pub caution: Option<String>,
    /// Files by role: `train`, `validation`, `test`.
    pub files: BTreeMap<String, String>,
}
