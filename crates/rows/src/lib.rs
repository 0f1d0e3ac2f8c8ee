//! [`TokenRows`] is the batch that the whole workspace speaks: token ids of unequal rows, laid end to end,
//! with offsets. [`SparseRows`] is its like for weighted features, [`DenseRows`] for numbers of which few are
//! zero. All are plain data without tensors, so that whoever makes batches and whoever reads them need not
//! know each other. [`Task`] says how many labels
//! a row has, [`ClassWeights`] how much each counts.
//!
//! Nothing is padded and no mask can be forgotten. The price is that a model that needs a rectangle has to
//! make one.
//!
#![doc = include_str!("../README.md")]

mod class_weights;
mod dense_rows;
mod error;
mod sparse_rows;
mod task;
mod token_rows;

pub use class_weights::ClassWeights;
pub use dense_rows::DenseRows;
pub use error::{Error, Result};
pub use sparse_rows::SparseRows;
pub use task::Task;
pub use token_rows::TokenRows;
