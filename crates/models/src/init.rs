//! Initial values, as PyTorch draws them.

use assort_random::{fill_normal_from, fill_uniform};
use candle_core::{DType, Device, Result, Tensor};
use rayon::prelude::*;

use crate::Initial;

/// Values that one thread draws at a time.
const PIECE: usize = 1 << 16;

impl Initial {
    /// The same source for a part of a model.
    pub fn part(self, name: &str) -> Self {
        match self {
            Self::Drawn(seed) => Self::Drawn(seed.stream(name)),
            Self::Zeros => Self::Zeros,
        }
    }

    /// Values from N(0, deviation²) of this shape; `nn.Embedding` has a deviation of 1.
    pub fn normal(self, shape: (usize, usize), deviation: f32, device: &Device) -> Result<Tensor> {
        let Self::Drawn(seed) = self else { return Tensor::zeros(shape, DType::F32, device) };
        let mut values = vec![0f32; shape.0 * shape.1];
        values.par_chunks_mut(PIECE).enumerate().for_each(|(piece, values)| {
            fill_normal_from(values, (piece * PIECE) as u64, 0.0, deviation, seed);
        });
        Tensor::from_vec(values, shape, device)
    }

    /// Weight (out, in) and bias (out) of `nn.Linear`: both from U(-1/√in, 1/√in).
    pub fn linear(self, inputs: usize, outputs: usize, device: &Device) -> Result<(Tensor, Tensor)> {
        let bound = 1.0 / (inputs as f32).sqrt();
        let draw = |name: &str, values: usize| {
            let mut drawn = vec![0f32; values];
            if let Self::Drawn(seed) = self {
                fill_uniform(&mut drawn, -bound, bound, seed.stream(name));
            }
            drawn
        };
        let weight = Tensor::from_vec(draw("weight", inputs * outputs), (outputs, inputs), device)?;
        Ok((weight, Tensor::from_vec(draw("bias", outputs), outputs, device)?))
    }
}
