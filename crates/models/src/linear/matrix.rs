//! The rows of a fit as a matrix X (B, width) that is multiplied by vectors from the left and from the right,
//! by several vectors at once: sparse, or dense.
//!
//! Vectors of one problem lie interleaved: value k of entry i is `i * lanes + k`.

use assort_rows::{DenseRows, SparseRows};

use super::dense::Dense;
use super::sparse::Sparse;
use super::sum::Sum;

/// Rows of features that a linear model reads.
#[derive(Clone, Copy, Debug)]
pub enum Design<'r> {
    /// Mostly zeros.
    Sparse(&'r SparseRows),
    /// Few zeros.
    Dense(&'r DenseRows),
}

impl<'r> From<&'r SparseRows> for Design<'r> {
    fn from(rows: &'r SparseRows) -> Self {
        Self::Sparse(rows)
    }
}

impl<'r> From<&'r DenseRows> for Design<'r> {
    fn from(rows: &'r DenseRows) -> Self {
        Self::Dense(rows)
    }
}

impl Design<'_> {
    /// B, the number of rows.
    pub fn rows(self) -> usize {
        match self {
            Self::Sparse(rows) => rows.rows(),
            Self::Dense(rows) => rows.rows(),
        }
    }

    /// The number of columns.
    pub fn width(self) -> usize {
        match self {
            Self::Sparse(rows) => rows.width(),
            Self::Dense(rows) => rows.width(),
        }
    }
}

/// Rows with what their products need.
pub(super) enum Matrix<'r> {
    Sparse(Sparse<'r>),
    Dense(Dense<'r>),
}

impl<'r> Matrix<'r> {
    pub(super) fn new(rows: Design<'r>) -> Self {
        match rows {
            Design::Sparse(rows) => Self::Sparse(Sparse::new(rows)),
            Design::Dense(rows) => Self::Dense(Dense(rows)),
        }
    }

    pub(super) fn width(&self) -> usize {
        match self {
            Self::Sparse(matrix) => matrix.rows.width(),
            Self::Dense(Dense(rows)) => rows.width(),
        }
    }

    /// X · V: (B, lanes) from V (width, lanes).
    pub(super) fn multiply(&self, vectors: &[f32], lanes: usize, output: &mut [f32]) {
        match self {
            Self::Sparse(matrix) => matrix.multiply(vectors, lanes, output),
            Self::Dense(matrix) => matrix.multiply(vectors, lanes, output),
        }
    }

    /// Xᵀ · U of U (B, lanes), entry by entry handed to `finish` with its index in (width, lanes); its two
    /// results are put into `output` and summed up.
    pub(super) fn multiply_transposed<S: Sum>(
        &self,
        vectors: &[f32],
        lanes: usize,
        output: &mut [f32],
        finish: impl Fn(usize, S) -> (f32, f64) + Sync,
    ) -> f64 {
        match self {
            Self::Sparse(matrix) => matrix.multiply_transposed(vectors, lanes, output, finish),
            Self::Dense(matrix) => matrix.multiply_transposed(vectors, lanes, output, finish),
        }
    }

    /// As [`Matrix::multiply_transposed`], of the matrix's squared values.
    pub(super) fn multiply_squares(
        &self,
        vectors: &[f32],
        lanes: usize,
        output: &mut [f32],
        finish: impl Fn(usize, f32) -> f32 + Sync,
    ) {
        match self {
            Self::Sparse(matrix) => matrix.multiply_squares(vectors, lanes, output, finish),
            Self::Dense(matrix) => matrix.multiply_squares(vectors, lanes, output, finish),
        }
    }
}
