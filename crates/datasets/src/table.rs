//! Writes tables.

use std::io::{self, Write};
use std::path::Path;

use assort_files::{AtomicFile, Existing, guarded};
use polars_core::prelude::{Column as Series, DataFrame, PolarsResult};
use polars_io::SerWriter;
use polars_io::prelude::{CsvWriter, ParquetWriter};
use serde_json::{Map, Value};

use crate::{Error, Result};

/// A column to write.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// The name in the header.
    pub name: String,
    /// One value a row.
    pub values: Values,
}

/// The values of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Strings.
    Strings(Vec<String>),
    /// Real numbers; those that are not finite are written as missing.
    Reals(Vec<f64>),
    /// Whole numbers.
    Counts(Vec<u64>),
}

impl Values {
    fn len(&self) -> usize {
        match self {
            Self::Strings(values) => values.len(),
            Self::Reals(values) => values.len(),
            Self::Counts(values) => values.len(),
        }
    }
}

impl Column {
    /// A column of strings.
    pub fn strings(name: impl Into<String>, values: Vec<String>) -> Self {
        Self { name: name.into(), values: Values::Strings(values) }
    }

    /// A column of real numbers.
    pub fn reals(name: impl Into<String>, values: Vec<f64>) -> Self {
        Self { name: name.into(), values: Values::Reals(values) }
    }

    /// A column of whole numbers.
    pub fn counts(name: impl Into<String>, values: Vec<u64>) -> Self {
        Self { name: name.into(), values: Values::Counts(values) }
    }
}

/// Writes columns of equal length as `.csv`, `.tsv`, `.jsonl` or `.parquet`, by the path's extension.
///
/// The file is written beside its place and renamed into it: nobody ever reads half of it.
///
/// # Errors
/// [`Error::Exists`], [`Error::Format`] for other extensions, [`Error::Length`], [`Error::DuplicateColumn`],
/// and what the operating system refuses.
pub fn write_table(path: impl AsRef<Path>, columns: &[Column], existing: Existing) -> Result<()> {
    let path = path.as_ref();
    let rows = columns.first().map_or(0, |column| column.values.len());
    for (index, column) in columns.iter().enumerate() {
        if column.values.len() != rows {
            let what = format!("column '{}'", column.name);
            return Err(Error::Length { what, expected: rows, found: column.values.len() });
        }
        if columns.iter().take(index).any(|earlier| earlier.name == column.name) {
            return Err(Error::DuplicateColumn { path: path.into(), name: column.name.clone() });
        }
    }
    let extension =
        path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_lowercase();
    let write: Writer = match extension.as_str() {
        "csv" => |file, columns, _| delimited(file, columns, b','),
        "tsv" => |file, columns, _| delimited(file, columns, b'\t'),
        "jsonl" | "ndjson" => json_lines,
        "parquet" => |file, columns, _| parquet(file, columns),
        _ => {
            let problem = "tables are written as .csv, .tsv, .jsonl or .parquet: choose one of these endings";
            return Err(Error::format(path, problem));
        }
    };
    if existing == Existing::Keep && path.symlink_metadata().is_ok() {
        return Err(Error::Exists(path.into()));
    }
    let write = |mut file: AtomicFile| {
        guarded(|| write(&mut file, columns, rows)).map_err(io::Error::other)??;
        file.commit()
    };
    AtomicFile::create(path).and_then(write).map_err(|error| Error::io("write", path, error))
}

/// Writes columns of so many rows.
type Writer = fn(&mut AtomicFile, &[Column], usize) -> io::Result<()>;

fn frame(columns: &[Column]) -> PolarsResult<DataFrame> {
    let series = columns.iter().map(|column| {
        let name = column.name.as_str().into();
        match &column.values {
            Values::Strings(values) => Series::new(name, values),
            Values::Reals(values) => {
                let finite = values.iter().map(|value| value.is_finite().then_some(*value));
                Series::new(name, finite.collect::<Vec<_>>())
            }
            Values::Counts(values) => Series::new(name, values),
        }
    });
    DataFrame::new_infer_height(series.collect())
}

fn delimited(file: &mut AtomicFile, columns: &[Column], separator: u8) -> io::Result<()> {
    let mut writer = CsvWriter::new(file).with_separator(separator);
    frame(columns).and_then(|mut frame| writer.finish(&mut frame)).map_err(io::Error::other)
}

fn parquet(file: &mut AtomicFile, columns: &[Column]) -> io::Result<()> {
    let write = |mut frame| ParquetWriter::new(file).finish(&mut frame);
    frame(columns).and_then(write).map_err(io::Error::other)?;
    Ok(())
}

fn json_lines(file: &mut AtomicFile, columns: &[Column], rows: usize) -> io::Result<()> {
    for row in 0..rows {
        let cells = columns.iter().map(|column| {
            let value = match &column.values {
                Values::Strings(values) => values.get(row).map(|value| Value::from(value.as_str())),
                Values::Reals(values) => values.get(row).map(|value| Value::from(*value)),
                Values::Counts(values) => values.get(row).map(|value| Value::from(*value)),
            };
            (column.name.clone(), value.unwrap_or_default())
        });
        serde_json::to_writer(&mut *file, &cells.collect::<Map<_, _>>())?;
        file.write_all(b"\n")?;
    }
    Ok(())
}
