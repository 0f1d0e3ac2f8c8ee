//! CSV and TSV.

use std::io::Cursor;
use std::sync::Arc;

use assort_files::guarded;
use polars_core::prelude::{DataFrame, DataType, Field, PolarsResult, Schema, StringChunked};
use polars_io::SerReader;
use polars_io::prelude::CsvReadOptions;

use crate::collect::Collector;
use crate::read::scan::{self, Quotes, Shape};
use crate::read::sniff::Kind;
use crate::read::strings;
use crate::request::Request;
use crate::{Error, Format, Result, columns};

pub(crate) fn read<'r>(request: &'r Request<'r>, bytes: Vec<u8>, kind: Kind) -> Result<Collector<'r>> {
    let path = request.path;
    let mark = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let bytes = bytes.get(mark..).unwrap_or_default();
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return Err(broken(request, bytes, error.valid_up_to(), mark, kind.separator)),
    };
    let (shape, quotes) = match scan::scan(path, text, kind.separator, Quotes::Enclose) {
        // Files parted by tabs are often written without any quoting.
        Err(Error::Quotes { .. }) if kind.separator == b'\t' => {
            (scan::scan(path, text, kind.separator, Quotes::Literal)?, Quotes::Literal)
        }
        shape => (shape?, Quotes::Enclose),
    };
    if let Some(name) = duplicate(&shape.header) {
        return Err(Error::DuplicateColumn { path: path.into(), name });
    }
    let chosen = columns::choose(request, shape.header.clone())?;
    if shape.rows == 0 {
        return Err(Error::HeaderOnly(path.into()));
    }
    let wanted: Vec<usize> = [Some(chosen.text), chosen.label].into_iter().flatten().collect();
    let body = without_blanks(bytes, &shape);
    let frame = guarded(|| parse(&body, shape.header.len(), wanted, kind.separator, quotes))
        .map_err(|panicked| Error::table(path, panicked))?
        .map_err(|error| Error::table(path, error))?;
    if frame.height() as u64 != shape.rows {
        let message = format!("expected {} rows, the parser found {}", shape.rows, frame.height());
        return Err(Error::table(path, message));
    }
    let strings = |index: usize| -> Result<&StringChunked> {
        let column = frame.column(&index.to_string()).and_then(|column| column.str());
        column.map_err(|error| Error::table(path, error))
    };
    let format = if kind.separator == b'\t' { Format::Tsv } else { Format::Csv };
    let mut collector = Collector::new(request, format);
    let texts = strings(chosen.text)?;
    let labels = chosen.label.map(strings).transpose()?;
    collector.columns(chosen);
    strings::add(&mut collector, texts, labels);
    Ok(collector)
}

/// Parses the rows of a checked body; columns are named by their index.
fn parse(
    body: &[u8],
    width: usize,
    wanted: Vec<usize>,
    separator: u8,
    quotes: Quotes,
) -> PolarsResult<DataFrame> {
    let fields = (0..width).map(|index| Field::new(index.to_string().into(), DataType::String));
    let schema: Schema = fields.collect();
    CsvReadOptions::default()
        .with_has_header(false)
        .with_infer_schema_length(Some(0))
        .with_schema(Some(Arc::new(schema)))
        .with_projection(Some(Arc::new(wanted)))
        .map_parse_options(|options| {
            options.with_separator(separator).with_quote_char((quotes == Quotes::Enclose).then_some(b'"'))
        })
        .into_reader_with_file_handle(Cursor::new(body))
        .finish()
}

/// The rows as bytes; copied only if there are blank lines to leave out.
fn without_blanks<'b>(bytes: &'b [u8], shape: &Shape) -> std::borrow::Cow<'b, [u8]> {
    let body = bytes.get(shape.body..).unwrap_or_default();
    if shape.blanks.is_empty() {
        return body.into();
    }
    let mut kept = Vec::with_capacity(body.len());
    let mut at = shape.body;
    for &(start, end) in &shape.blanks {
        kept.extend_from_slice(bytes.get(at..start).unwrap_or_default());
        at = end;
    }
    kept.extend_from_slice(bytes.get(at..).unwrap_or_default());
    kept.into()
}

/// The first name that an earlier column has already.
fn duplicate(header: &[String]) -> Option<String> {
    let earlier = |index: usize, name: &String| header.iter().take(index).any(|other| other == name);
    let named = header.iter().enumerate().filter(|(_, name)| !name.is_empty());
    named.into_iter().find(|&(index, name)| earlier(index, name)).map(|(_, name)| name.clone())
}

/// The error for a byte that is not UTF-8, at `at` behind a byte-order mark of `mark` bytes.
fn broken(request: &Request<'_>, bytes: &[u8], at: usize, mark: usize, separator: u8) -> Error {
    // Each faulty byte becomes one other byte, so that all places stay.
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|_| text.push('?'));
    }
    let (row, line) = scan::row_at(&text, at, separator);
    Error::Utf8 { path: request.path.into(), row, line, byte: (mark + at) as u64 }
}
