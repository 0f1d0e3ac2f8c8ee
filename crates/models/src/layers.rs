//! Layers that read their parameters by name.

use assort_classifier::{Error, Mode, Result};
use assort_kernels::linear as product;
use assort_tensor::Parameters;
use candle_core::Tensor;

/// A kernel's result with the models' error.
pub fn op(result: assort_kernels::Result<Tensor>) -> Result<Tensor> {
    result.map_err(|error| Error::Op(error.to_string()))
}

/// The layer `NAME.weight` (out, in), `NAME.bias` (out): (B, in) -> (B, out).
pub fn linear(parameters: &Parameters, name: &str, input: &Tensor, mode: Mode) -> Result<Tensor> {
    let value = |part: &str| parameters.value(&format!("{name}.{part}"), mode.tracking());
    op(product(input, &value("weight")?, Some(&value("bias")?)))
}
