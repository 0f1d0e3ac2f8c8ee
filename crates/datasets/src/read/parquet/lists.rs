//! Columns whose rows hold lists of labels.

use polars_arrow::array::{Array, ListArray, Utf8ViewArray};
use polars_arrow::datatypes::{Field, PhysicalType};
use polars_buffer::Buffer;
use polars_parquet::read::FileMetadata;
use rayon::prelude::*;

use super::{group_arrays, strings};

/// The lists of a column; `None` for a row that has no value.
pub(super) type Lists = Vec<Option<Vec<String>>>;

/// Whether the rows of a column are lists.
pub(super) fn holds_lists(field: &Field) -> bool {
    matches!(field.dtype.to_physical_type(), PhysicalType::List | PhysicalType::LargeList)
}

/// Reads a column of lists; the error is its fault.
pub(super) fn column(bytes: &Buffer<u8>, metadata: &FileMetadata, field: &Field) -> Result<Lists, String> {
    let groups: Result<Vec<Lists>, String> = metadata
        .row_groups
        .par_iter()
        .map(|group| {
            let arrays = group_arrays(bytes, group, field).and_then(|arrays| lists(&arrays));
            arrays.map_err(|reason| format!("cannot be read: {reason}"))
        })
        .collect();
    let lists: Lists = groups?.into_iter().flatten().collect();
    if lists.len() != metadata.num_rows {
        return Err(format!("cannot be read: it has {} lists for {} rows", lists.len(), metadata.num_rows));
    }
    Ok(lists)
}

fn lists(arrays: &[Box<dyn Array>]) -> Result<Lists, String> {
    let mut found = Vec::new();
    for array in arrays {
        let any = array.as_any();
        let parts: Vec<Option<Box<dyn Array>>> = match (any.downcast_ref(), any.downcast_ref()) {
            (Some(narrow), _) => ListArray::<i32>::iter(narrow).collect(),
            (None, Some(wide)) => ListArray::<i64>::iter(wide).collect(),
            (None, None) => return Err("its lists are of an unknown kind".into()),
        };
        for part in parts {
            let members = part.map(|part| strings(part.as_ref())).transpose()?;
            let owned = |members: Utf8ViewArray| members.iter().flatten().map(str::to_owned).collect();
            found.push(members.map(owned));
        }
    }
    Ok(found)
}
