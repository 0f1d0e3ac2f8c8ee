//! One head of one sequence, on one thread.

use super::loops::{Mask, probabilities, softmax, softmax_backward};
use crate::cpu::Blank;
use crate::dispatch::Level;
use crate::dropout::Dropout;
use crate::matmul::{Gemm, Strided};

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

impl Head {
    fn strided(&self, columns: Columns) -> Strided {
        Strided::rows(columns.0, self.step)
    }

    /// Writes the head's columns of the output, and the log sums.
    ///
    /// # Safety
    /// q has `queries` rows of `columns` values, `step` apart, k and v have `keys` such rows; so has `out`
    /// for queries, and `log_sums` has `queries` values. Nobody else reads or writes those of `out` and
    /// `log_sums`.
    pub(super) unsafe fn forward(
        &self,
        [q, k, v]: [Columns; 3],
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
            let to_scores = Gemm { scale: self.scale, ..Gemm::new((self.queries, self.keys, self.columns)) };
            to_scores.run(Strided::rows(scores.as_mut_ptr(), self.keys), q, k.transposed());
            softmax(Level::best(), self.keys, &mut mask, scores, sums);
            let scores = Strided::rows(scores.as_ptr(), self.keys);
            let to_out = Gemm::new((self.queries, self.columns, self.keys));
            to_out.run(Strided::rows(out.cast(), self.step), scores, v);
            log_sums.cast::<f32>().copy_from_nonoverlapping(sums.as_ptr(), self.queries);
        }
    }

    /// Writes the head's columns of the gradients of q, k and v that have a place.
    ///
    /// # Safety
    /// As for the forward pass, with out and its gradient g of the shape of q, and the places of the shapes
    /// of q, k and v.
    pub(super) unsafe fn backward(
        &self,
        [q, k, v]: [Columns; 3],
        [out, g]: [Columns; 2],
        log_sums: &[f32],
        [d_q, d_k, d_v]: [Option<*mut Blank>; 3],
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
        // SAFETY: the shapes are those that the caller promises; scores and other have a value for each query
        // and key.
        unsafe {
            let to_scores = Gemm::new((self.queries, self.keys, self.columns));
            let scaled = Gemm { scale: self.scale, ..to_scores };
            scaled.run(Strided::rows(scores.as_mut_ptr(), self.keys), q, k.transposed());
            probabilities(level, self.keys, log_sums, scores);
            to_scores.run(Strided::rows(other.as_mut_ptr(), self.keys), g, v.transposed());
            softmax_backward(level, self.keys, &mut mask, sums, scores, other);
            let dropped = Strided::rows(scores.as_ptr(), self.keys);
            let d_scores = Strided::rows(other.as_ptr(), self.keys);
            let to_keys = Gemm::new((self.keys, self.columns, self.queries));
            let to_queries = Gemm::new((self.queries, self.columns, self.keys));
            let place = |start: *mut Blank| Strided::rows(start.cast(), self.step);
            if let Some(d_v) = d_v {
                to_keys.run(place(d_v), dropped.transposed(), g);
            }
            if let Some(d_q) = d_q {
                Gemm { scale: self.scale, ..to_queries }.run(place(d_q), d_scores, k);
            }
            if let Some(d_k) = d_k {
                Gemm { scale: self.scale, ..to_keys }.run(place(d_k), d_scores.transposed(), q);
            }
        }
    }
}
