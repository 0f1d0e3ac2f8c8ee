//! Parquet.

use std::collections::HashMap;
use std::io::Cursor;

use assort_files::{Bytes, free_memory, guarded};
use assort_rows::Task;
use polars_arrow::array::{Array, BinaryViewArray, PrimitiveArray, Utf8ViewArray, get_display};
use polars_arrow::datatypes::{ArrowDataType, Field, PhysicalType};
use polars_buffer::Buffer;
use polars_parquet::parquet::page::CompressedPage;
use polars_parquet::read::schema::parquet_to_arrow_schema;
use polars_parquet::read::{
    BasicDecompressor, FileMetadata, PageReader, RowGroupMetadata, column_iter_to_arrays, read_metadata,
};
use rayon::prelude::*;
use serde_json::Value;

use crate::collect::Collector;
use crate::invisible::trimmed;
use crate::names::quoted;
use crate::request::Request;
use crate::{Error, Format, Result, columns};

mod lists;

pub(crate) fn read<'r>(request: &'r Request<'r>, bytes: Vec<u8>) -> Result<Collector<'r>> {
    guarded(|| decode(request, bytes)).map_err(|panicked| Error::table(request.path, panicked))?
}

fn decode<'r>(request: &'r Request<'r>, bytes: Vec<u8>) -> Result<Collector<'r>> {
    let path = request.path;
    let bytes = Buffer::from(bytes);
    let metadata = read_metadata(&mut Cursor::new(&bytes[..])).map_err(|error| Error::table(path, error))?;
    // The types of the file itself: those that Arrow's programs add to it have many forms for one content.
    let schema = parquet_to_arrow_schema(metadata.schema().fields());
    let fields: Vec<&Field> = schema.iter_values().collect();
    let names = fields.iter().map(|field| trimmed(&field.name).to_owned());
    let chosen = columns::choose(request, names.collect())?;
    if metadata.num_rows == 0 {
        return Err(Error::HeaderOnly(path.into()));
    }
    let problem = |index: usize, problem: String| {
        Error::format(path, format!("the column {} {problem}", quoted(chosen.name(index))))
    };
    let field = |index: usize| fields.get(index).ok_or_else(|| problem(index, "is missing".into()));
    let read = |&index: &usize| -> Result<Strings> {
        column(&bytes, &metadata, field(index)?).map_err(|fault| problem(index, fault))
    };
    let texts: Vec<Strings> = chosen.text.iter().map(read).collect::<Result<_>>()?;
    let flags: Vec<Strings> = chosen.flags.iter().map(read).collect::<Result<_>>()?;
    let is_any = request.options.task() == Task::AnyOf;
    let lists = match chosen.label {
        Some(label) if is_any && lists::holds_lists(field(label)?) => {
            let lists = lists::column(&bytes, &metadata, field(label)?);
            Some(lists.map_err(|fault| problem(label, fault))?)
        }
        _ => None,
    };
    let labels = chosen.label.as_ref().filter(|_| lists.is_none()).map(read).transpose()?;
    let classes = chosen.label.and_then(|label| class_names(&metadata).remove(chosen.name(label)));
    let class = |label| class_name(classes.as_deref(), label);
    let mut collector = Collector::new(request, Format::Parquet);
    collector.reserve(metadata.num_rows, texts.iter().map(Strings::bytes).sum());
    let mut texts: Vec<_> = texts.iter().map(Strings::iter).collect();
    let mut flags: Vec<_> =
        chosen.flags.iter().map(|&index| chosen.name(index)).zip(flags.iter().map(Strings::iter)).collect();
    let mut labels = labels.as_ref().map(Strings::iter);
    let mut lists = lists.iter().flatten();
    for _ in 0..metadata.num_rows {
        let texts = texts.iter_mut().map(|column| column.next().flatten());
        if !flags.is_empty() {
            let flags: Vec<_> =
                flags.iter_mut().map(|(name, column)| (*name, column.next().flatten())).collect();
            collector.add_flags(texts, &flags)?;
        } else if let Some(Some(list)) = lists.next() {
            let labels: Vec<&str> = list.iter().filter_map(|label| class(label)).collect();
            collector.add_several(texts, &labels, None)?;
        } else {
            let label = labels.as_mut().and_then(|labels| labels.next().flatten());
            collector.add(texts, label.and_then(class));
        }
    }
    collector.columns(chosen);
    Ok(collector)
}

/// The values of a column as people write them, in parts of some rows each.
struct Strings(Vec<Utf8ViewArray>);

impl Strings {
    fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        self.0.iter().flat_map(|array| array.iter())
    }

    fn bytes(&self) -> usize {
        self.0.iter().map(|array| array.total_bytes_len()).sum()
    }
}

/// Reads a column; the error is its fault.
fn column(bytes: &Buffer<u8>, metadata: &FileMetadata, field: &Field) -> Result<Strings, String> {
    if let ArrowDataType::FixedSizeBinary(_) | ArrowDataType::Interval(_) = field.dtype {
        return Err("holds bytes of no known meaning: expected one text or label in each row".into());
    }
    match field.dtype.to_physical_type() {
        PhysicalType::List | PhysicalType::LargeList | PhysicalType::FixedSizeList => {
            return Err(
                "holds lists: expected one text or label in each row, or rows with any number of labels"
                    .into(),
            );
        }
        PhysicalType::Struct | PhysicalType::Map | PhysicalType::Union => {
            return Err("holds records of several values: expected one text or label in each row".into());
        }
        _ => {}
    }
    let groups: Result<Vec<Vec<Utf8ViewArray>>, String> = metadata
        .row_groups
        .par_iter()
        .map(|group| group_values(bytes, group, field).map_err(|reason| format!("cannot be read: {reason}")))
        .collect();
    let parts: Vec<Utf8ViewArray> = groups?.into_iter().flatten().collect();
    let rows: usize = parts.iter().map(|part| part.len()).sum();
    if rows != metadata.num_rows {
        return Err(format!("cannot be read: it has {rows} values for {} rows", metadata.num_rows));
    }
    Ok(Strings(parts))
}

fn group_values(
    bytes: &Buffer<u8>,
    group: &RowGroupMetadata,
    field: &Field,
) -> Result<Vec<Utf8ViewArray>, String> {
    group_arrays(bytes, group, field)?.iter().map(|array| strings(array.as_ref())).collect()
}

/// The values that the pages of a group may tell of: one a row, or where rows hold lists, as many as find
/// room as numbers of 16 bytes.
fn most_values(group: &RowGroupMetadata, field: &Field) -> usize {
    match lists::holds_lists(field) {
        false => group.num_rows(),
        true => free_memory().map_or(i32::MAX as usize, |free| (free / 16).min(i32::MAX as u64) as usize),
    }
}

fn group_arrays(
    bytes: &Buffer<u8>,
    group: &RowGroupMetadata,
    field: &Field,
) -> Result<Vec<Box<dyn Array>>, String> {
    let chunk = group.columns_under_root_iter(&field.name).and_then(|mut chunks| chunks.next());
    let chunk = chunk.ok_or("a group of rows lacks it")?;
    let (start, end) = (chunk.byte_range().start as usize, chunk.byte_range().end as usize);
    if start > end || end > bytes.len() {
        return Err(format!("its bytes {start} to {end} lie outside the file"));
    }
    let pages =
        || PageReader::new(Cursor::new(bytes.clone().sliced(start..end)), chunk, Vec::new(), usize::MAX);
    check_pages(pages(), most_values(group, field))?;
    let pages = BasicDecompressor::new(pages(), Vec::new());
    let kind = &chunk.descriptor().descriptor.primitive_type;
    let read = column_iter_to_arrays(vec![pages], vec![kind], field.clone(), None);
    let (arrays, _) = read.map_err(|error| error.to_string())?;
    Ok(arrays)
}

/// Refuses pages that say that they hold more than there are rows, or than finds room: the decoder asks for
/// the memory that they tell of.
fn check_pages(pages: PageReader, rows: usize) -> Result<(), String> {
    /// Bytes of pages too small to look for room.
    const SMALL: u64 = 1 << 24;
    for page in pages {
        let CompressedPage::Data(page) = page.map_err(|error| error.to_string())? else { continue };
        let (values, size) = (page.num_values(), page.uncompressed_size() as u64);
        if values > rows {
            return Err(format!("a page says that it has {} of {rows} values", values as i32));
        }
        if size > SMALL && free_memory().is_some_and(|free| size > free) {
            return Err(format!("a page says that it holds {}", Bytes(size)));
        }
    }
    Ok(())
}

/// The values of an array as people write them: whole numbers without a point, and no NaN, which is a missing
/// value.
fn strings(array: &dyn Array) -> Result<Utf8ViewArray, String> {
    if let Some(texts) = array.as_any().downcast_ref::<Utf8ViewArray>() {
        return Ok(texts.clone());
    }
    if let Some(bytes) = array.as_any().downcast_ref::<BinaryViewArray>() {
        let wrong = bytes.iter().flatten().find(|bytes| std::str::from_utf8(bytes).is_err());
        return match wrong {
            Some(bytes) => {
                let start = bytes.get(..60).unwrap_or(bytes);
                Err(format!("'{}' is not UTF-8: write it as text", start.escape_ascii()))
            }
            None => bytes.to_utf8view().map_err(|error| error.to_string()),
        };
    }
    if let (ArrowDataType::Decimal(_, scale), Some(values)) = (array.dtype(), array.as_any().downcast_ref()) {
        let values: &PrimitiveArray<i128> = values;
        let texts = values.iter().map(|value| value.map(|value| decimal(*value, *scale)));
        return Ok(Utf8ViewArray::from_slice(texts.collect::<Vec<_>>()));
    }
    let display = get_display(array, "");
    let texts = (0..array.len()).map(|index| {
        let mut text = String::new();
        display(&mut text, index).map_err(|_| "a value cannot be written".to_owned())?;
        Ok((!array.is_null(index) && text != "NaN").then_some(text))
    });
    Ok(Utf8ViewArray::from_slice(texts.collect::<Result<Vec<_>, String>>()?))
}

/// A decimal number of so many digits behind the point; the display of polars' arrays loses signs and zeros.
fn decimal(value: i128, scale: usize) -> String {
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let (sign, point) = (if value < 0 { "-" } else { "" }, if scale > 0 { "." } else { "" });
    format!("{sign}{whole}{point}{fraction}")
}

/// For each column of class labels the names of the classes, where the file's metadata have them as those of
/// Hugging Face's data sets do.
fn class_names(metadata: &FileMetadata) -> HashMap<String, Vec<String>> {
    let pairs = metadata.key_value_metadata().as_deref().unwrap_or_default();
    let json = pairs.iter().find(|pair| pair.key == "huggingface").and_then(|pair| pair.value.as_deref());
    // Metadata that are something else tell nothing; the numbers stay.
    let told: Value = json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let features = told.pointer("/info/features").and_then(Value::as_object);
    let classes = features.into_iter().flatten().filter_map(|(column, feature)| {
        let is_class = feature.get("_type").and_then(Value::as_str) == Some("ClassLabel");
        let names = feature.get("names").and_then(Value::as_array).filter(|_| is_class)?;
        let names: Option<Vec<String>> = names.iter().map(|name| Some(name.as_str()?.to_owned())).collect();
        Some((trimmed(column).to_owned(), names?))
    });
    classes.collect()
}

/// The name of a class by its number; -1 stands for a row without a label.
fn class_name<'n>(classes: Option<&'n [String]>, number: &'n str) -> Option<&'n str> {
    let Some(classes) = classes else { return Some(number) };
    let name = number.parse().ok().and_then(|class: usize| classes.get(class));
    if number == "-1" { None } else { Some(name.map_or(number, String::as_str)) }
}
