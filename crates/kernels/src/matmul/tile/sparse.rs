//! Micro-kernel for AVX-512 and a left matrix of many zeros, as dropout leaves it: zeros are not multiplied.
//!
//! Two rows are taken together, by pieces of [`DEPTH`] values. Where both have a value, they share the loads
//! of the panels' row; where only one has, the loads are its own. A piece of two panels stays in the first
//! cache for [`BLOCK`] rows, whose sums stay in the second one.
//!
//! PERF: the forward pass of two directions of LSTM, 64 rows of 256 tokens, H = 256, D = 512, half of the
//! inputs dropped, on two cores: 268 -> 221 ms, with the backward pass 821 -> 759 ms, where these products
//! are 44 % of all operations (`KEEP=1 cargo run --release -p assort-kernels --example measure sequence`).

use std::arch::x86_64::{
    __m512, _CMP_NEQ_UQ, _MM_HINT_T0, _mm_prefetch, _mm512_cmp_ps_mask, _mm512_fmadd_ps, _mm512_loadu_ps,
    _mm512_maskz_loadu_ps, _mm512_set1_ps, _mm512_setzero_ps, _mm512_storeu_ps,
};

use super::{Addend, Tile, WIDTH};

/// Values of a row that are taken at a time: a bit of a word each.
const DEPTH: usize = 48;

/// Rows that are taken one after the other with the same piece of the panels.
const BLOCK: usize = 128;

/// Panels that are taken together.
pub(super) const PANELS: usize = 2;

/// Registers of a row of the output.
const PARTS: usize = PANELS * WIDTH / 16;

const _: () = assert!(DEPTH <= 64 && BLOCK.is_multiple_of(2));

/// # Safety
/// The processor has AVX-512F. The tile has [`PANELS`] full panels, and its left matrix has rows whose values
/// lie side by side; the rest as for [`Tile::compute`], with an addend.
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn compute(tile: &Tile, addend: Addend) {
    let Tile { left, count, panel, out, step, .. } = *tile;
    debug_assert!(left.column == 1 && !addend.start.is_null() && tile.width == PANELS * WIDTH);
    let depth = panel.len() / (PANELS * WIDTH);
    // SAFETY: rows below `count` and values below `depth` are there by the caller's promise. What is asked
    // for ahead may lie behind the output: `wrapping_add` allows any address, and the instruction does not
    // fault.
    unsafe {
        for block in (0..count).step_by(BLOCK) {
            for first in (0..depth).step_by(DEPTH) {
                let pieces = Pieces {
                    panels: std::array::from_fn(|n| panel.as_ptr().add((n * depth + first) * WIDTH)),
                    depth: DEPTH.min(depth - first),
                };
                let row = |row: usize| Row {
                    values: left.start.add(row * left.row + first),
                    addend: if first > 0 { out.add(row * step) } else { addend.start.add(row * addend.step) },
                    out: out.add(row * step),
                };
                let end = count.min(block + BLOCK);
                for number in (block..end).step_by(2) {
                    for part in 0..2 * PARTS {
                        let ahead = out.wrapping_add((number + 2 + part / PARTS) * step + part % PARTS * 16);
                        _mm_prefetch::<_MM_HINT_T0>(ahead.cast());
                    }
                    if number + 1 < end {
                        pieces.add([row(number), row(number + 1)]);
                    } else {
                        pieces.add([row(number)]);
                    }
                }
            }
        }
    }
}

/// A piece of a row of the left matrix and the row of the output that it is for.
#[derive(Clone, Copy)]
struct Row {
    values: *const f32,
    addend: *const f32,
    out: *mut f32,
}

impl Row {
    /// Which of the first `count` ≤ 64 values are not zero.
    ///
    /// # Safety
    /// The processor has AVX-512F, and the values are there.
    #[target_feature(enable = "avx512f")]
    #[inline]
    unsafe fn nonzero(&self, count: usize) -> u64 {
        let mut nonzero = 0;
        for first in (0..count).step_by(16) {
            let inside = ((1u32 << (count - first).min(16)) - 1) as u16;
            // SAFETY: only values below `count` are read.
            let values = unsafe { _mm512_maskz_loadu_ps(inside, self.values.add(first)) };
            let bits = _mm512_cmp_ps_mask::<_CMP_NEQ_UQ>(values, _mm512_setzero_ps());
            nonzero |= u64::from(bits) << first;
        }
        nonzero
    }
}

/// Some rows of all panels.
struct Pieces {
    /// Where they begin in each panel.
    panels: [*const f32; PANELS],
    depth: usize,
}

impl Pieces {
    /// Computes one or two rows.
    ///
    /// # Safety
    /// The processor has AVX-512F; the rows have a value for each row of the pieces and for each column.
    #[target_feature(enable = "avx512f")]
    #[inline]
    unsafe fn add<const R: usize>(&self, rows: [Row; R]) {
        // SAFETY: by the caller's promise; bits are below the depth.
        unsafe {
            let nonzero = rows.map(|row| row.nonzero(self.depth));
            let shared = if R == 2 { nonzero[0] & nonzero[R - 1] } else { 0 };
            let mut sums =
                rows.map(|row| std::array::from_fn(|part| _mm512_loadu_ps(row.addend.add(part * 16))));
            self.fuse(rows, shared, &mut sums);
            let own = |r: usize, sums: &mut [__m512; PARTS]| {
                let mut one = [*sums];
                self.fuse([rows[r]], nonzero[r] & !shared, &mut one);
                [*sums] = one;
            };
            own(0, &mut sums[0]);
            if R == 2 {
                own(R - 1, &mut sums[R - 1]);
            }
            for (row, sums) in rows.iter().zip(sums) {
                for (part, sum) in sums.into_iter().enumerate() {
                    _mm512_storeu_ps(row.out.add(part * 16), sum);
                }
            }
        }
    }

    /// sums += the rows' values · the pieces' rows, for those whose bit is set.
    ///
    /// # Safety
    /// The processor has AVX-512F, and the rows have values for these bits.
    #[target_feature(enable = "avx512f")]
    #[inline]
    unsafe fn fuse<const R: usize>(&self, rows: [Row; R], mut bits: u64, sums: &mut [[__m512; PARTS]; R]) {
        while bits != 0 {
            let k = bits.trailing_zeros() as usize;
            bits &= bits - 1;
            // SAFETY: k is below the depth by the caller's promise.
            unsafe {
                let values = rows.map(|row| _mm512_set1_ps(*row.values.add(k)));
                for part in 0..PARTS {
                    let at = k * WIDTH + part % (WIDTH / 16) * 16;
                    let right = _mm512_loadu_ps(self.panels[part / (WIDTH / 16)].add(at));
                    for (sums, value) in sums.iter_mut().zip(values) {
                        sums[part] = _mm512_fmadd_ps(value, right, sums[part]);
                    }
                }
            }
        }
    }
}
