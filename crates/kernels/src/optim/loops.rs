//! The inner loops: rows of a table, or a whole parameter as one row.

use crate::cpu::prefetch;
use crate::dispatch::vectorized;

/// Formula of a rule for one value, in f32.
pub(super) trait Formula {
    /// Number of moments that it keeps.
    const MOMENTS: usize;

    /// The parameter after the step; the moments are changed in place.
    fn step(&self, p: f32, g: f32, moments: &mut [f32; 3]) -> f32;
}

/// Moments of one parameter or of a part of it; those that the rule does not keep are empty.
pub(super) type Slices<'a> = [&'a mut [f32]; 3];

/// Whole rows of a table with their moments.
pub(super) struct Part<'a> {
    pub(super) table: &'a mut [f32],
    pub(super) moments: Slices<'a>,
    /// The table's row that the part begins with.
    pub(super) first: u32,
    /// D.
    pub(super) width: usize,
}

/// Rows of a table, ascending, with their gradients.
#[derive(Clone, Copy)]
pub(super) struct Touched<'a> {
    pub(super) rows: &'a [u32],
    /// (R, D).
    pub(super) values: &'a [f32],
    /// Factor of each value.
    pub(super) factor: f32,
}

vectorized! {
    /// Moves the touched rows, which lie in the part.
    pub(super) fn advance<F: Formula>(formula: F, touched: Touched, part: Part) {
        every_row(&formula, touched, part);
    }
}

#[inline(always)]
fn every_row<F: Formula>(formula: &F, touched: Touched, part: Part) {
    let Touched { rows, values, factor } = touched;
    /// Number of rows ahead that the table and its moments are asked for: they lie anywhere in memory.
    const AHEAD: usize = 2;
    /// Values between two requests: many at once would wait for each other, and the arithmetic for them.
    const BLOCK: usize = 64;
    let (width, first) = (part.width, part.first);
    let place = |row: u32| (row - first) as usize * width;
    let Part { table, moments: [a, b, c], .. } = part;
    for (index, (&row, g)) in rows.iter().zip(values.chunks_exact(width)).enumerate() {
        let at = place(row);
        let Some(&next) = rows.get(index + AHEAD) else {
            let end = at + width;
            every_value(
                (formula, factor, g),
                &mut table[at..end],
                kept(a, at, end),
                kept(b, at, end),
                kept(c, at, end),
            );
            continue;
        };
        for (block, g) in g.chunks(BLOCK).enumerate() {
            let (at, next) = (at + block * BLOCK, place(next) + block * BLOCK);
            let (end, next_end) = (at + g.len(), next + g.len());
            prefetch(&table[next..next_end]);
            prefetch(kept(a, next, next_end));
            prefetch(kept(b, next, next_end));
            prefetch(kept(c, next, next_end));
            every_value(
                (formula, factor, g),
                &mut table[at..end],
                kept(a, at, end),
                kept(b, at, end),
                kept(c, at, end),
            );
        }
    }
}

/// A part of a moment, or nothing of a moment that is not kept.
#[inline(always)]
fn kept(moment: &mut [f32], start: usize, end: usize) -> &mut [f32] {
    moment.get_mut(start..end).unwrap_or_default()
}

#[inline(always)]
fn every_value<F: Formula>(
    (formula, factor, g): (&F, f32, &[f32]),
    p: &mut [f32],
    a: &mut [f32],
    b: &mut [f32],
    c: &mut [f32],
) {
    let count = p.len();
    // Equal lengths, said once, spare the loop its checks.
    let g = &g[..count];
    let a = &mut a[..if F::MOMENTS > 0 { count } else { 0 }];
    let b = &mut b[..if F::MOMENTS > 1 { count } else { 0 }];
    let c = &mut c[..if F::MOMENTS > 2 { count } else { 0 }];
    for i in 0..count {
        let mut moments = [0f32; 3];
        if F::MOMENTS > 0 {
            moments[0] = a[i];
        }
        if F::MOMENTS > 1 {
            moments[1] = b[i];
        }
        if F::MOMENTS > 2 {
            moments[2] = c[i];
        }
        p[i] = formula.step(p[i], factor * g[i], &mut moments);
        if F::MOMENTS > 0 {
            a[i] = moments[0];
        }
        if F::MOMENTS > 1 {
            b[i] = moments[1];
        }
        if F::MOMENTS > 2 {
            c[i] = moments[2];
        }
    }
}
