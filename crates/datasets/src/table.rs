//! Writes tables.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use assort_files::{AtomicFile, Existing, guarded};
use polars_arrow::array::{Array, PrimitiveArray, Utf8ViewArray};
use polars_arrow::datatypes::{ArrowSchema, Field};
use polars_arrow::record_batch::RecordBatchT;
use polars_parquet::write::{
    CompressionOptions, Encoding, FileWriter, StatisticsOptions, Version, WriteOptions, row_group_iter,
};
use serde_json::{Map, Value};

use crate::columns::repeated;
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

    /// The value of a row; what is missing or not finite is null.
    fn json(&self, row: usize) -> Value {
        match self {
            Self::Strings(values) => values.get(row).map(|value| Value::from(value.as_str())),
            Self::Reals(values) => values.get(row).map(|value| Value::from(*value)),
            Self::Counts(values) => values.get(row).map(|value| Value::from(*value)),
        }
        .unwrap_or_default()
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
    for column in columns {
        if column.values.len() != rows {
            let what = format!("column '{}'", column.name);
            return Err(Error::Length { what, expected: rows, found: column.values.len() });
        }
    }
    if let Some(name) = repeated(columns.iter().map(|column| &column.name)).first() {
        return Err(Error::DuplicateColumn { path: path.into(), name: (*name).clone() });
    }
    let extension =
        path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_lowercase();
    let write: Writer = match extension.as_str() {
        "csv" => |file, columns, rows| delimited(file, columns, rows, b','),
        "tsv" => |file, columns, rows| delimited(file, columns, rows, b'\t'),
        "jsonl" | "ndjson" => json_lines,
        "parquet" => parquet,
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

/// Writes cells in quotes only where they need them, by RFC 4180.
fn delimited(file: &mut AtomicFile, columns: &[Column], rows: usize, separator: u8) -> io::Result<()> {
    let special = ['"', '\n', '\r', char::from(separator)];
    let text = |text: &str| match text.is_empty() || text.contains(special) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    };
    let line = |cells: Vec<String>| cells.join(char::from(separator).encode_utf8(&mut [0; 4])) + "\n";
    let mut file = io::BufWriter::new(file);
    file.write_all(line(columns.iter().map(|column| text(&column.name)).collect()).as_bytes())?;
    for row in 0..rows {
        let cells = columns.iter().map(|column| match column.values.json(row) {
            Value::String(value) => text(&value),
            Value::Null => String::new(),
            number => number.to_string(),
        });
        file.write_all(line(cells.collect()).as_bytes())?;
    }
    file.flush()
}

fn parquet(file: &mut AtomicFile, columns: &[Column], rows: usize) -> io::Result<()> {
    /// Rows of a group, as many readers expect them.
    const GROUP: usize = 1 << 18;
    let array = |column: &Column| -> Box<dyn Array> {
        match &column.values {
            Values::Strings(values) => Utf8ViewArray::from_slice_values(values).boxed(),
            Values::Counts(values) => PrimitiveArray::from_vec(values.clone()).boxed(),
            Values::Reals(values) => {
                let finite = values.iter().map(|value| value.is_finite().then_some(*value));
                finite.collect::<PrimitiveArray<f64>>().boxed()
            }
        }
    };
    let arrays: Vec<Box<dyn Array>> = columns.iter().map(array).collect();
    let schema: ArrowSchema = (columns.iter().zip(&arrays))
        .map(|(column, array)| {
            let field = Field::new(column.name.as_str().into(), array.dtype().clone(), true);
            (field.name.clone(), field)
        })
        .collect();
    let options = WriteOptions {
        statistics: StatisticsOptions::default(),
        version: Version::V1,
        compression: CompressionOptions::Zstd(None),
        data_page_size: None,
    };
    let encodings: Vec<Vec<Encoding>> = (columns.iter())
        .map(|column| match column.values {
            Values::Strings(_) => vec![Encoding::RleDictionary],
            Values::Reals(_) | Values::Counts(_) => vec![Encoding::Plain],
        })
        .collect();
    let mut writer = FileWriter::try_new(file, schema.clone(), options).map_err(io::Error::other)?;
    let fields = writer.parquet_schema().fields().to_vec();
    let schema = Arc::new(schema);
    for start in (0..rows).step_by(GROUP) {
        let length = GROUP.min(rows - start);
        let part = arrays.iter().map(|array| array.sliced(start, length)).collect();
        let part = RecordBatchT::try_new(length, Arc::clone(&schema), part).map_err(io::Error::other)?;
        let group = row_group_iter(part, encodings.clone().into(), fields.clone(), options);
        writer.write(length as u64, group).map_err(io::Error::other)?;
    }
    writer.end(None).map_err(io::Error::other)?;
    Ok(())
}

fn json_lines(file: &mut AtomicFile, columns: &[Column], rows: usize) -> io::Result<()> {
    for row in 0..rows {
        let cells = columns.iter().map(|column| (column.name.clone(), column.values.json(row)));
        serde_json::to_writer(&mut *file, &cells.collect::<Map<_, _>>())?;
        file.write_all(b"\n")?;
    }
    Ok(())
}
