//! One head of one sequence, on one thread.

use super::loops::{Mask, probabilities, softmax, spread};
use crate::cpu::Blank;
use crate::dispatch::Level;
use crate::dropout::Dropout;

/// The sizes of a task.
pub(super) struct Head {
    pub(super) queries: usize,
    pub(super) keys: usize,
    /// d, the columns of the head.
    pub(super) columns: usize,
    /// From row to row: the width of all heads together.
    pub(super) step: usize,
    pub(super) scale: f32,
    pub(super) dropout: Dropout,
    /// The index of the task's first probability, for dropout.
    pub(super) first: u64,
}

/// The columns of one head in the rows of one sequence.
#[derive(Clone, Copy)]
pub(super) struct Columns(*const f32);

impl Columns {
    /// From the value `at` on.
    pub(super) fn new(values: &[f32], at: usize) -> Self {
        Self(values.as_ptr().wrapping_add(at))
    }
}

/// Work buffers that a thread uses again for each of its tasks.
#[derive(Default)]
pub(super) struct Scratch {
    scores: Vec<f32>,
    other: Vec<f32>,
    factors: Vec<f32>,
    sums: Vec<f32>,
}

/// The first `count` values of a buffer that grows as needed.
fn part(buffer: &mut Vec<f32>, count: usize) -> &mut [f32] {
    if buffer.len() < count {
        buffer.resize(count, 0.0);
    }
    &mut buffer[..count]
}

/// A matrix in memory: element (i, j) lies `i * row + j * column` behind the start.
#[derive(Clone, Copy)]
struct Strided {
    start: *const f32,
    row: usize,
    column: usize,
}

impl Strided {
    fn by_rows(values: &[f32], width: usize) -> Self {
        Self { start: values.as_ptr(), row: width, column: 1 }
    }

    fn transposed(self) -> Self {
        Self { row: self.column, column: self.row, ..self }
    }
}

impl Head {
    fn strided(&self, columns: Columns) -> Strided {
        Strided { start: columns.0, row: self.step, column: 1 }
    }

    /// Writes the head's columns of the output, and the log sums.
    ///
    /// # Safety
    /// q has `queries` rows of `columns` values, `step` apart, k and v have `keys` such rows; so has `out` for queries, and
    /// `log_sums` has `queries` values. Nobody else reads or writes those of `out` and `log_sums`.
    pub(super) unsafe fn forward(
        &self,
        q: Columns,
        k: Columns,
        v: Columns,
        out: *mut Blank,
        log_sums: *mut Blank,
        scratch: &mut Scratch,
    ) {
        let count = self.queries * self.keys;
        let scores = part(&mut scratch.scores, count);
        let factors = part(&mut scratch.factors, if self.dropout.is_none() { 0 } else { count });
        let mut mask = Mask { dropout: self.dropout, first: self.first, factors };
        let sums = part(&mut scratch.sums, self.queries);
        let (q, k, v) = (self.strided(q), self.strided(k), self.strided(v));
        // SAFETY: the shapes are those that the caller promises; scores has a value for each query and key.
        unsafe {
            let size = (self.queries, self.keys, self.columns);
            product(scores.as_mut_ptr(), self.keys, size, self.scale, q, k.transposed());
            softmax(Level::best(), self.keys, &mut mask, scores, sums);
            let size = (self.queries, self.columns, self.keys);
            let scores = Strided::by_rows(scores, self.keys);
            product(out.cast(), self.step, size, 1.0, scores, v);
            log_sums.cast::<f32>().copy_from_nonoverlapping(sums.as_ptr(), self.queries);
        }
    }

    /// Writes the head's columns of the gradients of q, k and v that have a place.
    ///
    /// # Safety
    /// As for the forward pass, with out and g of the shape of q, and the places of the shapes of q, k and v.
    pub(super) unsafe fn backward(
        &self,
        [q, k, v]: [Columns; 3],
        out: Columns,
        g: Columns,
        log_sums: &[f32],
        [of_q, of_k, of_v]: [Option<*mut Blank>; 3],
        scratch: &mut Scratch,
    ) {
        let count = self.queries * self.keys;
        let scores = part(&mut scratch.scores, count);
        let other = part(&mut scratch.other, count);
        let factors = part(&mut scratch.factors, if self.dropout.is_none() { 0 } else { count });
        let mut mask = Mask { dropout: self.dropout, first: self.first, factors };
        let sums = part(&mut scratch.sums, self.queries);
        for (row, sum) in sums.iter_mut().enumerate() {
            let at = row * self.step;
            // SAFETY: out and g have `columns` values in each of `queries` rows.
            let [out, g] = [out, g]
                .map(|Columns(start)| unsafe { std::slice::from_raw_parts(start.add(at), self.columns) });
            *sum = crate::math::sum_of_products(out, g, 0.0) as f32;
        }
        let (q, k, v, g) = (self.strided(q), self.strided(k), self.strided(v), self.strided(g));
        let level = Level::best();
        // SAFETY: the shapes are those that the caller promises; scores and other have a value for each query and key.
        unsafe {
            let size = (self.queries, self.keys, self.columns);
            product(scores.as_mut_ptr(), self.keys, size, self.scale, q, k.transposed());
            probabilities(level, self.keys, log_sums, scores);
            product(other.as_mut_ptr(), self.keys, size, 1.0, g, v.transposed());
            spread(level, self.keys, &mut mask, sums, scores, other);
            let dropped = Strided::by_rows(scores, self.keys);
            let of_scores = Strided::by_rows(other, self.keys);
            let (to_keys, to_queries) =
                ((self.keys, self.columns, self.queries), (self.queries, self.columns, self.keys));
            if let Some(of_v) = of_v {
                product(of_v.cast(), self.step, to_keys, 1.0, dropped.transposed(), g);
            }
            if let Some(of_q) = of_q {
                product(of_q.cast(), self.step, to_queries, self.scale, of_scores, k);
            }
            if let Some(of_k) = of_k {
                product(of_k.cast(), self.step, to_keys, self.scale, of_scores.transposed(), q);
            }
        }
    }
}

/// out (M, N), rows `step` apart, = scale · left (M, K) · right (K, N), on this thread.
///
/// # Safety
/// left and right have as many values as the sizes say, where their steps say; so has out, which overlaps neither and which
/// nobody else uses.
unsafe fn product(
    out: *mut f32,
    step: usize,
    (m, n, k): (usize, usize, usize),
    scale: f32,
    left: Strided,
    right: Strided,
) {
    if m == 0 || n == 0 {
        return;
    }
    if k == 0 {
        for row in 0..m {
            // SAFETY: row `row` of out has n values, all the caller's own.
            unsafe { std::slice::from_raw_parts_mut(out.add(row * step).cast::<Blank>(), n) }
                .fill(Blank::new(0.0));
        }
        return;
    }
    // SAFETY: gemm reads left at i·row + j·column for i < M, j < K, right likewise, and writes out at i·step + j for i < M, j < N:
    // the caller promises that these are there. It does not read out.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out,
            1,
            step as isize,
            false,
            left.start,
            left.column as isize,
            left.row as isize,
            right.start,
            right.column as isize,
            right.row as isize,
            0.0,
            scale,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}
