//! A folder with one folder for each label and in it one text file for each row.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::collect::Collector;
use crate::request::Request;
use crate::{Error, Format, Result};

/// Files that are read at a time, so that few of them are in memory twice.
const CHUNK: usize = 1024;

pub(crate) fn read<'r>(request: &'r Request<'r>) -> Result<Collector<'r>> {
    if request.options.format.is_some_and(|format| format != Format::Folder) {
        return Err(Error::format(request.path, "it is a folder, not a file"));
    }
    let mut collector = Collector::new(request, Format::Folder);
    for (label, folder) in entries(request.path, Kind::Folders)? {
        for chunk in entries(&folder, Kind::Files)?.chunks(CHUNK) {
            let texts: Vec<Result<String>> = chunk.par_iter().map(|(_, file)| text(file)).collect();
            for text in texts {
                collector.add([Some(text?.as_str())], Some(&label));
            }
        }
    }
    if collector.report.rows == 0 {
        let problem =
            "it holds no folders with text files: give the folder that holds one folder for each label";
        return Err(Error::format(request.path, problem));
    }
    Ok(collector)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Folders,
    Files,
}

/// Names and paths of the folders or files in a folder, sorted by name; hidden ones are left out.
fn entries(folder: &Path, kind: Kind) -> Result<Vec<(String, PathBuf)>> {
    let fail = |error| Error::io("read", folder, error);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else { continue };
        let wanted = match kind {
            Kind::Folders => path.is_dir(),
            Kind::Files => path.is_file(),
        };
        if wanted && !name.starts_with('.') {
            found.push((name, path));
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// A file's text without byte-order mark and without its last line break.
fn text(path: &Path) -> Result<String> {
    let bytes = assort_files::read_plain(path).map_err(|error| Error::io("read", path, error))?;
    let text = super::text(path, &bytes, Format::Folder)?;
    let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    Ok(text.to_owned())
}
