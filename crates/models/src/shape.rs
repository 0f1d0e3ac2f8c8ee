//! The data's sizes that a model is built for, and its first weights.

use assort_random::Seed;
use serde::{Deserialize, Serialize};

/// Sizes of a model that the data decides.
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
