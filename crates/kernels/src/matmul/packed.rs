//! Right matrix that is packed once and multiplied many times: in panels of 64 columns, row after row, filled
//! up with zeros.
//!
//! out (R, N) = or += left (R, K) · right (K, N). Each value of the output is a sum in the order of k
//! whatever R is, so rows may be taken together in any way, and threads have no bearing on the bits. Only
//! where zeros are skipped ([`Zeros`], for training) does the order depend on the row beside. Without AVX-512
//! the `gemm` crate computes each panel.
//!
//! PERF: `gemm` packs its arguments on each call, and a recurrence has a product of a few rows for each
//! token. On two cores with AVX-512, each 100 GFLOP/s by `gemm` at its best sizes: the forward pass of two
//! directions of LSTM, 64 rows of 256 tokens, H = 256, nothing dropped, runs at 193 GFLOP/s for D = 512 and
//! 180 for D = 100, its gates included; with the backward pass at 187 and 176 (`KEEP=1 cargo run --release -p
//! assort-kernels --example measure sequence`).

#[cfg(test)]
mod tests;

use super::portable::Strided;
use super::tile::{Addend, Tile, WIDTH, sparse_panels};
use crate::cpu::Blank;
use crate::dispatch::Level;

/// Right matrix (K, N) in panels.
#[derive(Clone, Debug)]
pub(crate) struct Packed {
    level: Level,
    depth: usize,
    columns: usize,
    lines: Vec<Line>,
}

/// Row of a panel, aligned so that no load of a register crosses a cache line.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
struct Line([f32; WIDTH]);

impl Line {
    const ZERO: Self = Self([0.0; WIDTH]);

    /// The values of lines, one line after the other.
    fn values(lines: &[Self]) -> &[f32] {
        // SAFETY: a line is WIDTH values and nothing else.
        unsafe { std::slice::from_raw_parts(lines.as_ptr().cast(), lines.len() * WIDTH) }
    }
}

/// Rows of a matrix within a slice: row i begins at `i * step`.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub(crate) values: &'a [f32],
    pub(crate) step: usize,
}

impl<'a> Rows<'a> {
    /// The values from a column of a row on.
    pub(crate) fn row(self, row: usize, column: usize) -> &'a [f32] {
        &self.values[row * self.step + column..]
    }
}

/// Left matrix of a product with a packed one: its first `count` rows.
#[derive(Clone, Copy)]
pub(crate) struct Left<'a> {
    pub(crate) rows: Rows<'a>,
    pub(crate) count: usize,
    pub(crate) zeros: Zeros,
}

impl Packed {
    /// Nothing yet: [`fill`](Self::fill) packs a matrix.
    pub(crate) fn empty() -> Self {
        Self { level: Level::best(), depth: 0, columns: 0, lines: Vec::new() }
    }

    /// From `rows` (K, N), K rows of N columns.
    pub(crate) fn new(rows: Rows, depth: usize, columns: usize) -> Self {
        let mut packed = Self::empty();
        packed.fill(rows, depth, columns);
        packed
    }

    /// The same from the transposed matrix (N, K).
    pub(crate) fn transposed(rows: Rows, depth: usize, columns: usize) -> Self {
        let mut lines = vec![Line::ZERO; columns.div_ceil(WIDTH) * depth];
        for (panel, first) in lines.chunks_exact_mut(depth.max(1)).zip((0..columns).step_by(WIDTH)) {
            for column in first..columns.min(first + WIDTH) {
                let row = &rows.values[column * rows.step..][..depth];
                panel.iter_mut().zip(row).for_each(|(line, value)| line.0[column - first] = *value);
            }
        }
        Self { depth, columns, lines, ..Self::empty() }
    }

    /// Packs another matrix into the same memory.
    pub(crate) fn fill(&mut self, rows: Rows, depth: usize, columns: usize) {
        (self.depth, self.columns) = (depth, columns);
        self.lines.clear();
        self.lines.reserve(columns.div_ceil(WIDTH) * depth);
        for first in (0..columns).step_by(WIDTH) {
            let width = WIDTH.min(columns - first);
            for k in 0..depth {
                let mut line = Line::ZERO;
                line.0[..width].copy_from_slice(&rows.values[k * rows.step + first..][..width]);
                self.lines.push(line);
            }
        }
    }

    /// out += left · this; row i of the output begins at `i * step` of `out`. On this thread.
    pub(crate) fn multiply(&self, left: Left, out: &mut [f32], step: usize) {
        let start = out.as_mut_ptr();
        // SAFETY: the output's values are there, and it is itself what is added to.
        unsafe { self.compute(left, Addend { start, step }, (start, out.len()), step) };
    }

    /// out = start + left · this, the same start (N) for each row: writes all columns of these rows. On this
    /// thread.
    pub(crate) fn multiply_from(&self, left: Left, start: &[f32], out: &mut [Blank], step: usize) {
        let start = &start[..self.columns];
        if self.depth == 0 {
            for row in out.chunks_mut(step.max(1)).take(left.count) {
                row.iter_mut().zip(start).for_each(|(out, start)| {
                    out.write(*start);
                });
            }
            return;
        }
        let addend = Addend { start: start.as_ptr(), step: 0 };
        // SAFETY: each row is added to the start, which has a value for each column; nothing is read of the
        // output.
        unsafe { self.compute(left, addend, (out.as_mut_ptr().cast(), out.len()), step) };
    }

    /// out = addend + left · this. The output is told by its start and the number of its values.
    ///
    /// # Safety
    /// There is an addend for all columns of the left matrix' rows, which does not overlap the output, unless
    /// it is the same.
    unsafe fn compute(&self, left: Left, addend: Addend, (out, values): (*mut f32, usize), step: usize) {
        let Left { rows, count, zeros } = left;
        if count == 0 || self.columns == 0 || self.depth == 0 {
            return;
        }
        assert!(
            rows.step >= self.depth && rows.values.len() >= (count - 1) * rows.step + self.depth,
            "{count} rows of the left matrix"
        );
        assert!(step >= self.columns && values >= (count - 1) * step + self.columns, "{count} rows of out");
        let left = Strided::rows(rows.values.as_ptr(), rows.step);
        let (mut panels, mut first) = (Line::values(&self.lines), 0);
        while first < self.columns {
            let together = match zeros {
                Zeros::Few => 1,
                Zeros::Many => sparse_panels(self.level, self.columns - first),
            };
            let (values, rest) = panels.split_at(together * self.depth * WIDTH);
            let width = (together * WIDTH).min(self.columns - first);
            // SAFETY: the asserts above hold the last rows of the left matrix and of out within their slices,
            // and first + width is at most the number of columns, which the addend has too. out is borrowed
            // mutably. A tile has several panels only where `sparse_panels` says so: with AVX-512, all of
            // them full.
            unsafe {
                let tile = Tile { left, count, panel: values, width, out: out.add(first), step };
                tile.compute(self.level, Addend { start: addend.start.add(first), ..addend });
            }
            (panels, first) = (rest, first + width);
        }
    }
}

/// Whether it pays to look for zeros in a left matrix. Sums differ by rounding alone, as long as the right
/// matrix is finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Zeros {
    /// It does not.
    Few,
    /// About half of the values, or more.
    Many,
}
