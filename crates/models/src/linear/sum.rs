//! Numbers that products are summed in.

use std::ops::{AddAssign, Mul};

/// A number that products are summed in.
pub(super) trait Sum:
    Copy + Default + From<f32> + AddAssign + Mul<Output = Self> + Send + Sync
{
}

impl Sum for f32 {}
impl Sum for f64 {}
