//! Normal numbers in bulk: Box and Muller 1958, in single precision and without branches, so that the
//! compiler takes several lanes in one instruction. Single draws come from the quantile, in `normal.rs`.
//! Logarithm, sine and cosine are short series of basic operations: every platform gets the same bits.

use std::f32::consts::{FRAC_PI_2, LN_2};

/// Two independent standard normal numbers from two words, within ±6.8.
#[inline(always)]
pub(crate) fn normal_pair(radius: u32, angle: u32) -> [f32; 2] {
    let radius = (-2.0 * logarithm((radius as f32 + 0.5) * (1.0 / (1u64 << 32) as f32))).max(0.0).sqrt();
    let [cosine, sine] = cos_sin(angle);
    [radius * cosine, radius * sine]
}

/// ln of a positive normal number: x = 2ᵉ m with m in [√½, √2), ln m = 2 artanh((m − 1) / (m + 1)).
#[inline(always)]
fn logarithm(x: f32) -> f32 {
    const ONE: u32 = 0x3F80_0000;
    const ROOT_HALF: u32 = 0x3F35_04F3;
    let shifted = x.to_bits().wrapping_add(ONE - ROOT_HALF);
    let exponent = (shifted >> 23) as i32 - 127;
    let mantissa = f32::from_bits((shifted & 0x007F_FFFF) + ROOT_HALF);
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let z = s * s;
    let series = 1.0 + z * (1.0 / 3.0 + z * (1.0 / 5.0 + z * (1.0 / 7.0 + z * (1.0 / 9.0))));
    exponent as f32 * LN_2 + 2.0 * s * series
}

/// Cosine and sine of `word / 2³²` of a full turn: Taylor series within an eighth of a turn, then quarter
/// turns.
#[inline(always)]
fn cos_sin(word: u32) -> [f32; 2] {
    let quarter = word.wrapping_add(1 << 29) >> 30;
    let rest = word.wrapping_sub(quarter << 30) as i32;
    let x = rest as f32 * (FRAC_PI_2 / (1u32 << 30) as f32);
    let z = x * x;
    let sine = z * (-1.0 / 5040.0 + z * (1.0 / 362_880.0));
    let sine = x + x * z * (-1.0 / 6.0 + z * (1.0 / 120.0) + z * sine);
    let cosine = 1.0 / 24.0 + z * (-1.0 / 720.0 + z * (1.0 / 40_320.0));
    let cosine = 1.0 - 0.5 * z + z * z * cosine;
    let (first, second) = if quarter & 1 == 1 { (sine, cosine) } else { (cosine, sine) };
    let first_sign = ((quarter + 1) & 2) << 30;
    let second_sign = (quarter & 2) << 30;
    [f32::from_bits(first.to_bits() ^ first_sign), f32::from_bits(second.to_bits() ^ second_sign)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seed;

    fn check(radius: u32, angle: u32) {
        let found = normal_pair(radius, angle);
        let u = (f64::from(radius) + 0.5) / (1u64 << 32) as f64;
        let turn = f64::from(angle) / (1u64 << 32) as f64 * std::f64::consts::TAU;
        // Near u = 1 the radius is small and f32 cannot tell neighbouring u apart.
        let r = (-2.0 * u.ln()).sqrt();
        let tolerance = 1e-6 + 1.2e-7 / r.max(1e-4);
        for (found, expect) in found.into_iter().zip([r * turn.cos(), r * turn.sin()]) {
            let error = (f64::from(found) - expect).abs();
            assert!(error < tolerance, "{radius:#x} {angle:#x}: {found}, expected {expect}, error {error:e}");
        }
    }

    #[test]
    fn equals_the_formula_in_double_precision() {
        let edges =
            [0, 1, 2, 1 << 29, (1 << 29) - 1, 1 << 30, 3 << 29, 1 << 31, 5 << 29, 3 << 30, 7 << 29, u32::MAX];
        for radius in edges {
            for angle in edges {
                check(radius, angle);
            }
        }
        let mut generator = Seed::new(12).generator();
        for _ in 0..100_000 {
            check(generator.u32(), generator.u32());
        }
    }

    #[test]
    fn logarithm_of_small_numbers() {
        for x in [1.0, 0.999_999_9, 0.75, 0.7, 0.5, 1e-5, 1.164e-10_f32] {
            let expect = f64::from(x).ln();
            assert!((f64::from(logarithm(x)) - expect).abs() <= 3e-7 * expect.abs(), "{x}");
        }
    }
}
