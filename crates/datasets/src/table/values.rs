//! Columns in memory.

use std::borrow::Cow;
use std::io;

use polars_arrow::array::builder::{ShareStrategy, make_builder};
use polars_arrow::array::{Array, PrimitiveArray, Utf8ViewArray};

use crate::cells;

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
    /// Cells of a file of text; `None` is missing.
    Cells(Vec<Option<String>>),
    /// Values of JSON as they are written there; `None` is missing.
    Json(Vec<Option<String>>),
    /// Values of a Parquet file, of the type that they have there.
    Table(TableValues),
}

/// Values of a column of a Parquet file, of its type.
#[derive(Clone, Debug)]
pub struct TableValues(Box<dyn Array>);

impl PartialEq for TableValues {
    fn eq(&self, other: &Self) -> bool {
        polars_arrow::array::equal(self.0.as_ref(), other.0.as_ref())
    }
}

impl From<Box<dyn Array>> for TableValues {
    fn from(array: Box<dyn Array>) -> Self {
        Self(array)
    }
}

impl TableValues {
    /// Keeps the rows that `keeps` says yes for.
    fn retain(&mut self, keeps: &[bool]) {
        let mut builder = make_builder(self.0.dtype());
        for row in (0..self.0.len()).filter(|row| keeps.get(*row) == Some(&true)) {
            builder.subslice_extend(self.0.as_ref(), row, 1, ShareStrategy::Never);
        }
        self.0 = builder.freeze_reset();
    }
}

impl Values {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Strings(values) => values.len(),
            Self::Reals(values) => values.len(),
            Self::Counts(values) => values.len(),
            Self::Cells(values) | Self::Json(values) => values.len(),
            Self::Table(values) => values.0.len(),
        }
    }

    /// Keeps the rows that `keeps` says yes for, one answer a row.
    pub(crate) fn retain(&mut self, keeps: &[bool]) {
        let mut each = keeps.iter();
        let mut is_kept = || each.next() == Some(&true);
        match self {
            Self::Strings(values) => values.retain(|_| is_kept()),
            Self::Reals(values) => values.retain(|_| is_kept()),
            Self::Counts(values) => values.retain(|_| is_kept()),
            Self::Cells(values) | Self::Json(values) => values.retain(|_| is_kept()),
            Self::Table(values) => values.retain(keeps),
        }
    }

    /// The values as an array of Arrow.
    pub(crate) fn array(&self) -> Box<dyn Array> {
        match self {
            Self::Strings(values) => Utf8ViewArray::from_slice_values(values).boxed(),
            Self::Counts(values) => PrimitiveArray::from_vec(values.clone()).boxed(),
            Self::Reals(values) => {
                let finite = values.iter().map(|value| value.is_finite().then_some(*value));
                finite.collect::<PrimitiveArray<f64>>().boxed()
            }
            Self::Cells(values) => Utf8ViewArray::from_slice(values).boxed(),
            Self::Json(values) => {
                let words = values.iter().map(|json| json.as_deref().and_then(cells::of_json));
                Utf8ViewArray::from_slice(words.collect::<Vec<_>>()).boxed()
            }
            Self::Table(values) => values.0.clone(),
        }
    }

    /// The values as they are written where there are no types; empty where one is missing.
    pub fn written(&self) -> Vec<String> {
        let some = |cell: &Option<String>| cell.clone().unwrap_or_default();
        match self.words() {
            Words::Texts(texts) => texts.to_vec(),
            Words::Cells(cells) | Words::Json(cells) => cells.iter().map(some).collect(),
            Words::Owned(cells) | Words::Literals(cells) => cells.iter().map(some).collect(),
        }
    }

    /// The values as people write them, and whether they are numbers; `None` where one is missing.
    pub(super) fn words(&self) -> Words<'_> {
        match self {
            Self::Strings(values) => Words::Texts(values),
            Self::Cells(values) => Words::Cells(values),
            Self::Reals(values) => Words::Literals(
                values.iter().map(|value| value.is_finite().then(|| cells::real(*value))).collect(),
            ),
            Self::Counts(values) => {
                Words::Literals(values.iter().map(|value| Some(value.to_string())).collect())
            }
            Self::Json(values) => Words::Json(values),
            Self::Table(values) => {
                let words = cells::of_array(values.0.as_ref());
                if cells::are_literals(values.0.as_ref()) {
                    Words::Literals(words)
                } else {
                    Words::Owned(words)
                }
            }
        }
    }
}

/// The words of a column's values.
pub(super) enum Words<'v> {
    Texts(&'v [String]),
    Cells(&'v [Option<String>]),
    /// Texts that were made for this.
    Owned(Vec<Option<String>>),
    /// Numbers and truth values.
    Literals(Vec<Option<String>>),
    Json(&'v [Option<String>]),
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

impl Words<'_> {
    /// The words of a row.
    pub(super) fn cell(&self, row: usize) -> Option<Cow<'_, str>> {
        match self {
            Self::Texts(values) => values.get(row).map(|value| value.as_str().into()),
            Self::Cells(values) => values.get(row)?.as_deref().map(Into::into),
            Self::Owned(values) | Self::Literals(values) => values.get(row)?.as_deref().map(Into::into),
            Self::Json(values) => cells::of_json(values.get(row)?.as_deref()?).map(Into::into),
        }
    }

    /// Writes the value of a row as JSON; what is missing is null.
    pub(super) fn json(&self, row: usize, out: &mut Vec<u8>) -> io::Result<()> {
        let raw = match self {
            Self::Literals(values) => values.get(row).and_then(Option::as_deref),
            Self::Json(values) => values.get(row).and_then(Option::as_deref),
            texts => match texts.cell(row) {
                Some(text) => return Ok(serde_json::to_writer(out, text.as_ref())?),
                None => None,
            },
        };
        out.extend_from_slice(raw.unwrap_or("null").as_bytes());
        Ok(())
    }
}
