//! One step of a cell for one row, forward and backward, once the products are there.
//!
//! A row of slots (slots · H) first holds the sums a and u that [the formulas](super) name, then the gates,
//! then the gradients of the sums: what the products with the weights need, each in the place of what it is
//! made from. c is kept as it was before the step. Values that vanish become zero: numbers too small for the
//! normal range slow a processor ten times over.

use super::Cell;
use crate::dispatch::{Level, vectorized};
use crate::math::exp_m1;

/// Smallest size of a value that is not taken as zero.
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

/// State of a row, which a step changes.
pub(super) struct State<'a> {
    /// h (H).
    pub(super) h: &'a mut [f32],
    /// c (H); empty where the cell has none.
    pub(super) c: &'a mut [f32],
    /// Where c is kept as it was (H); empty where the cell has none.
    pub(super) c_before: &'a mut [f32],
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
    fn forward_rnn(a: &mut [f32], h: &mut [f32]) {
        for (a, h) in a.iter_mut().zip(h) {
            *h = tanh(*a);
            *a = *h;
        }
    }
}

vectorized! {
    fn forward_lstm(gates: [&mut [f32]; 4], state: State) {
        let count = state.h.len();
        let [i, f, g, o] = gates;
        let (i, f, g, o) = (&mut i[..count], &mut f[..count], &mut g[..count], &mut o[..count]);
        let (c, c_before, h) = (&mut state.c[..count], &mut state.c_before[..count], state.h);
        for j in 0..count {
            c_before[j] = c[j];
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

/// Gradients of a row's state, which a step back changes.
pub(super) struct StateGradients<'a> {
    /// Gradient of h from the following step (H). Afterwards that of the h before, as far as it does not go
    /// through the product.
    pub(super) d_h: &'a mut [f32],
    /// Gradient of c from the following step (H), afterwards that of the c before; empty where the cell has
    /// none.
    pub(super) d_c: &'a mut [f32],
}

/// Values of a row that a step back reads.
#[derive(Clone, Copy)]
pub(super) struct StepBack<'a> {
    /// Gradient of the step's h from what the layer gives (H).
    pub(super) d_y: &'a [f32],
    /// h before the step (H).
    pub(super) h_before: &'a [f32],
    /// c before the step (H); empty where the cell has none.
    pub(super) c_before: &'a [f32],
}

/// The gates of a row become the gradients of its sums.
pub(super) fn backward(level: Level, cell: Cell, slots: &mut [f32], state: StateGradients, step: StepBack) {
    let states = state.d_h.len();
    let StateGradients { d_h, d_c } = state;
    let StepBack { d_y, h_before, c_before } = step;
    let (first, rest) = slots.split_at_mut(states);
    match cell {
        Cell::Rnn => backward_rnn(level, first, d_h, d_y),
        Cell::Lstm => {
            let ((f, rest), i) = (rest.split_at_mut(states), first);
            let (g, o) = rest.split_at_mut(states);
            backward_lstm(level, [i, f, g, o], d_h, d_c, d_y, c_before);
        }
        Cell::Gru => {
            let ((z, rest), r) = (rest.split_at_mut(states), first);
            let (q, n) = rest.split_at_mut(states);
            backward_gru(level, [r, z, q, n], d_h, d_y, h_before);
        }
    }
}

vectorized! {
    /// `a` holds h, then d_a.
    fn backward_rnn(a: &mut [f32], d_h_next: &mut [f32], d_y: &[f32]) {
        for ((a, d_h_next), d_y) in a.iter_mut().zip(d_h_next).zip(d_y) {
            let (h, d_h) = (*a, settle(d_y + *d_h_next));
            *a = settle(d_h * (1.0 - h * h));
            *d_h_next = 0.0;
        }
    }
}

vectorized! {
    /// `a_i` holds i, then the gradient of its sum; the others likewise.
    fn backward_lstm(
        gates: [&mut [f32]; 4], d_h_next: &mut [f32], d_c_next: &mut [f32], d_y: &[f32], c_before: &[f32],
    ) {
        let count = d_h_next.len();
        let [a_i, a_f, a_g, a_o] = gates;
        let (a_i, a_f) = (&mut a_i[..count], &mut a_f[..count]);
        let (a_g, a_o) = (&mut a_g[..count], &mut a_o[..count]);
        let (d_c_next, d_y, c_before) = (&mut d_c_next[..count], &d_y[..count], &c_before[..count]);
        for j in 0..count {
            let (i, f, g, o) = (a_i[j], a_f[j], a_g[j], a_o[j]);
            let tanh_c = tanh(settle(f * c_before[j] + i * g));
            let d_h = settle(d_y[j] + d_h_next[j]);
            let d_c = settle(d_c_next[j] + d_h * o * (1.0 - tanh_c * tanh_c));
            a_i[j] = settle(d_c * g * i * (1.0 - i));
            a_f[j] = settle(d_c * c_before[j] * f * (1.0 - f));
            a_g[j] = settle(d_c * i * (1.0 - g * g));
            a_o[j] = settle(d_h * tanh_c * o * (1.0 - o));
            d_c_next[j] = d_c * f;
            d_h_next[j] = 0.0;
        }
    }
}

vectorized! {
    /// `a_r` holds r, then the gradient of its sum; `a_z` and `a_n` likewise; `u_n` holds q, then d_q.
    fn backward_gru(slots: [&mut [f32]; 4], d_h_next: &mut [f32], d_y: &[f32], h_before: &[f32]) {
        let count = d_h_next.len();
        let [a_r, a_z, u_n, a_n] = slots;
        let (a_r, a_z) = (&mut a_r[..count], &mut a_z[..count]);
        let (u_n, a_n) = (&mut u_n[..count], &mut a_n[..count]);
        let (d_y, h_before) = (&d_y[..count], &h_before[..count]);
        for j in 0..count {
            let (r, z, q, n) = (a_r[j], a_z[j], u_n[j], a_n[j]);
            let d_h = settle(d_y[j] + d_h_next[j]);
            let d_a_n = settle(d_h * (1.0 - z) * (1.0 - n * n));
            a_r[j] = settle(d_a_n * q * r * (1.0 - r));
            a_z[j] = settle(d_h * (h_before[j] - n) * z * (1.0 - z));
            u_n[j] = settle(d_a_n * r);
            a_n[j] = d_a_n;
            d_h_next[j] = d_h * z;
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
