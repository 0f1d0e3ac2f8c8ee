//! The rules as one loop over parameter, gradient and moments, in f32 on the CPU.
//!
//! Accumulation rule: none, each value is computed by itself, in the order of operations that `formulas` writes.

use std::cell::Cell;

use assort_tensor::RowGradient;
use candle_core::{CpuStorage, InplaceOp1, InplaceOp2, Layout, Result, Tensor, Var};
use rayon::prelude::*;

use super::Update;
use super::loops::{Part, Slices, advance};
use crate::cpu::{PIECE, serial, slice, slice_mut};
use crate::dispatch::Level;

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

fn slices(moments: &mut [Vec<f32>]) -> Slices<'_> {
    let mut list = moments.iter_mut();
    std::array::from_fn(|_| list.next().map(Vec::as_mut_slice).unwrap_or_default())
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
        let alone = p.len() < serial();
        let size = if alone { p.len().max(1) } else { PIECE };
        let mut moments = self.moments.take().map(|moment| moment.chunks_mut(size));
        // Each piece is a table of one row.
        let pieces = p.chunks_mut(size).zip(g.chunks(size)).map(|(table, g)| {
            let moments = moments.each_mut().map(|piece| piece.next().unwrap_or_default());
            (g, Part { width: table.len(), table, moments, first: 0 })
        });
        let work = |(g, part): (&[f32], Part)| advance(Level::best(), self.update, &[0], g, part);
        if alone {
            pieces.for_each(work);
        } else {
            pieces.collect::<Vec<_>>().into_par_iter().for_each(work);
        }
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
        let &RowGradient { ref rows, ref values, width } = self.gradient;
        if !values.is_empty() {
            let piece = if values.len() <= serial() { values.len() } else { PIECE };
            let part =
                Part { table: slice_mut(table, layout)?, moments: self.moments.take(), first: 0, width };
            halve(self.update, rows, values, part, piece);
        }
        Ok(())
    }
}

/// Moves `rows`, all of which lie in the part. If they have more values than a piece, they are halved, and the part is cut between
/// two rows: each half has one owner, so no row is written by two threads.
fn halve(update: &Update, rows: &[u32], values: &[f32], part: Part, piece: usize) {
    if values.len() <= piece || rows.len() < 2 {
        return advance(Level::best(), update, rows, values, part);
    }
    let Part { table, moments, first, width } = part;
    let (rows, right_rows) = rows.split_at(rows.len() / 2);
    let (values, right_values) = values.split_at(rows.len() * width);
    let cut = (right_rows[0] - first) as usize * width;
    let (table, right_table) = table.split_at_mut(cut);
    let mut right_moments = Slices::default();
    let mut halves = moments.into_iter().zip(&mut right_moments).map(|(moment, right)| {
        let (left, rest) = moment.split_at_mut(cut.min(moment.len()));
        *right = rest;
        left
    });
    let moments = std::array::from_fn(|_| halves.next().unwrap_or_default());
    let left = Part { table, moments, first, width };
    let right = Part { table: right_table, moments: right_moments, first: right_rows[0], width };
    rayon::join(
        || halve(update, rows, values, left, piece),
        || halve(update, right_rows, right_values, right, piece),
    );
}
