//! Large products on all threads: the right matrix is laid out in panels, and tasks of some rows and one panel each are shared.
//!
//! PERF: GFLOP/s on two cores of 118 each, `gemm` and this: x Wᵀ with 1920 rows, W (768, 768): 206 and 220; W (3072, 768): 212 and
//! 217; W (768, 3072): 186 and 215; 672 rows, W (384, 1536): 155 and 210. gᵀ x with as many rows, 768 by 768: 169 and 200; 384 by
//! 384: 189 and 215. g W: level (`cargo run --release -p assort-kernels --example measure linear`).

use rayon::prelude::*;

use super::WIDTH;
use super::tile::{Left, Onto, Tile};
use crate::cpu::{Blank, room, written};
use crate::dispatch::Level;
use crate::product::{Matrix, Start};

/// Rows of a task.
const BLOCK: usize = 96;

/// Whether this way is the fast one for left (M, K) · right (K, N): otherwise laying out takes longer than it saves.
pub(crate) fn suits(level: Level, (m, n, k): (usize, usize, usize)) -> bool {
    #[cfg(target_arch = "x86_64")]
    return level.is_avx512() && m >= 48 && n >= WIDTH / 2 && k >= 16;
    #[cfg(not(target_arch = "x86_64"))]
    {
        let _ = (level, m, n, k);
        false
    }
}

/// What the tasks have in common.
struct Product {
    left: Left,
    onto: Onto,
    place: *mut f32,
}

// SAFETY: the left matrix and what is added to are read, and each task writes rows and columns of its own.
unsafe impl Sync for Product {}

/// out (M, N), row after row, = start + left (M, K) · right (K, N). No size is 0.
///
/// # Safety
/// The shapes fit. To be added to, all values of `out` must be written. Afterwards they are.
pub(crate) unsafe fn product(level: Level, out: &mut [Blank], left: Matrix, right: Matrix, start: Start) {
    let (m, n, k) = (left.rows, right.columns, left.columns);
    let place = out.as_mut_ptr().cast::<f32>();
    let onto = match start {
        Start::Zero => Onto::NOTHING,
        Start::Present => Onto { start: place, step: n },
        Start::Row(row) => Onto { start: row.as_ptr(), step: 0 },
    };
    let start = left.values.as_ptr();
    let product = Product { left: Left { start, row: left.row_step, depth: left.column_step }, onto, place };
    let panels = lay(level, right);
    let blocks = m.div_ceil(BLOCK);
    (0..panels.len() / (k * WIDTH) * blocks).into_par_iter().for_each(|task| {
        let (panel, first) = (task / blocks, task % blocks * BLOCK);
        let (column, product) = (panel * WIDTH, &product);
        let Product { left, onto, place } = *product;
        let moved = |start: *const f32, row: usize| start.wrapping_add(first * row + column);
        let tile = Tile {
            left: Left { start: left.start.wrapping_add(first * left.row), ..left },
            count: BLOCK.min(m - first),
            panel: &panels[panel * k * WIDTH..][..k * WIDTH],
            width: WIDTH.min(n - column),
            place: place.wrapping_add(first * n + column),
            step: n,
        };
        let onto = match onto.start.is_null() {
            true => onto,
            false => Onto { start: moved(onto.start, onto.step), ..onto },
        };
        // SAFETY: `Matrix` has checked that its rows and columns are there, and the caller that the output and the row to add fit;
        // the task's lie within. No other task has the same rows of the same panel.
        unsafe { tile.compute(level, onto) };
    });
}

/// The panels of a matrix, one after another.
fn lay(level: Level, right: Matrix) -> Vec<f32> {
    let (depth, columns) = (right.rows, right.columns);
    let mut panels = room(columns.div_ceil(WIDTH) * depth * WIDTH);
    panels.par_chunks_mut(depth * WIDTH).enumerate().for_each(|(panel, out)| {
        let first = panel * WIDTH;
        lay_one(level, right, first, WIDTH.min(columns - first), out);
    });
    // SAFETY: `lay_one` writes each value of its panel.
    unsafe { written(panels) }
}

/// Writes the panel of the `width` columns from `first` on.
fn lay_one(level: Level, right: Matrix, first: usize, width: usize, out: &mut [Blank]) {
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
        use super::turn::{SIDE, turn};
        while done + SIDE <= right.rows {
            for column in (0..WIDTH).step_by(SIDE) {
                let from =
                    &start[column * right.column_step + done..][..(SIDE - 1) * right.column_step + SIDE];
                let to = &mut out[done * WIDTH + column..][..(SIDE - 1) * WIDTH + SIDE];
                let rows = std::array::from_fn(|i| from.as_ptr().wrapping_add(i * right.column_step));
                // SAFETY: the level says that the processor has AVX-512; the slices have the last values of both squares.
                unsafe { turn(rows, to.as_mut_ptr().cast(), WIDTH) };
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
