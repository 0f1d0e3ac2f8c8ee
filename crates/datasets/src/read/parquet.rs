//! Parquet.

use std::io::Cursor;
use std::panic::AssertUnwindSafe;

use polars_core::prelude::{DataType, PolarsError, PolarsResult, StringChunked};
use polars_io::SerReader;
use polars_io::prelude::ParquetReader;

use crate::collect::Collector;
use crate::read::strings::{add, failed};
use crate::request::Request;
use crate::{Error, Format, Result, columns};

pub(crate) fn read<'r>(request: &'r Request<'r>, bytes: Vec<u8>) -> Result<Collector<'r>> {
    let path = request.path;
    let fail = |error: PolarsError| failed("read", path, &error);
    let mut reader = ParquetReader::new(Cursor::new(bytes));
    let names: Vec<String> =
        guarded(|| reader.schema()).map_err(fail)?.iter_names().map(|name| name.trim().to_owned()).collect();
    let chosen = columns::choose(request, names)?;
    let wanted: Vec<usize> = [Some(chosen.text), chosen.label].into_iter().flatten().collect();
    let order: Vec<usize> = if wanted.is_sorted() { vec![0, 1] } else { vec![1, 0] };
    let mut wanted = wanted;
    wanted.sort_unstable();
    let frame = guarded(|| reader.with_projection(Some(wanted)).finish()).map_err(fail)?;
    if frame.height() == 0 {
        return Err(Error::HeaderOnly { path: path.into() });
    }
    let strings = |place: usize, name: &str| -> Result<StringChunked> {
        let column = order.get(place).and_then(|&index| frame.columns().get(index));
        let Some(column) = column else {
            return Err(Error::Table {
                action: "read",
                path: path.into(),
                message: format!("no column '{name}'"),
            });
        };
        if column.dtype().is_nested() || matches!(column.dtype(), DataType::Binary) {
            let message = format!("column '{name}' holds {}, expected strings", column.dtype());
            return Err(Error::Table { action: "read", path: path.into(), message });
        }
        let column = column.cast(&DataType::String).map_err(fail)?;
        column.str().cloned().map_err(fail)
    };
    let texts = strings(0, &chosen.text_column.name)?;
    let labels = chosen.label_column.as_ref().map(|label| strings(1, &label.name)).transpose()?;
    drop(frame);
    let mut collector = Collector::new(request, Format::Parquet);
    collector.columns(chosen.names, chosen.text_column, chosen.label_column);
    add(&mut collector, &texts, labels.as_ref());
    Ok(collector)
}

/// Damaged files make the decoder panic in places; to the caller that is an error like others.
fn guarded<T>(decode: impl FnOnce() -> PolarsResult<T>) -> PolarsResult<T> {
    // Nothing that the decoder touched is used after a panic.
    std::panic::catch_unwind(AssertUnwindSafe(decode))
        .unwrap_or_else(|_| Err(PolarsError::ComputeError("the file is damaged".into())))
}
