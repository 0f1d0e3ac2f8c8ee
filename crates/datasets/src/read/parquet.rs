//! Parquet.

use std::io::Cursor;

use assort_files::guarded;
use polars_core::prelude::{DataType, PolarsError, StringChunked};
use polars_io::SerReader;
use polars_io::prelude::ParquetReader;

use crate::collect::Collector;
use crate::read::strings::add;
use crate::request::Request;
use crate::{Error, Format, Result, columns};

pub(crate) fn read<'r>(request: &'r Request<'r>, bytes: Vec<u8>) -> Result<Collector<'r>> {
    guarded(|| decode(request, bytes)).map_err(|panicked| Error::table(request.path, panicked))?
}

fn decode<'r>(request: &'r Request<'r>, bytes: Vec<u8>) -> Result<Collector<'r>> {
    let path = request.path;
    let fail = |error: PolarsError| Error::table(path, error);
    let mut reader = ParquetReader::new(Cursor::new(bytes));
    let names: Vec<String> =
        reader.schema().map_err(fail)?.iter_names().map(|name| name.trim().to_owned()).collect();
    let chosen = columns::choose(request, names)?;
    let mut wanted: Vec<usize> = [Some(chosen.text), chosen.label].into_iter().flatten().collect();
    let order = if wanted.is_sorted() { [0, 1] } else { [1, 0] };
    wanted.sort_unstable();
    let frame = reader.with_projection(Some(wanted)).finish().map_err(fail)?;
    if frame.height() == 0 {
        return Err(Error::HeaderOnly(path.into()));
    }
    let strings = |place: usize, name: &str| -> Result<StringChunked> {
        let column = order.get(place).and_then(|&index| frame.columns().get(index));
        let column = column.ok_or_else(|| Error::table(path, format!("no column '{name}'")))?;
        if column.dtype().is_nested() || matches!(column.dtype(), DataType::Binary) {
            let reason = format!("column '{name}' holds {}, expected strings", column.dtype());
            return Err(Error::table(path, reason));
        }
        let column = column.cast(&DataType::String).map_err(fail)?;
        column.str().cloned().map_err(fail)
    };
    let texts = strings(0, &chosen.text_column.name)?;
    let labels = chosen.label_column.as_ref().map(|label| strings(1, &label.name)).transpose()?;
    drop(frame);
    let mut collector = Collector::new(request, Format::Parquet);
    collector.columns(chosen);
    add(&mut collector, &texts, labels.as_ref());
    Ok(collector)
}
