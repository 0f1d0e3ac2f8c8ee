//! The readers, one for each format.

mod delimited;
mod fasttext;
mod folder;
mod json_lines;
mod parquet;
mod sniff;
mod source;

use std::path::Path;

use assort_files::{Bytes, free_memory};

use crate::collect::Collector;
use crate::request::{Need, Request};
use crate::{Dataset, Error, Format, ReadOptions, ReadReport, Result, UnlabelledTexts};

/// Reads a labelled corpus from a file, or from a folder with a folder for each label.
///
/// Rows without a label or without a text are counted in the report and left out, as are rows whose label is
/// not among `options.keep`. Labels are trimmed, texts stay as they are.
///
/// # Errors
/// Missing and empty files, unknown formats, broken UTF-8, ragged rows, columns in doubt, a text column of
/// numbers alone, and labels to keep that occur nowhere. See [`Error`].
pub fn read(path: impl AsRef<Path>, options: &ReadOptions) -> Result<(Dataset, ReadReport)> {
    let request = Request { path: path.as_ref(), options, need: Need::Labelled };
    collect(&request)?.dataset()
}

/// Reads texts to predict: from every format of [`read`], and from plain files with one text a line.
///
/// Labels are carried along where a column is without doubt the label; `options.keep` does not matter.
///
/// # Errors
/// Those of [`read`], labels aside.
pub fn read_texts(path: impl AsRef<Path>, options: &ReadOptions) -> Result<(UnlabelledTexts, ReadReport)> {
    let request = Request { path: path.as_ref(), options, need: Need::Texts };
    collect(&request)?.unlabelled()
}

fn collect<'r>(request: &'r Request<'r>) -> Result<Collector<'r>> {
    let path = request.path;
    let metadata = std::fs::metadata(path).map_err(|error| Error::io("read", path, error))?;
    if metadata.is_dir() {
        return folder::read(request);
    }
    check_room(path, metadata.len(), free_memory)?;
    let source = source::open(path)?;
    let kind = sniff::sniff(request, &source)?;
    let bytes = match kind.format {
        Format::Jsonl | Format::FastText | Format::Lines => source::with_line_feeds(source.bytes),
        _ => source.bytes,
    };
    match kind.format {
        Format::Parquet => parquet::read(request, bytes),
        Format::Csv | Format::Tsv => delimited::read(request, &bytes, kind),
        Format::Jsonl => json_lines::read(request, text(path, &bytes, kind.format)?),
        Format::FastText => fasttext::read(request, text(path, &bytes, kind.format)?),
        Format::Lines => lines(request, text(path, &bytes, kind.format)?),
        Format::Folder => Err(Error::format(path, "it is a file, not a folder")),
    }
}

/// Refuses a file that finds no room: beside its bytes there are its texts.
fn check_room(path: &Path, size: u64, free: fn() -> Option<u64>) -> Result<()> {
    /// Bytes of files too small to look for room.
    const SMALL: u64 = 1 << 24;
    let Some(free) = Some(size).filter(|size| *size > SMALL).and_then(|_| free()) else { return Ok(()) };
    let needed = size.saturating_mul(2);
    if needed <= free {
        return Ok(());
    }
    Err(Error::Memory { path: path.into(), size: Bytes(size), needed: Bytes(needed), free: Bytes(free) })
}

/// Plain lines without labels.
fn lines<'r>(request: &'r Request<'r>, text: &str) -> Result<Collector<'r>> {
    if request.need == Need::Labelled {
        let problem = "its lines have no labels: give a CSV, TSV, JSON Lines or Parquet file with columns, \
                       lines that begin with __label__NAME, or a folder with a folder for each label";
        return Err(Error::format(request.path, problem));
    }
    let mut collector = Collector::new(request, Format::Lines);
    // A blank line counts, so that a row has the number of its line.
    text.lines().for_each(|line| collector.add([Some(line)], None));
    Ok(collector)
}

/// The file as text without its byte-order mark, for formats whose records are lines.
fn text<'b>(path: &Path, bytes: &'b [u8], format: Format) -> Result<&'b str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let lines: Vec<&[u8]> = before.split(|&byte| byte == b'\n').collect();
            let counts_blank = matches!(format, Format::Lines | Format::Folder);
            let is_row = |line: &&[u8]| counts_blank || !line.trim_ascii().is_empty();
            let row = 1 + lines.iter().rev().skip(1).filter(|line| is_row(line)).count() as u64;
            let line = lines.len() as u64;
            Err(Error::Utf8 { path: path.into(), row, line, byte: before.len() as u64 })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_without_room_are_refused() {
        let told = |size| {
            let refused = check_room(Path::new("a.csv"), size, || Some(90_000_000));
            refused.err().map(|error| error.to_string())
        };
        assert_eq!([told(45_000_000), told(1_000)], [None, None]);
        let message = "a.csv holds 50 MB, and to read it takes 100 MB of memory, 90 MB can be had: give a \
                       part of it, or more memory";
        assert_eq!(told(50_000_000).as_deref(), Some(message));
        assert!(check_room(Path::new("a.csv"), u64::MAX, || Some(9)).is_err());
        assert!(check_room(Path::new("a.csv"), u64::MAX, || None).is_ok());
    }
}
