//! The question that a reader answers.

use std::path::Path;

use crate::{Carry, ReadOptions};

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
    /// The columns that are kept beside text and label.
    pub carry: &'o Carry,
}
