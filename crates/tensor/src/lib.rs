//! [`Ragged`] is the batch that the rest of the workspace speaks: token ids of unequal rows, laid end to end,
//! with offsets. Around it stand the few things that training on candle needs and candle lacks: [`Padded`]
//! with a [`KeepMask`] that says its polarity, named [`Parameters`], [`Gradients`] that may be dense or
//! sparse, a [`GradientReport`] that finds a cut gradient, and [`gradcheck`]. Sparse gradients travel beside
//! candle's own store, through a [`RowSink`], because candle's gradient of a lookup table is as large as the
//! table: forty megabytes for thirty touched rows.
//!
//! Shape letters, used in all crates: B batch, T tokens of the longest row, N tokens of a ragged batch, D
//! embedding, H hidden, V vocabulary, K classes.
//!
#![doc = include_str!("../README.md")]

mod bridge;
mod device;
mod error;
mod gradcheck;
mod gradients;
mod padded;
mod parameters;
mod report;
mod rows;
mod targets;

pub use assort_rows::TokenRows as Ragged;
pub use bridge::matrix_from_tensor;
pub use device::{DeviceChoice, device_name};
pub use error::{Advice, Error, Result};
pub use gradcheck::{Gradcheck, gradcheck};
pub use gradients::{Gradient, Gradients};
pub use padded::{KeepMask, Padded, PaddingSide};
pub use parameters::{Parameter, Parameters, Part, Tracking, Training};
pub use report::{GradientEntry, GradientKind, GradientReport};
pub use rows::{RowGradient, RowSink};
pub use targets::Targets;
