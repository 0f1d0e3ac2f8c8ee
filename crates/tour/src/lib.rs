//! The tour is in `examples/`: one lesson a file, from the first tensor to a model that fills a mask. A
//! lesson is a function that writes what it shows, so that a program prints it and a test compares it with
//! `docs/tour.md`, which leads through all of them. Here stands what the lessons share: how tensors,
//! parameters and gradients are written down, and checks that tensors fit, whose messages say what would mend
//! it.
//!
//! ```text
//! cargo run --release --example tensors
//! ```
//!
//! A figure that differs from machine to machine is written behind `≈`.

mod shape_checks;
mod tables;

use std::fmt::Display;

use candle_core::{DType, Tensor};

pub use shape_checks::{
    check_broadcast, check_cat, check_dimension, check_product, check_reshape, check_same, check_same_device,
    on_two_devices,
};
pub use tables::{gradient_table, parameter_table};

/// Result of a lesson.
pub type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// A tensor's values with up to four digits behind the point, each row of a matrix on its own line.
///
/// ```
/// # use candle_core::{Device, Tensor};
/// let a = Tensor::new(&[[1f32, 0.5], [2. / 3., 4.]], &Device::Cpu)?;
/// assert_eq!(assort_tour::show(&a)?, "[[1, 0.5],\n [0.6667, 4]]");
/// # Ok::<(), candle_core::Error>(())
/// ```
///
/// # Errors
/// If the device fails.
pub fn show(tensor: &Tensor) -> candle_core::Result<String> {
    let flat: Vec<f64> = tensor.to_dtype(DType::F64)?.flatten_all()?.to_vec1()?;
    Ok(nested(tensor.dims(), &flat, 1))
}

fn nested(dims: &[usize], values: &[f64], depth: usize) -> String {
    let Some((&size, inner)) = dims.split_first() else {
        return values.first().map(|value| number(*value)).unwrap_or_default();
    };
    let width = inner.iter().product::<usize>();
    let parts =
        (0..size).map(|i| nested(inner, values.get(i * width..(i + 1) * width).unwrap_or(&[]), depth + 1));
    let between = match inner.len() {
        0 => ", ".to_owned(),
        deeper => format!(",{}{}", "\n".repeat(deeper), " ".repeat(depth)),
    };
    format!("[{}]", parts.collect::<Vec<_>>().join(&between))
}

fn number(value: f64) -> String {
    let word = format!("{value:.4}");
    let word = if word.contains('.') { word.trim_end_matches('0').trim_end_matches('.') } else { &word };
    if word == "-0" { "0".into() } else { word.into() }
}

/// The mean squared error of predictions against truths of the same shape, 1/n · Σ (x - t)²: a scalar.
///
/// # Errors
/// If the shapes differ or the device fails.
pub fn mean_squared_error(predictions: &Tensor, truths: &Tensor) -> candle_core::Result<Tensor> {
    (predictions - truths)?.sqr()?.mean_all()
}

/// The first line of what an error says.
pub fn said<T, E: Display>(result: std::result::Result<T, E>) -> String {
    match result {
        Ok(_) => "nothing is wrong".into(),
        Err(error) => error.to_string().lines().next().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    fn check(shape: &[usize], expect: &str) {
        let count = shape.iter().product::<usize>() as u32;
        let tensor = Tensor::arange(0, count, &Device::Cpu).unwrap().reshape(shape).unwrap();
        assert_eq!(show(&tensor).unwrap(), expect);
    }

    #[test]
    fn every_rank_is_written() {
        check(&[], "0");
        check(&[3], "[0, 1, 2]");
        check(&[1, 2], "[[0, 1]]");
        check(&[2, 1, 2], "[[[0, 1]],\n\n [[2, 3]]]");
        assert_eq!([number(-0.00001), number(1e6), number(-2.5)], ["0", "1000000", "-2.5"]);
    }
}
