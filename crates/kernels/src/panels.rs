//! Matrix products with a right matrix that is laid out once and used many times, on one thread.
//!
//! out (R, N) += a (R, K) · right (K, N). The right matrix lies in panels of 64 columns, each row after row, and is filled up with
//! zeros. Each value of the output is a sum in the order of k whatever R is, so rows may be taken together in any way.
//!
//! PERF: `gemm` packs its arguments on each call, and the recurrence has a product of a few rows for each token.One thread of
//! a processor with AVX-512, GFLOP/s: 32 rows, K = 256, N = 1024: 202; K = 1024, N = 256: 206; 256 rows, K = 512, N = 1024: 192;
//! `gemm` at its best size 167. Whole layers: `cargo run --release -p assort-kernels --example measure sequence`.

use crate::dispatch::Level;

/// Columns of a panel: four registers of AVX-512.
const WIDTH: usize = 64;

/// Rows of the output that are computed at a time: with [`WIDTH`] columns, 24 of the 32 registers.
const ROWS: usize = 6;

/// A right matrix (K, N) in panels.
#[derive(Clone, Debug, Default)]
pub(super) struct Panels {
    depth: usize,
    columns: usize,
    values: Vec<f32>,
}

/// Rows of a matrix within a slice: row i begins at `i * step`.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) values: &'a [f32],
    pub(super) step: usize,
}

impl<'a> Rows<'a> {
    /// Everything from a column of a row on.
    pub(super) fn row(self, row: usize, column: usize) -> &'a [f32] {
        &self.values[row * self.step + column..]
    }
}

impl Panels {
    /// `rows` (K, N), K rows of N columns.
    pub(super) fn new(rows: Rows, depth: usize, columns: usize) -> Self {
        let mut panels = Self::default();
        panels.fill(rows, depth, columns);
        panels
    }

    /// The same from the transposed matrix (N, K).
    pub(super) fn transposed(rows: Rows, depth: usize, columns: usize) -> Self {
        let mut values = vec![0f32; columns.div_ceil(WIDTH) * depth * WIDTH];
        for (panel, first) in values.chunks_exact_mut((depth * WIDTH).max(1)).zip((0..columns).step_by(WIDTH))
        {
            for column in first..columns.min(first + WIDTH) {
                let row = &rows.values[column * rows.step..][..depth];
                let places = panel[column - first..].iter_mut().step_by(WIDTH);
                places.zip(row).for_each(|(place, value)| *place = *value);
            }
        }
        Self { depth, columns, values }
    }

    /// Takes another matrix into the same memory.
    pub(super) fn fill(&mut self, rows: Rows, depth: usize, columns: usize) {
        (self.depth, self.columns) = (depth, columns);
        self.values.clear();
        self.values.reserve(columns.div_ceil(WIDTH) * depth * WIDTH);
        for first in (0..columns).step_by(WIDTH) {
            let width = WIDTH.min(columns - first);
            for k in 0..depth {
                self.values.extend_from_slice(&rows.values[k * rows.step + first..][..width]);
                self.values.extend_from_slice(&[0f32; WIDTH][width..]);
            }
        }
    }

    /// out += a · this, for `count` rows; row i of the output begins at `i * step` of `out`.
    pub(super) fn multiply(&self, level: Level, a: Rows, count: usize, out: &mut [f32], step: usize) {
        if count == 0 || self.columns == 0 || self.depth == 0 {
            return;
        }
        assert!(
            a.step >= self.depth && a.values.len() >= (count - 1) * a.step + self.depth,
            "{count} rows of a"
        );
        assert!(
            step >= self.columns && out.len() >= (count - 1) * step + self.columns,
            "{count} rows of out"
        );
        for (panel, values) in self.values.chunks_exact(self.depth * WIDTH).enumerate() {
            let first = panel * WIDTH;
            let width = WIDTH.min(self.columns - first);
            #[cfg(target_arch = "x86_64")]
            if level.is_avx512() {
                // SAFETY: the level says that the processor has AVX-512. The panel has depth · WIDTH values, the asserts above
                // hold a's and out's last row within their slices, and first + width is at most the number of columns.
                unsafe { avx512::panel(a, count, values, self.depth, &mut out[first..], step, width) };
                continue;
            }
            let _ = level;
            plain(a, count, values, self.depth, &mut out[first..], step, width);
        }
    }
}

/// One panel's columns through `gemm`.
fn plain(a: Rows, count: usize, panel: &[f32], depth: usize, out: &mut [f32], step: usize, width: usize) {
    assert!(a.values.len() >= (count - 1) * a.step + depth && panel.len() >= depth * WIDTH);
    assert!(out.len() >= (count - 1) * step + width);
    // SAFETY: a is read at i · step + k, the panel at k · WIDTH + j and out at i · step + j, for i < count, k < depth and
    // j < width ≤ WIDTH: within the slices by the asserts. out is borrowed mutably, so it overlaps neither.
    unsafe {
        gemm::gemm(
            count,
            width,
            depth,
            out.as_mut_ptr(),
            1,
            step as isize,
            true,
            a.values.as_ptr(),
            1,
            a.step as isize,
            panel.as_ptr(),
            1,
            WIDTH as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::{
        __m512, _MM_HINT_T0, _mm_prefetch, _mm512_add_ps, _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_set1_ps,
        _mm512_setzero_ps, _mm512_storeu_ps,
    };

    use super::{ROWS, Rows, WIDTH};

    /// Registers of a panel's row.
    const PARTS: usize = WIDTH / 16;

    /// How many rows of a panel ahead it is asked for: it lies in the second cache.
    const AHEAD: usize = 8;

    /// Rows of a panel for which one line of the output is asked for.
    const RUN: usize = 8;

    /// # Safety
    /// The processor has AVX-512F; a has `count` rows of `depth` values, `panel` depth · WIDTH values, out `count` rows of `width`
    /// values, width ≤ WIDTH.
    pub(super) unsafe fn panel(
        a: Rows,
        count: usize,
        panel: &[f32],
        depth: usize,
        out: &mut [f32],
        step: usize,
        width: usize,
    ) {
        let tiles = count.div_ceil(ROWS);
        let mut first = 0;
        for tile in 1..=tiles {
            let next = tile * count / tiles;
            let rows = next - first;
            // SAFETY: rows `first` to `next` of a and out are there by the caller's promise. A panel that is not full goes
            // through a place of its own, which has ROWS · WIDTH values.
            unsafe {
                let a_rows = a.values.as_ptr().add(first * a.step);
                if width == WIDTH {
                    let out = out.as_mut_ptr().add(first * step);
                    choose(rows, a_rows, a.step, panel.as_ptr(), depth, out, step);
                } else {
                    let mut place = [0f32; ROWS * WIDTH];
                    let lines = || (first..next).map(|row| row * step);
                    for (place, line) in place.chunks_exact_mut(WIDTH).zip(lines()) {
                        place[..width].copy_from_slice(&out[line..][..width]);
                    }
                    choose(rows, a_rows, a.step, panel.as_ptr(), depth, place.as_mut_ptr(), WIDTH);
                    for (place, line) in place.chunks_exact(WIDTH).zip(lines()) {
                        out[line..][..width].copy_from_slice(&place[..width]);
                    }
                }
            }
            first = next;
        }
    }

    /// # Safety
    /// As [`tile`], for `rows` from 1 to 6.
    unsafe fn choose(
        rows: usize,
        a: *const f32,
        a_step: usize,
        panel: *const f32,
        depth: usize,
        out: *mut f32,
        step: usize,
    ) {
        // SAFETY: passed on.
        unsafe {
            match rows {
                1 => tile::<1>(a, a_step, panel, depth, out, step),
                2 => tile::<2>(a, a_step, panel, depth, out, step),
                3 => tile::<3>(a, a_step, panel, depth, out, step),
                4 => tile::<4>(a, a_step, panel, depth, out, step),
                5 => tile::<5>(a, a_step, panel, depth, out, step),
                _ => tile::<ROWS>(a, a_step, panel, depth, out, step),
            }
        }
    }

    /// out (R, WIDTH) += a (R, depth) · panel (depth, WIDTH). The product is summed up in registers, then added to out, which is
    /// asked for line by line meanwhile: all lines at once would hold up those of the panel.
    ///
    /// # Safety
    /// The processor has AVX-512F, and rows of these steps lie behind the pointers; out overlaps nothing.
    #[target_feature(enable = "avx512f")]
    unsafe fn tile<const R: usize>(
        a: *const f32,
        a_step: usize,
        panel: *const f32,
        depth: usize,
        out: *mut f32,
        step: usize,
    ) {
        // SAFETY: row r < R of a and out, part p < PARTS of 16 values each, and row k < depth of the panel are there by the
        // caller's promise. What is asked for ahead may lie behind the panel: the address is made without wrapping rules, and
        // the instruction does not fault.
        unsafe {
            let mut sums = [[_mm512_setzero_ps(); PARTS]; R];
            for (run, first) in (0..depth).step_by(RUN).enumerate() {
                if run < R * PARTS {
                    _mm_prefetch::<_MM_HINT_T0>(out.add(run / PARTS * step + run % PARTS * 16).cast());
                }
                for k in first..depth.min(first + RUN) {
                    let row = panel.add(k * WIDTH);
                    for p in 0..PARTS {
                        _mm_prefetch::<_MM_HINT_T0>(row.wrapping_add(AHEAD * WIDTH + p * 16).cast());
                    }
                    let right: [__m512; PARTS] = std::array::from_fn(|p| _mm512_loadu_ps(row.add(p * 16)));
                    for (r, sums) in sums.iter_mut().enumerate() {
                        let left = _mm512_set1_ps(*a.add(r * a_step + k));
                        for (sum, right) in sums.iter_mut().zip(right) {
                            *sum = _mm512_fmadd_ps(left, right, *sum);
                        }
                    }
                }
            }
            for (r, sums) in sums.iter().enumerate() {
                for (p, sum) in sums.iter().enumerate() {
                    let place = out.add(r * step + p * 16);
                    _mm512_storeu_ps(place, _mm512_add_ps(_mm512_loadu_ps(place), *sum));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize, seed: f32) -> Vec<f32> {
        (0..count).map(|i| (i as f32 * seed).sin()).collect()
    }

    /// At every level, both ways of packing, with steps that are longer than the rows.
    #[track_caller]
    fn check(rows: usize, depth: usize, columns: usize) {
        let (a, right) = (numbers(rows * (depth + 3), 0.3), numbers(depth * columns, 0.7));
        let turned: Vec<f32> = (0..columns * depth).map(|i| right[i % depth * columns + i / depth]).collect();
        let panels = Panels::new(Rows { values: &right, step: columns }, depth, columns);
        let same = Panels::transposed(Rows { values: &turned, step: depth }, depth, columns);
        assert_eq!(panels.values, same.values);
        for level in Level::available() {
            let step = columns + 2;
            let mut out = vec![2f32; rows * step];
            panels.multiply(level, Rows { values: &a, step: depth + 3 }, rows, &mut out, step);
            for (i, found) in out.iter().enumerate() {
                let (row, column) = (i / step, i % step);
                let product =
                    |k: usize| f64::from(a[row * (depth + 3) + k]) * f64::from(right[k * columns + column]);
                let expect = if column < columns { 2.0 + (0..depth).map(product).sum::<f64>() } else { 2.0 };
                let close = (f64::from(*found) - expect).abs() < 1e-6 * (depth as f64 + 2.0);
                assert!(close, "{level:?}, {rows} x {depth} x {columns}: {found}, expected {expect}");
            }
        }
    }

    #[test]
    fn products_of_many_shapes() {
        for rows in 0..15 {
            check(rows, 5, 64);
        }
        for (rows, depth, columns) in
            [(1, 1, 1), (7, 3, 63), (13, 9, 65), (32, 100, 200), (5, 0, 3), (3, 4, 0), (2, 70, 128)]
        {
            check(rows, depth, columns);
        }
    }

    #[test]
    fn a_row_is_the_same_among_any_others() {
        let (a, right) = (numbers(20 * 90, 0.3), numbers(90 * 70, 0.7));
        let panels = Panels::new(Rows { values: &right, step: 70 }, 90, 70);
        // `gemm` has ways of its own for few rows.
        #[cfg(target_arch = "x86_64")]
        for level in Level::available().into_iter().filter(|level| level.is_avx512()) {
            let run = |first: usize, count: usize| {
                let mut out = vec![0f32; count * 70];
                panels.multiply(level, Rows { values: &a[first * 90..], step: 90 }, count, &mut out, 70);
                out
            };
            let all = run(0, 20);
            for (first, count) in [(0, 1), (3, 2), (7, 13), (19, 1)] {
                assert!(run(first, count) == all[first * 70..][..count * 70], "{level:?}, {first}, {count}");
            }
        }
    }
}
