//! Matrix products, checked: large ones in panels where the processor has AVX-512, all others through the `gemm` crate.

use crate::cpu::{Blank, PIECE, each, room, written};
use crate::dispatch::{Level, vectorized};
use crate::panels::wide;

/// A matrix in a slice: element (i, j) is `values[i * row_step + j * column_step]`.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a> {
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
    pub(crate) fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(values.len(), rows * columns, "a matrix of {rows} rows and {columns} columns");
        Self { values, rows, columns, row_step: columns, column_step: 1 }
    }

    /// Every `height` rows that follow one another, as one row each: of T rows of `width` values, T − height + 1 rows of
    /// height · width values, which overlap.
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
    pub(crate) fn transposed(self) -> Self {
        let Self { values, rows, columns, row_step, column_step } = self;
        Self { values, rows: columns, columns: rows, row_step: column_step, column_step: row_step }
    }
}

/// What a product is added to.
#[derive(Clone, Copy)]
pub(crate) enum Start<'a> {
    /// Nothing.
    Zero,
    /// The values that stand in the output.
    Present,
    /// The same row (N) for all.
    Row(&'a [f32]),
}

/// Who computes a product.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Threads {
    /// All threads, if it is large.
    All,
    /// The thread that asks.
    One,
}

/// What two products of so many multiplications each give. Where each is too small to be shared out, and other threads are awake,
/// they run side by side.
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

/// left (M, K) · right (K, N), row after row, on all threads where it is large; each row added to `bias` (N) unless that is
/// empty.
///
/// # Panics
/// If the shapes do not fit.
pub(crate) fn product(left: Matrix, right: Matrix, bias: &[f32]) -> Vec<f32> {
    let mut out = room(left.rows * right.columns);
    let start = if bias.is_empty() { Start::Zero } else { Start::Row(bias) };
    // SAFETY: `write` reads no value of the output before it has written it, and writes every one.
    unsafe {
        write(Threads::All, &mut out, left, right, start);
        written(out)
    }
}

/// out (M, N), row after row, = start + left (M, K) · right (K, N). Threads have no bearing on the bits.
///
/// # Panics
/// If the shapes do not fit.
pub(crate) fn product_on(threads: Threads, out: &mut [f32], left: Matrix, right: Matrix, start: Start) {
    // SAFETY: a written value is a blank as well, of the same layout; `write` puts values alone into it, and what it adds to is
    // there.
    unsafe {
        let blank = std::slice::from_raw_parts_mut(out.as_mut_ptr().cast::<Blank>(), out.len());
        write(threads, blank, left, right, start);
    }
}

/// # Safety
/// To be added to, all values of `out` must be written. Afterwards they are.
unsafe fn write(threads: Threads, out: &mut [Blank], left: Matrix, right: Matrix, start: Start) {
    let (m, n, k) = (left.rows, right.columns, left.columns);
    assert!(right.rows == k && out.len() == m * n, "a product of ({m}, {k}) and ({}, {n})", right.rows);
    if let Start::Row(row) = start {
        assert_eq!(row.len(), n, "a row for {n} columns");
    }
    if out.is_empty() {
        return;
    }
    let (level, large) = (Level::best(), m.saturating_mul(n).saturating_mul(k) >= ALONE);
    // SAFETY: passed on to the caller.
    unsafe {
        if threads == Threads::All && large && wide::suits(level, (m, n, k)) {
            return wide::product(level, out, left, right, start);
        }
        let add = match start {
            Start::Zero if k == 0 => return out.fill(Blank::new(0.0)),
            Start::Zero => false,
            Start::Present => true,
            Start::Row(row) => {
                each(out.chunks_mut((PIECE / n).max(1) * n), m * n, |out| {
                    for out in out.chunks_exact_mut(n) {
                        out.write_copy_of_slice(row);
                    }
                });
                true
            }
        };
        if k > 0 && right.column_step != 1 && (FEW / 8..=FEW).contains(&m) {
            few_rows(threads, out, left, right, add);
        } else if k > 0 {
            multiply(threads, out, (1, n), left, right, add);
        }
    }
}

/// Rows of the output up to which a right matrix that is laid out by columns is better not turned.
const FEW: usize = 256;

/// x Wᵀ for few rows of x. `gemm` wants its output by columns and packs the matrix on its left: for an output by rows that is
/// the whole of W, read against its layout, whatever the number of rows. An output by columns packs x instead.
///
/// PERF: 32 rows, W (768, 768), one thread: 556 µs by rows, 265 µs this way; 64 rows, W (3072, 768): 3.05 and 1.99 ms; W stored
/// [I, O]: 298 µs and 2.07 ms (`cargo run --release -p assort-kernels --example measure linear`).
///
/// # Safety
/// As for [`write`].
unsafe fn few_rows(threads: Threads, out: &mut [Blank], left: Matrix, right: Matrix, add: bool) {
    let (m, n) = (left.rows, right.columns);
    let mut turned = room(m * n);
    // SAFETY: what is overwritten need not be there before, and is there afterwards.
    let turned = unsafe {
        multiply(threads, &mut turned, (m, 1), left, right, false);
        written(turned)
    };
    turn(Level::best(), &turned, m, add, out);
}

vectorized! {
    /// out, by rows, = or += `columns`, by columns of `rows` values. What is added to must be there.
    fn turn(columns: &[f32], rows: usize, add: bool, out: &mut [Blank]) {
        /// Values of a row that are written at a time.
        const RUN: usize = 16;
        let width = columns.len() / rows;
        for (i, out) in out.chunks_exact_mut(width).enumerate() {
            for (run, columns) in out.chunks_mut(RUN).zip(columns.chunks(RUN * rows)) {
                for (out, column) in run.iter_mut().zip(columns.chunks_exact(rows)) {
                    // SAFETY: `few_rows`, the only caller, adds where its own caller has promised that all values are there.
                    let before = if add { unsafe { out.assume_init() } } else { 0.0 };
                    out.write(if add { before + column[i] } else { column[i] });
                }
            }
        }
    }
}

/// out = left · right with the steps (from column to column, from row to row) of out. Both sizes and K are above 0, and out
/// has M · N values that the steps tell apart.
///
/// # Safety
/// As for [`write`].
unsafe fn multiply(
    threads: Threads,
    out: &mut [Blank],
    (column, row): (usize, usize),
    left: Matrix,
    right: Matrix,
    add: bool,
) {
    let (m, n, k) = (left.rows, right.columns, left.columns);
    assert!(out.len() == m * n && ((column, row) == (1, n) || (column, row) == (m, 1)));
    let threads = match threads {
        Threads::All if m.saturating_mul(n).saturating_mul(k) >= ALONE => gemm::Parallelism::Rayon(0),
        Threads::All | Threads::One => gemm::Parallelism::None,
    };
    // SAFETY: gemm reads left at i·row_step + j·column_step for i < M, j < K, right likewise for K and N, and writes out at
    // i·row + j·column for i < M, j < N. `Matrix::new` has checked that rows · columns values are there for these steps, and
    // `Matrix::windows` that its last row ends with the last value; `transposed` only exchanges steps together with the shape; out's length
    // and steps have been checked above. out is borrowed mutably, so it overlaps neither; it is read only if it is added to, and
    // then its values are there. Steps and sizes are those of slices and fit isize.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr().cast(),
            column as isize,
            row as isize,
            add,
            left.values.as_ptr(),
            left.column_step as isize,
            left.row_step as isize,
            right.values.as_ptr(),
            right.column_step as isize,
            right.row_step as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            threads,
        );
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

/// The sum of the rows of a matrix with `columns` columns, from the first to the last.
pub(crate) fn column_sums(rows: &[f32], columns: usize) -> Vec<f32> {
    /// Columns that one thread takes at a time where there is much to add up.
    const PART: usize = 256;
    let mut sum = vec![0f32; columns];
    each(sum.chunks_mut(PART).enumerate(), rows.len(), |(part, sum)| {
        add_rows(Level::best(), rows, columns, part * PART, sum);
    });
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(m: usize, k: usize, n: usize) {
        let left: Vec<f32> = (0..m * k).map(|i| (i as f32 * 0.3).sin()).collect();
        let right: Vec<f32> = (0..k * n).map(|i| (i as f32 * 0.7).cos()).collect();
        let turned: Vec<f32> = (0..n * k).map(|i| right[i % k * n + i / k]).collect();
        let expect: Vec<f64> = (0..m * n)
            .map(|i| (0..k).map(|j| f64::from(left[i / n * k + j]) * f64::from(right[j * n + i % n])).sum())
            .collect();
        let columns: Vec<f32> = (0..k * m).map(|i| left[i % m * k + i / m]).collect();
        let lefts = [Matrix::new(&left, m, k), Matrix::new(&columns, k, m).transposed()];
        let rights = [Matrix::new(&right, k, n), Matrix::new(&turned, n, k).transposed()];
        for (left, right) in lefts.into_iter().flat_map(|left| rights.map(|right| (left, right))) {
            let mut present = vec![3.0; m * n];
            product_on(Threads::All, &mut present, left, right, Start::Present);
            for (out, shift) in
                [(product(left, right, &[]), 0.0), (product(left, right, &vec![2.0; n]), 2.0), (present, 3.0)]
            {
                assert_eq!(out.len(), m * n);
                for (found, expect) in out.iter().zip(&expect) {
                    let close = (f64::from(*found) - expect - shift).abs() < 1e-5 * (k as f64 + 1.0);
                    assert!(close, "{m} {k} {n}: {found}, expected {expect} + {shift}");
                }
            }
        }
    }

    #[test]
    fn products_of_many_shapes() {
        for (m, k, n) in
            [(1, 1, 1), (3, 5, 2), (32, 64, 3), (1, 100, 7), (7, 3, 1), (0, 3, 2), (2, 0, 3), (2, 3, 0)]
        {
            check(m, k, n);
        }
        check(65, 130, 90);
        check(FEW / 8 - 1, 3, 19);
        check(FEW / 8, 3, 19);
        check(FEW, 5, 33);
        check(FEW + 1, 5, 33);
        // Large enough for panels: full ones, and such that are not.
        check(128, 256, 128);
        check(97, 301, 150);
        check(500, 200, 45);
    }

    /// Large enough for several threads.
    #[test]
    fn bits_do_not_depend_on_threads() {
        let (m, k, n) = (200, 700, 150); // 21 million multiplications
        let left: Vec<f32> = (0..m * k).map(|i| (i as f32 * 0.3).sin()).collect();
        let right: Vec<f32> = (0..k * n).map(|i| (i as f32 * 0.7).cos()).collect();
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let (left, right) = (Matrix::new(&left, m, k), Matrix::new(&right, n, k).transposed());
            pool.install(|| product(left, right, &[]))
        };
        for threads in [2, 3, 8] {
            assert!(run(threads) == run(1), "{threads} threads");
        }
    }

    #[test]
    fn column_sums_of_no_rows_are_zero() {
        assert_eq!(column_sums(&[1., 2., 3., 4., 5., 6.], 3), [5., 7., 9.]);
        assert_eq!(column_sums(&[], 2), [0., 0.]);
        assert!(column_sums(&[], 0).is_empty());
    }
}
