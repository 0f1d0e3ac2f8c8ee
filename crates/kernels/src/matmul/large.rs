//! Large products on all threads: the right matrix is packed in panels, and tasks of some rows and one panel
//! each are shared.
//!
//! PERF: GFLOP/s on two cores of 118 each, `gemm` and this: x Wᵀ with 1920 rows, W (768, 768): 206 and 220; W
//! (3072, 768): 212 and 217; W (768, 3072): 186 and 215; 672 rows, W (384, 1536): 155 and 210. gᵀ x with as
//! many rows, 768 by 768: 169 and 200; 384 by 384: 189 and 215. g W: level (`cargo run --release -p
//! assort-kernels --example measure linear`).

use rayon::prelude::*;

use super::portable::Strided;
use super::tile::{Addend, Tile, WIDTH};
use super::{Matrix, Start};
use crate::cpu::{Blank, room, written};
use crate::dispatch::Level;

/// Rows of a task.
const BLOCK: usize = 96;

/// Whether this way is the fast one for left (M, K) · right (K, N): otherwise packing takes longer than it
/// saves.
pub(super) fn suits(level: Level, (m, n, k): (usize, usize, usize)) -> bool {
    #[cfg(target_arch = "x86_64")]
    return level.is_avx512() && m >= 48 && n >= WIDTH / 2 && k >= 16;
    #[cfg(not(target_arch = "x86_64"))]
    {
        let _ = (level, m, n, k);
        false
    }
}

/// Matrices that the tasks share.
struct Shared {
    left: Strided,
    addend: Addend,
    out: *mut f32,
}

// SAFETY: the left matrix and the addend are read, and each task writes rows and columns of its own.
unsafe impl Sync for Shared {}

/// out (M, N), row after row, = start + left (M, K) · right (K, N). No size is 0.
///
/// # Safety
/// The shapes fit. To be added to, all values of `out` must be written. Afterwards they are.
pub(super) unsafe fn compute(level: Level, out: &mut [Blank], left: Matrix, right: Matrix, start: Start) {
    let (m, n, k) = (left.rows, right.columns, left.columns);
    let out = out.as_mut_ptr().cast::<f32>();
    let addend = match start {
        Start::Zero => Addend::NOTHING,
        Start::Present => Addend { start: out, step: n },
        Start::Row(row) => Addend { start: row.as_ptr(), step: 0 },
    };
    let shared = Shared { left: left.strided(), addend, out };
    let panels = pack(level, right);
    let blocks = m.div_ceil(BLOCK);
    (0..panels.len() / (k * WIDTH) * blocks).into_par_iter().for_each(|task| {
        let (panel, first) = (task / blocks, task % blocks * BLOCK);
        let (column, shared) = (panel * WIDTH, &shared);
        let Shared { left, addend, out } = *shared;
        let tile = Tile {
            left: Strided { start: left.start.wrapping_add(first * left.row), ..left },
            count: BLOCK.min(m - first),
            panel: &panels[panel * k * WIDTH..][..k * WIDTH],
            width: WIDTH.min(n - column),
            out: out.wrapping_add(first * n + column),
            step: n,
        };
        let start = match addend.start.is_null() {
            true => addend.start,
            false => addend.start.wrapping_add(first * addend.step + column),
        };
        // SAFETY: `Matrix` has checked that its rows and columns are there, and the caller that the output
        // and the row to add fit; the task's lie within. No other task has the same rows of the same panel.
        unsafe { tile.compute(level, Addend { start, ..addend }) };
    });
}

/// The panels of a matrix, one after another.
fn pack(level: Level, right: Matrix) -> Vec<f32> {
    let (depth, columns) = (right.rows, right.columns);
    let mut panels = room(columns.div_ceil(WIDTH) * depth * WIDTH);
    panels.par_chunks_mut(depth * WIDTH).enumerate().for_each(|(panel, out)| {
        let first = panel * WIDTH;
        pack_panel(level, right, first, WIDTH.min(columns - first), out);
    });
    // SAFETY: `pack_panel` writes each value of its panel.
    unsafe { written(panels) }
}

/// Writes the panel of the `width` columns from `first` on.
fn pack_panel(level: Level, right: Matrix, first: usize, width: usize, out: &mut [Blank]) {
    let start = &right.values[first * right.column_step..];
    if right.column_step == 1 {
        for (k, out) in out.chunks_exact_mut(WIDTH).enumerate() {
            out[..width].write_copy_of_slice(&start[k * right.row_step..][..width]);
            out[width..].fill(Blank::new(0.0));
        }
        return;
    }
    #[cfg_attr(not(target_arch = "x86_64"), allow(unused_mut))]
    let mut done = 0;
    #[cfg(target_arch = "x86_64")]
    if level.is_avx512() && width == WIDTH && right.row_step == 1 {
        use super::transpose::{SIDE, transpose_square};
        while done + SIDE <= right.rows {
            for column in (0..WIDTH).step_by(SIDE) {
                let from =
                    &start[column * right.column_step + done..][..(SIDE - 1) * right.column_step + SIDE];
                let to = &mut out[done * WIDTH + column..][..(SIDE - 1) * WIDTH + SIDE];
                let rows = std::array::from_fn(|i| from.as_ptr().wrapping_add(i * right.column_step));
                // SAFETY: the level says that the processor has AVX-512; the slices have the last values of
                // both squares.
                unsafe { transpose_square(rows, to.as_mut_ptr().cast(), WIDTH) };
            }
            done += SIDE;
        }
    }
    let _ = level;
    for (k, out) in out.chunks_exact_mut(WIDTH).enumerate().skip(done) {
        for (column, out) in out.iter_mut().enumerate() {
            let inside = column < width;
            out.write(if inside { start[k * right.row_step + column * right.column_step] } else { 0.0 });
        }
    }
}
