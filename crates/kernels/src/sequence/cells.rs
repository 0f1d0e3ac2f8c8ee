//! What happens within a cell once the products are there, forward and backward, for one row and step.
//!
//! A row of slots (slots · H) first holds sums, then gates, then the gradients of the sums. c is kept as it was before the step.
//! Values that vanish become zero: numbers too small for the normal range slow a processor ten times over.

use super::Cell;
use crate::dispatch::{Level, vectorized};
use crate::math::exp_m1;

/// What is smaller than this is taken as zero.
const SMALLEST: f32 = 1e-30;

#[inline(always)]
fn settle(x: f32) -> f32 {
    if x.abs() < SMALLEST { 0.0 } else { x }
}

#[inline(always)]
fn within(x: f32, bound: f32) -> f32 {
    let x = if x < -bound { -bound } else { x };
    if x > bound { bound } else { x }
}

/// 1 / (1 + e^-x), at least e^-60.
#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    1.0 / (2.0 + exp_m1(within(-x, 60.0)))
}

/// (e^2x - 1) / (e^2x + 1), which is ±1 in f32 from 10 on.
#[inline(always)]
fn tanh(x: f32) -> f32 {
    let less_one = exp_m1(within(2.0 * x, 20.0));
    less_one / (less_one + 2.0)
}

/// The row's state, which a step changes.
pub(super) struct State<'a> {
    /// h (H).
    pub(super) h: &'a mut [f32],
    /// c (H); empty where the cell has none.
    pub(super) c: &'a mut [f32],
    /// Where c is kept as it was (H); empty where the cell has none.
    pub(super) kept: &'a mut [f32],
}

/// The sums of a row become its gates, the state the next.
pub(super) fn forward(level: Level, cell: Cell, slots: &mut [f32], state: State) {
    let states = state.h.len();
    let (first, rest) = slots.split_at_mut(states);
    match cell {
        Cell::Rnn => forward_rnn(level, first, state.h),
        Cell::Lstm => {
            let ((f, rest), i) = (rest.split_at_mut(states), first);
            let (g, o) = rest.split_at_mut(states);
            forward_lstm(level, [i, f, g, o], state);
        }
        Cell::Gru => {
            let ((z, rest), r) = (rest.split_at_mut(states), first);
            let (q, n) = rest.split_at_mut(states);
            forward_gru(level, r, z, q, n, state.h);
        }
    }
}

vectorized! {
    fn forward_rnn(sums: &mut [f32], h: &mut [f32]) {
        for (sum, h) in sums.iter_mut().zip(h) {
            *h = tanh(*sum);
            *sum = *h;
        }
    }
}

vectorized! {
    fn forward_lstm(gates: [&mut [f32]; 4], state: State) {
        let n = state.h.len();
        let [i, f, g, o] = gates;
        let (i, f, g, o) = (&mut i[..n], &mut f[..n], &mut g[..n], &mut o[..n]);
        let (c, kept, h) = (&mut state.c[..n], &mut state.kept[..n], state.h);
        for j in 0..n {
            kept[j] = c[j];
            (i[j], f[j], g[j], o[j]) = (sigmoid(i[j]), sigmoid(f[j]), tanh(g[j]), sigmoid(o[j]));
            c[j] = settle(f[j] * c[j] + i[j] * g[j]);
            h[j] = o[j] * tanh(c[j]);
        }
    }
}

vectorized! {
    fn forward_gru(r: &mut [f32], z: &mut [f32], q: &[f32], n: &mut [f32], h: &mut [f32]) {
        let count = h.len();
        let (r, z, q, n) = (&mut r[..count], &mut z[..count], &q[..count], &mut n[..count]);
        for j in 0..count {
            (r[j], z[j]) = (sigmoid(r[j]), sigmoid(z[j]));
            n[j] = tanh(n[j] + r[j] * q[j]);
            h[j] = settle(n[j] + z[j] * (h[j] - n[j]));
        }
    }
}

/// The gradients of the row's state, which a step back changes.
pub(super) struct Slopes<'a> {
    /// Of h, from the step behind (H); what does not go through the product goes on in it.
    pub(super) h: &'a mut [f32],
    /// Of c (H); empty where the cell has none.
    pub(super) c: &'a mut [f32],
}

/// The gates of a row become the gradients of its sums. `gradient` is that of the step's own h (H), `before` the h before it (H),
/// `kept` the c before it (H).
pub(super) fn backward(
    level: Level,
    cell: Cell,
    slots: &mut [f32],
    slopes: Slopes,
    gradient: &[f32],
    before: &[f32],
    kept: &[f32],
) {
    let states = slopes.h.len();
    let (first, rest) = slots.split_at_mut(states);
    match cell {
        Cell::Rnn => backward_rnn(level, first, slopes.h, gradient),
        Cell::Lstm => {
            let ((f, rest), i) = (rest.split_at_mut(states), first);
            let (g, o) = rest.split_at_mut(states);
            backward_lstm(level, [i, f, g, o], slopes.h, slopes.c, gradient, kept);
        }
        Cell::Gru => {
            let ((z, rest), r) = (rest.split_at_mut(states), first);
            let (q, n) = rest.split_at_mut(states);
            backward_gru(level, [r, z, q, n], slopes.h, gradient, before);
        }
    }
}

vectorized! {
    fn backward_rnn(h: &mut [f32], slope: &mut [f32], gradient: &[f32]) {
        for ((h, slope), gradient) in h.iter_mut().zip(slope).zip(gradient) {
            let of_h = settle(gradient + *slope);
            *h = settle(of_h * (1.0 - *h * *h));
            *slope = 0.0;
        }
    }
}

vectorized! {
    fn backward_lstm(gates: [&mut [f32]; 4], of_h: &mut [f32], of_c: &mut [f32], gradient: &[f32], kept: &[f32]) {
        let n = of_h.len();
        let [i, f, g, o] = gates;
        let (i, f, g, o) = (&mut i[..n], &mut f[..n], &mut g[..n], &mut o[..n]);
        let (of_c, gradient, kept) = (&mut of_c[..n], &gradient[..n], &kept[..n]);
        for j in 0..n {
            let (input, forget, content, output) = (i[j], f[j], g[j], o[j]);
            let c = tanh(settle(forget * kept[j] + input * content));
            let slope = settle(gradient[j] + of_h[j]);
            let through = settle(of_c[j] + slope * output * (1.0 - c * c));
            i[j] = settle(through * content * input * (1.0 - input));
            f[j] = settle(through * kept[j] * forget * (1.0 - forget));
            g[j] = settle(through * input * (1.0 - content * content));
            o[j] = settle(slope * c * output * (1.0 - output));
            of_c[j] = through * forget;
            of_h[j] = 0.0;
        }
    }
}

vectorized! {
    fn backward_gru(gates: [&mut [f32]; 4], of_h: &mut [f32], gradient: &[f32], before: &[f32]) {
        let count = of_h.len();
        let [r, z, q, n] = gates;
        let (r, z, q, n) = (&mut r[..count], &mut z[..count], &mut q[..count], &mut n[..count]);
        let (gradient, before) = (&gradient[..count], &before[..count]);
        for j in 0..count {
            let (reset, update, hidden, new) = (r[j], z[j], q[j], n[j]);
            let slope = settle(gradient[j] + of_h[j]);
            let of_new = settle(slope * (1.0 - update) * (1.0 - new * new));
            r[j] = settle(of_new * hidden * reset * (1.0 - reset));
            z[j] = settle(slope * (before[j] - new) * update * (1.0 - update));
            q[j] = settle(of_new * reset);
            n[j] = of_new;
            of_h[j] = slope * update;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_are_as_good_as_single_precision_allows() {
        for i in -200_000..200_000 {
            let x = i as f32 * 1e-3;
            let exact = f64::from(x);
            let (found, expect) = (f64::from(tanh(x)), exact.tanh());
            assert!((found - expect).abs() <= 4e-7 * expect.abs(), "tanh {x}: {found}, expected {expect}");
            let (found, expect) = (f64::from(sigmoid(x)), 1.0 / (1.0 + (-exact).exp()));
            assert!(
                (found - expect).abs() <= 4e-7 * expect + 1e-26,
                "sigmoid {x}: {found}, expected {expect}"
            );
        }
        assert_eq!(
            [tanh(0.0), tanh(f32::INFINITY), tanh(f32::NEG_INFINITY), sigmoid(f32::INFINITY)],
            [0.0, 1.0, -1.0, 1.0]
        );
        assert!(tanh(f32::NAN).is_nan() && sigmoid(f32::NAN).is_nan());
    }

    #[test]
    fn what_vanishes_is_zero() {
        assert_eq!([settle(1e-31), settle(-1e-40), settle(1e-29), settle(-2.0)], [0.0, 0.0, 1e-29, -2.0]);
        assert!(settle(f32::NAN).is_nan());
    }
}
