//! Micro-kernel for AVX-512.

use std::arch::x86_64::{
    __m512, _MM_HINT_T0, _mm_prefetch, _mm512_add_ps, _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_set1_ps,
    _mm512_setzero_ps, _mm512_storeu_ps,
};

use super::{Addend, Strided, Tile, WIDTH};

/// Rows of the output that are computed at a time: with [`WIDTH`] columns, 24 of the 32 registers.
const ROWS: usize = 6;

/// Registers of a panel's row.
const PARTS: usize = WIDTH / 16;

/// How many rows of a panel ahead it is asked for: it lies in the second cache.
const AHEAD: usize = 8;

/// Rows of a panel for which one line of the output is asked for; fewer where the panel has too few for all
/// lines.
const RUN: usize = 8;

/// # Safety
/// The processor has AVX-512F; the rest as for [`Tile::compute`], of one panel.
pub(super) unsafe fn compute(tile: &Tile, addend: Addend) {
    let Tile { left, count, panel, width, out, step } = *tile;
    let tiles = count.div_ceil(ROWS);
    let mut first = 0;
    for tile in 1..=tiles {
        let next = tile * count / tiles;
        let rows = next - first;
        // SAFETY: rows `first` to `next` are there by the caller's promise. A panel that is not full goes
        // through a buffer of its own, which has ROWS · WIDTH values.
        unsafe {
            let left = Strided { start: left.start.add(first * left.row), ..left };
            let out = out.add(first * step);
            let addend = Addend {
                start: addend.start.wrapping_add(if addend.start.is_null() {
                    0
                } else {
                    first * addend.step
                }),
                ..addend
            };
            if width == WIDTH {
                kernel::<PARTS>(rows)(left, panel, addend, out, step);
            } else {
                let mut buffer = [0f32; ROWS * WIDTH];
                let kernel = match width.div_ceil(16) {
                    1 => kernel::<1>(rows),
                    2 => kernel::<2>(rows),
                    3 => kernel::<3>(rows),
                    _ => kernel::<PARTS>(rows),
                };
                kernel(left, panel, Addend::NOTHING, buffer.as_mut_ptr(), WIDTH);
                for (row, buffer) in buffer.chunks_exact(WIDTH).take(rows).enumerate() {
                    for (column, value) in buffer[..width].iter().enumerate() {
                        *out.add(row * step + column) = addend.value(row, column) + value;
                    }
                }
            }
        }
        first = next;
    }
}

/// [`multiply`] for a number of rows from 1 to 6 and P registers.
fn kernel<const P: usize>(rows: usize) -> unsafe fn(Strided, &[f32], Addend, *mut f32, usize) {
    match rows {
        1 => multiply::<1, P>,
        2 => multiply::<2, P>,
        3 => multiply::<3, P>,
        4 => multiply::<4, P>,
        5 => multiply::<5, P>,
        _ => multiply::<ROWS, P>,
    }
}

/// out (R, 16 P) = addend + left (R, depth) · the first columns of the panel (depth, WIDTH). The product is
/// summed up in registers; out is asked for line by line meanwhile: all lines at once would hold up those of
/// the panel.
///
/// # Safety
/// The processor has AVX-512F, and rows of these steps lie behind the pointers; out overlaps nothing but
/// itself as the addend.
#[target_feature(enable = "avx512f")]
unsafe fn multiply<const R: usize, const P: usize>(
    left: Strided,
    panel: &[f32],
    addend: Addend,
    out: *mut f32,
    step: usize,
) {
    let (depth, panel) = (panel.len() / WIDTH, panel.as_ptr());
    // SAFETY: row r < R of left and out, part p < P of 16 values each, and row k < depth of the panel are
    // there by the caller's promise. What is asked for ahead may lie behind the panel: `wrapping_add` allows
    // any address, and the instruction does not fault.
    unsafe {
        let mut sums = [[_mm512_setzero_ps(); P]; R];
        let length = (depth / (R * P)).clamp(1, RUN);
        for (run, first) in (0..depth).step_by(length).enumerate() {
            if run < R * P {
                _mm_prefetch::<_MM_HINT_T0>(out.add(run / P * step + run % P * 16).cast());
            }
            for k in first..depth.min(first + length) {
                let row = panel.add(k * WIDTH);
                for p in 0..P {
                    _mm_prefetch::<_MM_HINT_T0>(row.wrapping_add(AHEAD * WIDTH + p * 16).cast());
                }
                let right: [__m512; P] = std::array::from_fn(|p| _mm512_loadu_ps(row.add(p * 16)));
                for (r, sums) in sums.iter_mut().enumerate() {
                    let value = _mm512_set1_ps(*left.start.add(r * left.row + k * left.column));
                    for (sum, right) in sums.iter_mut().zip(right) {
                        *sum = _mm512_fmadd_ps(value, right, *sum);
                    }
                }
            }
        }
        for (r, sums) in sums.iter().enumerate() {
            for (p, &sum) in sums.iter().enumerate() {
                let sum = match addend.start.is_null() {
                    true => sum,
                    false => _mm512_add_ps(_mm512_loadu_ps(addend.start.add(r * addend.step + p * 16)), sum),
                };
                _mm512_storeu_ps(out.add(r * step + p * 16), sum);
            }
        }
    }
}
