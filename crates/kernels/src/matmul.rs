//! Products of matrices, all of them: packing, micro-kernels for each instruction set, and the choice between
//! them.
//!
//! A layer says what is multiplied and never which code runs: [`Matmul`] takes two matrices of any layout,
//! [`Packed`] is a right matrix that is packed once and multiplied many times, [`Gemm`] works on pointers,
//! for parts of tensors on one thread.
//!
//! | product | what runs |
//! | --- | --- |
//! | large, all threads, AVX-512 | `large`: the right matrix in panels, a task for some rows and a panel |
//! | few rows · a matrix laid out by columns | `gemm`, its output by columns, which is then transposed |
//! | any other of two matrices, or of pointers | `gemm` (`portable`), with kernels for every processor |
//! | with a packed matrix | `packed`: panel by panel, on the thread that asks |
//!
//! A panel is multiplied by a micro-kernel, which `tile` chooses: `avx512`, for a left matrix of many zeros
//! `sparse`, else `gemm`.
//!
//! # Accumulation
//! Each value is a sum over k in f32, blocked as the shapes and the processor say: threads have no bearing on
//! the bits.

mod large;
mod packed;
mod portable;
mod tile;
mod transpose;

#[cfg(test)]
mod tests;

use crate::cpu::{Blank, PIECE, each, room, written};
use crate::dispatch::{Level, vectorized};

pub(crate) use packed::{Left, Packed, Rows, Zeros};
pub(crate) use portable::{Gemm, Strided};
pub(crate) use transpose::{PickedRows, transpose_rows};

/// Matrix in a slice: element (i, j) is `values[i * row_step + j * column_step]`.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    pub(crate) values: &'a [f32],
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) row_step: usize,
    pub(crate) column_step: usize,
}

impl<'a> Matrix<'a> {
    /// Rows laid one after another.
    ///
    /// # Panics
    /// If there are not as many values as the shape says.
    pub fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(values.len(), rows * columns, "a matrix of {rows} rows and {columns} columns");
        Self { values, rows, columns, row_step: columns, column_step: 1 }
    }

    /// Every `height` rows that follow one another, as one row each: T rows of `width` values are
    /// T − height + 1 rows of height · width values, which overlap.
    ///
    /// # Panics
    /// If there are fewer than `height` whole rows.
    pub(crate) fn windows(values: &'a [f32], width: usize, height: usize) -> Self {
        let rows = values.len() / width;
        assert!(
            values.len() == rows * width && (1..=rows).contains(&height),
            "windows of {height} of {rows} rows"
        );
        Self { values, rows: rows - height + 1, columns: height * width, row_step: width, column_step: 1 }
    }

    /// The same values, rows as columns.
    pub fn transposed(self) -> Self {
        let Self { values, rows, columns, row_step, column_step } = self;
        Self { values, rows: columns, columns: rows, row_step: column_step, column_step: row_step }
    }
    fn strided(self) -> Strided {
        Strided { start: self.values.as_ptr(), row: self.row_step, column: self.column_step }
    }
}

/// Results of two products of so many multiplications each. Where each is too small to be shared out, and
/// other threads are awake, they run side by side.
pub(crate) fn both<A: Send, B: Send>(
    multiplications: usize,
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B + Send,
) -> (A, B) {
    if rayon::current_thread_index().is_some() && (WORTH..ALONE).contains(&multiplications) {
        rayon::join(one, other)
    } else {
        (one(), other())
    }
}

/// Multiplications under which one thread is faster than waking another; see [`crate::cpu::serial`].
const ALONE: usize = 1 << 22;

/// Multiplications under which one thread is faster than asking another that is awake.
const WORTH: usize = 1 << 17;

/// Start of the sums of a product.
#[derive(Clone, Copy)]
enum Start<'a> {
    Zero,
    /// The values that stand in the output.
    Present,
    /// The same row (N) for all.
    Row(&'a [f32]),
}

/// Who computes a product.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Threads {
    /// All threads, if it is large.
    All,
    /// The thread that asks.
    One,
}

/// Product left (M, K) · right (K, N), its output row after row, on all threads where it is large.
#[derive(Clone, Copy)]
pub struct Matmul<'a> {
    left: Matrix<'a>,
    right: Matrix<'a>,
    bias: Option<&'a [f32]>,
    threads: Threads,
}

impl<'a> Matmul<'a> {
    /// left (M, K) · right (K, N).
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn new(left: Matrix<'a>, right: Matrix<'a>) -> Self {
        let (m, k, n) = (left.rows, left.columns, right.columns);
        assert_eq!(right.rows, k, "a product of ({m}, {k}) and ({}, {n})", right.rows);
        Self { left, right, bias: None, threads: Threads::All }
    }

    /// Each row of the output begins with the bias (N), if there is one.
    ///
    /// # Panics
    /// If the bias has another length.
    pub fn with_bias(self, bias: Option<&'a [f32]>) -> Self {
        assert!(
            bias.is_none_or(|bias| bias.len() == self.right.columns),
            "a bias for {} columns",
            self.right.columns
        );
        Self { bias, ..self }
    }

    /// On the thread that asks, whatever the size.
    pub(crate) fn on_one_thread(self) -> Self {
        Self { threads: Threads::One, ..self }
    }

    /// The product (M, N).
    pub fn run(self) -> Vec<f32> {
        let mut out = room(self.left.rows * self.right.columns);
        // SAFETY: nothing is added to the output, so no value of it is read; afterwards all are written.
        unsafe {
            self.compute(&mut out, self.bias.map_or(Start::Zero, Start::Row));
            written(out)
        }
    }

    /// Writes the product to `out` (M, N).
    ///
    /// # Panics
    /// If `out` has another length.
    pub fn write(self, out: &mut [f32]) {
        self.overwrite(out, self.bias.map_or(Start::Zero, Start::Row));
    }

    /// Adds the product, without a bias, to `out` (M, N).
    ///
    /// # Panics
    /// If `out` has another length.
    pub(crate) fn add_to(self, out: &mut [f32]) {
        self.overwrite(out, Start::Present);
    }

    fn overwrite(self, out: &mut [f32], start: Start) {
        // SAFETY: a written value is a blank as well, of the same layout; `compute` puts values alone into
        // it, and what it adds to is there.
        unsafe {
            let blank = std::slice::from_raw_parts_mut(out.as_mut_ptr().cast::<Blank>(), out.len());
            self.compute(blank, start);
        }
    }

    /// # Safety
    /// To be added to, all values of `out` must be written. Afterwards they are.
    unsafe fn compute(self, out: &mut [Blank], start: Start) {
        let Self { left, right, threads, .. } = self;
        let (m, n, k) = (left.rows, right.columns, left.columns);
        assert_eq!(out.len(), m * n, "the output of a product of ({m}, {k}) and ({k}, {n})");
        if out.is_empty() {
            return;
        }
        let (level, large) = (Level::best(), m.saturating_mul(n).saturating_mul(k) >= ALONE);
        // SAFETY: passed on to the caller; a row of values is written before it is added to.
        unsafe {
            if threads == Threads::All && large && large::suits(level, (m, n, k)) {
                return large::compute(level, out, left, right, start);
            }
            if let Start::Row(row) = start {
                each(out.chunks_mut((PIECE / n).max(1) * n), m * n, |out| {
                    for out in out.chunks_exact_mut(n) {
                        out.write_copy_of_slice(row);
                    }
                });
            }
            let gemm = Gemm { shares: threads == Threads::All && large, ..Gemm::new((m, n, k)) };
            let adds = !matches!(start, Start::Zero);
            if k > 0 && right.column_step != 1 && (FEW / 8..=FEW).contains(&m) {
                let mut columns = room(m * n);
                let by_columns = Strided { start: columns.as_mut_ptr().cast(), row: 1, column: m };
                gemm.run(by_columns, left.strided(), right.strided());
                let columns = written(columns);
                match adds {
                    true => add_transposed(level, &columns, m, out.assume_init_mut()),
                    false => transpose(level, &columns, m, out),
                }
            } else {
                let by_rows = Strided::rows(out.as_mut_ptr().cast(), n);
                Gemm { adds, ..gemm }.run(by_rows, left.strided(), right.strided());
            }
        }
    }
}

/// Rows of the output up to which it is better computed by columns where the right matrix is laid out by
/// columns.
///
/// `gemm` wants its output by columns and packs the matrix on its left: for an output by rows that is the
/// whole of W in x Wᵀ, read against its layout, whatever the number of rows. An output by columns packs x
/// instead.
///
/// PERF: 32 rows, W (768, 768), one thread: 556 µs by rows, 265 µs this way; 64 rows, W (3072, 768): 3.05 and
/// 1.99 ms; W stored [I, O]: 298 µs and 2.07 ms (`cargo run --release -p assort-kernels --example measure
/// linear`).
const FEW: usize = 256;

/// Values of a row that are written at a time by a transposition.
const RUN: usize = 16;

vectorized! {
    /// out, by rows, = `columns`, by columns of `rows` values.
    fn transpose(columns: &[f32], rows: usize, out: &mut [Blank]) {
        for (i, out) in out.chunks_exact_mut(columns.len() / rows).enumerate() {
            for (out, columns) in out.chunks_mut(RUN).zip(columns.chunks(RUN * rows)) {
                for (out, column) in out.iter_mut().zip(columns.chunks_exact(rows)) {
                    out.write(column[i]);
                }
            }
        }
    }
}

vectorized! {
    /// out, by rows, += `columns`, by columns of `rows` values.
    fn add_transposed(columns: &[f32], rows: usize, out: &mut [f32]) {
        for (i, out) in out.chunks_exact_mut(columns.len() / rows).enumerate() {
            for (out, columns) in out.chunks_mut(RUN).zip(columns.chunks(RUN * rows)) {
                for (out, column) in out.iter_mut().zip(columns.chunks_exact(rows)) {
                    *out += column[i];
                }
            }
        }
    }
}

vectorized! {
    /// Adds each row's values from the column `first` on.
    fn add_rows(rows: &[f32], columns: usize, first: usize, sum: &mut [f32]) {
        for row in rows.chunks_exact(columns) {
            sum.iter_mut().zip(&row[first..]).for_each(|(sum, x)| *sum += x);
        }
    }
}

/// Sum of the rows of a matrix with `columns` columns, from the first to the last.
pub(crate) fn column_sums(rows: &[f32], columns: usize) -> Vec<f32> {
    /// Columns that one thread takes at a time where there is much to add up.
    const PART: usize = 256;
    let mut sum = vec![0f32; columns];
    each(sum.chunks_mut(PART).enumerate(), rows.len(), |(part, sum)| {
        add_rows(Level::best(), rows, columns, part * PART, sum);
    });
    sum
}
