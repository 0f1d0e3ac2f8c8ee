//! How much each label counts in a loss.

use serde::{Deserialize, Serialize};

/// How much each label counts in the loss of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClassWeights {
    /// All the same: every row counts once.
    Equal,
    /// Each label as much as any other: a row counts `rows / (labels · rows of its label)`, as scikit-learn's
    /// `balanced`; where each label is told from all others, each of these problems balances its two sides.
    /// Where rows have any number of labels a label's presence weighs `rows without it / rows with it`, its
    /// absence 1, as PyTorch's `pos_weight`.
    Balanced,
}
