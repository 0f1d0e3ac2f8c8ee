//! Files of lines, which name the line that is wrong.

use crate::Error;
use std::path::Path;

/// The number of a line, from 1, and its fault.
pub(crate) type Fault = (usize, String);

/// Reads a file; `kind` says in an error what it should be.
pub(crate) fn read<T>(
    path: &Path,
    kind: &str,
    parse: impl FnOnce(&str) -> Result<T, Fault>,
) -> Result<T, Error> {
    let bytes = assort_files::read_plain(path).map_err(Error::file("read", path))?;
    let text = str::from_utf8(&bytes).map_err(|error| {
        let line = 1 + bytes.iter().take(error.valid_up_to()).filter(|byte| **byte == b'\n').count();
        (line, format!("expected UTF-8, found other bytes: no {kind} of this program"))
    });
    let fault = |(line, problem)| Error::ListFile { path: path.to_owned(), line, problem };
    text.and_then(parse).map_err(fault)
}
