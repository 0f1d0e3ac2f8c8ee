//! A part of a product that is computed at once.

use super::WIDTH;
#[cfg(target_arch = "x86_64")]
use super::{avx512, sparse};
use crate::dispatch::Level;

/// Rows of a left matrix: element (i, k) lies `i * row + k * depth` behind the start.
#[derive(Clone, Copy)]
pub(super) struct Left {
    pub(super) start: *const f32,
    pub(super) row: usize,
    pub(super) depth: usize,
}

/// What a product is added to: row i begins at `i * step`. Nothing if there is no start.
#[derive(Clone, Copy)]
pub(super) struct Onto {
    pub(super) start: *const f32,
    pub(super) step: usize,
}

impl Onto {
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

/// Some rows of a left matrix, one panel, and where the product goes: `count` rows of `width` ≤ [`WIDTH`] values, `step` apart.
///
/// With AVX-512 it may be several full panels, one after the other: then zeros of the left matrix are skipped.
#[derive(Clone, Copy)]
pub(super) struct Tile<'a> {
    pub(super) left: Left,
    pub(super) count: usize,
    /// depth · WIDTH values for each panel.
    pub(super) panel: &'a [f32],
    pub(super) width: usize,
    pub(super) place: *mut f32,
    pub(super) step: usize,
}

impl Tile<'_> {
    /// place = onto + left · panel.
    ///
    /// # Safety
    /// There are a left matrix, an output and something to add to of these sizes. Nobody else uses the output, which overlaps
    /// neither of the others, unless it is itself what is added to. Several panels need AVX-512, rows of the left matrix whose values
    /// lie side by side, and something to add to.
    pub(super) unsafe fn compute(&self, level: Level, onto: Onto) {
        // SAFETY: passed on; the level says that the processor has AVX-512.
        unsafe {
            #[cfg(target_arch = "x86_64")]
            if level.is_avx512() {
                return if self.width > WIDTH {
                    sparse::compute(self, onto)
                } else {
                    avx512::compute(self, onto)
                };
            }
            let _ = level;
            self.plain(onto);
        }
    }

    /// Through `gemm`.
    ///
    /// # Safety
    /// As for [`Tile::compute`].
    unsafe fn plain(&self, onto: Onto) {
        let read = !onto.start.is_null();
        if read && !std::ptr::eq(onto.start, self.place) {
            for row in 0..self.count {
                // SAFETY: the caller promises rows of `width` values in both, which do not overlap.
                unsafe {
                    let (from, to) = (onto.start.add(row * onto.step), self.place.add(row * self.step));
                    to.copy_from_nonoverlapping(from, self.width);
                }
            }
        }
        // SAFETY: left is read at i · row + k · depth, the panel at k · WIDTH + j and the output at i · step + j, for i < count,
        // k < depth and j < width ≤ WIDTH: all there by the caller's promise, and the output is read only where it has values.
        unsafe {
            gemm::gemm(
                self.count,
                self.width,
                self.panel.len() / WIDTH,
                self.place,
                1,
                self.step as isize,
                read,
                self.left.start,
                self.left.depth as isize,
                self.left.row as isize,
                self.panel.as_ptr(),
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
}
