//! Roles of files and rows.

use serde::Serialize;

/// The role of a file or a set of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// To train on.
    Train,
    /// To choose by.
    Validation,
    /// To judge by.
    Test,
}

impl Role {
    /// The role as an adjective: training, validation or test.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "training",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }
}
