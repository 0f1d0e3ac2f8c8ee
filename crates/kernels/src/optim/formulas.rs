//! The rules' formulas for one value, in f32. [`Update`] writes them out.

use super::{MomentumStyle, Update, Variance};

/// How one value moves.
pub(super) trait Formula {
    /// How many moments it keeps.
    const MOMENTS: usize;

    /// The formula's numbers in f32. An update of another rule gives a formula that moves nothing.
    fn new(update: &Update) -> Self;

    /// The parameter after the step; the moments are changed in place.
    fn step(&self, p: f32, g: f32, moments: &mut [f32; 3]) -> f32;
}

/// Subnormal numbers become zero: arithmetic on them is many times slower.
#[inline(always)]
fn flush(value: f32) -> f32 {
    if value.abs() < f32::MIN_POSITIVE { 0.0 } else { value }
}

/// g², and 0 where that would be subnormal.
#[inline(always)]
fn square(g: f32) -> f32 {
    let g = if g.abs() < 1.1e-19 { 0.0 } else { g };
    g * g
}

#[derive(Default)]
pub(super) struct Plain {
    rate: f32,
    weight_decay: f32,
}

impl Formula for Plain {
    const MOMENTS: usize = 0;

    #[inline(always)]
    fn new(update: &Update) -> Self {
        let Update::Plain { rate, weight_decay } = *update else { return Self::default() };
        Self { rate: rate as f32, weight_decay: weight_decay as f32 }
    }

    #[inline(always)]
    fn step(&self, p: f32, g: f32, _: &mut [f32; 3]) -> f32 {
        p - self.rate * (g + self.weight_decay * p)
    }
}

#[derive(Default)]
pub(super) struct Momentum {
    rate: f32,
    momentum: f32,
    gain: f32,
    weight_decay: f32,
    /// The parameter moves along look · b + keep · g.
    look: f32,
    keep: f32,
}

impl Formula for Momentum {
    const MOMENTS: usize = 1;

    #[inline(always)]
    fn new(update: &Update) -> Self {
        let Update::Momentum { rate, momentum, gain, weight_decay, style } = *update else {
            return Self::default();
        };
        let (rate, momentum, gain) = (rate as f32, momentum as f32, gain as f32);
        let (look, keep) = match style {
            MomentumStyle::Classical => (1.0, 0.0),
            MomentumStyle::Nesterov => (momentum, 1.0),
        };
        Self { rate, momentum, gain, weight_decay: weight_decay as f32, look, keep }
    }

    #[inline(always)]
    fn step(&self, p: f32, g: f32, [b, ..]: &mut [f32; 3]) -> f32 {
        let g = g + self.weight_decay * p;
        *b = flush(self.momentum * *b + self.gain * g);
        p - self.rate * (self.look * *b + self.keep * g)
    }
}

#[derive(Default)]
pub(super) struct Adam {
    gain1: f32,
    beta2: f32,
    gain2: f32,
    size: f32,
    root: f32,
    epsilon: f32,
    shrink: f32,
    weight_decay: f32,
}

impl Formula for Adam {
    const MOMENTS: usize = 2;

    #[inline(always)]
    fn new(update: &Update) -> Self {
        let Update::Adam { beta1, beta2, size, root, epsilon, shrink, weight_decay } = *update else {
            return Self::default();
        };
        Self {
            gain1: (1.0 - beta1) as f32,
            beta2: beta2 as f32,
            gain2: (1.0 - beta2) as f32,
            size: size as f32,
            root: root as f32,
            epsilon: epsilon as f32,
            shrink: shrink as f32,
            weight_decay: weight_decay as f32,
        }
    }

    #[inline(always)]
    fn step(&self, p: f32, g: f32, [m, v, _]: &mut [f32; 3]) -> f32 {
        let g = g + self.weight_decay * p;
        *m = flush(*m + self.gain1 * (g - *m));
        *v = flush(self.beta2 * *v + self.gain2 * square(g));
        self.shrink * p - self.size * *m / (self.root * v.sqrt() + self.epsilon)
    }
}

/// The moments are the mean square, then the mean if centered, then the direction if there is momentum.
#[derive(Default)]
pub(super) struct RmsProp<const CENTERED: bool, const MOMENTUM: bool> {
    rate: f32,
    alpha: f32,
    gain: f32,
    epsilon: f32,
    momentum: f32,
    weight_decay: f32,
}

impl<const CENTERED: bool, const MOMENTUM: bool> Formula for RmsProp<CENTERED, MOMENTUM> {
    const MOMENTS: usize = 1 + CENTERED as usize + MOMENTUM as usize;

    #[inline(always)]
    fn new(update: &Update) -> Self {
        let Update::RmsProp { rate, alpha, epsilon, momentum, weight_decay, variance } = *update else {
            return Self::default();
        };
        debug_assert_eq!((variance == Variance::Centered, momentum != 0.0), (CENTERED, MOMENTUM));
        Self {
            rate: rate as f32,
            alpha: alpha as f32,
            gain: (1.0 - alpha) as f32,
            epsilon: epsilon as f32,
            momentum: momentum as f32,
            weight_decay: weight_decay as f32,
        }
    }

    #[inline(always)]
    fn step(&self, p: f32, g: f32, moments: &mut [f32; 3]) -> f32 {
        let [s, second, third] = moments;
        let (a, b) = if CENTERED { (second, third) } else { (third, second) };
        let g = g + self.weight_decay * p;
        *s = flush(self.alpha * *s + self.gain * square(g));
        let mut mean_square = *s;
        if CENTERED {
            *a = flush(*a + self.gain * (g - *a));
            // Rounding may carry it below zero, where a root would be no number.
            mean_square = (mean_square - square(*a)).max(0.0);
        }
        let scaled = g / (mean_square.sqrt() + self.epsilon);
        if !MOMENTUM {
            return p - self.rate * scaled;
        }
        *b = flush(self.momentum * *b + scaled);
        p - self.rate * *b
    }
}

#[derive(Default)]
pub(super) struct Adagrad {
    rate: f32,
    epsilon: f32,
    weight_decay: f32,
}

impl Formula for Adagrad {
    const MOMENTS: usize = 1;

    #[inline(always)]
    fn new(update: &Update) -> Self {
        let Update::Adagrad { rate, epsilon, weight_decay } = *update else { return Self::default() };
        Self { rate: rate as f32, epsilon: epsilon as f32, weight_decay: weight_decay as f32 }
    }

    #[inline(always)]
    fn step(&self, p: f32, g: f32, [s, ..]: &mut [f32; 3]) -> f32 {
        let g = g + self.weight_decay * p;
        *s += square(g);
        p - self.rate * g / (s.sqrt() + self.epsilon)
    }
}
