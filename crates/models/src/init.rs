//! Initial values, as PyTorch draws them. They are variables, so that parameters take them up as they are.

use assort_classifier::{Error, Result};
use assort_random::{fill_normal_from, fill_uniform};
use candle_core::{Device, Tensor, Var};
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
        let mut values = zeros(shape)?;
        if let Self::Drawn(seed) = self {
            values.par_chunks_mut(PIECE).enumerate().for_each(|(piece, values)| {
                fill_normal_from(values, (piece * PIECE) as u64, 0.0, deviation, seed);
            });
        }
        Ok(Var::from_vec(values, shape, device)?.into_inner())
    }

    /// A table of embeddings (V, D) from N(0, deviation²); row 0, of the padding token, is zero.
    pub fn table(self, vocabulary: usize, width: usize, deviation: f64, device: &Device) -> Result<Tensor> {
        let table = self.normal((vocabulary, width), deviation as f32, device)?;
        if vocabulary > 0 {
            table.slice_set(&Tensor::zeros((1, width), table.dtype(), device)?, 0, 0)?;
        }
        Ok(table)
    }

    /// Values from U(-bound, bound) of this shape.
    pub fn uniform(self, shape: &[usize], bound: f32, device: &Device) -> Result<Tensor> {
        let rows = shape.first().copied().unwrap_or(1);
        let columns = shape.iter().skip(1).fold(1, |all: usize, size| all.saturating_mul(*size));
        let mut values = zeros((rows, columns))?;
        if let Self::Drawn(seed) = self {
            fill_uniform(&mut values, -bound, bound, seed);
        }
        Ok(Var::from_vec(values, shape, device)?.into_inner())
    }
}

/// Room for the values of a matrix, all zero.
fn zeros(shape: (usize, usize)) -> Result<Vec<f32>> {
    let fits = |count: &usize| Vec::<f32>::new().try_reserve_exact(*count).is_ok();
    let Some(count) = shape.0.checked_mul(shape.1).filter(fits) else {
        let (rows, columns) = shape;
        return Err(Error::Memory { rows, columns });
    };
    Ok(vec![0.0; count])
}
