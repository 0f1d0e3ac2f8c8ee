//! Linear layer: y = x Wᵀ + b.
//!
//! # Shapes
//! x (…, I), W (O, I) as PyTorch stores it, b (O); y (…, O).
//!
//! # Formula
//! With g the gradient of y, both taken as matrices of R rows: ∂x = g W, ∂W = gᵀ x, ∂b = the sum of g's rows.
//! Each is computed only where it is wanted: a frozen weight or an input without a gradient costs nothing,
//! where candle's own product computes both.
//!
//! # Accumulation
//! Products as the `gemm` crate blocks them, in f32, the same for any number of threads; the bias is what the
//! product is added to. ∂b is added up row by row, in f32.

use assort_tensor::RowSink;
use candle_core::{CpuStorage, CustomOp2, CustomOp3, Layout, Result as CandleResult, Shape, Tensor};

use crate::cpu::{read, read_all, slice};
use crate::dispatch::is_fused;
use crate::matmul::{Matmul, Matrix, both, column_sums};
use crate::{Error, Result};

/// x Wᵀ + b, or x Wᵀ without a bias.
///
/// # Errors
/// If the shapes do not fit.
pub fn linear(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    linear_into(x, weight, bias, None)
}

/// [`linear`], whose backward pass leaves the gradient of a weight that is a variable in the sink, if there
/// is one: candle's store would take it only as a sum with zeros of its size, at four times the traffic of
/// memory.
///
/// # Errors
/// If the shapes do not fit.
pub fn linear_into(
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    sink: Option<&RowSink>,
) -> Result<Tensor> {
    check(x, weight, bias)?;
    if !(is_fused(x) && is_fused(weight) && bias.is_none_or(is_fused)) {
        return reference(x, weight, bias);
    }
    let (x, weight) = (x.contiguous()?, weight.contiguous()?);
    let op = Linear { sink: sink.cloned() };
    Ok(match bias {
        Some(bias) => x.apply_op3(&weight, &bias.contiguous()?, op)?,
        None => x.apply_op2(&weight, op)?,
    })
}

/// # Errors
/// If the shapes do not fit.
pub(crate) fn check(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<()> {
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
    Ok(())
}

struct Linear {
    sink: Option<RowSink>,
}

/// x Wᵀ + b for contiguous x (…, I) and W (O, I): (…, O).
fn forward(
    x: &[f32],
    x_layout: &Layout,
    weight: &[f32],
    outputs: usize,
    bias: Option<&[f32]>,
) -> (CpuStorage, Shape) {
    let mut dims = x_layout.dims().to_vec();
    let inputs = dims.pop().unwrap_or(0);
    let rows = dims.iter().product();
    dims.push(outputs);
    let (x, weight) = (Matrix::new(x, rows, inputs), Matrix::new(weight, outputs, inputs));
    let y = Matmul::new(x, weight.transposed()).with_bias(bias).run();
    (CpuStorage::F32(y), Shape::from(dims))
}

impl Linear {
    /// ∂x and ∂W, where wanted.
    fn backward(&self, x: &Tensor, weight: &Tensor, gradient: &Tensor) -> CandleResult<[Option<Tensor>; 2]> {
        let (outputs, inputs) = weight.dims2()?;
        let rows = gradient.elem_count().checked_div(outputs).unwrap_or(0);
        let d_x = || {
            if !x.track_op() {
                return Ok(None);
            }
            let out = read_all([gradient, weight], |[g, w]| {
                Matmul::new(Matrix::new(g, rows, outputs), Matrix::new(w, outputs, inputs)).run()
            })?;
            Tensor::from_vec(out, x.shape(), x.device()).map(Some)
        };
        let d_weight = || {
            if !weight.track_op() {
                return Ok(None);
            }
            let out = read_all([gradient, x], |[g, x]| weight_gradient(g, x, [rows, outputs, inputs]))?;
            leave(self.sink.as_ref(), weight, Tensor::from_vec(out, weight.shape(), weight.device())?)
        };
        let (d_x, d_weight) = both(rows * inputs * outputs, d_x, d_weight);
        Ok([d_x?, d_weight?])
    }
}

/// Leaves the gradient of a variable in the sink, if there is one; else it is given back.
fn leave(sink: Option<&RowSink>, weight: &Tensor, gradient: Tensor) -> CandleResult<Option<Tensor>> {
    match sink {
        Some(sink) if weight.is_variable() => sink.add_dense(weight.id(), gradient).map(|()| None),
        _ => Ok(Some(gradient)),
    }
}

/// ∂W (O, I) = gᵀ x from g (R, O) and x (R, I).
pub(crate) fn weight_gradient(g: &[f32], x: &[f32], [rows, outputs, inputs]: [usize; 3]) -> Vec<f32> {
    Matmul::new(Matrix::new(g, rows, outputs).transposed(), Matrix::new(x, rows, inputs)).run()
}

/// ∂b, where wanted.
fn bias_gradient(bias: &Tensor, gradient: &Tensor) -> CandleResult<Option<Tensor>> {
    if !bias.track_op() {
        return Ok(None);
    }
    let sums = read(gradient, |g| column_sums(g, bias.elem_count()))?;
    Ok(Some(Tensor::from_vec(sums, bias.shape(), bias.device())?))
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
        let (outputs, _) = lw.shape().dims2()?;
        Ok(forward(slice(x, lx)?, lx, slice(w, lw)?, outputs, None))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> CandleResult<(Option<Tensor>, Option<Tensor>)> {
        let [d_x, d_weight] = self.backward(x, weight, &gradient.contiguous()?)?;
        Ok((d_x, d_weight))
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
        let (outputs, _) = lw.shape().dims2()?;
        Ok(forward(slice(x, lx)?, lx, slice(w, lw)?, outputs, Some(slice(b, lb)?)))
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
        let [d_x, d_weight] = self.backward(x, weight, &gradient)?;
        Ok((d_x, d_weight, bias_gradient(bias, &gradient)?))
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
