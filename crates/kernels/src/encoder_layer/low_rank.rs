//! Low rank: two matrices by which a weight learns.

use candle_core::{Result, Tensor};

use super::Dense;
use crate::cpu::read_all;
use crate::dispatch::is_fused;
use crate::linear::weight_gradient;
use crate::matmul::{Matmul, Matrix};

/// Product that is added to a weight (O, I): scale · up · down.
#[derive(Clone, Copy, Debug)]
pub struct LowRank<'t> {
    /// (R, I).
    pub down: &'t Tensor,
    /// (O, R).
    pub up: &'t Tensor,
    /// s.
    pub scale: f64,
}

impl LowRank<'_> {
    /// Whether the fused operation takes both matrices.
    pub(super) fn is_taken(&self, left: impl Fn(&Tensor) -> bool) -> bool {
        [self.down, self.up].into_iter().all(|tensor| is_fused(tensor) && left(tensor))
    }
}

impl Dense<'_> {
    /// Weight to compute with: W + s · up · down.
    ///
    /// # Errors
    /// If the device fails.
    pub fn whole(&self) -> Result<Tensor> {
        match self.low_rank {
            Some(LowRank { down, up, scale }) => self.weight + (up.matmul(down)? * scale)?,
            None => Ok(self.weight.clone()),
        }
    }
}

/// The same, kept for the backward pass.
pub(super) struct OwnedLowRank {
    pub(super) down: Tensor,
    pub(super) up: Tensor,
    scale: f32,
}

impl OwnedLowRank {
    pub(super) fn new(low: &LowRank) -> Result<Self> {
        Ok(Self { down: low.down.contiguous()?, up: low.up.contiguous()?, scale: low.scale as f32 })
    }

    /// Gradients of down and up, from that of the layer's result g (N, O) and its input x (N, I).
    pub(super) fn gradients(&self, g: &[f32], x: &[f32]) -> Result<[Vec<f32>; 2]> {
        let ((outputs, rank), inputs) = (self.up.dims2()?, self.down.dim(1)?);
        let count = x.len() / inputs.max(1);
        let mut found = read_all([&self.down, &self.up], |[down, up]| {
            let (x_rows, g_rows) = (Matrix::new(x, count, inputs), Matrix::new(g, count, outputs));
            let lowered = Matmul::new(x_rows, Matrix::new(down, rank, inputs).transposed()).run();
            let d_lowered = Matmul::new(g_rows, Matrix::new(up, outputs, rank)).run();
            [
                weight_gradient(&d_lowered, x, [count, rank, inputs]),
                weight_gradient(g, &lowered, [count, outputs, rank]),
            ]
        })?;
        found.iter_mut().flatten().for_each(|value| *value *= self.scale);
        Ok(found)
    }
}
