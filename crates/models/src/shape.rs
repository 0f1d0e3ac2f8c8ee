//! What a model is built for, and from.

use assort_random::Seed;
use serde::{Deserialize, Serialize};

/// What the data decides about a model's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// V, the number of token ids or features.
    pub vocabulary: usize,
    /// K, the number of labels.
    pub classes: usize,
}

/// Where first parameters come from.
#[derive(Clone, Copy, Debug)]
pub enum Initial {
    /// Drawn as the architecture wants them.
    Drawn(Seed),
    /// All zero, to be replaced by those of a file.
    Zeros,
}
