//! Files of a model folder.

use std::path::Path;

use crate::{Error, Result};

/// Writes a file beside its place and renames it into it.
///
/// # Errors
/// If the place cannot be written; the error names it.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    assort_files::write(path, bytes).map_err(|e| Error::io(path, e))
}
