//! The question that a reader answers.

use std::path::Path;

use crate::ReadOptions;

/// Whether rows must have labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Labelled,
    Texts,
}

/// A file or folder, how to read it, and what its rows must have.
pub(crate) struct Request<'o> {
    pub path: &'o Path,
    pub options: &'o ReadOptions,
    pub need: Need,
}
