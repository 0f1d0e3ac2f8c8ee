//! Helpers of the tests of several networks.

use std::collections::HashMap;

use assort_classifier::{Classifier, Result, Step};
use assort_random::Seed;
use assort_tensor::{Gradient, Gradients, Parameters, Ragged};
use candle_core::{DType, Device, Tensor};
use serde::Deserialize;

/// A parameter as PyTorch had it.
#[derive(Deserialize)]
pub struct GoldenParameter {
    pub name: String,
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
    pub gradient: Vec<f64>,
}

/// Loads a network's parameters, whose names and their order are PyTorch's.
pub fn load(parameters: &Parameters, golden: &[GoldenParameter]) -> Result<()> {
    let names: Vec<_> = parameters.iter().map(|p| p.name.clone()).collect();
    assert_eq!(names, golden.iter().map(|p| p.name.clone()).collect::<Vec<_>>());
    let tensor = |p: &GoldenParameter| Tensor::from_slice(&p.values, p.shape.as_slice(), &Device::Cpu);
    let tensors = golden.iter().map(|p| Ok((p.name.clone(), tensor(p)?)));
    Ok(parameters.load(&tensors.collect::<Result<HashMap<_, _>>>()?)?)
}

/// Compares the gradients of all parameters, tables of so many rows among them.
#[track_caller]
pub fn near_gradients(
    what: &str,
    found: &Gradients,
    golden: &[GoldenParameter],
    vocabulary: usize,
    allowed: f64,
) {
    for (gradient, expect) in found.iter().zip(golden) {
        let found = match gradient.unwrap() {
            Gradient::Dense(dense) => flat(dense),
            Gradient::Rows(rows) => flat(&rows.to_dense(vocabulary, &Device::Cpu).unwrap()),
        };
        near(&format!("{what} {}", expect.name), &found, &expect.gradient, allowed);
    }
}

pub fn flat(tensor: &Tensor) -> Vec<f64> {
    tensor.to_dtype(DType::F64).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

#[track_caller]
pub fn near(what: &str, found: &[f64], expect: &[f64], allowed: f64) {
    assert_eq!(found.len(), expect.len(), "{what}");
    for (i, (f, e)) in found.iter().zip(expect).enumerate() {
        assert!((f - e).abs() <= allowed * e.abs().max(1.0), "{what}, value {i}: {f}, expected {e}");
    }
}

pub fn step(seed: u64) -> Step {
    Step::new(Seed::new(seed))
}

/// Three rows, one of them empty, of a vocabulary of nine.
pub fn rows() -> Ragged {
    Ragged::from_rows([&[3, 4, 4, 1, 8][..], &[], &[1, 7]])
}

/// The network of parameters that are all trained got a gradient for each.
pub fn gradients(model: &dyn Classifier, loss: &Tensor, step: &Step) -> Result<Gradients> {
    Ok(Gradients::collect(model.parameters(), &mut loss.backward()?, &step.rows)?)
}
