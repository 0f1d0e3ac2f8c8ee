//! A layer as one of candle's operations on its input and its weights.

use std::sync::{Mutex, PoisonError};

use assort_tensor::Ragged;
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::panels::Rows;
use super::passes::{Keeping, Kept, SharedRows, Task};
use super::walk::{Group, Order, Walk};
use super::weights::{Pass, Sizes, Weights, spread};
use super::{Cell, RecurrentWeights};
use crate::cpu::{Blank, read, slice};
use crate::dispatch::Level;

/// What tasks keep, in their order.
type AllKept = Vec<Vec<Kept>>;

pub(super) struct Layer {
    sizes: Sizes,
    groups: Vec<Group>,
    tokens: usize,
    directions: usize,
    truncation: Option<usize>,
    keeping: Keeping,
    kept: Mutex<Option<AllKept>>,
}

const ORDERS: [Order; 2] = [Order::FirstToLast, Order::LastToFirst];

impl Layer {
    /// The states of a layer (N, S · H).
    pub(super) fn apply(
        cell: Cell,
        x: &Tensor,
        rows: &Ragged,
        directions: &[RecurrentWeights],
        truncation: Option<usize>,
    ) -> Result<Tensor> {
        let parts = directions.iter().flat_map(|w| [&w.input, &w.hidden, &w.input_bias, &w.hidden_bias]);
        let flat = Tensor::cat(&parts.map(Tensor::flatten_all).collect::<Result<Vec<_>>>()?, 0)?;
        let is_tracked = x.track_op() || flat.track_op();
        let layer = Self {
            sizes: Sizes { cell, width: x.dim(1)?, states: directions[0].hidden.dim(1)? },
            groups: Group::all(rows),
            tokens: rows.tokens(),
            directions: directions.len(),
            truncation,
            keeping: if is_tracked { Keeping::All } else { Keeping::Nothing },
            kept: Mutex::new(None),
        };
        x.contiguous()?.apply_op2(&flat, layer)
    }

    fn weights(&self, flat: &[f32], pass: Pass) -> Vec<Weights> {
        let parts = flat.par_chunks(self.sizes.total().max(1));
        parts.map(|part| Weights::new(self.sizes, part, pass)).collect()
    }

    /// A task for each direction and group, with its direction and its number of rows.
    fn tasks<'a>(&'a self, x: &'a [f32], weights: &'a [Weights]) -> Vec<(usize, usize, Task<'a>)> {
        let (level, sizes) = (Level::best(), self.sizes);
        let directions = weights.iter().zip(ORDERS).enumerate();
        let tasks = directions.flat_map(|(direction, (weights, order))| {
            self.groups.iter().map(move |group| {
                let walk = Walk::new(group, order, self.truncation);
                let column = direction * sizes.states;
                (direction, group.count(), Task { walk, sizes, weights, x, column, level })
            })
        });
        tasks.collect()
    }

    fn forward(&self, x: &[f32], flat: &[f32], keeping: Keeping) -> (Vec<f32>, AllKept) {
        let weights = self.weights(flat, Pass::Forward);
        let step = self.directions * self.sizes.states;
        let mut kept = Vec::new();
        let fill = |blank: &mut [Blank]| {
            let states = SharedRows::new(blank, step);
            let tasks = self.tasks(x, &weights).into_par_iter();
            kept = tasks.map(|(_, rows, task)| task.forward(rows, keeping, &states)).collect();
        };
        // SAFETY: each token belongs to one group, and each direction's task writes its columns of the token's row.
        let out = unsafe { filled(self.tokens * step, fill) };
        (out, kept)
    }

    /// The gradients of x, if wanted, and of the flat weights.
    fn backward(
        &self,
        x: &[f32],
        flat: &[f32],
        states: &[f32],
        gradient: &[f32],
        of_x: bool,
    ) -> (Option<Vec<f32>>, Vec<f32>) {
        let taken = self.kept.lock().unwrap_or_else(PoisonError::into_inner).take();
        // A second backward pass through one graph finds nothing kept.
        let kept = taken.unwrap_or_else(|| self.forward(x, flat, Keeping::All).1);
        let (sizes, width) = (self.sizes, self.sizes.width);
        let weights = self.weights(flat, Pass::Backward);
        let step = self.directions * sizes.states;
        let (states, gradient) = (Rows { values: states, step }, Rows { values: gradient, step });
        let mut products = Vec::new();
        let fill = |blank: Option<&mut [Blank]>| {
            let rows = blank.map(|blank| {
                let parts = blank.chunks_mut((self.tokens * width).max(1));
                parts.map(|part| SharedRows::new(part, width)).collect::<Vec<_>>()
            });
            let of_x = |direction: usize| rows.as_ref().and_then(|rows| rows.get(direction));
            let tasks = self.tasks(x, &weights).into_iter().zip(kept).collect::<Vec<_>>();
            let tasks = tasks.into_par_iter();
            products = tasks
                .map(|((direction, rows, task), kept)| {
                    task.backward(rows, kept, states, gradient, of_x(direction))
                })
                .collect();
        };
        let of_x = if of_x {
            let count = self.tokens * width;
            // SAFETY: each token belongs to one group, whose task of each direction writes the token's row in its part.
            let mut parts = unsafe { filled(self.directions * count, |blank| fill(Some(blank))) };
            let (first, second) = parts.split_at_mut(count);
            let pairs = first.par_chunks_mut(1 << 14).zip(second.par_chunks(1 << 14));
            pairs.for_each(|(sum, part)| sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part));
            parts.truncate(count);
            Some(parts)
        } else {
            fill(None);
            None
        };
        let mut of_flat = vec![0f32; flat.len()];
        let groups = self.groups.len();
        if groups > 0 {
            let parts = of_flat.par_chunks_mut(sizes.total().max(1)).zip(products.par_chunks_mut(groups));
            parts.for_each(|(flat, products)| {
                let Some((sum, others)) = products.split_first_mut() else { return };
                for other in others {
                    sum.iter_mut().zip(other).for_each(|(sum, value)| *sum += *value);
                }
                spread(sizes, sum, flat);
            });
        }
        (of_x, of_flat)
    }
}

/// `count` values that `fill` writes.
///
/// # Safety
/// `fill` writes all of them.
unsafe fn filled(count: usize, fill: impl FnOnce(&mut [Blank])) -> Vec<f32> {
    let mut values = Vec::with_capacity(count);
    fill(&mut values.spare_capacity_mut()[..count]);
    // SAFETY: the capacity is at least `count`, and the caller promises that all are written.
    unsafe { values.set_len(count) };
    values
}

impl CustomOp2 for Layer {
    fn name(&self) -> &'static str {
        "recurrent-layer"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        w: &CpuStorage,
        lw: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (out, kept) = self.forward(slice(x, lx)?, slice(w, lw)?, self.keeping);
        if self.keeping == Keeping::All {
            *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        }
        Ok((CpuStorage::F32(out), Shape::from((self.tokens, self.directions * self.sizes.states))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        flat: &Tensor,
        states: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        let of_x = x.track_op();
        let run = |x: &[f32], flat: &[f32], states: &[f32], gradient: &[f32]| {
            self.backward(x, flat, states, gradient, of_x)
        };
        let (of_x, of_flat) =
            read(x, |x| read(flat, |w| read(states, |s| read(&gradient, |g| run(x, w, s, g)))))????;
        let of_x = of_x.map(|values| Tensor::from_vec(values, x.shape(), x.device())).transpose()?;
        let of_flat = flat.track_op().then(|| Tensor::from_vec(of_flat, flat.shape(), flat.device()));
        Ok((of_x, of_flat.transpose()?))
    }
}
