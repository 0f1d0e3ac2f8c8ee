//! A folder with one folder for each label and in it one text file for each row.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::carried::{Carried, CellKind};
use crate::collect::Collector;
use crate::read::pieces::{Piece, whole_lines};
use crate::read::source;
use crate::request::Request;
use crate::{Error, Format, Note, Result};

/// Files that are read at a time, so that few of them are in memory twice.
const CHUNK: usize = 1024;

/// Names that a note tells.
const SHOWN: usize = 5;

/// The columns of a row, for those who carry them along.
const COLUMNS: [&str; 2] = ["label", "text"];

pub(crate) fn read<'r>(request: &'r Request<'r>, collector: &mut Collector<'r>) -> Result<()> {
    let root = request.path;
    if request.options.format.is_some_and(|format| format != Format::Folder) {
        return Err(Error::format(root, "it is a folder, not a file"));
    }
    collector.carried = Carried::of_text(request, &COLUMNS.map(String::from), CellKind::Strings)?;
    let Entries { wanted, mut passed } = entries(root, Path::is_dir)?;
    for folder in wanted {
        let label = folder.file_name().and_then(OsStr::to_str).ok_or_else(|| {
            Error::format(&folder, "the name of this folder is not UTF-8, and so is no label: rename it")
        })?;
        let files = entries(&folder, Path::is_file)?;
        for chunk in files.wanted.chunks(CHUNK) {
            let texts: Vec<Result<String>> = chunk.par_iter().map(|file| text(file)).collect();
            for text in texts {
                let text = text?;
                if collector.add([Some(text.as_str())], Some(label)) && !collector.carried.is_empty() {
                    let cell = |place| if place == 0 { label } else { &text };
                    collector.carried.push(|place| Some(cell(place).to_owned()));
                }
                collector.flush_full()?;
            }
        }
        passed.extend(files.passed);
    }
    if collector.report.rows == 0 {
        let problem =
            "it holds no folders with text files: give the folder that holds one folder for each label";
        return Err(Error::format(root, problem));
    }
    if !passed.is_empty() {
        let name = |path: &PathBuf| path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
        let names = passed.iter().take(SHOWN).map(name).collect();
        collector.note(Note::PassedOver { entries: passed.len() as u64, names });
    }
    Ok(())
}

/// The paths in a folder, sorted by name.
#[derive(Default)]
struct Entries {
    wanted: Vec<PathBuf>,
    /// Those of another kind, and hidden ones.
    passed: Vec<PathBuf>,
}

fn entries(folder: &Path, is_wanted: fn(&Path) -> bool) -> Result<Entries> {
    let fail = |error| Error::io("read", folder, error);
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        paths.push(entry.map_err(fail)?.path());
    }
    paths.sort_unstable();
    let is_hidden =
        |path: &Path| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    let (wanted, passed) = paths.into_iter().partition(|path| is_wanted(path) && !is_hidden(path));
    Ok(Entries { wanted, passed })
}

/// A file's text without byte-order mark and without its last line break.
fn text(path: &Path) -> Result<String> {
    let bytes = assort_files::read_plain(path).map_err(|error| Error::io("read", path, error))?;
    let bytes = source::unpacked(path, bytes)?.0;
    // Pages of the web are texts as good as others here.
    if let Some(problem) = source::foreign(&bytes).filter(|problem| *problem != source::WEB_PAGE) {
        return Err(Error::format(path, problem));
    }
    let piece = Piece::whole(path, &bytes, Format::Folder);
    let (text, _) = whole_lines(&piece)?;
    let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    Ok(text.to_owned())
}
