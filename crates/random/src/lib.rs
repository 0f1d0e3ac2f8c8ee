//! Names every use of chance with a [`Seed`].
//!
//! A run has one seed. Each place that needs chance takes a stream of it by name (`seed.stream("shuffle")`)
//! and, where it repeats, by number (`stream.at(epoch)`). A stream becomes either a [`Generator`], for draws
//! in order, or numbers by index ([`keep`], [`fill_uniform`], [`fill_normal`]), for work that is cut into
//! chunks. Both stand on Philox4x32-10, a counter-based generator: the n-th number is a function of the seed
//! and n alone. So the number of threads, the size of a chunk and the order of the work leave no trace in a
//! result, and a resumed run needs a seed and a position, no hidden state. The price is ten
//! rounds of multiplication for four words, more than a sequential generator needs.
//!
//! All arithmetic is integer or correctly rounded (no system `log` or `cos`), so every platform gets the same
//! bits. None of this is fit for cryptography.
//!
#![doc = include_str!("../README.md")]

mod box_muller;
mod fill;
mod generator;
mod normal;
mod philox;
mod seed;
mod shuffle;

pub use fill::{fill_normal, fill_normal_from, fill_uniform, keep};
pub use generator::Generator;
pub use normal::normal_quantile;
pub use philox::{Block, block};
pub use seed::Seed;
pub use shuffle::{permutation, shuffle};
