//! Inputs of models.

use assort_rows::SparseRows;
use assort_tensor::Ragged;

use crate::{Error, Result};

/// Rows as a model reads them.
#[derive(Clone, Debug)]
pub enum Inputs {
    /// Token ids.
    Ragged(Ragged),
    /// Weighted features.
    Sparse(SparseRows),
    /// The texts themselves.
    Texts(Vec<String>),
}

impl Inputs {
    /// B, the number of rows.
    pub fn rows(&self) -> usize {
        match self {
            Self::Ragged(rows) => rows.rows(),
            Self::Sparse(rows) => rows.rows(),
            Self::Texts(rows) => rows.len(),
        }
    }

    /// # Errors
    /// If these are no token ids.
    pub fn ragged(&self) -> Result<&Ragged> {
        match self {
            Self::Ragged(rows) => Ok(rows),
            other => Err(other.unexpected("token ids")),
        }
    }

    /// The token ids themselves, without a copy.
    ///
    /// # Errors
    /// If these are no token ids.
    pub fn into_ragged(self) -> Result<Ragged> {
        match self {
            Self::Ragged(rows) => Ok(rows),
            other => Err(other.unexpected("token ids")),
        }
    }

    /// # Errors
    /// If these are no weighted features.
    pub fn into_sparse(self) -> Result<SparseRows> {
        match self {
            Self::Sparse(rows) => Ok(rows),
            other => Err(other.unexpected("weighted features")),
        }
    }

    /// # Errors
    /// If these are no weighted features.
    pub fn sparse(&self) -> Result<&SparseRows> {
        match self {
            Self::Sparse(rows) => Ok(rows),
            other => Err(other.unexpected("weighted features")),
        }
    }

    /// # Errors
    /// If these are no texts.
    pub fn texts(&self) -> Result<&[String]> {
        match self {
            Self::Texts(rows) => Ok(rows),
            other => Err(other.unexpected("texts")),
        }
    }

    fn unexpected(&self, expected: &'static str) -> Error {
        let found = match self {
            Self::Ragged(_) => "token ids",
            Self::Sparse(_) => "weighted features",
            Self::Texts(_) => "texts",
        };
        Error::Inputs { expected, found }
    }
}
