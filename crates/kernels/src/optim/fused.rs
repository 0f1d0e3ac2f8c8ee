//! The rules as one loop over parameter, gradient and moments, in f32 on the CPU.
//!
//! Accumulation rule: none, each value is computed by itself, in the order of operations that the rule's
//! formula writes.

use std::cell::Cell;

use assort_tensor::RowGradient;
use candle_core::{CpuStorage, InplaceOp1, InplaceOp2, Layout, Result, Tensor, Var};
use rayon::prelude::*;

use super::loops::{Part, Slices, Touched};
use super::update::ScaledUpdate;
use crate::cpu::{PIECE, serial, slice, slice_mut};
use crate::dispatch::Level;

/// Moves the whole parameter.
pub(super) fn dense(by: &ScaledUpdate, var: &Var, gradient: &Tensor, moments: &mut [Vec<f32>]) -> Result<()> {
    var.inplace_op2(gradient, &Dense { by, moments: Cell::new(slices(moments)) })
}

/// Moves the touched rows of a table. The rows have been checked: ascending and inside the table.
pub(super) fn rows(
    by: &ScaledUpdate,
    var: &Var,
    gradient: &RowGradient,
    moments: &mut [Vec<f32>],
) -> Result<()> {
    var.inplace_op1(&Rows { by, gradient, moments: Cell::new(slices(moments)) })
}

/// Moves every row of a table: those that the gradient leaves out by zeros. `zero_moments` says of which rows
/// all moments are zero.
pub(super) fn table(
    by: &ScaledUpdate,
    var: &Var,
    gradient: &RowGradient,
    moments: &mut [Vec<f32>],
    zero_moments: &mut [bool],
) -> Result<()> {
    if by.update.shrink_if_zero().is_none() {
        zero_moments.fill(false);
    }
    for &row in &gradient.rows {
        zero_moments[row as usize] = false;
    }
    var.inplace_op1(&Table { by, gradient, moments: Cell::new(slices(moments)), zero_moments })
}

fn slices(moments: &mut [Vec<f32>]) -> Slices<'_> {
    let mut list = moments.iter_mut();
    std::array::from_fn(|_| list.next().map(Vec::as_mut_slice).unwrap_or_default())
}

/// Moves `rows`, which ascend and lie in the part, by their gradients (R, D).
fn advance(by: &ScaledUpdate, rows: &[u32], values: &[f32], part: Part) {
    by.update.advance(Level::best(), Touched { rows, values, factor: by.factor }, part);
}

struct Dense<'a> {
    by: &'a ScaledUpdate,
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
        let work = |(g, part): (&[f32], Part)| advance(self.by, &[0], g, part);
        if alone {
            pieces.for_each(work);
        } else {
            pieces.collect::<Vec<_>>().into_par_iter().for_each(work);
        }
        Ok(())
    }
}

struct Table<'a> {
    by: &'a ScaledUpdate,
    gradient: &'a RowGradient,
    moments: Cell<Slices<'a>>,
    zero_moments: &'a [bool],
}

impl InplaceOp1 for Table<'_> {
    fn name(&self) -> &'static str {
        "optimizer-step-of-all-rows"
    }

    fn cpu_fwd(&self, table: &mut CpuStorage, layout: &Layout) -> Result<()> {
        let width = self.gradient.width.max(1);
        let rows = (PIECE / width).max(1);
        let table = slice_mut(table, layout)?;
        let alone = table.len() < serial();
        let mut moments = self.moments.take().map(|moment| moment.chunks_mut(rows * width));
        let pieces = table.chunks_mut(rows * width).zip((0..).step_by(rows)).map(|(table, first)| {
            let moments = moments.each_mut().map(|piece| piece.next().unwrap_or_default());
            Part { table, moments, first, width }
        });
        if alone {
            pieces.for_each(|part| every_row(self.by, self.gradient, self.zero_moments, part));
        } else {
            let all = pieces.collect::<Vec<_>>().into_par_iter();
            all.for_each(|part| every_row(self.by, self.gradient, self.zero_moments, part));
        }
        Ok(())
    }
}

/// Moves all rows of the part, which are part of the table that the gradient and `zero_moments` are about.
fn every_row(by: &ScaledUpdate, gradient: &RowGradient, zero_moments: &[bool], part: Part) {
    let Part { mut table, mut moments, first, width } = part;
    let count = table.len() / width;
    let RowGradient { rows, values, .. } = gradient;
    let [from, to] = [first, first + count as u32].map(|end| rows.partition_point(|&row| row < end));
    let mut dense = vec![0f32; table.len()];
    for (&row, values) in rows[from..to].iter().zip(values[from * width..].chunks_exact(width)) {
        dense[(row - first) as usize * width..][..width].copy_from_slice(values);
    }
    let (mut dense, shrink_if_zero) = (dense.as_slice(), by.update.shrink_if_zero());
    let zero_moments = &zero_moments[first as usize..][..count];
    for run in zero_moments.chunk_by(|a, b| a == b || shrink_if_zero.is_none()) {
        let size = run.len() * width;
        let own = table.split_off_mut(..size).unwrap_or_default();
        let moments = moments.each_mut().map(|moment| moment.split_off_mut(..size).unwrap_or_default());
        let gradient = dense.split_off(..size).unwrap_or_default();
        match shrink_if_zero {
            Some(1.0) if run[0] => {}
            Some(shrink) if run[0] => own.iter_mut().for_each(|p| *p *= shrink),
            // A table of one row.
            _ => advance(by, &[0], gradient, Part { table: own, moments, first: 0, width: size }),
        }
    }
}

struct Rows<'a> {
    by: &'a ScaledUpdate,
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
            halve(self.by, rows, values, part, piece);
        }
        Ok(())
    }
}

/// Moves `rows`, all of which lie in the part. If they have more values than a piece, they are halved, and
/// the part is cut between two rows: each half has one owner, so no row is written by two threads.
fn halve(by: &ScaledUpdate, rows: &[u32], values: &[f32], part: Part, piece: usize) {
    if values.len() <= piece || rows.len() < 2 {
        return advance(by, rows, values, part);
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
        || halve(by, rows, values, left, piece),
        || halve(by, right_rows, right_values, right, piece),
    );
}
