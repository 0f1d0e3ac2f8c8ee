//! Derivatives by central differences, against those of the backward pass.

use candle_core::{DType, Tensor, Var};

use crate::{Error, Result, RowSink};

/// How a gradient check is done.
#[derive(Clone, Copy, Debug)]
pub struct Gradcheck {
    /// How far an input is moved to both sides.
    pub step: f64,
    /// Allowed difference, as a share of the larger of the two derivatives.
    pub relative: f64,
    /// Allowed difference on top, for derivatives near zero.
    pub absolute: f64,
}

impl Gradcheck {
    /// For f64 inputs.
    pub const DOUBLE: Self = Self { step: 1e-5, relative: 1e-6, absolute: 1e-7 };
    /// For f32 inputs of order one.
    pub const SINGLE: Self = Self { step: 1e-2, relative: 2e-2, absolute: 2e-3 };
}

/// Compares the backward pass of `forward` with central differences, for every element of every input.
///
/// The output, of any shape, is projected onto fixed weights, so that each of its elements counts
/// differently. An input's gradient may come through candle's store or through the sink.
///
/// # Errors
/// If an input got no gradient, or at the first element that differs: it names input, element and both
/// derivatives.
pub fn gradcheck(
    inputs: &[Var],
    settings: Gradcheck,
    forward: impl Fn(&[Var], &RowSink) -> candle_core::Result<Tensor>,
) -> Result<()> {
    let sink = RowSink::default();
    let project = |sink: &RowSink| -> Result<Tensor> {
        let output = forward(inputs, sink)?;
        let weights: Vec<f64> =
            (0..output.elem_count()).map(|i| ((i as f64 + 1.0) * 0.7).sin() + 0.3).collect();
        let weights = Tensor::from_vec(weights, output.shape(), output.device())?.to_dtype(output.dtype())?;
        Ok((output * weights)?.sum_all()?)
    };
    let mut store = project(&sink)?.backward()?;
    for (number, input) in inputs.iter().enumerate() {
        let tensor = input.as_tensor();
        let dense = store.remove(tensor).or_else(|| sink.take_dense(tensor.id()));
        let gradient = match (dense, sink.take(tensor.id())) {
            (Some(dense), _) => dense,
            (None, Some(rows)) => rows.to_dense(tensor.dims()[0], tensor.device())?,
            (None, None) => return Err(Error::Gradcheck(format!("input {number} got no gradient"))),
        };
        let gradient: Vec<f64> = gradient.to_dtype(DType::F64)?.flatten_all()?.to_vec1()?;
        let start: Vec<f64> = tensor.to_dtype(DType::F64)?.flatten_all()?.to_vec1()?;
        let moved = |element: usize, by: f64| -> Result<f64> {
            let mut values = start.clone();
            values[element] += by;
            input
                .set(&Tensor::from_vec(values, tensor.shape(), tensor.device())?.to_dtype(tensor.dtype())?)?;
            Ok(project(&RowSink::default())?.to_dtype(DType::F64)?.to_scalar()?)
        };
        for (element, &found) in gradient.iter().enumerate() {
            let expected =
                (moved(element, settings.step)? - moved(element, -settings.step)?) / (2.0 * settings.step);
            moved(element, 0.0)?;
            let allowed = settings.absolute + settings.relative * expected.abs().max(found.abs());
            let difference = (found - expected).abs();
            if difference.is_nan() || difference > allowed {
                return Err(Error::Gradcheck(format!(
                    "input {number}, element {element}: backward gives {found:.6e}, differences give \
                     {expected:.6e}"
                )));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    fn inputs() -> Result<[Var; 2]> {
        let a = Var::new(&[[0.3f64, -0.8], [1.2, 0.1]], &Device::Cpu)?;
        let b = Var::new(&[[0.5f64, 0.9], [-0.4, 0.7]], &Device::Cpu)?;
        Ok([a, b])
    }

    #[test]
    fn a_right_gradient_passes() -> Result<()> {
        gradcheck(&inputs()?, Gradcheck::DOUBLE, |x, _| x[0].matmul(&x[1])?.tanh())
    }

    #[test]
    fn a_cut_gradient_fails() -> Result<()> {
        let cut = gradcheck(&inputs()?, Gradcheck::DOUBLE, |x, _| x[0].matmul(&x[1].as_detached_tensor()));
        assert!(cut.unwrap_err().to_string().contains("input 1 got no gradient"));
        let half = gradcheck(&inputs()?, Gradcheck::DOUBLE, |x, _| {
            (x[0].mul(&x[1])? + x[0].as_detached_tensor().sqr()?)?.sqr()
        });
        assert!(half.unwrap_err().to_string().contains("input 0, element 0"));
        Ok(())
    }
}
