//! The labels of the rows that a model is fitted to.

use assort_rows::TokenRows;

/// The labels of rows: one each, or any number of them.
#[derive(Clone, Copy, Debug)]
pub enum Labels<'r> {
    /// One a row (B).
    One(&'r [u32]),
    /// Any number a row, without repeats.
    Any(&'r TokenRows),
}

impl<'r> Labels<'r> {
    /// The number of rows.
    pub fn rows(self) -> usize {
        match self {
            Self::One(labels) => labels.len(),
            Self::Any(sets) => sets.rows(),
        }
    }

    /// The labels of a row, which exists.
    #[inline(always)]
    pub(super) fn of(self, row: usize) -> &'r [u32] {
        match self {
            Self::One(labels) => std::slice::from_ref(&labels[row]),
            Self::Any(sets) => sets.row(row),
        }
    }
}

impl<'r> From<&'r [u32]> for Labels<'r> {
    fn from(labels: &'r [u32]) -> Self {
        Self::One(labels)
    }
}

impl<'r> From<&'r Vec<u32>> for Labels<'r> {
    fn from(labels: &'r Vec<u32>) -> Self {
        Self::One(labels)
    }
}

impl<'r, const N: usize> From<&'r [u32; N]> for Labels<'r> {
    fn from(labels: &'r [u32; N]) -> Self {
        Self::One(labels)
    }
}

impl<'r> From<&'r TokenRows> for Labels<'r> {
    fn from(sets: &'r TokenRows) -> Self {
        Self::Any(sets)
    }
}
