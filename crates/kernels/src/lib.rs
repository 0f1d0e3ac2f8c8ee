//! Fused forward passes with hand-written backward passes, and one-pass optimizer steps.
#![allow(unsafe_code)] // Loops compiled for wider vectors than the target's baseline; see `dispatch`.

mod bce_with_logits;
mod cpu;
mod cross_entropy;
mod dispatch;
mod dropout;
mod embedding_bag;
mod error;
mod gelu;
mod linear;
mod math;
pub mod optim;
mod product;
mod relu;
#[cfg(test)]
mod testing;

pub use bce_with_logits::bce_with_logits;
pub use cross_entropy::{CrossEntropy, cross_entropy};
pub use dropout::dropout;
pub use embedding_bag::{Pooling, embedding_bag};
pub use error::{Error, Result};
pub use gelu::gelu;
pub use linear::linear;
pub use relu::relu;
