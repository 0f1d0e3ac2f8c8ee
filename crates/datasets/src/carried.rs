//! Cells of other columns, which stay beside the texts of their rows.

use polars_arrow::array::Array;
use polars_arrow::array::builder::{ArrayBuilder, ShareStrategy, make_builder};
use polars_arrow::datatypes::{ArrowDataType, PhysicalType};

use crate::names::quoted_list;
use crate::request::Request;
use crate::{Carry, Column, ColumnRole, Error, Result, Values};

/// The columns that are carried along, as they grow.
#[derive(Default)]
pub(crate) struct Carried {
    names: Vec<String>,
    /// Where the columns stand among those of the file.
    places: Vec<usize>,
    cells: Vec<Cells>,
}

/// The cells of one column so far.
enum Cells {
    /// Of files of text.
    Strings(Vec<Option<String>>),
    /// Of JSON, as it is written there.
    Json(Vec<Option<String>>),
    /// Of tables.
    Arrow(Box<dyn ArrayBuilder>),
}

/// What the cells of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CellKind {
    Strings,
    Json,
}

/// Where the columns that are asked for stand among those of the file; of equal names the first.
pub(crate) fn places(request: &Request<'_>, names: &[String]) -> Result<Vec<usize>> {
    match request.carry {
        Carry::None => Ok(Vec::new()),
        Carry::All => Ok((0..names.len()).collect()),
        Carry::Named(asked) => {
            let place = |asked: &String| {
                names.iter().position(|name| name == asked).ok_or_else(|| Error::NoColumn {
                    path: request.path.into(),
                    name: asked.clone(),
                    role: ColumnRole::Carried,
                    nearest: crate::nearest(asked, names.iter().map(String::as_str)).map(str::to_owned),
                    columns: names.to_vec(),
                })
            };
            asked.iter().map(place).collect()
        }
    }
}

impl Carried {
    /// The columns of a file of text that are asked for.
    pub(crate) fn of_text(request: &Request<'_>, names: &[String], kind: CellKind) -> Result<Self> {
        let places = places(request, names)?;
        let cells = places.iter().map(|_| match kind {
            CellKind::Strings => Cells::Strings(Vec::new()),
            CellKind::Json => Cells::Json(Vec::new()),
        });
        let cells = cells.collect();
        Ok(Self { names: named(&places, names), places, cells })
    }

    /// The columns of a table that are asked for; where all are, without those whose values cannot be copied,
    /// and the names of these.
    ///
    /// # Errors
    /// If one is asked for that is not there or cannot be copied.
    pub(crate) fn of_table(
        request: &Request<'_>,
        names: &[String],
        types: &[&ArrowDataType],
    ) -> Result<(Self, Vec<String>)> {
        let fits = |place: &usize| types.get(*place).is_some_and(|dtype| is_copied(dtype));
        let (places, unfit): (Vec<usize>, Vec<usize>) = places(request, names)?.into_iter().partition(fits);
        let unfit = named(&unfit, names);
        if !unfit.is_empty() && *request.carry != Carry::All {
            let problem = format!("values like those of {} cannot be carried along", quoted_list(&unfit));
            return Err(Error::format(request.path, problem));
        }
        let types = places.iter().filter_map(|place| types.get(*place));
        let cells = types.map(|dtype| Cells::Arrow(make_builder(dtype))).collect();
        Ok((Self { names: named(&places, names), places, cells }, unfit))
    }

    /// Where the columns stand among those of the file.
    pub(crate) fn places(&self) -> &[usize] {
        &self.places
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Adds the cells of a row, by the place of the column.
    pub(crate) fn push(&mut self, cell: impl Fn(usize) -> Option<String>) {
        for (place, cells) in self.places.iter().zip(&mut self.cells) {
            match cells {
                Cells::Strings(cells) | Cells::Json(cells) => cells.push(cell(*place)),
                Cells::Arrow(_) => {}
            }
        }
    }

    /// Adds the cells of a row, one a column.
    pub(crate) fn push_each(&mut self, row: Vec<Option<String>>) {
        for (cell, cells) in row.into_iter().zip(&mut self.cells) {
            match cells {
                Cells::Strings(cells) | Cells::Json(cells) => cells.push(cell),
                Cells::Arrow(_) => {}
            }
        }
    }

    /// Adds a row of arrays, one a column.
    pub(crate) fn push_row(&mut self, arrays: &[Box<dyn Array>], row: usize) {
        for (array, cells) in arrays.iter().zip(&mut self.cells) {
            if let Cells::Arrow(builder) = cells {
                // Shared bytes would keep all those that were read with them.
                builder.subslice_extend(array.as_ref(), row, 1, ShareStrategy::Never);
            }
        }
    }

    /// Keeps the rows that `keeps` says yes for.
    pub(crate) fn retain(&mut self, keeps: &[bool]) {
        let mut columns = self.take();
        columns.iter_mut().for_each(|column| column.values.retain(keeps));
        self.cells = columns
            .into_iter()
            .map(|column| match column.values {
                Values::Cells(cells) => Cells::Strings(cells),
                Values::Json(cells) => Cells::Json(cells),
                other => {
                    let array = other.array();
                    let mut builder = make_builder(array.dtype());
                    builder.extend(array.as_ref(), ShareStrategy::Never);
                    Cells::Arrow(builder)
                }
            })
            .collect();
    }

    /// The cells so far; those of further rows go on from none.
    pub(crate) fn take(&mut self) -> Vec<Column> {
        let values = self.cells.iter_mut().map(|cells| match cells {
            Cells::Strings(cells) => Values::Cells(std::mem::take(cells)),
            Cells::Json(cells) => Values::Json(std::mem::take(cells)),
            Cells::Arrow(builder) => Values::Table(builder.freeze_reset().into()),
        });
        self.names.iter().zip(values).map(|(name, values)| Column { name: name.clone(), values }).collect()
    }
}

fn named(places: &[usize], names: &[String]) -> Vec<String> {
    places.iter().filter_map(|place| names.get(*place).cloned()).collect()
}

/// Whether there is a builder of such arrays.
fn is_copied(dtype: &ArrowDataType) -> bool {
    use ArrowDataType as Type;
    match dtype {
        Type::LargeList(inner) | Type::FixedSizeList(inner, _) => is_copied(&inner.dtype),
        Type::Struct(fields) => !fields.is_empty() && fields.iter().all(|field| is_copied(&field.dtype)),
        Type::Boolean | Type::FixedSizeBinary(_) | Type::LargeBinary | Type::BinaryView | Type::Utf8View => {
            true
        }
        _ => matches!(dtype.to_physical_type(), PhysicalType::Primitive(_)),
    }
}
