//! Part of a product that is computed at once, and the choice of the micro-kernel that computes it.
//!
//! A kernel for another instruction set (AVX2, AMX) is a file beside `avx512` and an arm in
//! [`Tile::compute`]; one for another type of numbers (bf16, int8) brings a packing of its own, too.

#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod sparse;

use super::portable::{Gemm, Strided};
use crate::dispatch::Level;

/// Columns of a panel: four registers of AVX-512.
pub(super) const WIDTH: usize = 64;

/// Panels of a tile whose left matrix has many zeros, where so many columns are left.
pub(super) fn sparse_panels(level: Level, columns: usize) -> usize {
    #[cfg(target_arch = "x86_64")]
    if level.is_avx512() && columns >= sparse::PANELS * WIDTH {
        return sparse::PANELS;
    }
    let _ = (level, columns);
    1
}

/// Values that a product is added to: row i begins at `i * step`. Nothing if there is no start.
#[derive(Clone, Copy)]
pub(super) struct Addend {
    pub(super) start: *const f32,
    pub(super) step: usize,
}

impl Addend {
    pub(super) const NOTHING: Self = Self { start: std::ptr::null(), step: 0 };

    /// The value that the output's value (row, column) is added to.
    ///
    /// # Safety
    /// If there is a start, there is such a value.
    pub(super) unsafe fn value(self, row: usize, column: usize) -> f32 {
        // SAFETY: passed on.
        if self.start.is_null() { 0.0 } else { unsafe { *self.start.add(row * self.step + column) } }
    }
}

/// Some rows of a left matrix, one panel, and where the product goes: `count` rows of `width` ≤ [`WIDTH`]
/// values, `step` apart.
///
/// With AVX-512 it may be several full panels, one after the other: then zeros of the left matrix are
/// skipped.
#[derive(Clone, Copy)]
pub(super) struct Tile<'a> {
    pub(super) left: Strided,
    pub(super) count: usize,
    /// depth · WIDTH values for each panel.
    pub(super) panel: &'a [f32],
    pub(super) width: usize,
    pub(super) out: *mut f32,
    pub(super) step: usize,
}

impl Tile<'_> {
    /// out = addend + left · panel.
    ///
    /// # Safety
    /// There are a left matrix, an output and an addend of these sizes. Nobody else uses the output, which
    /// overlaps neither of the others, unless it is itself the addend. Several panels need AVX-512, rows of
    /// the left matrix whose values lie side by side, and an addend.
    pub(super) unsafe fn compute(&self, level: Level, addend: Addend) {
        // SAFETY: passed on; the level says that the processor has AVX-512.
        unsafe {
            #[cfg(target_arch = "x86_64")]
            if level.is_avx512() {
                return if self.width > WIDTH {
                    sparse::compute(self, addend)
                } else {
                    avx512::compute(self, addend)
                };
            }
            let _ = level;
            self.portable(addend);
        }
    }

    /// # Safety
    /// As for [`Tile::compute`].
    unsafe fn portable(&self, addend: Addend) {
        let adds = !addend.start.is_null();
        if adds && !std::ptr::eq(addend.start, self.out) {
            for row in 0..self.count {
                // SAFETY: the caller promises rows of `width` values in both, which do not overlap.
                unsafe {
                    let (from, to) = (addend.start.add(row * addend.step), self.out.add(row * self.step));
                    to.copy_from_nonoverlapping(from, self.width);
                }
            }
        }
        let panel = Strided::rows(self.panel.as_ptr(), WIDTH);
        let out = Strided::rows(self.out, self.step);
        let size = (self.count, self.width, self.panel.len() / WIDTH);
        // SAFETY: left, panel and output have rows of this depth and width ≤ WIDTH by the caller's promise;
        // the output has values where it is added to.
        unsafe { Gemm { adds, ..Gemm::new(size) }.run(out, self.left, panel) };
    }
}
