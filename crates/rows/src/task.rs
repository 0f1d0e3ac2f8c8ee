//! How many labels a row has.

use serde::{Deserialize, Serialize};

/// Question that a classifier answers: it decides link, loss, decision and figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Each row has exactly one label.
    #[default]
    OneOf,
    /// Each row has any number of labels, none too.
    AnyOf,
}
