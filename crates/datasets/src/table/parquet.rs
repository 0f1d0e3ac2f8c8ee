//! Writes Parquet.

use std::io;
use std::sync::Arc;

use assort_files::AtomicFile;
use polars_arrow::array::Array;
use polars_arrow::compute::concatenate::concatenate;
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, Field};
use polars_arrow::record_batch::RecordBatchT;
use polars_parquet::write::{
    CompressionOptions, Encoding, FileWriter, StatisticsOptions, Version, WriteOptions, row_group_iter,
};

use super::Column;

/// Rows of a group, as many readers expect them.
const GROUP: usize = 1 << 18;

/// Bytes of a group that end it before it has its rows, so that few rows are held.
const GROUP_BYTES: usize = 32 << 20;

const OPTIONS: WriteOptions = WriteOptions {
    statistics: StatisticsOptions {
        min_value: true,
        max_value: true,
        distinct_count: false,
        null_count: true,
        binary_statistics_truncate_length: None,
    },
    version: Version::V1,
    compression: CompressionOptions::Zstd(None),
    data_page_size: None,
};

/// A Parquet file that grows group by group.
pub(super) struct ParquetWriter {
    /// Before the first rows tell the columns, there is a file alone.
    state: State,
    /// Arrays of the next group, by column.
    waiting: Vec<Vec<Box<dyn Array>>>,
    rows: usize,
    bytes: usize,
}

enum State {
    Empty(AtomicFile),
    Open(Box<FileWriter<AtomicFile>>),
    Closed,
}

impl ParquetWriter {
    pub(super) fn new(file: AtomicFile) -> Self {
        Self { state: State::Empty(file), waiting: Vec::new(), rows: 0, bytes: 0 }
    }

    pub(super) fn write(&mut self, columns: &[Column], rows: usize) -> io::Result<()> {
        let arrays: Vec<Box<dyn Array>> = columns.iter().map(|column| column.values.array()).collect();
        self.open(columns, &arrays)?;
        let mut start = 0;
        while start < rows {
            let length = (rows - start).min(GROUP - self.rows);
            for (waiting, array) in self.waiting.iter_mut().zip(&arrays) {
                let part = array.sliced(start, length);
                self.bytes += polars_arrow::compute::aggregate::estimated_bytes_size(part.as_ref());
                waiting.push(part);
            }
            (self.rows, start) = (self.rows + length, start + length);
            if self.rows == GROUP || self.bytes >= GROUP_BYTES {
                self.write_group()?;
            }
        }
        Ok(())
    }

    /// Writes the header, by the first columns.
    fn open(&mut self, columns: &[Column], arrays: &[Box<dyn Array>]) -> io::Result<()> {
        let file = match std::mem::replace(&mut self.state, State::Closed) {
            State::Empty(file) => file,
            other => {
                self.state = other;
                return Ok(());
            }
        };
        let fields = columns.iter().zip(arrays).map(|(column, array)| {
            let field = Field::new(column.name.as_str().into(), array.dtype().clone(), true);
            (field.name.clone(), field)
        });
        let schema: ArrowSchema = fields.collect();
        let writer = FileWriter::try_new(file, schema, OPTIONS).map_err(io::Error::other)?;
        self.state = State::Open(Box::new(writer));
        self.waiting = vec![Vec::new(); columns.len()];
        Ok(())
    }

    fn write_group(&mut self) -> io::Result<()> {
        let State::Open(writer) = &mut self.state else { return Ok(()) };
        let join = |parts: Vec<Box<dyn Array>>| match <[_; 1]>::try_from(parts) {
            Ok([one]) => Ok(one),
            Err(parts) => {
                let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
                concatenate(&parts).map_err(io::Error::other)
            }
        };
        let arrays = self.waiting.iter_mut().map(|parts| join(std::mem::take(parts)));
        let arrays: Vec<Box<dyn Array>> = arrays.collect::<io::Result<_>>()?;
        let encodings: Vec<Vec<Encoding>> = arrays.iter().map(|array| encodings(array.dtype())).collect();
        let fields = writer.parquet_schema().fields().to_vec();
        let schema = Arc::new(writer.schema().clone());
        let group = RecordBatchT::try_new(self.rows, schema, arrays).map_err(io::Error::other)?;
        let group = row_group_iter(group, encodings.into(), fields, OPTIONS);
        writer.write(self.rows as u64, group).map_err(io::Error::other)?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<AtomicFile> {
        self.open(&[], &[])?;
        if self.rows > 0 {
            self.write_group()?;
        }
        match self.state {
            State::Open(mut writer) => {
                writer.end(None).map_err(io::Error::other)?;
                Ok(writer.into_inner())
            }
            State::Empty(_) | State::Closed => Err(io::Error::other("the table was closed before")),
        }
    }
}

/// How the values of a type are written, one answer for each of its leaves.
fn encodings(dtype: &ArrowDataType) -> Vec<Encoding> {
    match dtype {
        ArrowDataType::LargeList(inner) | ArrowDataType::FixedSizeList(inner, _) => encodings(&inner.dtype),
        ArrowDataType::Struct(fields) => fields.iter().flat_map(|field| encodings(&field.dtype)).collect(),
        ArrowDataType::Utf8View => vec![Encoding::RleDictionary],
        _ => vec![Encoding::Plain],
    }
}
