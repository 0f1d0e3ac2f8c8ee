//! Rows of numbers that are mostly zero.

use crate::{Error, Result};

/// A matrix of B rows and `width` columns in compressed rows: row i is `columns[offsets[i]..offsets[i + 1]]`
/// with the values beside. Columns ascend within a row; what is not there is zero.
#[derive(Clone, PartialEq, Debug)]
pub struct SparseRows {
    offsets: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f32>,
    width: usize,
}

impl SparseRows {
    /// A matrix from offsets (B + 1), columns (N), values (N) and the number of columns.
    ///
    /// # Errors
    /// [`Error::Sparse`] if lengths disagree, offsets fall, columns do not ascend within a row or lie outside
    /// the width, or a value is not finite; it names the row.
    pub fn new(offsets: Vec<usize>, columns: Vec<u32>, values: Vec<f32>, width: usize) -> Result<Self> {
        let wrong = |row: usize, problem: String| Error::Sparse { row, problem };
        if offsets.first() != Some(&0) || offsets.last() != Some(&columns.len()) {
            let problem = format!("offsets must lead from 0 to the {} columns", columns.len());
            return Err(wrong(offsets.len().saturating_sub(2), problem));
        }
        if columns.len() != values.len() {
            let problem = format!("{} columns, but {} values", columns.len(), values.len());
            return Err(wrong(offsets.len().saturating_sub(2), problem));
        }
        for (row, (start, end)) in offsets.iter().zip(offsets.iter().skip(1)).enumerate() {
            let (Some(columns), Some(values)) = (columns.get(*start..*end), values.get(*start..*end)) else {
                return Err(wrong(row, format!("offsets fall from {start} to {end} or leave the columns")));
            };
            if let Some((left, right)) = columns.iter().zip(columns.iter().skip(1)).find(|(a, b)| a >= b) {
                return Err(wrong(row, format!("columns must ascend, found {left} before {right}")));
            }
            if let Some(last) = columns.last().filter(|column| **column as usize >= width) {
                return Err(wrong(row, format!("column {last} lies outside the {width} columns")));
            }
            if let Some((column, value)) = columns.iter().zip(values).find(|(_, value)| !value.is_finite()) {
                return Err(wrong(row, format!("column {column} holds {value}, expected a finite number")));
            }
        }
        Ok(Self { offsets, columns, values, width })
    }

    /// Rows whose parts are known to be right: nothing is checked, and wrong ones give wrong rows.
    pub fn trusted(offsets: Vec<usize>, columns: Vec<u32>, values: Vec<f32>, width: usize) -> Self {
        Self { offsets, columns, values, width }
    }

    /// B, the number of rows.
    pub fn rows(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// The number of columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// N, the number of stored values.
    pub fn stored(&self) -> usize {
        self.columns.len()
    }

    /// Columns and values of a row, or `None` beyond the last.
    #[inline]
    pub fn row(&self, index: usize) -> Option<(&[u32], &[f32])> {
        let (start, end) = (*self.offsets.get(index)?, *self.offsets.get(index + 1)?);
        Some((self.columns.get(start..end)?, self.values.get(start..end)?))
    }

    /// All rows in order.
    pub fn iter(&self) -> impl Iterator<Item = (&[u32], &[f32])> {
        (0..self.rows()).filter_map(|index| self.row(index))
    }

    /// Where each row begins (B + 1 entries, the last is N).
    pub fn offsets(&self) -> &[usize] {
        &self.offsets
    }

    /// The columns of all rows (N).
    pub fn columns(&self) -> &[u32] {
        &self.columns
    }

    /// The values of all rows (N).
    pub fn values(&self) -> &[f32] {
        &self.values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(offsets: &[usize], columns: &[u32], values: &[f32], expect: &str) {
        let found = SparseRows::new(offsets.to_vec(), columns.to_vec(), values.to_vec(), 4);
        let message = found.err().map_or("fine".to_owned(), |error| error.to_string());
        assert!(message.contains(expect), "{offsets:?} {columns:?} {values:?}: {message}");
    }

    #[test]
    fn parts_must_fit() {
        check(&[0], &[], &[], "fine");
        check(&[0, 0, 2], &[0, 3], &[1., -2.], "fine");
        check(&[], &[], &[], "offsets must lead from 0");
        check(&[1, 2], &[0, 3], &[1., 2.], "offsets must lead from 0");
        check(&[0, 1], &[0, 3], &[1., 2.], "to the 2 columns");
        check(&[0, 1], &[0], &[1., 2.], "1 columns, but 2 values");
        check(&[0, 2, 1, 2], &[0, 3], &[1., 2.], "row 1");
        check(&[0, 9, 2], &[0, 3], &[1., 2.], "row 0");
        check(&[0, 2], &[3, 3], &[1., 2.], "found 3 before 3");
        check(&[0, 2], &[3, 4], &[1., 2.], "column 4 lies outside the 4 columns");
        check(&[0, 1], &[3], &[f32::NAN], "column 3 holds NaN");
    }

    #[test]
    fn rows() {
        let rows = SparseRows::new(vec![0, 0, 2], vec![0, 3], vec![1., -2.], 4).unwrap();
        assert_eq!((rows.rows(), rows.width(), rows.stored()), (2, 4, 2));
        assert_eq!(rows.row(0), Some((&[][..], &[][..])));
        assert_eq!(rows.row(1), Some((&[0, 3][..], &[1., -2.][..])));
        assert_eq!(rows.row(2), None);
        assert_eq!(rows.iter().count(), 2);
    }
}
