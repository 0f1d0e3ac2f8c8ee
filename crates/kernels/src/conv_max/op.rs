//! Forward and backward as one of candle's operations on tokens, filters and bias.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use assort_tensor::Ragged;
use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use super::loops::{add_scaled, best_windows};
use crate::cpu::{read, read_all, serial, slice};
use crate::dispatch::Level;
use crate::matmul::{Matmul, Matrix, column_sums};

/// Tokens whose scores are computed at a time: they stay in the cache, and packing the filters costs little
/// beside them.
const PIECE: usize = 512;

pub(super) struct ConvMax {
    offsets: Vec<u32>,
    /// The best window of each row for each filter (B, F), of the forward pass.
    winners: OnceLock<Vec<u32>>,
}

/// F, h and D.
#[derive(Clone, Copy)]
struct Filters {
    count: usize,
    height: usize,
    width: usize,
}

impl Filters {
    fn new(dims: &[usize]) -> Result<Self> {
        match *dims {
            [count, height, width] => Ok(Self { count, height, width }),
            _ => bail!("filters have the shape {dims:?}, expected (F, h, D)"),
        }
    }

    /// h · D.
    fn values(self) -> usize {
        self.height * self.width
    }
}

/// Best score of each row and filter (B, F), and its window.
struct Best<'a> {
    scores: &'a mut [f32],
    windows: &'a mut [u32],
}

impl ConvMax {
    pub(super) fn new(rows: &Ragged) -> Self {
        Self { offsets: rows.offsets().to_vec(), winners: OnceLock::new() }
    }

    fn rows(&self) -> usize {
        self.offsets.len() - 1
    }

    /// The tokens of row `b`.
    fn place(&self, b: usize) -> Range<usize> {
        self.offsets[b] as usize..self.offsets[b + 1] as usize
    }

    /// Whole rows, together of about [`PIECE`] tokens.
    fn pieces(&self) -> Vec<Range<usize>> {
        let (mut pieces, mut first) = (Vec::new(), 0);
        for b in 0..self.rows() {
            if self.offsets[b + 1] - self.offsets[first] >= PIECE as u32 || b + 1 == self.rows() {
                pieces.push(first..b + 1);
                first = b + 1;
            }
        }
        pieces
    }

    /// Output and best windows, both (B, F).
    fn forward(&self, x: &[f32], filters: &[f32], bias: &[f32], shape: Filters) -> (Vec<f32>, Vec<u32>) {
        let (mut out, mut winners) =
            (vec![0f32; self.rows() * shape.count], vec![0u32; self.rows() * shape.count]);
        if out.is_empty() {
            return (out, winners);
        }
        let mut places = Vec::new();
        let (mut outs, mut wins) = (out.as_mut_slice(), winners.as_mut_slice());
        for piece in self.pieces() {
            let (out, win);
            (out, outs) = outs.split_at_mut(piece.len() * shape.count);
            (win, wins) = wins.split_at_mut(piece.len() * shape.count);
            places.push((piece, out, win));
        }
        let filters = Matrix::new(filters, shape.count, shape.values());
        let each = |(piece, out, winners): (Range<usize>, &mut [f32], &mut [u32])| {
            self.piece(x, filters, piece, shape, Best { scores: out, windows: winners });
            out.chunks_exact_mut(shape.count).for_each(|out| {
                out.iter_mut().zip(bias).for_each(|(out, bias)| *out += bias);
            });
        };
        match places.len() {
            1 => places.into_iter().for_each(each),
            _ => places.into_par_iter().for_each(each),
        }
        (out, winners)
    }

    /// Best scores and windows of some rows; filters (F, h · D).
    fn piece(&self, x: &[f32], filters: Matrix, rows: Range<usize>, shape: Filters, best: Best) {
        let (laid, starts) = self.lay(x, rows, shape);
        let windows = Matrix::windows(&laid, shape.width, shape.height);
        let mut scores = vec![0f32; (laid.len() / shape.width - shape.height + 1) * shape.count];
        Matmul::new(windows, filters.transposed()).on_one_thread().write(&mut scores);
        let level = Level::best();
        let places =
            best.scores.chunks_exact_mut(shape.count).zip(best.windows.chunks_exact_mut(shape.count));
        for (pair, (out, winners)) in starts.windows(2).zip(places) {
            // The windows that end in the row.
            let own = pair[0] * shape.count..(pair[1] - shape.height + 1) * shape.count;
            best_windows(level, &scores[own], out, winners);
        }
    }

    /// The tokens of some rows, each row filled up to the filters' height, and where each begins, and the
    /// end.
    fn lay<'x>(&self, x: &'x [f32], rows: Range<usize>, shape: Filters) -> (Cow<'x, [f32]>, Vec<usize>) {
        let mut starts = vec![0];
        let mut is_short = false;
        for b in rows.clone() {
            let tokens = self.place(b).len();
            is_short |= tokens < shape.height;
            starts.push(starts[starts.len() - 1] + tokens.max(shape.height));
        }
        let all = self.place(rows.start).start * shape.width..self.place(rows.end - 1).end * shape.width;
        if !is_short {
            return (Cow::Borrowed(&x[all]), starts);
        }
        let mut laid = vec![0f32; starts[starts.len() - 1] * shape.width];
        for (b, start) in rows.zip(&starts) {
            let place = self.place(b);
            let row = &x[place.start * shape.width..place.end * shape.width];
            laid[start * shape.width..][..row.len()].copy_from_slice(row);
        }
        (Cow::Owned(laid), starts)
    }

    /// ∂x (N, D).
    fn x_gradient(&self, filters: &[f32], gradient: &[f32], winners: &[u32], shape: Filters) -> Vec<f32> {
        let tokens = self.offsets[self.rows()] as usize;
        let mut sums = vec![0f32; tokens * shape.width];
        let mut places = Vec::with_capacity(self.rows());
        let mut rest = sums.as_mut_slice();
        for b in 0..self.rows() {
            let place;
            (place, rest) = rest.split_at_mut(self.place(b).len() * shape.width);
            places.push((b, place));
        }
        let level = Level::best();
        let each = |(b, place): (usize, &mut [f32])| {
            let own = b * shape.count..(b + 1) * shape.count;
            let best = gradient[own.clone()].iter().zip(&winners[own]);
            for (filter, (&g, &t)) in filters.chunks_exact(shape.values()).zip(best) {
                if g != 0.0 && !place.is_empty() {
                    add_scaled(level, g, filter, &mut place[t as usize * shape.width..]);
                }
            }
        };
        match gradient.len() * shape.values() <= serial() {
            true => places.into_iter().for_each(each),
            false => places.into_par_iter().for_each(each),
        }
        sums
    }

    /// ∂W (F, h, D).
    fn filters_gradient(&self, x: &[f32], gradient: &[f32], winners: &[u32], shape: Filters) -> Vec<f32> {
        let mut sums = vec![0f32; shape.count * shape.values()];
        let level = Level::best();
        let each = |(f, sum): (usize, &mut [f32])| {
            for b in 0..self.rows() {
                let (g, t) = (gradient[b * shape.count + f], winners[b * shape.count + f] as usize);
                let place = self.place(b);
                let end = (place.start + t + shape.height).min(place.end);
                if g != 0.0 && !place.is_empty() {
                    let window = &x[(place.start + t) * shape.width..end * shape.width];
                    add_scaled(level, g, window, sum);
                }
            }
        };
        match gradient.len() * shape.values() <= serial() {
            true => sums.chunks_exact_mut(shape.values()).enumerate().for_each(each),
            false => sums.par_chunks_exact_mut(shape.values()).enumerate().for_each(each),
        }
        sums
    }
}

impl CustomOp3 for ConvMax {
    fn name(&self) -> &'static str {
        "conv-max"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        w: &CpuStorage,
        lw: &Layout,
        b: &CpuStorage,
        lb: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let shape = Filters::new(lw.dims())?;
        let (out, winners) = self.forward(slice(x, lx)?, slice(w, lw)?, slice(b, lb)?, shape);
        // An operation runs forward once.
        let _ = self.winners.set(winners);
        Ok((CpuStorage::F32(out), Shape::from((self.rows(), shape.count))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        filters: &Tensor,
        bias: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let shape = Filters::new(filters.dims())?;
        let Some(winners) = self.winners.get() else { bail!("conv-max runs backward after it ran forward") };
        let gradient = gradient.contiguous()?;
        let mut found = [None, None, None];
        if x.track_op() {
            let sums = read_all([filters, &gradient], |[w, g]| self.x_gradient(w, g, winners, shape))?;
            found[0] = Some(Tensor::from_vec(sums, x.shape(), x.device())?);
        }
        if filters.track_op() {
            let sums = read_all([x, &gradient], |[x, g]| self.filters_gradient(x, g, winners, shape))?;
            found[1] = Some(Tensor::from_vec(sums, filters.shape(), x.device())?);
        }
        if bias.track_op() {
            let sums = read(&gradient, |g| column_sums(g, shape.count))?;
            found[2] = Some(Tensor::from_vec(sums, bias.shape(), x.device())?);
        }
        Ok(found.into())
    }
}
