//! Elementary functions that compile to vector code and give the same bits at every vector width.

/// How many partial sums a reduction keeps, at every vector width: the order of additions is part of the
/// result.
const LANES: usize = 16;

/// e^x for x up to 88, to within 2 units in the last place; 0 below -87, where the result would be subnormal.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    let bounded = if x < -87.0 { -87.0 } else { x };
    let (scale, less_one) = reduced(if bounded > 88.0 { 88.0 } else { bounded });
    if x < -87.0 { 0.0 } else { (less_one + 1.0) * scale }
}

/// e^x - 1 for x from -87 to 88, to within 2 units in the last place, for small x too.
#[inline(always)]
pub(crate) fn exp_m1(x: f32) -> f32 {
    let (scale, less_one) = reduced(x);
    less_one * scale + (scale - 1.0)
}

/// 2^n and e^r - 1, where x = n·ln 2 + r: the Taylor polynomial of degree 7 for |r| ≤ ln 2 / 2 (remainder
/// 5e-9).
#[inline(always)]
#[allow(clippy::excessive_precision)]
fn reduced(x: f32) -> (f32, f32) {
    /// Adding it rounds to an integer, which then stands in the low bits.
    const ROUND: f32 = 12_582_912.0;
    const LN2_HIGH: f32 = 0.693_359_375;
    const LN2_LOW: f32 = -2.121_944_400_5e-4;
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * LN2_HIGH) - n * LN2_LOW;
    let mut series = 1.0 / 5040.0;
    for coefficient in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0] {
        series = series * r + coefficient;
    }
    (f32::from_bits(shifted.to_bits().wrapping_add(127) << 23), series * r)
}

/// The largest value; negative infinity for an empty slice. A value that is not a number is passed over.
#[inline(always)]
pub(crate) fn largest(values: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane = if value > *lane { value } else { *lane };
        }
    }
    let fold = |best: f32, &value: &f32| if value > best { value } else { best };
    rest.iter().chain(&lanes).fold(f32::NEG_INFINITY, fold)
}

/// The sum of some hundred values, in f32 in 16 partial sums and then in f64.
#[inline(always)]
pub(crate) fn sum(values: &[f32]) -> f64 {
    let mut lanes = [0f32; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        lanes.iter_mut().zip(chunk).for_each(|(lane, &value)| *lane += value);
    }
    lanes.iter().chain(rest).map(|&value| f64::from(value)).sum()
}

/// The sum of (a - shift) · (b - shift) over some hundred values, added up as [`sum`] does.
#[inline(always)]
pub(crate) fn sum_of_products(a: &[f32], b: &[f32], shift: f32) -> f64 {
    let mut lanes = [0f32; LANES];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a.iter().zip(b) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += (a - shift) * (b - shift);
        }
    }
    let rest = a_rest.iter().zip(b_rest).map(|(a, b)| f64::from((a - shift) * (b - shift)));
    lanes.iter().map(|&lane| f64::from(lane)).chain(rest).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_within_two_units_in_the_last_place() {
        let mut worst = 0.0f64;
        for i in -870_000..880_000 {
            let x = i as f32 * 1e-4;
            let expect = f64::from(x).exp();
            worst = worst.max((f64::from(exp(x)) - expect).abs() / expect);
        }
        assert!(worst < 2.0 * f64::from(f32::EPSILON), "{worst:e}");
        assert_eq!([exp(0.0), exp(-87.1), exp(f32::NEG_INFINITY)], [1.0, 0.0, 0.0]);
        assert!(exp(f32::NAN).is_nan());
        assert!(exp(-87.0) > f32::MIN_POSITIVE && exp(88.0).is_finite());
    }

    #[test]
    fn exp_m1_is_good_near_zero_too() {
        let mut worst = 0.0f64;
        for i in -870_000..880_000 {
            for x in [i as f32 * 1e-4, i as f32 * 1e-9] {
                let expect = f64::from(x).exp_m1();
                worst = worst.max((f64::from(exp_m1(x)) - expect).abs() / expect.abs().max(1e-30));
            }
        }
        assert!(worst < 2.0 * f64::from(f32::EPSILON), "{worst:e}");
        assert_eq!([exp_m1(0.0), exp_m1(-87.0)], [0.0, -1.0]);
        assert!(exp_m1(f32::NAN).is_nan());
    }

    #[test]
    fn sum_of_any_length() {
        for n in 0..70u32 {
            let values: Vec<f32> = (0..n).map(|i| (i * i) as f32).collect();
            assert_eq!(sum(&values), f64::from((0..n).map(|i| i * i).sum::<u32>()));
        }
    }

    #[test]
    fn sum_of_products_of_any_length() {
        for n in 0..70u32 {
            let (a, b): (Vec<f32>, Vec<f32>) = (0..n).map(|i| (i as f32 + 2.0, 3.0 - i as f32)).unzip();
            let expect: i32 = (0..n as i32).map(|i| (i + 1) * (2 - i)).sum();
            assert_eq!(sum_of_products(&a, &b, 1.0), f64::from(expect));
        }
    }

    #[test]
    fn largest_of_any_length() {
        for n in 0..70usize {
            for at in 0..n {
                let values: Vec<f32> =
                    (0..n).map(|i| if i == at { 0.5 } else { -(i as f32) - 1.0 }).collect();
                assert_eq!(largest(&values), 0.5);
            }
        }
        assert_eq!(largest(&[]), f32::NEG_INFINITY);
    }
}
