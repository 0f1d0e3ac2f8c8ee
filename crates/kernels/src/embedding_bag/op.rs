//! Forward and backward as one of candle's operations on the table.

use std::sync::OnceLock;

use assort_tensor::{Ragged, RowGradient, RowSink};
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

use super::Pooling;
use super::loops::{Token, Tokens, find_winners, pool_max, pool_sum};
use super::rows::Touched;
use crate::cpu::{by_rows, read_all, slice};
use crate::dispatch::Level;

pub(crate) struct EmbeddingBag {
    bag: Ragged,
    pooling: Pooling,
    weights: Option<Vec<f32>>,
    sink: Option<RowSink>,
    /// Sorted where the gradient is asked for: in the forward pass, beside the sums, if it is sure to be.
    touched: OnceLock<Touched>,
}

impl EmbeddingBag {
    pub(crate) fn new(
        bag: &Ragged,
        pooling: Pooling,
        weights: Option<&[f32]>,
        sink: Option<&RowSink>,
    ) -> Self {
        let weights = weights.map(<[f32]>::to_vec);
        Self { bag: bag.clone(), pooling, weights, sink: sink.cloned(), touched: OnceLock::new() }
    }

    /// The tokens of row `b`.
    fn place(&self, b: usize) -> std::ops::Range<usize> {
        let offsets = self.bag.offsets();
        offsets[b] as usize..offsets[b + 1] as usize
    }

    /// Factor of each token of row `b`, before its own weight.
    fn scale(&self, b: usize) -> f32 {
        let tokens = self.place(b).len();
        if self.pooling == Pooling::Mean && tokens > 0 { 1.0 / tokens as f32 } else { 1.0 }
    }

    fn touched(&self) -> &Touched {
        self.touched.get_or_init(|| Touched::new(&self.bag))
    }

    /// The pooled rows (B, D) of a table.
    pub(crate) fn forward(&self, table: &[f32], width: usize) -> Vec<f32> {
        let (level, ids) = (Level::best(), self.bag.ids());
        // SAFETY: both loops write each value of the row that they are given, and the rows are the whole
        // place.
        unsafe {
            by_rows(self.bag.rows(), width, self.bag.tokens() * width, |first, out| {
                for (b, out) in (first..).zip(out.chunks_mut(width)) {
                    match self.pooling {
                        Pooling::Max => pool_max(level, table, ids, self.place(b), out),
                        Pooling::Sum | Pooling::Mean => {
                            let tokens = Tokens { ids, weights: self.weights.as_deref() };
                            pool_sum(level, table, tokens, self.place(b), self.scale(b), out);
                        }
                    }
                }
            })
        }
    }

    /// The gradient of the touched rows from that of the output (B, D).
    fn backward(&self, table: &[f32], out: &[f32], gradient: &[f32], width: usize) -> RowGradient {
        let touched = self.touched();
        let values = match self.pooling {
            Pooling::Max => touched.sum_won(gradient, &self.winners(table, out, width), width),
            Pooling::Sum | Pooling::Mean => {
                let weights = self.weights.as_deref();
                let factor = |token: Token| {
                    let weight = weights.map_or(1.0, |weights| weights[token.position as usize]);
                    self.scale(token.row as usize) * weight
                };
                touched.sum_scaled(gradient, factor, width)
            }
        };
        RowGradient { rows: touched.rows().to_vec(), values, width }
    }

    /// Which token gave each value of the output (B, D). Looked for again rather than kept: prediction does
    /// not need it.
    pub(crate) fn winners(&self, table: &[f32], best: &[f32], width: usize) -> Vec<u32> {
        let (level, ids) = (Level::best(), self.bag.ids());
        // SAFETY: `find_winners` writes each value of the row that it is given, and the rows are the whole
        // place.
        unsafe {
            by_rows(self.bag.rows(), width, self.bag.tokens() * width, |first, out| {
                for (b, out) in (first..).zip(out.chunks_mut(width)) {
                    find_winners(level, table, ids, self.place(b), &best[b * width..][..width], out);
                }
            })
        }
    }
}

impl CustomOp1 for EmbeddingBag {
    fn name(&self) -> &'static str {
        "embedding-bag"
    }

    fn cpu_fwd(&self, table: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let width = layout.dims().get(1).copied().unwrap_or(0);
        let table = slice(table, layout)?;
        let out = match &self.sink {
            Some(_) if rayon::current_thread_index().is_some() => {
                rayon::join(|| self.forward(table, width), || self.touched()).0
            }
            _ => self.forward(table, width),
        };
        Ok((CpuStorage::F32(out), Shape::from((self.bag.rows(), width))))
    }

    fn bwd(&self, table: &Tensor, out: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let (vocabulary, width) = table.dims2()?;
        let gradient = gradient.contiguous()?;
        let rows = read_all([table, out, &gradient], |[table, out, g]| self.backward(table, out, g, width))?;
        match &self.sink {
            Some(sink) if table.is_variable() => {
                sink.add(table.id(), rows);
                Ok(None)
            }
            _ => Ok(Some(rows.to_dense(vocabulary, table.device()).map_err(candle_core::Error::wrap)?)),
        }
    }
}
