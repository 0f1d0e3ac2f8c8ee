//! One hyper-parameter as users write it.

use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The model's defaults.
    Default,
    /// A configuration file.
    File(PathBuf),
    /// A flag of the program, by its name.
    Flag(&'static str),
    /// What did best on rows that were not trained on.
    Chosen,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => path.display().fmt(f),
            Self::Flag(name) => write!(f, "--{name}"),
            Self::Chosen => f.write_str("chosen"),
        }
    }
}

/// One hyper-parameter.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Setting {
    /// Its key.
    pub key: String,
    /// Its value; null for none.
    pub value: Value,
    /// Where the value came from.
    pub source: Source,
}

/// A value as users write it.
pub fn word(value: &Value) -> String {
    match value {
        Value::String(word) => word.clone(),
        Value::Null => "none".into(),
        other => other.to_string(),
    }
}
