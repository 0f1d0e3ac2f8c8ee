//! The inner loops. Each takes slices of one length.

use super::fused::Slices;
use super::{MomentumStyle, Update, Variance};
use crate::dispatch::{Level, vectorized};

/// Moves a slice of a parameter.
pub(super) fn advance(update: &Update, p: &mut [f32], g: &[f32], moments: Slices) {
    advance_at(Level::best(), update, p, g, moments);
}

pub(super) fn advance_at(level: Level, update: &Update, p: &mut [f32], g: &[f32], moments: Slices) {
    let [first, second, third] = moments;
    match *update {
        Update::Plain { rate, weight_decay } => plain(level, p, g, rate as f32, weight_decay as f32),
        Update::Momentum { .. } => momentum(level, update, p, g, first),
        Update::Adam { .. } => adam(level, update, p, g, first, second),
        Update::RmsProp { variance: Variance::Uncentered, momentum: 0.0, .. } => {
            rms_prop(level, update, p, g, first);
        }
        Update::RmsProp { variance: Variance::Uncentered, .. } => {
            rms_prop_momentum(level, update, p, g, first, second);
        }
        Update::RmsProp { variance: Variance::Centered, momentum: 0.0, .. } => {
            rms_prop_centered(level, update, p, g, first, second);
        }
        Update::RmsProp { variance: Variance::Centered, .. } => {
            rms_prop_centered_momentum(level, update, p, g, first, second, third);
        }
        Update::Adagrad { rate, epsilon, weight_decay } => {
            adagrad(level, p, g, first, rate as f32, epsilon as f32, weight_decay as f32);
        }
    }
}

/// Subnormal numbers become zero: arithmetic on them is many times slower.
#[inline(always)]
fn flush(value: f32) -> f32 {
    if value.abs() < f32::MIN_POSITIVE { 0.0 } else { value }
}

/// Gradients whose square would be subnormal do not enter it.
#[inline(always)]
fn square(g: f32) -> f32 {
    let g = if g.abs() < 1.1e-19 { 0.0 } else { g };
    g * g
}

vectorized! {
    fn plain(p: &mut [f32], g: &[f32], rate: f32, weight_decay: f32) {
        for (p, &g) in p.iter_mut().zip(g) {
            *p -= rate * (g + weight_decay * *p);
        }
    }
}

vectorized! {
    fn momentum(update: &Update, p: &mut [f32], g: &[f32], b: &mut [f32]) {
        let Update::Momentum { rate, momentum, gain, weight_decay, style } = *update else { return };
        let (rate, momentum, gain, weight_decay) =
            (rate as f32, momentum as f32, gain as f32, weight_decay as f32);
        // p moves along look · b + keep · g.
        let (look, keep) = match style {
            MomentumStyle::Classical => (1.0, 0.0),
            MomentumStyle::Nesterov => (momentum, 1.0),
        };
        for ((p, &g), b) in p.iter_mut().zip(g).zip(b) {
            let g = g + weight_decay * *p;
            *b = flush(momentum * *b + gain * g);
            *p -= rate * (look * *b + keep * g);
        }
    }
}

vectorized! {
    fn adam(update: &Update, p: &mut [f32], g: &[f32], m: &mut [f32], v: &mut [f32]) {
        let Update::Adam { beta1, beta2, size, root, epsilon, shrink, weight_decay } = *update else { return };
        let (size, root, epsilon) = (size as f32, root as f32, epsilon as f32);
        let (shrink, weight_decay) = (shrink as f32, weight_decay as f32);
        let (gain1, beta2, gain2) = ((1.0 - beta1) as f32, beta2 as f32, (1.0 - beta2) as f32);
        for ((p, &g), (m, v)) in p.iter_mut().zip(g).zip(m.iter_mut().zip(v)) {
            let g = g + weight_decay * *p;
            *m = flush(*m + gain1 * (g - *m));
            *v = flush(beta2 * *v + gain2 * square(g));
            *p = shrink * *p - size * *m / (root * v.sqrt() + epsilon);
        }
    }
}

/// The settings of RMSprop in f32: rate, alpha, 1 - alpha, epsilon, momentum, weight decay.
#[inline(always)]
fn rms_prop_settings(update: &Update) -> [f32; 6] {
    match *update {
        Update::RmsProp { rate, alpha, epsilon, momentum, weight_decay, .. } => {
            [rate, alpha, 1.0 - alpha, epsilon, momentum, weight_decay].map(|value| value as f32)
        }
        _ => [0.0; 6],
    }
}

vectorized! {
    fn rms_prop(update: &Update, p: &mut [f32], g: &[f32], s: &mut [f32]) {
        let [rate, alpha, gain, epsilon, _, weight_decay] = rms_prop_settings(update);
        for ((p, &g), s) in p.iter_mut().zip(g).zip(s) {
            let g = g + weight_decay * *p;
            *s = flush(alpha * *s + gain * square(g));
            *p -= rate * g / (s.sqrt() + epsilon);
        }
    }
}

vectorized! {
    fn rms_prop_momentum(update: &Update, p: &mut [f32], g: &[f32], s: &mut [f32], b: &mut [f32]) {
        let [rate, alpha, gain, epsilon, momentum, weight_decay] = rms_prop_settings(update);
        for ((p, &g), (s, b)) in p.iter_mut().zip(g).zip(s.iter_mut().zip(b)) {
            let g = g + weight_decay * *p;
            *s = flush(alpha * *s + gain * square(g));
            *b = flush(momentum * *b + g / (s.sqrt() + epsilon));
            *p -= rate * *b;
        }
    }
}

vectorized! {
    fn rms_prop_centered(update: &Update, p: &mut [f32], g: &[f32], s: &mut [f32], a: &mut [f32]) {
        let [rate, alpha, gain, epsilon, _, weight_decay] = rms_prop_settings(update);
        for ((p, &g), (s, a)) in p.iter_mut().zip(g).zip(s.iter_mut().zip(a)) {
            let g = g + weight_decay * *p;
            *s = flush(alpha * *s + gain * square(g));
            *a = flush(*a + gain * (g - *a));
            *p -= rate * g / ((*s - square(*a)).max(0.0).sqrt() + epsilon);
        }
    }
}

vectorized! {
    fn rms_prop_centered_momentum(
        update: &Update, p: &mut [f32], g: &[f32], s: &mut [f32], a: &mut [f32], b: &mut [f32],
    ) {
        let [rate, alpha, gain, epsilon, momentum, weight_decay] = rms_prop_settings(update);
        for ((p, &g), ((s, a), b)) in p.iter_mut().zip(g).zip(s.iter_mut().zip(a).zip(b)) {
            let g = g + weight_decay * *p;
            *s = flush(alpha * *s + gain * square(g));
            *a = flush(*a + gain * (g - *a));
            *b = flush(momentum * *b + g / ((*s - square(*a)).max(0.0).sqrt() + epsilon));
            *p -= rate * *b;
        }
    }
}

vectorized! {
    fn adagrad(p: &mut [f32], g: &[f32], s: &mut [f32], rate: f32, epsilon: f32, weight_decay: f32) {
        for ((p, &g), s) in p.iter_mut().zip(g).zip(s) {
            let g = g + weight_decay * *p;
            *s += square(g);
            *p -= rate * g / (s.sqrt() + epsilon);
        }
    }
}
