//! Low-rank matrices that a network learned beside its own weights.

use candle_core::Tensor;

/// An adaptation of a network whose own weights stay.
#[derive(Clone, Debug)]
pub struct Adaptation {
    /// The low-rank matrices.
    pub low_rank: Vec<AdaptedWeight>,
    /// Parameters that were trained whole beside them, by name.
    pub whole: Vec<(String, Tensor)>,
}

/// Two low-rank matrices whose product `up · down` is added to a weight (out, in).
#[derive(Clone, Debug)]
pub struct AdaptedWeight {
    /// The layer's name, without `.weight`.
    pub name: String,
    /// (r, in).
    pub down: Tensor,
    /// (out, r).
    pub up: Tensor,
}
