//! Rows that become columns, square by square.

use super::packed::Rows;
use crate::dispatch::{Level, vectorized};

/// Values of a square's side.
pub(super) const SIDE: usize = 16;

/// Filling of a square where there is no row.
const ZEROS: [f32; SIDE] = [0.0; SIDE];

/// Rows of a matrix, picked by their numbers; `None` stands for a row of zeros. Of each the first `width`
/// values.
#[derive(Clone, Copy)]
pub(crate) struct PickedRows<'a> {
    pub(crate) rows: Rows<'a>,
    pub(crate) numbers: &'a [Option<usize>],
    pub(crate) width: usize,
}

/// The picked rows become columns of `out`, whose rows begin `step` apart. Rows are taken [`SIDE`] at a time;
/// zeros fill the last block.
pub(crate) fn transpose_rows(level: Level, picked: PickedRows, out: &mut [f32], step: usize) {
    let PickedRows { rows, numbers, width } = picked;
    assert!(numbers.len().next_multiple_of(SIDE) <= step && out.len() >= width * step);
    #[cfg_attr(not(target_arch = "x86_64"), allow(unused_mut))]
    let mut done = 0;
    #[cfg(target_arch = "x86_64")]
    if level.is_avx512() {
        done = width / SIDE * SIDE;
        for (at, numbers) in numbers.chunks(SIDE).enumerate() {
            let row = |k: usize| match numbers.get(k) {
                Some(&Some(number)) => &rows.row(number, 0)[..width],
                _ => &[],
            };
            let rows: [&[f32]; SIDE] = std::array::from_fn(row);
            for first in (0..done).step_by(SIDE) {
                let from = rows.map(|row| row.get(first..first + SIDE).unwrap_or(&ZEROS).as_ptr());
                let to = out[first * step + at * SIDE..].as_mut_ptr();
                // SAFETY: the level says that the processor has AVX-512. Each pointer begins SIDE values, and
                // the assert holds the rows of the square, SIDE from `first` on, within `out`.
                unsafe { transpose_square(from, to, step) };
            }
        }
    }
    transpose_columns(level, picked, done..width, out, step);
}

vectorized! {
    /// The same for some of the columns.
    fn transpose_columns(picked: PickedRows, columns: std::ops::Range<usize>, out: &mut [f32], step: usize) {
        let PickedRows { rows, numbers, .. } = picked;
        for (at, numbers) in numbers.chunks(SIDE).enumerate() {
            for first in columns.clone().step_by(SIDE) {
                let count = SIDE.min(columns.end - first);
                let mut square = [ZEROS; SIDE];
                for (k, number) in numbers.iter().enumerate() {
                    let Some(number) = number else { continue };
                    let values = &rows.row(*number, first)[..count];
                    if let Some(values) = values.first_chunk::<SIDE>() {
                        (0..SIDE).for_each(|j| square[j][k] = values[j]);
                    } else {
                        values.iter().zip(&mut square).for_each(|(value, line)| line[k] = *value);
                    }
                }
                for (j, line) in square.iter().enumerate().take(count) {
                    out[(first + j) * step + at * SIDE..][..SIDE].copy_from_slice(line);
                }
            }
        }
    }
}

/// Writes a square of [`SIDE`] rows with its columns as rows, `step` apart.
///
/// # Safety
/// The processor has AVX-512F; both squares are there and do not overlap.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn transpose_square(from: [*const f32; SIDE], to: *mut f32, step: usize) {
    use std::arch::x86_64::{
        _mm512_castpd_ps, _mm512_castps_pd, _mm512_loadu_ps, _mm512_setzero_ps, _mm512_shuffle_f32x4,
        _mm512_storeu_ps, _mm512_unpackhi_pd, _mm512_unpackhi_ps, _mm512_unpacklo_pd, _mm512_unpacklo_ps,
    };
    let zero = _mm512_setzero_ps();
    let (mut pairs, mut fours, mut halves) = ([zero; SIDE], [zero; SIDE], [zero; SIDE]);
    // SAFETY: row i < SIDE of both squares has SIDE values by the caller's promise.
    unsafe {
        // Columns of two rows, then of four, within each quarter of a register.
        for i in (0..SIDE).step_by(2) {
            let [a, b] = [_mm512_loadu_ps(from[i]), _mm512_loadu_ps(from[i + 1])];
            pairs[i] = _mm512_unpacklo_ps(a, b);
            pairs[i + 1] = _mm512_unpackhi_ps(a, b);
        }
        for i in (0..SIDE).step_by(4) {
            for half in 0..2 {
                let (a, b) = (_mm512_castps_pd(pairs[i + half]), _mm512_castps_pd(pairs[i + half + 2]));
                fours[i + 2 * half] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, b));
                fours[i + 2 * half + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, b));
            }
        }
        // Then the quarters.
        for i in 0..4 {
            for half in [0, 8] {
                let (a, b) = (fours[half + i], fours[half + i + 4]);
                halves[half + i] = _mm512_shuffle_f32x4::<0x88>(a, b);
                halves[half + i + 4] = _mm512_shuffle_f32x4::<0xdd>(a, b);
            }
        }
        for i in 0..8 {
            let (a, b) = (halves[i], halves[i + 8]);
            _mm512_storeu_ps(to.add(i * step), _mm512_shuffle_f32x4::<0x88>(a, b));
            _mm512_storeu_ps(to.add((i + 8) * step), _mm512_shuffle_f32x4::<0xdd>(a, b));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_become_rows_and_missing_rows_zeros() {
        let (step, count) = (70, 40);
        let values: Vec<f32> = (1..=step * count).map(|i| i as f32).collect();
        for (width, numbers) in [(1, 1), (16, 16), (37, 20), (64, 33), (70, 5)] {
            // Each third row is missing; the others are taken from the end.
            let numbers: Vec<_> = (0..numbers).map(|k| (k % 3 != 1).then_some(count - 1 - k)).collect();
            let out_step = numbers.len().next_multiple_of(SIDE) + SIDE;
            for level in Level::available() {
                let mut out = vec![-1f32; width * out_step];
                let picked = PickedRows { rows: Rows { values: &values, step }, numbers: &numbers, width };
                transpose_rows(level, picked, &mut out, out_step);
                for (i, found) in out.iter().enumerate() {
                    let (column, k) = (i / out_step, i % out_step);
                    let expect = match numbers.get(k) {
                        Some(Some(number)) => values[number * step + column],
                        _ if k < out_step - SIDE => 0.0,
                        _ => -1.0,
                    };
                    assert_eq!(*found, expect, "{level:?}, width {width}, row {k}, column {column}");
                }
            }
        }
    }
}
