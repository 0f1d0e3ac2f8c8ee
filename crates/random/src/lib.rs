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
//! ```
//! use assort_random::{Seed, permutation};
//!
//! let seed = Seed::new(7);
//! let order = permutation(5, &mut seed.stream("shuffle").at(0).generator());
//! assert_eq!(order, permutation(5, &mut seed.stream("shuffle").at(0).generator()));
//! let mut sorted = order.clone();
//! sorted.sort_unstable();
//! assert_eq!(sorted, [0, 1, 2, 3, 4]);
//! ```

mod box_muller;
mod fill;
mod generator;
mod normal;
mod philox;
mod seed;
mod shuffle;

pub use fill::{fill_normal, fill_normal_from, fill_uniform, fill_uniform_from, keep};
pub use generator::Generator;
pub use normal::normal_quantile;
pub use philox::{Block, block};
pub use rand_core;
pub use seed::Seed;
pub use shuffle::{permutation, shuffle};
