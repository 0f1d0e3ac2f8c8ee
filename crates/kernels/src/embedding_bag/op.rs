//! Forward and backward as one of candle's operations on the table.

use std::sync::OnceLock;

use assort_tensor::{Ragged, RowGradient, RowSink};
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::Pooling;
use super::loops::{pool_max, pool_sum};
use super::rows::Touched;
use crate::cpu::{read, slice};
use crate::dispatch::Level;

/// Values under which the work stays on one thread.
const PIECE: usize = 1 << 15;

pub(super) struct EmbeddingBag {
    bag: Ragged,
    pooling: Pooling,
    weights: Option<Vec<f32>>,
    sink: Option<RowSink>,
    /// For the maximum: which token gave each value of the output (B, D).
    winners: OnceLock<Vec<u32>>,
}

impl EmbeddingBag {
    pub(super) fn new(
        bag: &Ragged,
        pooling: Pooling,
        weights: Option<&[f32]>,
        sink: Option<&RowSink>,
    ) -> Self {
        let weights = weights.map(<[f32]>::to_vec);
        Self { bag: bag.clone(), pooling, weights, sink: sink.cloned(), winners: OnceLock::new() }
    }

    /// The tokens of row `b`.
    fn place(&self, b: usize) -> std::ops::Range<usize> {
        let offsets = self.bag.offsets();
        offsets[b] as usize..offsets[b + 1] as usize
    }

    /// What each token of row `b` counts for, before its own weight.
    fn scale(&self, b: usize) -> f32 {
        let tokens = self.place(b).len();
        if self.pooling == Pooling::Mean && tokens > 0 { 1.0 / tokens as f32 } else { 1.0 }
    }

    fn forward(&self, table: &[f32], width: usize) -> Vec<f32> {
        let (level, bag) = (Level::best(), &self.bag);
        let mut out = vec![0f32; bag.rows() * width];
        let mut winners = if self.pooling == Pooling::Max { vec![u32::MAX; out.len()] } else { Vec::new() };
        if width == 0 {
            return out;
        }
        let pool = |b: usize, out: &mut [f32], winners: &mut [u32]| match self.pooling {
            Pooling::Sum | Pooling::Mean => {
                let weights = self.weights.as_deref();
                pool_sum(level, table, bag.ids(), weights, self.place(b), self.scale(b), out);
            }
            Pooling::Max => pool_max(level, table, bag.ids(), self.place(b), out, winners),
        };
        let mut winner_rows = winners.chunks_mut(width);
        let rows = out.chunks_mut(width).enumerate().map(|(b, out)| (b, out, winner_rows.next()));
        let each = |(b, out, winners): (usize, &mut [f32], Option<&mut [u32]>)| {
            pool(b, out, winners.unwrap_or_default());
        };
        if bag.tokens() * width <= PIECE {
            rows.for_each(each);
        } else {
            rows.collect::<Vec<_>>().into_par_iter().for_each(each);
        }
        let _ = self.winners.set(winners);
        out
    }

    /// The gradient of the touched rows from that of the output (B, D).
    fn backward(&self, gradient: &[f32], width: usize) -> RowGradient {
        let touched = Touched::new(&self.bag);
        let winners = self.winners.get().map(Vec::as_slice).unwrap_or_default();
        let values = match self.pooling {
            Pooling::Max => touched.add_won(gradient, winners, width),
            Pooling::Sum | Pooling::Mean => {
                let scales: Vec<f32> = (0..self.bag.rows()).map(|b| self.scale(b)).collect();
                touched.add_scaled(gradient, &scales, self.weights.as_deref(), width)
            }
        };
        RowGradient { rows: touched.into_rows(), values, width }
    }
}

impl CustomOp1 for EmbeddingBag {
    fn name(&self) -> &'static str {
        "embedding-bag"
    }

    fn cpu_fwd(&self, table: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let width = layout.dims().get(1).copied().unwrap_or(0);
        let out = self.forward(slice(table, layout)?, width);
        Ok((CpuStorage::F32(out), Shape::from((self.bag.rows(), width))))
    }

    fn bwd(&self, table: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let (vocabulary, width) = table.dims2()?;
        let rows = read(&gradient.contiguous()?, |g| self.backward(g, width))?;
        match &self.sink {
            Some(sink) if table.is_variable() => {
                sink.add(table.id(), rows);
                Ok(None)
            }
            _ => Ok(Some(rows.to_dense(vocabulary, table.device()).map_err(candle_core::Error::wrap)?)),
        }
    }
}
