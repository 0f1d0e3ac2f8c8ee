//! Ranges of hyper-parameters.

use assort_classifier::{Error, Result};

/// # Errors
/// If a size is zero.
pub fn at_least_one(parameter: &'static str, value: usize) -> Result<()> {
    let is_fine = value > 0;
    check(is_fine, parameter, || value.to_string(), "must be at least 1")
}

/// # Errors
/// If it is no share of values that may be set to zero.
pub fn share(parameter: &'static str, value: f64) -> Result<()> {
    let is_fine = (0.0..1.0).contains(&value);
    check(is_fine, parameter, || value.to_string(), "a share from 0 to below 1")
}

/// # Errors
/// If it is no standard deviation.
pub fn deviation(parameter: &'static str, value: f64) -> Result<()> {
    let is_fine = value >= 0.0 && value.is_finite();
    check(is_fine, parameter, || value.to_string(), "a number from 0 on")
}

fn check(
    is_fine: bool,
    parameter: &'static str,
    found: impl Fn() -> String,
    expected: &'static str,
) -> Result<()> {
    if is_fine { Ok(()) } else { Err(Error::Configuration { parameter, found: found(), expected }) }
}
