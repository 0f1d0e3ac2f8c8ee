//! Linear layer: y = x Wᵀ + b.
//!
//! # Shapes
//! x (…, I), W (O, I) as PyTorch stores it, b (O); y (…, O).
//!
//! # Formula
//! With g the gradient of y, both taken as matrices of R rows: ∂x = g W, ∂W = gᵀ x, ∂b = the sum of g's rows. Each is computed only
//! where it is wanted: a frozen weight or an input without a gradient costs nothing, where candle's own product computes both.
//!
//! # Accumulation
//! Products as the `gemm` crate blocks them, in f32, the same for any number of threads; the bias is what the product is added to.
//! ∂b is added up row by row, in f32.

use candle_core::{CpuStorage, CustomOp2, CustomOp3, DType, Layout, Result as CandleResult, Shape, Tensor};

use crate::cpu::{read, slice};
use crate::product::{Matrix, Present, column_sums, product};
use crate::{Error, Result};

/// x Wᵀ + b, or x Wᵀ without a bias.
///
/// # Errors
/// If the shapes do not fit.
pub fn linear(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    let &[outputs, inputs] = weight.dims() else {
        let found = weight.dims().to_vec();
        return Err(Error::Shape { name: "weight", expected: "(O, I)".into(), found });
    };
    if x.dims().last() != Some(&inputs) {
        let expected = format!("(…, {inputs}), as the weight has {inputs} columns");
        return Err(Error::Shape { name: "x", expected, found: x.dims().to_vec() });
    }
    if let Some(bias) = bias
        && bias.dims() != [outputs]
    {
        let expected = format!("({outputs}), as the weight has {outputs} rows");
        return Err(Error::Shape { name: "bias", expected, found: bias.dims().to_vec() });
    }
    let fused = |tensor: &Tensor| tensor.device().is_cpu() && tensor.dtype() == DType::F32;
    if !(fused(x) && fused(weight) && bias.is_none_or(fused)) {
        return reference(x, weight, bias);
    }
    let (x, weight) = (x.contiguous()?, weight.contiguous()?);
    Ok(match bias {
        Some(bias) => x.apply_op3(&weight, &bias.contiguous()?, Linear)?,
        None => x.apply_op2(&weight, Linear)?,
    })
}

struct Linear;

impl Linear {
    fn forward(
        x: &[f32],
        weight: &[f32],
        bias: &[f32],
        inputs: usize,
        outputs: usize,
        rows: usize,
    ) -> Vec<f32> {
        let present = if bias.is_empty() { Present::Overwritten } else { Present::AddedTo };
        let mut out = if bias.is_empty() { vec![0f32; rows * outputs] } else { bias.repeat(rows) };
        let (x, weight) = (Matrix::new(x, rows, inputs), Matrix::new(weight, outputs, inputs));
        product(&mut out, x, weight.transposed(), present);
        out
    }

    /// The shape of the output, and its number of rows.
    fn shape(x: &Layout, outputs: usize) -> (Shape, usize) {
        let mut dims = x.dims().to_vec();
        dims.pop();
        let rows = dims.iter().product();
        dims.push(outputs);
        (Shape::from(dims), rows)
    }

    /// ∂x and ∂W, where wanted.
    fn backward(x: &Tensor, weight: &Tensor, gradient: &Tensor) -> CandleResult<[Option<Tensor>; 2]> {
        let (outputs, inputs) = weight.dims2()?;
        let rows = gradient.elem_count().checked_div(outputs).unwrap_or(0);
        let multiply = |out: &mut [f32], left: Matrix, right: Matrix| {
            product(out, left, right, Present::Overwritten);
        };
        let mut of_x = None;
        if x.track_op() {
            let mut out = vec![0f32; x.elem_count()];
            read(gradient, |g| {
                read(weight, |w| {
                    multiply(&mut out, Matrix::new(g, rows, outputs), Matrix::new(w, outputs, inputs));
                })
            })??;
            of_x = Some(Tensor::from_vec(out, x.shape(), x.device())?);
        }
        let mut of_weight = None;
        if weight.track_op() {
            let mut out = vec![0f32; weight.elem_count()];
            read(gradient, |g| {
                read(x, |x| {
                    multiply(
                        &mut out,
                        Matrix::new(g, rows, outputs).transposed(),
                        Matrix::new(x, rows, inputs),
                    );
                })
            })??;
            of_weight = Some(Tensor::from_vec(out, weight.shape(), weight.device())?);
        }
        Ok([of_x, of_weight])
    }
}

impl CustomOp2 for Linear {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        w: &CpuStorage,
        lw: &Layout,
    ) -> CandleResult<(CpuStorage, Shape)> {
        let (outputs, inputs) = lw.shape().dims2()?;
        let (shape, rows) = Self::shape(lx, outputs);
        let out = Self::forward(slice(x, lx)?, slice(w, lw)?, &[], inputs, outputs, rows);
        Ok((CpuStorage::F32(out), shape))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> CandleResult<(Option<Tensor>, Option<Tensor>)> {
        let [of_x, of_weight] = Self::backward(x, weight, &gradient.contiguous()?)?;
        Ok((of_x, of_weight))
    }
}

impl CustomOp3 for Linear {
    fn name(&self) -> &'static str {
        "linear-with-bias"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        w: &CpuStorage,
        lw: &Layout,
        b: &CpuStorage,
        lb: &Layout,
    ) -> CandleResult<(CpuStorage, Shape)> {
        let (outputs, inputs) = lw.shape().dims2()?;
        let (shape, rows) = Self::shape(lx, outputs);
        let out = Self::forward(slice(x, lx)?, slice(w, lw)?, slice(b, lb)?, inputs, outputs, rows);
        Ok((CpuStorage::F32(out), shape))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> CandleResult<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        let [of_x, of_weight] = Self::backward(x, weight, &gradient)?;
        let mut of_bias = None;
        if bias.track_op() {
            let sums = read(&gradient, |g| column_sums(g, bias.elem_count()))?;
            of_bias = Some(Tensor::from_vec(sums, bias.shape(), bias.device())?);
        }
        Ok((of_x, of_weight, of_bias))
    }
}

/// The same from candle's own operations.
fn reference(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    let (outputs, inputs) = weight.dims2()?;
    let mut dims = x.dims().to_vec();
    dims.pop();
    let rows: usize = dims.iter().product();
    dims.push(outputs);
    if rows * inputs * outputs == 0 {
        let zeros = Tensor::zeros(dims, x.dtype(), x.device())?;
        return Ok(bias.map_or(Ok(zeros.clone()), |bias| zeros.broadcast_add(bias))?);
    }
    let product = x.reshape((rows, inputs))?.matmul(&weight.t()?)?;
    let sum = bias.map_or(Ok(product.clone()), |bias| product.broadcast_add(bias))?;
    Ok(sum.reshape(dims)?)
}

#[cfg(test)]
mod tests;
