//! [`embedding_bag`] and its neighbours are operations on candle tensors whose forward and backward passes
//! are written by hand, each as one loop where candle would take several passes over memory; [`optim`] moves
//! parameters in one pass. Models call the operations, the training loop calls the optimizer, nobody else
//! needs this crate.
//!
//! The decision: on the CPU in f32 an operation is fused, everywhere else (CUDA, Metal, other types) the same
//! formula runs as candle's own operations. That second form stands beside each kernel as its `reference`,
//! and the tests hold the two together: equal values and gradients, finite differences, PyTorch's numbers.
//! The price is two forms of each formula; what it buys is that speed never has to be trusted.
//!
//! Loops are plain Rust, compiled for AVX-512, AVX2 and the baseline and chosen at run time. They never
//! reorder a sum by the vector width and never let two threads write one value, so a result's bits depend on
//! neither. Products are by hand for AVX-512 and by the `gemm` crate elsewhere: their bits depend on the
//! processor, not on threads. This crate is the home of `unsafe`.
//!
//! An operation leaves no gradient out without a word: where it has none to give, as for the targets of a
//! loss, its documentation says so.
//!
#![doc = include_str!("../README.md")]
// Loops for wider vectors than the baseline's, unwritten memory, `gemm`, the C allocator's setting.
#![allow(unsafe_code)]

mod allocator;
mod attention;
mod attention_pool;
mod bce_with_logits;
mod conv_max;
mod cpu;
mod cross_entropy;
mod dispatch;
mod dropout;
mod elementwise;
mod embedding_bag;
mod encoder_layer;
mod error;
mod layer_norm;
mod linear;
mod losses;
mod math;
mod matmul;
pub mod optim;
mod sequence;
#[cfg(test)]
mod testing;
mod thread_pool;

pub use allocator::{keep_freed_memory, return_freed_memory, share_one_arena};
pub use attention::{Attention, attention};
pub use attention_pool::attention_pool;
pub use bce_with_logits::bce_with_logits;
pub use conv_max::conv_max;
pub use cross_entropy::{CrossEntropy, cross_entropy};
pub use dispatch::vector_instructions;
pub use dropout::{Dropout, dropout};
pub use elementwise::{gelu, relu};
pub use embedding_bag::{Pooling, embedding_bag};
pub use encoder_layer::{Activation, Dense, EncoderLayer, LayerStates, LowRank, encoder_layer};
pub use error::{Error, Result};
pub use layer_norm::{Norm, layer_norm, residual_norm};
pub use linear::{linear, linear_into};
pub use losses::{entropy, supervised_contrastive};
pub use matmul::{Matmul, Matrix};
pub use sequence::{Recurrent, RecurrentCell, RecurrentOutput, RecurrentWeights, recurrent};
pub use thread_pool::use_one_thread_pool;
