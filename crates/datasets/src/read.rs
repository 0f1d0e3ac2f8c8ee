//! The readers, one for each format.

mod delimited;
mod fasttext;
mod folder;
mod json_lines;
mod lines;
mod parquet;
mod pieces;
mod sniff;
mod source;

use std::path::Path;

use assort_files::{Bytes, free_memory};

use crate::collect::Collector;
use crate::request::{Need, Request};
use crate::{Block, Carry, Column, Dataset, Error, Format, ReadOptions, ReadReport, Result, UnlabelledTexts};
use pieces::Parser;
use sniff::Kind;

/// Reads a labelled corpus from a file, or from a folder with a folder for each label.
///
/// Rows without a label or without a text are counted in the report and left out, as are rows whose label is
/// not among `options.keep`. Labels are trimmed, texts stay as they are.
///
/// # Errors
/// Missing and empty files, unknown formats, broken UTF-8, ragged rows, columns in doubt, a text column of
/// numbers alone, and labels to keep that occur nowhere. See [`Error`].
pub fn read(path: impl AsRef<Path>, options: &ReadOptions) -> Result<(Dataset, ReadReport)> {
    let (data, _, report) = read_with_columns(path, options, &Carry::None)?;
    Ok((data, report))
}

/// [`read`] with the cells of other columns, one a row of the data set.
///
/// # Errors
/// As [`read`], and [`Error::NoColumn`] for a column that is not there.
pub fn read_with_columns(
    path: impl AsRef<Path>,
    options: &ReadOptions,
    carry: &Carry,
) -> Result<(Dataset, Vec<Column>, ReadReport)> {
    collect(&Request { path: path.as_ref(), options, need: Need::Labelled, carry })?.dataset()
}

/// Reads texts to predict: from every format of [`read`], and from plain files with one text a line.
///
/// Labels are carried along where a column is without doubt the label; `options.keep` does not matter.
///
/// # Errors
/// Those of [`read`], labels aside.
pub fn read_texts(path: impl AsRef<Path>, options: &ReadOptions) -> Result<(UnlabelledTexts, ReadReport)> {
    let request = Request { path: path.as_ref(), options, need: Need::Texts, carry: &Carry::None };
    collect(&request)?.unlabelled()
}

/// Reads texts to predict as [`read_texts`] does, and hands them on in blocks, in their order, while it
/// reads: the memory that it takes does not grow with the file. A file without rows is one block without
/// rows, and its error. `take` says whether it takes more.
///
/// JSON files that are one list, and packed Parquet files, are held as a whole.
///
/// # Errors
/// Those of [`read_texts`], when the blocks before are handed on; [`Error::NoColumn`] for a column to carry
/// along that is not there.
pub fn read_blocks(
    path: impl AsRef<Path>,
    options: &ReadOptions,
    carry: &Carry,
    take: impl FnMut(Block) -> bool,
) -> Result<ReadReport> {
    let request = Request { path: path.as_ref(), options, need: Need::Texts, carry };
    let mut collector = Collector::new(&request, Format::Lines);
    collector.hand_on(take);
    match blocks(&request, &mut collector) {
        Err(empty @ Error::HeaderOnly(_)) => {
            collector.flush()?;
            return Err(empty);
        }
        read => read?,
    }
    collector.handed_on()
}

fn blocks<'r>(request: &'r Request<'r>, collector: &mut Collector<'r>) -> Result<()> {
    let path = request.path;
    let metadata = std::fs::metadata(path).map_err(|error| Error::io("read", path, error))?;
    if metadata.is_dir() {
        collector.report.format = Format::Folder;
        return folder::read(request, collector);
    }
    let stream = source::stream(path)?;
    let kind = sniff::sniff(request, &stream.head)?;
    collector.report.format = kind.format;
    if kind.format == Format::Parquet {
        let room = match stream.is_packed || !metadata.is_file() {
            false => parquet::Room::open(path).map_err(|error| Error::io("read", path, error))?,
            true => parquet::Room::Memory(stream.into_bytes(path)?.into()),
        };
        return parquet::read(request, &room, collector);
    }
    let mut parser: Box<dyn Parser> = match kind.format {
        Format::Csv | Format::Tsv => Box::new(delimited::rows(request, kind, metadata.is_file())?),
        _ => parser(request, kind)?,
    };
    pieces::stream(request, stream, kind.format, parser.as_mut(), collector)
}

fn collect<'r>(request: &'r Request<'r>) -> Result<Collector<'r>> {
    let path = request.path;
    let metadata = std::fs::metadata(path).map_err(|error| Error::io("read", path, error))?;
    if metadata.is_dir() {
        let mut collector = Collector::new(request, Format::Folder);
        folder::read(request, &mut collector)?;
        return Ok(collector);
    }
    check_room(path, metadata.len(), free_memory)?;
    let source = source::open(path)?;
    let kind = sniff::sniff(request, &source)?;
    let mut bytes = source.bytes;
    match kind.format {
        Format::Parquet => {
            let mut collector = Collector::new(request, Format::Parquet);
            parquet::read(request, &parquet::Room::Memory(bytes.into()), &mut collector)?;
            Ok(collector)
        }
        Format::Csv | Format::Tsv => delimited::read(request, &bytes, kind),
        format => {
            if source::has_lone_returns(&bytes) {
                source::replace_lone_returns(&mut bytes, true);
            }
            pieces::whole(request, &bytes, format, parser(request, kind)?.as_mut())
        }
    }
}

/// What takes the records of a format whose records are lines.
fn parser(request: &Request<'_>, kind: Kind) -> Result<Box<dyn Parser>> {
    match kind.format {
        Format::Jsonl => Ok(Box::new(json_lines::JsonLines::new())),
        Format::FastText => Ok(Box::new(fasttext::FastText::new())),
        Format::Lines => Ok(Box::new(lines::Lines::new())),
        _ => Err(Error::format(request.path, "it is a file, not a folder")),
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
