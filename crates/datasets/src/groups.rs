//! Groups of rows that belong together, as a column names them.

use std::collections::HashMap;
use std::path::Path;

use crate::read::read_texts;
use crate::{ColumnRole, Dataset, Error, ReadOptions, Result};

/// Numbers of groups by their names, which several files may share.
///
/// ```
/// use assort_datasets::{Groups, ReadOptions, read};
///
/// let folder = std::env::temp_dir().join("assort-groups-doc");
/// std::fs::create_dir_all(&folder)?;
/// let path = folder.join("orders.csv");
/// std::fs::write(&path, "text,label,customer\nlate again,bad,7\nfine,good,8\nlate,bad,7\n")?;
/// let options = ReadOptions::default();
/// let (data, _) = read(&path, &options)?;
/// let data = Groups::default().read(&path, "customer", &options, data)?;
/// assert_eq!(data.groups(), Some([0, 1, 0].as_slice()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Groups(HashMap<String, u32>);

impl Groups {
    /// The rows of a file with the groups that one of its columns names. A row without a name is a group of
    /// its own. The file is read once more, for this column alone.
    ///
    /// # Errors
    /// As [`read_texts`]: the column is not there.
    pub fn read(
        &mut self,
        path: &Path,
        column: &str,
        options: &ReadOptions,
        data: Dataset,
    ) -> Result<Dataset> {
        let options = ReadOptions {
            text: Some(column.to_owned()),
            no_header: options.no_header,
            format: options.format,
            ..ReadOptions::default()
        };
        let (named, _) = read_texts(path, &options).map_err(|error| match error {
            Error::NoColumn { path, name, nearest, columns, .. } => {
                Error::NoColumn { path, name, role: ColumnRole::Group, nearest, columns }
            }
            other => other,
        })?;
        let names: HashMap<u64, &str> = named.rows.iter().copied().zip(named.texts.iter()).collect();
        let mut next = self.0.len() as u32;
        let group = |row: &u64| match names.get(row) {
            Some(name) => *self.0.entry(name.trim().to_owned()).or_insert_with(|| {
                next += 1;
                next - 1
            }),
            None => u32::MAX,
        };
        let mut groups: Vec<u32> = data.rows().iter().map(group).collect();
        // Rows without a name come behind all names, each with a number that no other has.
        for group in groups.iter_mut().filter(|group| **group == u32::MAX) {
            self.0.insert(format!("\u{0}{next}"), next);
            *group = next;
            next += 1;
        }
        data.with_groups(groups)
    }
}
