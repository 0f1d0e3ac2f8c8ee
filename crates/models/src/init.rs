//! Initial values, as PyTorch draws them.

use assort_random::{Seed, fill_normal, fill_uniform};
use candle_core::{Device, Result, Tensor};

/// Values from N(0, deviation²) of this shape; `nn.Embedding` has a deviation of 1.
pub fn normal(shape: (usize, usize), deviation: f32, seed: Seed, device: &Device) -> Result<Tensor> {
    let mut values = vec![0f32; shape.0 * shape.1];
    fill_normal(&mut values, 0.0, deviation, seed);
    Tensor::from_vec(values, shape, device)
}

/// Weight (out, in) and bias (out) of `nn.Linear`: both from U(-1/√in, 1/√in).
pub fn linear(inputs: usize, outputs: usize, seed: Seed, device: &Device) -> Result<(Tensor, Tensor)> {
    let bound = 1.0 / (inputs as f32).sqrt();
    let mut weight = vec![0f32; inputs * outputs];
    let mut bias = vec![0f32; outputs];
    fill_uniform(&mut weight, -bound, bound, seed.stream("weight"));
    fill_uniform(&mut bias, -bound, bound, seed.stream("bias"));
    Ok((Tensor::from_vec(weight, (outputs, inputs), device)?, Tensor::from_vec(bias, outputs, device)?))
}
