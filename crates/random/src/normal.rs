//! The normal quantile: Wichura 1988, algorithm AS 241, the routine of about 16 figures (PPND16).
//!
//! For single draws in double precision: one uniform number gives one normal number, so the n-th draw is a
//! function of seed and n, and nothing in it but the logarithm of the tails is more than a rational function;
//! that logarithm is the one below, so no system library has a say. Tables are filled in bulk by Box and
//! Muller's method instead, in `box_muller.rs`: it has no branch for the tails, so several lanes go at once.
#![allow(clippy::excessive_precision)] // The coefficients stand as the paper prints them.

/// The standard normal quantile of `p`: infinite at 0 and 1, NaN outside of [0, 1].
#[inline]
pub fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        return q * ratio(0.180625 - q * q, &CENTRE);
    }
    tail(p, q)
}

#[cold]
fn tail(p: f64, q: f64) -> f64 {
    let r = if q < 0.0 { p } else { 1.0 - p };
    if r == 0.0 {
        return f64::INFINITY.copysign(q);
    }
    let r = (-natural_logarithm(r)).sqrt();
    let value = if r <= 5.0 { ratio(r - 1.6, &MIDDLE) } else { ratio(r - 5.0, &FAR) };
    value.copysign(q)
}

/// ln of a positive number: exponent and mantissa m in [√½, √2), ln m = 2 artanh((m − 1) / (m + 1)).
fn natural_logarithm(x: f64) -> f64 {
    if !(f64::from_bits(1)..f64::INFINITY).contains(&x) {
        return f64::NAN;
    }
    // A subnormal number is carried up first: it has no exponent of its own.
    let (x, lift) = if x < f64::MIN_POSITIVE { (x * (1u64 << 54) as f64, 54) } else { (x, 0) };
    let bits = x.to_bits();
    let mut exponent = (bits >> 52) as i64 - 1023 - lift;
    let mut mantissa = f64::from_bits(bits & 0x000F_FFFF_FFFF_FFFF | 0x3FF0_0000_0000_0000);
    if mantissa > std::f64::consts::SQRT_2 {
        mantissa *= 0.5;
        exponent += 1;
    }
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let series = (0..12).rev().fold(0.0, |sum, term| sum * square + 1.0 / f64::from(2 * term + 1));
    exponent as f64 * std::f64::consts::LN_2 + 2.0 * s * series
}

/// Coefficients of a numerator and a denominator, from the constant upwards.
type Rational = [[f64; 8]; 2];

#[inline(always)]
fn ratio(x: f64, [numerator, denominator]: &Rational) -> f64 {
    let horner = |coefficients: &[f64; 8]| coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c);
    horner(numerator) / horner(denominator)
}

#[rustfmt::skip]
const CENTRE: Rational = [
    [
        3.387_132_872_796_366_608, 1.331_416_678_917_843_774_5e2, 1.971_590_950_306_551_442_7e3,
        1.373_169_376_550_946_112_5e4, 4.592_195_393_154_987_145_7e4, 6.726_577_092_700_870_085_3e4,
        3.343_057_558_358_812_810_5e4, 2.509_080_928_730_122_672_7e3,
    ],
    [
        1.0, 4.231_333_070_160_091_125_2e1, 6.871_870_074_920_579_083e2, 5.394_196_021_424_751_107_7e3,
        2.121_379_430_158_659_586_7e4, 3.930_789_580_009_271_061e4, 2.872_908_573_572_194_267_4e4,
        5.226_495_278_852_854_561e3,
    ],
];

#[rustfmt::skip]
const MIDDLE: Rational = [
    [
        1.423_437_110_749_683_577_34, 4.630_337_846_156_545_295_9, 5.769_497_221_460_691_405_5,
        3.647_848_324_763_204_605_04, 1.270_458_252_452_368_382_58, 2.417_807_251_774_506_117_7e-1,
        2.272_384_498_926_918_458_33e-2, 7.745_450_142_783_414_076_4e-4,
    ],
    [
        1.0, 2.053_191_626_637_758_821_87, 1.676_384_830_183_803_849_4, 6.897_673_349_851_000_045_5e-1,
        1.481_039_764_274_800_745_9e-1, 1.519_866_656_361_645_719_66e-2, 5.475_938_084_995_344_946e-4,
        1.050_750_071_644_416_843_24e-9,
    ],
];

#[rustfmt::skip]
const FAR: Rational = [
    [
        6.657_904_643_501_103_777_2, 5.463_784_911_164_114_369_9, 1.784_826_539_917_291_335_8,
        2.965_605_718_285_048_912_3e-1, 2.653_218_952_657_612_309_3e-2, 1.242_660_947_388_078_438_6e-3,
        2.711_555_568_743_487_578_15e-5, 2.010_334_399_292_288_132_65e-7,
    ],
    [
        1.0, 5.998_322_065_558_879_376_9e-1, 1.369_298_809_227_358_053_1e-1,
        1.487_536_129_085_061_485_25e-2, 7.868_691_311_456_132_591e-4, 1.846_318_317_510_054_681_8e-5,
        1.421_511_758_316_445_888_7e-7, 2.044_263_103_389_939_785_64e-15,
    ],
];

#[cfg(test)]
mod tests {
    use super::*;

    /// `fixtures/random/quantiles.csv`, made by `fixtures/random/make.py` with mpmath's 50 figures.
    #[test]
    fn quantiles_equal_golden() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/random/quantiles.csv");
        let text = std::fs::read_to_string(path).unwrap();
        let mut rows = 0;
        for line in text.lines().skip(1) {
            let (p, expect) = line.split_once(',').unwrap();
            let (p, expect): (f64, f64) = (p.parse().unwrap(), expect.parse().unwrap());
            let found = normal_quantile(p);
            assert!((found - expect).abs() <= 3e-15 * expect.abs(), "{p}: {found}, expected {expect}");
            rows += 1;
        }
        assert!(rows > 60, "{rows} rows");
    }

    #[test]
    fn edges() {
        assert_eq!(normal_quantile(0.5), 0.0);
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
        assert!(normal_quantile(-0.1).is_nan() && normal_quantile(1.5).is_nan());
        assert!(normal_quantile(f64::NAN).is_nan());
        let smallest = normal_quantile(f64::from_bits(1));
        assert!((smallest + 38.467).abs() < 0.01, "{smallest}");
    }
}
