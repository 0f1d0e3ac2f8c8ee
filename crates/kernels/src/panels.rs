//! Matrix products with a right matrix that is laid out in panels of 64 columns, each row after row and filled up with zeros.
//!
//! out (R, N) = or += a (R, K) · right (K, N). Each value of the output is a sum in the order of k whatever R is, so rows may be
//! taken together in any way, and threads have no bearing on the bits. Only where zeros are skipped ([`Zeros`], for training) does
//! the order depend on the row beside. Without AVX-512 the `gemm` crate computes each panel.
//!
//! A recurrence lays its weights out once and multiplies them with a few rows for each token, on one thread: [`Panels`]. Large
//! products of which each needs its layout anyway, on all threads: [`wide`].
//!
//! PERF: `gemm` packs its arguments on each call, and the recurrence has a product of a few rows for each token. On two cores with
//! AVX-512, each 100 GFLOP/s by `gemm` at its best sizes: the forward pass of two directions of LSTM, 64 rows of 256 tokens, H = 256,
//! nothing dropped, runs at 193 GFLOP/s for D = 512 and 180 for D = 100, its gates included; with the backward pass at 187 and 176
//! (`KEEP=1 cargo run --release -p assort-kernels --example measure sequence`).

#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod sparse;
mod tile;
pub(crate) mod turn;
pub(crate) mod wide;

#[cfg(test)]
mod tests;

use crate::cpu::Blank;
use crate::dispatch::Level;
use tile::{Left, Onto, Tile};

/// Columns of a panel: four registers of AVX-512.
pub(crate) const WIDTH: usize = 64;

/// A right matrix (K, N) in panels.
#[derive(Clone, Debug, Default)]
pub(crate) struct Panels {
    depth: usize,
    columns: usize,
    lines: Vec<Line>,
}

/// A row of a panel, aligned so that no load of a register crosses a cache line.
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
    /// Everything from a column of a row on.
    pub(crate) fn row(self, row: usize, column: usize) -> &'a [f32] {
        &self.values[row * self.step + column..]
    }
}

impl Panels {
    /// `rows` (K, N), K rows of N columns.
    pub(crate) fn new(rows: Rows, depth: usize, columns: usize) -> Self {
        let mut panels = Self::default();
        panels.fill(rows, depth, columns);
        panels
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
        Self { depth, columns, lines }
    }

    /// Takes another matrix into the same memory.
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

    /// out += a · this, for `count` rows; row i of the output begins at `i * step` of `out`. On this thread.
    pub(crate) fn multiply(
        &self,
        level: Level,
        zeros: Zeros,
        a: Rows,
        count: usize,
        out: &mut [f32],
        step: usize,
    ) {
        let place = out.as_mut_ptr();
        // SAFETY: the output's values are there, and it is itself what is added to.
        unsafe {
            self.compute(level, zeros, a, count, Onto { start: place, step }, (place, out.len()), step)
        };
    }

    /// out = start + a · this, for `count` rows, the same start for each: writes all columns of these rows. On this thread.
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn multiply_from(
        &self,
        level: Level,
        zeros: Zeros,
        start: &[f32],
        a: Rows,
        count: usize,
        out: &mut [Blank],
        step: usize,
    ) {
        let start = &start[..self.columns];
        if self.depth == 0 {
            for row in out.chunks_mut(step.max(1)).take(count) {
                row.iter_mut().zip(start).for_each(|(out, start)| {
                    out.write(*start);
                });
            }
            return;
        }
        let onto = Onto { start: start.as_ptr(), step: 0 };
        // SAFETY: each row is added to the start, which has a value for each column; nothing is read of the output.
        unsafe { self.compute(level, zeros, a, count, onto, (out.as_mut_ptr().cast(), out.len()), step) };
    }

    /// out = onto + a · this. The output is told by its place and the number of its values.
    ///
    /// # Safety
    /// There is something to add to for all columns of `count` rows, which does not overlap the output, unless it is the same.
    #[allow(clippy::too_many_arguments)]
    unsafe fn compute(
        &self,
        level: Level,
        zeros: Zeros,
        a: Rows,
        count: usize,
        onto: Onto,
        (out, values): (*mut f32, usize),
        step: usize,
    ) {
        if count == 0 || self.columns == 0 || self.depth == 0 {
            return;
        }
        assert!(
            a.step >= self.depth && a.values.len() >= (count - 1) * a.step + self.depth,
            "{count} rows of a"
        );
        assert!(step >= self.columns && values >= (count - 1) * step + self.columns, "{count} rows of out");
        let left = Left { start: a.values.as_ptr(), row: a.step, depth: 1 };
        let (mut panels, mut first) = (Line::values(&self.lines), 0);
        while first < self.columns {
            let together = zeros.panels(level, self.columns - first);
            let (values, rest) = panels.split_at(together * self.depth * WIDTH);
            let width = (together * WIDTH).min(self.columns - first);
            // SAFETY: the asserts above hold the last rows of a and of out within their slices, and first + width is at most the
            // number of columns, which onto has too. out is borrowed mutably. A tile has several panels only where `Zeros::panels`
            // says so: with AVX-512, all of them full.
            unsafe {
                let tile = Tile { left, count, panel: values, width, place: out.add(first), step };
                tile.compute(level, Onto { start: onto.start.add(first), ..onto });
            }
            (panels, first) = (rest, first + width);
        }
    }
}

/// Whether it pays to look for zeros in a left matrix. Sums differ by rounding alone, as long as the right matrix is finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Zeros {
    /// It does not.
    Few,
    /// About half of the values, or more.
    Many,
}

impl Zeros {
    /// How many panels a tile has where so many columns are left.
    fn panels(self, level: Level, columns: usize) -> usize {
        #[cfg(target_arch = "x86_64")]
        if self == Self::Many && level.is_avx512() && columns >= sparse::PANELS * WIDTH {
            return sparse::PANELS;
        }
        let _ = (level, columns);
        1
    }
}
