//! Writes tables.

mod parquet;
mod values;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use assort_files::{AtomicFile, Existing, guarded};
use serde_json::Value;

use crate::columns::repeated;
use crate::{Error, Format, Result};

use parquet::ParquetWriter;
use values::Words;
pub use values::{Column, TableValues, Values};

/// Writes columns of equal length as `.csv`, `.tsv`, `.jsonl` or `.parquet`, by the path's extension.
///
/// The file is written beside its place and renamed into it: nobody ever reads half of it.
///
/// # Errors
/// As those of [`TableWriter`].
pub fn write_table(path: impl AsRef<Path>, columns: &[Column], existing: Existing) -> Result<()> {
    let mut writer = TableWriter::create(path, existing)?;
    writer.write(columns)?;
    writer.finish()
}

/// A table that grows by some rows at a time, and takes its place when all of them are there: nobody ever
/// reads half of it. Given up before, it leaves no trace.
pub struct TableWriter {
    path: PathBuf,
    names: Option<Vec<String>>,
    form: Form,
}

/// How rows are written, and where to.
enum Form {
    Delimited { file: Box<AtomicFile>, separator: char },
    JsonLines(Box<AtomicFile>),
    Parquet(Box<ParquetWriter>),
}

impl TableWriter {
    /// The formats that are written, by the extension that names them.
    pub const FORMATS: [Format; 4] = [Format::Csv, Format::Tsv, Format::Jsonl, Format::Parquet];

    /// The format that a path's extension names, if it is one that is written.
    pub fn format(path: &Path) -> Option<Format> {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        match extension.to_lowercase().as_str() {
            "csv" => Some(Format::Csv),
            "tsv" => Some(Format::Tsv),
            "jsonl" | "ndjson" => Some(Format::Jsonl),
            "parquet" => Some(Format::Parquet),
            _ => None,
        }
    }

    /// Begins a table in the format that the path's extension names.
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::Format`] for other extensions, and what the operating system refuses.
    pub fn create(path: impl AsRef<Path>, existing: Existing) -> Result<Self> {
        let path = path.as_ref();
        let Some(format) = Self::format(path) else {
            let problem = "tables are written as .csv, .tsv, .jsonl or .parquet: choose one of these endings";
            return Err(Error::format(path, problem));
        };
        if existing == Existing::Keep && path.symlink_metadata().is_ok() {
            return Err(Error::Exists(path.into()));
        }
        let file = Box::new(AtomicFile::create(path).map_err(|error| Error::io("write", path, error))?);
        let form = match format {
            Format::Jsonl => Form::JsonLines(file),
            Format::Parquet => Form::Parquet(Box::new(ParquetWriter::new(*file))),
            Format::Tsv => Form::Delimited { file, separator: '\t' },
            _ => Form::Delimited { file, separator: ',' },
        };
        Ok(Self { path: path.into(), names: None, form })
    }

    /// Writes columns of equal length below those before, whose names and types they have.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::DuplicateColumn`], and what the operating system refuses.
    pub fn write(&mut self, columns: &[Column]) -> Result<()> {
        let rows = columns.first().map_or(0, |column| column.values.len());
        for column in columns {
            if column.values.len() != rows {
                let what = format!("column '{}'", column.name);
                return Err(Error::Length { what, expected: rows, found: column.values.len() });
            }
        }
        let names = || columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>();
        let is_first = self.names.is_none();
        if is_first {
            if let Some(name) = repeated(columns.iter().map(|column| &column.name)).first() {
                return Err(Error::DuplicateColumn { path: self.path.clone(), name: (*name).clone() });
            }
            self.names = Some(names());
        } else if self.names.as_ref().is_some_and(|before| *before != names()) {
            let what = "the columns of a table that goes on".into();
            let expected = self.names.as_ref().map_or(0, Vec::len);
            return Err(Error::Length { what, expected, found: columns.len() });
        }
        let written = match &mut self.form {
            Form::Delimited { file, separator } => delimited(file, columns, rows, *separator, is_first),
            Form::JsonLines(file) => json_lines(file, columns, rows),
            Form::Parquet(writer) => {
                guarded(|| writer.write(columns, rows)).map_err(io::Error::other).flatten()
            }
        };
        written.map_err(|error| Error::io("write", &self.path, error))
    }

    /// Brings the table to the disk and gives it its place.
    ///
    /// # Errors
    /// What the operating system refuses.
    pub fn finish(self) -> Result<()> {
        let file = match self.form {
            Form::Delimited { file, .. } | Form::JsonLines(file) => Ok(*file),
            Form::Parquet(writer) => guarded(|| writer.finish()).map_err(io::Error::other).flatten(),
        };
        file.and_then(AtomicFile::commit).map_err(|error| Error::io("write", &self.path, error))
    }
}

/// Writes cells in quotes only where they need them, by RFC 4180.
fn delimited(
    file: &mut AtomicFile,
    columns: &[Column],
    rows: usize,
    separator: char,
    with_header: bool,
) -> io::Result<()> {
    let special = ['"', '\n', '\r', separator];
    let mut text = String::new();
    let push = |text: &mut String, cell: &str| match cell.is_empty() || cell.contains(special) {
        true => {
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        }
        false => text.push_str(cell),
    };
    if with_header {
        for (index, column) in columns.iter().enumerate() {
            if index > 0 {
                text.push(separator);
            }
            push(&mut text, &column.name);
        }
        text.push('\n');
    }
    let words: Vec<Words> = columns.iter().map(|column| column.values.words()).collect();
    for row in 0..rows {
        for (index, words) in words.iter().enumerate() {
            if index > 0 {
                text.push(separator);
            }
            if let Some(cell) = words.cell(row) {
                push(&mut text, &cell);
            }
        }
        text.push('\n');
    }
    file.write_all(text.as_bytes())
}

fn json_lines(file: &mut AtomicFile, columns: &[Column], rows: usize) -> io::Result<()> {
    let names: Vec<String> =
        columns.iter().map(|column| Value::from(column.name.as_str()).to_string()).collect();
    let words: Vec<Words> = columns.iter().map(|column| column.values.words()).collect();
    let mut text = Vec::new();
    for row in 0..rows {
        for (index, (name, words)) in names.iter().zip(&words).enumerate() {
            text.extend_from_slice(if index == 0 { b"{" } else { b"," });
            text.extend_from_slice(name.as_bytes());
            text.push(b':');
            words.json(row, &mut text)?;
        }
        text.extend_from_slice(if columns.is_empty() { b"{}\n" } else { b"}\n" });
    }
    file.write_all(&text)
}
