//! Rows of numbers of which few are zero.

use crate::{Error, Result};

/// A matrix of B rows and `width` columns, row after row.
#[derive(Clone, PartialEq, Debug)]
pub struct DenseRows {
    values: Vec<f32>,
    width: usize,
}

impl DenseRows {
    /// A matrix from its values (B · width).
    ///
    /// # Errors
    /// [`Error::Dense`] if there is no column, or the values are no whole number of rows.
    pub fn new(values: Vec<f32>, width: usize) -> Result<Self> {
        if width == 0 || !values.len().is_multiple_of(width) {
            return Err(Error::Dense { width, found: values.len() });
        }
        Ok(Self { values, width })
    }

    /// B, the number of rows.
    pub fn rows(&self) -> usize {
        self.values.len() / self.width
    }

    /// The number of columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The values of all rows.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// All rows in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.width)
    }

    /// The rows of these numbers, in their order; numbers beyond the last row are left out.
    pub fn select(&self, rows: &[u32]) -> Self {
        let mut values = Vec::with_capacity(rows.len() * self.width);
        for row in rows.iter().map(|row| *row as usize).filter(|row| *row < self.rows()) {
            values.extend_from_slice(&self.values[row * self.width..(row + 1) * self.width]);
        }
        Self { values, width: self.width }
    }

    /// These rows, each with its values changed.
    pub fn map(mut self, mut change: impl FnMut(&mut [f32])) -> Self {
        self.values.chunks_exact_mut(self.width).for_each(&mut change);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_rows_alone() {
        let rows = DenseRows::new(vec![1., 2., 3., 4., 5., 6.], 2).unwrap();
        assert_eq!((rows.rows(), rows.width()), (3, 2));
        assert_eq!(rows.select(&[2, 0, 2, 9]).values(), [5., 6., 1., 2., 5., 6.]);
        let halved = rows.clone().map(|row| row[0] /= 2.0);
        assert_eq!(halved.iter().map(|row| row[0]).collect::<Vec<_>>(), [0.5, 1.5, 2.5]);
        assert_eq!(DenseRows::new(vec![], 2).unwrap().rows(), 0);
        for (values, width) in [(vec![1., 2., 3.], 2), (vec![], 0), (vec![1.], 0)] {
            let error = DenseRows::new(values, width).unwrap_err().to_string();
            assert!(error.contains(&format!("rows of {width} values")), "{error}");
        }
    }
}
