//! GELU in its exact form: y = x Φ(x), of any shape, with Φ the standard normal distribution (Hendrycks and
//! Gimpel 2016).
//!
//! PyTorch's `gelu(x, approximate="none")`, which is what BERT and DistilBERT use; not the tanh form. The
//! gradient is Φ(x) + x φ(x), φ(x) = exp(-x²/2) / √(2π).
//!
//! Φ(-|x|) = ½ erfc(t), t = |x| / √2, and erfc(t) = exp(-t²) u P(u), u = 1 / (1 + t/2), with a polynomial P
//! of degree 8: relative error 4.3e-8 before rounding (`fixtures/kernels/erfc.py`).

use candle_core::Tensor;

use super::{Elementwise, apply};
use crate::Result;
use crate::cpu::{Blank, each, room, written};
use crate::dispatch::{Level, vectorized};
use crate::math::exp;

/// x Φ(x) of each value.
pub fn gelu(x: &Tensor) -> Result<Tensor> {
    apply(x, Gelu)
}

struct Gelu;

impl Elementwise for Gelu {
    const NAME: &'static str = "gelu";

    fn forward(level: Level, x: &[f32], y: &mut [Blank]) {
        forward(level, x, y);
    }

    fn backward(level: Level, x: &[f32], _: &[f32], g: &[f32], d_x: &mut [Blank]) {
        backward(level, x, g, d_x);
    }

    /// candle's `gelu_erf` has a gradient of six digits.
    fn reference(x: &Tensor) -> Result<Tensor> {
        let twice = ((x * std::f64::consts::FRAC_1_SQRT_2)?.erf()? + 1.0)?;
        Ok((x * 0.5)?.mul(&twice)?)
    }
}

/// Printed by `fixtures/kernels/erfc.py`, from u¹ on.
#[allow(clippy::excessive_precision)]
const TAIL: [f32; 9] = [
    2.8208641786e-01,
    2.8237530837e-01,
    2.4310376648e-01,
    2.0268684335e-01,
    -2.6625577986e-02,
    2.7806699262e-01,
    -4.8719971635e-01,
    2.8457485750e-01,
    -5.9068934713e-02,
];

/// φ(0), the factor of exp(-x²/2).
const DENSITY: f32 = std::f32::consts::FRAC_2_SQRT_PI * 0.5 * std::f32::consts::FRAC_1_SQRT_2;

/// Φ(x) and exp(-x²/2).
#[inline(always)]
fn distribution(x: f32) -> (f32, f32) {
    let bell = exp(-0.5 * x * x);
    let u = 1.0 / (1.0 + x.abs() * (0.5 * std::f32::consts::FRAC_1_SQRT_2));
    let mut series = 0.0;
    for coefficient in TAIL.iter().rev() {
        series = series * u + coefficient;
    }
    let tail = 0.5 * bell * u * series;
    (if x < 0.0 { tail } else { 1.0 - tail }, bell)
}

/// Values that one thread takes at a time.
const PIECE: usize = 1 << 14;

/// gelu(h), and the gradient of h from that of gelu(h), which it replaces: in one pass over memory.
pub(crate) fn activated(h: &[f32], d_h: Option<&mut [f32]>) -> Vec<f32> {
    let mut a = room(h.len());
    let mut gradients = d_h.map(|d_h| d_h.chunks_mut(PIECE));
    let pieces = a.chunks_mut(PIECE).zip(h.chunks(PIECE));
    let pieces = pieces.map(|(a, h)| (a, h, gradients.as_mut().and_then(Iterator::next)));
    each(pieces, h.len(), |(a, h, d_h)| match d_h {
        Some(d_h) => forward_and_backward(Level::best(), h, a, d_h),
        None => forward(Level::best(), h, a),
    });
    // SAFETY: the pieces are the whole room, and both loops write each value of their piece.
    unsafe { written(a) }
}

vectorized! {
    /// Writes gelu(h) and multiplies the gradient by the slope.
    fn forward_and_backward(h: &[f32], a: &mut [Blank], gradient: &mut [f32]) {
        for ((a, gradient), &h) in a.iter_mut().zip(gradient).zip(h) {
            let (below, bell) = distribution(h);
            a.write(h * below);
            *gradient *= below + h * (bell * DENSITY);
        }
    }
}

vectorized! {
    fn forward(x: &[f32], y: &mut [Blank]) {
        for (y, &x) in y.iter_mut().zip(x) {
            y.write(x * distribution(x).0);
        }
    }
}

vectorized! {
    fn backward(x: &[f32], g: &[f32], d_x: &mut [Blank]) {
        for ((d_x, &g), &x) in d_x.iter_mut().zip(g).zip(x) {
            let (below, bell) = distribution(x);
            d_x.write(g * (below + x * (bell * DENSITY)));
        }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device};

    use super::super::tests::check_levels;
    use super::*;
    use crate::testing::{check_elementwise, fixture, flat};

    #[test]
    fn both_paths_agree_and_gradcheck_holds() -> Result<()> {
        check_elementwise(gelu)
    }

    /// `fixtures/kernels/gelu.json`, made by `fixtures/kernels/gelu.py`.
    #[test]
    fn values_and_gradients_equal_golden() -> Result<()> {
        let rows: Vec<[f64; 3]> = fixture("kernels/gelu.json");
        for dtype in [DType::F32, DType::F64] {
            let x: Vec<f64> = rows.iter().map(|row| row[0]).collect();
            let x = candle_core::Var::from_tensor(&Tensor::new(x, &Device::Cpu)?.to_dtype(dtype)?)?;
            let y = gelu(&x)?;
            let gradient = y.sum_all()?.backward()?.remove(&x).unwrap();
            for ((y, g), [x, expect_y, expect_g]) in flat(&y).iter().zip(flat(&gradient)).zip(&rows) {
                let allowed = 2e-7 * x.abs().max(1.0);
                assert!((y - expect_y).abs() < allowed, "gelu({x}) = {y}, expected {expect_y}");
                assert!((g - expect_g).abs() < 2.0 * allowed, "gelu'({x}) = {g}, expected {expect_g}");
            }
        }
        Ok(())
    }

    #[test]
    fn levels_give_the_same_bits() {
        check_levels::<Gelu>();
    }
}
