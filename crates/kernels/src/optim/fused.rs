//! The rules as one loop over parameter, gradient and moments, in f32 on the CPU.
//!
//! Accumulation rule: none, each value is computed by itself, in the order of operations that `loops` writes.

use std::cell::Cell;

use assort_tensor::RowGradient;
use candle_core::{CpuStorage, InplaceOp1, InplaceOp2, Layout, Result, Tensor, Var};
use rayon::prelude::*;

use super::Update;
use super::loops::advance;
use crate::cpu::{PIECE, SERIAL, prefetch, slice, slice_mut};

/// How many rows ahead a sparse step asks for: they lie anywhere in memory.
const AHEAD: usize = 2;

/// The moments of one parameter or of a part of it; those that the rule does not keep are empty.
pub(super) type Slices<'a> = [&'a mut [f32]; 3];

fn slices(moments: &mut [Vec<f32>]) -> Slices<'_> {
    let mut list = moments.iter_mut();
    std::array::from_fn(|_| list.next().map(Vec::as_mut_slice).unwrap_or_default())
}

/// Moves the whole parameter.
pub(super) fn dense(update: &Update, var: &Var, gradient: &Tensor, moments: &mut [Vec<f32>]) -> Result<()> {
    var.inplace_op2(gradient, &Dense { update, moments: Cell::new(slices(moments)) })
}

/// Moves the touched rows of a table. The rows have been checked: ascending and inside the table.
pub(super) fn rows(
    update: &Update,
    var: &Var,
    gradient: &RowGradient,
    moments: &mut [Vec<f32>],
) -> Result<()> {
    var.inplace_op1(&Rows { update, gradient, moments: Cell::new(slices(moments)) })
}

struct Dense<'a> {
    update: &'a Update,
    moments: Cell<Slices<'a>>,
}

impl InplaceOp2 for Dense<'_> {
    fn name(&self) -> &'static str {
        "optimizer-step"
    }

    fn cpu_fwd(&self, p: &mut CpuStorage, lp: &Layout, g: &CpuStorage, lg: &Layout) -> Result<()> {
        let (p, g) = (slice_mut(p, lp)?, slice(g, lg)?);
        let moments = self.moments.take();
        if p.len() <= SERIAL {
            advance(self.update, p, g, moments);
            return Ok(());
        }
        let mut pieces = moments.map(|moment| moment.chunks_mut(PIECE));
        let work: Vec<_> = p
            .chunks_mut(PIECE)
            .zip(g.chunks(PIECE))
            .map(|(p, g)| (p, g, pieces.each_mut().map(|piece| piece.next().unwrap_or_default())))
            .collect();
        work.into_par_iter().for_each(|(p, g, moments)| advance(self.update, p, g, moments));
        Ok(())
    }
}

struct Rows<'a> {
    update: &'a Update,
    gradient: &'a RowGradient,
    moments: Cell<Slices<'a>>,
}

impl InplaceOp1 for Rows<'_> {
    fn name(&self) -> &'static str {
        "optimizer-sparse-step"
    }

    fn cpu_fwd(&self, table: &mut CpuStorage, layout: &Layout) -> Result<()> {
        let RowGradient { rows, values, width } = self.gradient;
        if !values.is_empty() {
            let part = Part { table: slice_mut(table, layout)?, moments: self.moments.take(), first: 0 };
            walk(self.update, rows, values, *width, part);
        }
        Ok(())
    }
}

/// A run of whole rows of a table, with their moments.
struct Part<'a> {
    table: &'a mut [f32],
    moments: Slices<'a>,
    /// The table's row that the part begins with.
    first: u32,
}

/// Moves `rows`, all of which lie in the part. Many rows are halved, and the part is cut between two rows: each half has one
/// owner, so no row is written by two threads.
fn walk(update: &Update, rows: &[u32], values: &[f32], width: usize, part: Part) {
    let Part { table, moments, first } = part;
    let place = |row: u32| (row - first) as usize * width;
    if values.len() > SERIAL && rows.len() > 1 {
        let half = rows.len() / 2;
        let cut = place(rows[half]);
        let (table, right_table) = table.split_at_mut(cut);
        let mut right_moments = Slices::default();
        let mut moments = moments.into_iter().zip(&mut right_moments).map(|(moment, right)| {
            let (left, rest) = moment.split_at_mut(cut.min(moment.len()));
            *right = rest;
            left
        });
        let left =
            Part { table, moments: std::array::from_fn(|_| moments.next().unwrap_or_default()), first };
        let right = Part { table: right_table, moments: right_moments, first: rows[half] };
        let ((rows, right_rows), (values, right_values)) =
            (rows.split_at(half), values.split_at(half * width));
        rayon::join(
            || walk(update, rows, values, width, left),
            || walk(update, right_rows, right_values, width, right),
        );
        return;
    }
    let mut moments = moments;
    for (index, (&row, g)) in rows.iter().zip(values.chunks_exact(width)).enumerate() {
        if let Some(&next) = rows.get(index + AHEAD) {
            let next = place(next)..place(next) + width;
            prefetch(&table[next.clone()]);
            moments.iter().for_each(|moment| prefetch(moment.get(next.clone()).unwrap_or_default()));
        }
        let at = place(row)..place(row) + width;
        let moments = moments.each_mut().map(|moment| moment.get_mut(at.clone()).unwrap_or_default());
        advance(update, &mut table[at], g, moments);
    }
}
