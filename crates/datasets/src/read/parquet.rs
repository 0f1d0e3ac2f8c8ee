//! Parquet, some pages of each column at a time.

mod column;
mod room;

use std::collections::{HashMap, VecDeque};

use assort_files::guarded;
use assort_rows::Task;
use polars_arrow::array::{Array, Utf8ViewArray};
use polars_arrow::datatypes::{ArrowDataType, Field, PhysicalType};
use polars_parquet::read::FileMetadata;
use polars_parquet::read::schema::parquet_to_arrow_schema;
use rayon::prelude::*;
use serde_json::Value;

use crate::carried::Carried;
use crate::cells::strings;
use crate::collect::Collector;
use crate::columns::Chosen;
use crate::invisible::trimmed;
use crate::names::quoted;
use crate::request::Request;
use crate::{Error, Note, Result, columns};

use column::ColumnReader;
pub(crate) use room::Room;

/// Reads a file of tables.
pub(crate) fn read<'r>(request: &'r Request<'r>, room: &Room, collector: &mut Collector<'r>) -> Result<()> {
    guarded(|| decode(request, room, collector)).map_err(|panicked| Error::table(request.path, panicked))?
}

fn decode<'r>(request: &'r Request<'r>, room: &Room, collector: &mut Collector<'r>) -> Result<()> {
    let path = request.path;
    let metadata = room.metadata().map_err(|error| Error::table(path, error))?;
    // The types of the file itself: those that Arrow's programs add to it have many forms for one content.
    let schema = parquet_to_arrow_schema(metadata.schema().fields());
    let fields: Vec<&Field> = schema.iter_values().collect();
    let names = fields.iter().map(|field| trimmed(&field.name).to_owned());
    let chosen = columns::choose(request, names.collect())?;
    collector.columns(&chosen);
    let types: Vec<&ArrowDataType> = fields.iter().map(|field| &field.dtype).collect();
    let (carried, left_out) = Carried::of_table(request, &chosen.names, &types)?;
    let places = carried.places().to_vec();
    collector.carried = carried;
    if !left_out.is_empty() {
        collector.note(Note::NotCarried { names: left_out });
    }
    if metadata.num_rows == 0 {
        return Err(Error::HeaderOnly(path.into()));
    }
    let table = Table::new(request, room, &metadata, &fields, &chosen, places)?;
    table.check_rows()?;
    let mut done = 0;
    for group in 0..metadata.row_groups.len() {
        table.read_group(group, &mut done, collector)?;
        if collector.is_stopped {
            return Ok(());
        }
    }
    Ok(())
}

/// A file with the columns that are read.
struct Table<'a, 'r> {
    request: &'r Request<'r>,
    room: &'a Room,
    metadata: &'a FileMetadata,
    chosen: &'a Chosen,
    fields: &'a [&'a Field],
    /// All columns that are read, by their places in the file.
    read: Vec<usize>,
    /// Those that are carried along.
    carried: Vec<usize>,
    has_lists: bool,
    classes: Option<Vec<String>>,
}

impl<'a, 'r> Table<'a, 'r> {
    fn new(
        request: &'r Request<'r>,
        room: &'a Room,
        metadata: &'a FileMetadata,
        fields: &'a [&'a Field],
        chosen: &'a Chosen,
        carried: Vec<usize>,
    ) -> Result<Self> {
        let is_any = request.options.task() == Task::AnyOf;
        let is_list = |&place: &usize| fields.get(place).is_some_and(|field| holds_lists(field));
        let has_lists = is_any && chosen.label.as_ref().is_some_and(is_list);
        let table = Self {
            request,
            room,
            metadata,
            chosen,
            fields,
            read: Vec::new(),
            carried,
            has_lists,
            classes: chosen.label.and_then(|label| class_names(metadata).remove(chosen.name(label))),
        };
        let words = chosen.text.iter().chain(&chosen.flags);
        let words: Vec<usize> = words.copied().chain(chosen.label.filter(|_| !has_lists)).collect();
        for &place in &words {
            let dtype = fields.get(place).map(|field| &field.dtype);
            if let Some(problem) = dtype.and_then(no_words) {
                return Err(table.problem(place, problem.into()));
            }
        }
        let mut read: Vec<usize> =
            words.into_iter().chain(chosen.label).chain(table.carried.clone()).collect();
        read.sort_unstable();
        read.dedup();
        Ok(Self { read, ..table })
    }

    fn problem(&self, place: usize, problem: String) -> Error {
        let name = self.chosen.names.get(place).map(String::as_str).unwrap_or_default();
        Error::format(self.request.path, format!("the column {} {problem}", quoted(name)))
    }

    fn unreadable(&self, place: usize, reason: &str) -> Error {
        self.problem(place, format!("cannot be read: {reason}"))
    }

    /// Refuses a file whose parts do not have the rows that it tells of.
    fn check_rows(&self) -> Result<()> {
        let rows: usize = self.metadata.row_groups.iter().map(|group| group.num_rows()).sum();
        let told = self.metadata.num_rows;
        match self.read.first() {
            Some(&first) if rows != told => {
                Err(self.unreadable(first, &format!("it has {rows} values for {told} rows")))
            }
            _ => Ok(()),
        }
    }

    /// Reads the rows of a group; `done` counts those of the file.
    fn read_group(&self, group: usize, done: &mut usize, collector: &mut Collector<'r>) -> Result<()> {
        let Some(group) = self.metadata.row_groups.get(group) else { return Ok(()) };
        let open = |&place: &usize| {
            let field = self.fields.get(place).ok_or_else(|| self.problem(place, "is missing".into()))?;
            let reader = ColumnReader::new(self.room, group, field);
            Ok(Open {
                reader: reader.map_err(|reason| self.unreadable(place, &reason))?,
                waiting: VecDeque::new(),
            })
        };
        let mut columns: Vec<Open> = self.read.iter().map(open).collect::<Result<_>>()?;
        let mut left = group.num_rows();
        while left > 0 {
            let filled: Vec<Result<(), String>> = columns.par_iter_mut().map(Open::fill).collect();
            for (place, filled) in self.read.iter().zip(filled) {
                filled.map_err(|reason| self.unreadable(*place, &reason))?;
            }
            let ready = columns.iter().filter_map(|column| column.waiting.front()).map(|array| array.len());
            let rows = ready.min().unwrap_or(left).min(left);
            let arrays: Vec<Box<dyn Array>> =
                columns.iter_mut().filter_map(|column| column.next(rows)).collect();
            let share = *done as u128 * u128::from(self.room.len()) / self.metadata.num_rows.max(1) as u128;
            collector.bytes = share as u64;
            self.add(&arrays, rows, collector)?;
            *done += rows;
            left -= rows;
            if collector.is_stopped {
                return Ok(());
            }
        }
        // What is left has no row.
        for (place, column) in self.read.iter().zip(&columns) {
            if column.rows_waiting() > 0 {
                let reason = format!("it has more values than the {} rows of a group", group.num_rows());
                return Err(self.unreadable(*place, &reason));
            }
        }
        Ok(())
    }

    /// Adds rows by the arrays of the columns that are read.
    fn add(&self, arrays: &[Box<dyn Array>], rows: usize, collector: &mut Collector<'r>) -> Result<()> {
        let array =
            |place: &usize| self.read.binary_search(place).ok().and_then(|at| arrays.get(at)).cloned();
        let words = |place: &usize| -> Result<Utf8ViewArray> {
            let array = array(place).ok_or_else(|| self.problem(*place, "is missing".into()))?;
            strings(array.as_ref()).map_err(|reason| self.unreadable(*place, &reason))
        };
        let texts: Vec<Utf8ViewArray> = self.chosen.text.iter().map(words).collect::<Result<_>>()?;
        let flags: Vec<Utf8ViewArray> = self.chosen.flags.iter().map(words).collect::<Result<_>>()?;
        let lists = match self.chosen.label.filter(|_| self.has_lists) {
            Some(label) => {
                let lists = array(&label).ok_or_else(|| self.problem(label, "is missing".into()))?;
                Some(column::lists(lists.as_ref()).map_err(|reason| self.unreadable(label, &reason))?)
            }
            None => None,
        };
        let labels = self.chosen.label.as_ref().filter(|_| lists.is_none()).map(words).transpose()?;
        let carried: Vec<Box<dyn Array>> = self.carried.iter().filter_map(array).collect();
        let class = |label| class_name(self.classes.as_deref(), label);
        for row in 0..rows {
            let texts = texts.iter().map(|column| column.get(row));
            let list = lists.as_ref().and_then(|lists| lists.get(row)?.as_ref());
            let is_kept = if !flags.is_empty() {
                let names = self.chosen.flags.iter().map(|&place| self.chosen.name(place));
                let flags: Vec<_> = names.zip(flags.iter().map(|column| column.get(row))).collect();
                collector.add_flags(texts, &flags)?
            } else if let Some(list) = list {
                let labels: Vec<&str> = list.iter().filter_map(|label| class(label)).collect();
                collector.add_several(texts, &labels, None)?
            } else {
                let label = labels.as_ref().and_then(|labels| labels.get(row));
                collector.add(texts, label.and_then(class))
            };
            if is_kept {
                collector.carried.push_row(&carried, row);
            }
            collector.flush_full()?;
        }
        Ok(())
    }
}

/// A column of a group as it is read.
struct Open<'a> {
    reader: ColumnReader<'a>,
    waiting: VecDeque<Box<dyn Array>>,
}

impl Open<'_> {
    fn rows_waiting(&self) -> usize {
        self.waiting.iter().map(|array| array.len()).sum()
    }

    /// Reads on where no value waits; the error is the fault of the column.
    fn fill(&mut self) -> Result<(), String> {
        while self.waiting.is_empty() {
            let read = self.reader.next()?.ok_or("it has fewer values than the group has rows")?;
            self.waiting.extend(read.into_iter().filter(|array| !array.is_empty()));
        }
        Ok(())
    }

    /// The next so many values, which are part of one array.
    fn next(&mut self, rows: usize) -> Option<Box<dyn Array>> {
        let front = self.waiting.pop_front()?;
        if front.len() > rows {
            self.waiting.push_front(front.sliced(rows, front.len() - rows));
        }
        Some(front.sliced(0, rows.min(front.len())))
    }
}

/// Whether the rows of a column are lists.
fn holds_lists(field: &Field) -> bool {
    matches!(field.dtype.to_physical_type(), PhysicalType::List | PhysicalType::LargeList)
}

/// Why the values of a type are no texts or labels, if they are none.
fn no_words(dtype: &ArrowDataType) -> Option<&'static str> {
    if let ArrowDataType::FixedSizeBinary(_) | ArrowDataType::Interval(_) = dtype {
        return Some("holds bytes of no known meaning: expected one text or label in each row");
    }
    match dtype.to_physical_type() {
        PhysicalType::List | PhysicalType::LargeList | PhysicalType::FixedSizeList => {
            Some("holds lists: expected one text or label in each row, or rows with any number of labels")
        }
        PhysicalType::Struct | PhysicalType::Map | PhysicalType::Union => {
            Some("holds records of several values: expected one text or label in each row")
        }
        _ => None,
    }
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
