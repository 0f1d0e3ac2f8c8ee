//! The inner loops: some whole rows at a time.

use std::ops::Range;

use crate::cpu::Blank;
use crate::dispatch::vectorized;
use crate::dropout::Dropout;
use crate::math::{sum, sum_of_products};

/// Mean and 1/√(σ² + ε) of a row.
pub(crate) type Stats = [f32; 2];

/// Rows whose dropout is drawn at once: with any width a whole number of random blocks.
const GROUP: usize = 4;

/// Rows of s = residual + dropout(x), which [`Scratch`] makes one by one.
pub(super) struct Rows<'a> {
    x: &'a [f32],
    residual: Option<&'a [f32]>,
    dropout: Dropout,
    /// The index of the first value in the whole of x, a multiple of 4.
    first: u64,
    width: usize,
}

impl<'a> Rows<'a> {
    /// The values of a place that begins with a row.
    pub(super) fn new(
        x: &'a [f32],
        residual: Option<&'a [f32]>,
        dropout: Dropout,
        place: Range<usize>,
        width: usize,
    ) -> Self {
        let first = place.start as u64;
        let residual = residual.map(|residual| &residual[place.clone()]);
        Self { x: &x[place], residual, dropout, first, width }
    }

    /// Their number.
    #[inline(always)]
    fn count(&self) -> usize {
        self.x.len() / self.width
    }
}

/// Room for one row of s and for the factors of a group of rows.
struct Scratch {
    s: Vec<f32>,
    /// Empty if nothing is dropped.
    factors: Vec<f32>,
}

impl Scratch {
    fn new(rows: &Rows) -> Self {
        let group = if rows.dropout.is_none() { 0 } else { GROUP * rows.width };
        Self { s: vec![0.0; rows.width], factors: vec![0.0; group] }
    }

    /// The values of s of a row, and its dropout's factors. Rows are asked for in their order.
    #[inline(always)]
    fn row<'a>(&'a mut self, rows: &Rows<'a>, row: usize) -> (&'a [f32], &'a [f32]) {
        let (width, at) = (rows.width, row * rows.width);
        let x = &rows.x[at..][..width];
        let Some(residual) = rows.residual else { return (x, &[]) };
        let residual = &residual[at..][..width];
        if self.factors.is_empty() {
            self.s.iter_mut().zip(x).zip(residual).for_each(|((s, x), r)| *s = r + x);
            return (&self.s, &[]);
        }
        if row.is_multiple_of(GROUP) {
            rows.dropout.fill(rows.first + at as u64, &mut self.factors);
        }
        let factors = &self.factors[row % GROUP * width..][..width];
        let values = self.s.iter_mut().zip(x).zip(residual).zip(factors);
        values.for_each(|(((s, &x), r), &f)| *s = r + if f > 0.0 { x * f } else { 0.0 });
        (&self.s, factors)
    }
}

vectorized! {
    /// Writes y and the stats of each row.
    pub(super) fn forward(
        rows: &Rows, scale: &[f32], epsilon: f64, y: &mut [Blank], stats: &mut [Blank<Stats>],
    ) {
        let width = rows.width;
        let (weight, bias) = scale.split_at(width);
        let mut scratch = Scratch::new(rows);
        for row in 0..rows.count() {
            let (s, _) = scratch.row(rows, row);
            let mean = (sum(s) / width as f64) as f32;
            let variance = sum_of_products(s, s, mean) / width as f64;
            let inverse = (1.0 / (variance + epsilon).sqrt()) as f32;
            stats[row].write([mean, inverse]);
            let out = &mut y[row * width..][..width];
            for (((y, &s), &weight), &bias) in out.iter_mut().zip(s).zip(weight).zip(bias) {
                y.write((s - mean) * inverse * weight + bias);
            }
        }
    }
}

/// Values that the backward pass of some rows reads.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) rows: &'a Rows<'a>,
    /// γ (D).
    pub(super) weight: &'a [f32],
    pub(super) stats: &'a [Stats],
}

vectorized! {
    /// Writes ∂s, and ∂x if its place is not empty; gives the sums (2, D) of g x̂ and of g.
    pub(super) fn backward(known: Known, g: &[f32], d_sum: &mut [Blank], d_x: &mut [Blank]) -> Vec<f32> {
        let Known { rows, weight, stats } = known;
        let width = rows.width;
        let mut sums = vec![0f32; 2 * width];
        let mut unit = vec![0f32; width];
        let mut scaled = vec![0f32; width];
        let mut scratch = Scratch::new(rows);
        for row in 0..rows.count() {
            let (s, factors) = scratch.row(rows, row);
            let [mean, inverse] = stats[row];
            let g = &g[row * width..][..width];
            let (d_weight, d_bias) = sums.split_at_mut(width);
            for ((((((unit, scaled), &s), &g), &weight), d_weight), d_bias) in
                unit.iter_mut().zip(&mut scaled).zip(s).zip(g).zip(weight).zip(d_weight).zip(d_bias)
            {
                *unit = (s - mean) * inverse;
                *scaled = g * weight;
                *d_weight += g * *unit;
                *d_bias += g;
            }
            let level = (sum(&scaled) / width as f64) as f32;
            let slope = (sum_of_products(&scaled, &unit, 0.0) / width as f64) as f32;
            let out = &mut d_sum[row * width..][..width];
            for ((scaled, &unit), out) in scaled.iter_mut().zip(&unit).zip(out) {
                *scaled = (*scaled - level - unit * slope) * inverse;
                out.write(*scaled);
            }
            if let Some(out) = d_x.get_mut(row * width..(row + 1) * width) {
                for ((out, &value), &factor) in out.iter_mut().zip(&scaled).zip(factors) {
                    out.write(value * factor);
                }
            }
        }
        sums
    }
}
