//! The settings, as users write them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{InputKind, Recipe, TrainingKind};

/// Where the rules of a model come from.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RulesConfig {
    /// The TOML file with the rules. There is no default: rules are written for their labels.
    pub rules: Option<PathBuf>,
}

impl RulesConfig {
    /// The settings that suit it: the general ones.
    pub(crate) fn recipe() -> Recipe {
        Recipe::new(InputKind::Texts, TrainingKind::Written, json!({}))
    }
}

/// Who wins among labels of equal score.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ties {
    /// The one that comes first in the file.
    #[default]
    First,
    /// The default label, be it among them or not.
    Default,
}

/// Whether letters match those of the other case.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Case {
    /// `sick` matches `Sick`.
    #[default]
    Insensitive,
    /// It does not.
    Sensitive,
}
