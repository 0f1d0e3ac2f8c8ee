//! The complementary error function.

/// erfc x for x ≥ 0, to about 1e-13 of its value: below 2 by the series of erf with positive terms alone
/// (Abramowitz and Stegun 7.1.6), above by the continued fraction 7.1.14.
pub(crate) fn erfc(x: f64) -> f64 {
    let scale = (-x * x).exp() / std::f64::consts::PI.sqrt();
    if x < 2.0 {
        let (mut term, mut sum) = (x, x);
        for n in 1..80 {
            term *= 2.0 * x * x / f64::from(2 * n + 1);
            sum += term;
        }
        return 1.0 - 2.0 * scale * sum;
    }
    let mut fraction = x;
    for n in (1..120).rev() {
        fraction = x + f64::from(n) / 2.0 / fraction;
    }
    scale / fraction
}
