//! Linear layer of a GELU: y = gelu(h) Wᵀ + b, the second half of a transformer's feed-forward block.
//!
//! # Shapes
//! h (…, I), W (O, I) as PyTorch stores it, b (O); y (…, O).
//!
//! # Formula
//! With a = gelu(h) in its exact form ([`gelu`](crate::gelu())) and g the gradient of y: ∂h = (g W) ⊙ gelu'(h), ∂W = gᵀ a, ∂b = the
//! sum of g's rows. Each is computed only where it is wanted.
//!
//! a is the largest tensor of a transformer layer, four times the width of the others. It is not kept: the backward pass makes it
//! again from h, in the same pass over memory that turns g W into ∂h.
//!
//! # Accumulation
//! As [`linear`](crate::linear()).

use assort_tensor::RowSink;
use candle_core::{CpuStorage, CustomOp3, Layout, Result as CandleResult, Shape, Tensor};

use crate::Result;
use crate::cpu::{Blank, each, read_all, room, slice, written};
use crate::dispatch::{Level, is_fused, vectorized};
use crate::elementwise::{DENSITY, distribution, gelu};
use crate::linear::{bias_gradient, check, forward, leave, linear, weight_gradient};
use crate::matmul::{Matmul, Matrix};

/// gelu(h) Wᵀ + b. With a sink the gradient of a weight that is a variable is left there, as
/// [`linear_into`](crate::linear_into()) does.
///
/// # Errors
/// If the shapes do not fit.
pub fn gelu_linear(h: &Tensor, weight: &Tensor, bias: &Tensor, sink: Option<&RowSink>) -> Result<Tensor> {
    check(h, weight, Some(bias))?;
    if !(is_fused(h) && is_fused(weight) && is_fused(bias)) {
        return reference(h, weight, bias);
    }
    Ok(h.contiguous()?.apply_op3(
        &weight.contiguous()?,
        &bias.contiguous()?,
        GeluLinear { sink: sink.cloned() },
    )?)
}

struct GeluLinear {
    sink: Option<RowSink>,
}

/// Values that one thread takes at a time.
const PIECE: usize = 1 << 14;

/// gelu(h), and the gradient of h from that of gelu(h), which it replaces.
pub(crate) fn activated(h: &[f32], d_h: Option<&mut [f32]>) -> Vec<f32> {
    let mut a = room(h.len());
    let mut gradients = d_h.map(|d_h| d_h.chunks_mut(PIECE));
    let pieces = a.chunks_mut(PIECE).zip(h.chunks(PIECE));
    let pieces = pieces.map(|(a, h)| (a, h, gradients.as_mut().and_then(Iterator::next)));
    each(pieces, h.len(), |(a, h, d_h)| match d_h {
        Some(d_h) => activate_and_pass(Level::best(), h, a, d_h),
        None => activate(Level::best(), h, a),
    });
    // SAFETY: the pieces are the whole room, and both loops write each value of their piece.
    unsafe { written(a) }
}

impl CustomOp3 for GeluLinear {
    fn name(&self) -> &'static str {
        "gelu-linear"
    }

    fn cpu_fwd(
        &self,
        h: &CpuStorage,
        lh: &Layout,
        w: &CpuStorage,
        lw: &Layout,
        b: &CpuStorage,
        lb: &Layout,
    ) -> CandleResult<(CpuStorage, Shape)> {
        let (outputs, _) = lw.shape().dims2()?;
        let a = activated(slice(h, lh)?, None);
        Ok(forward(&a, lh, slice(w, lw)?, outputs, Some(slice(b, lb)?)))
    }

    fn bwd(
        &self,
        h: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> CandleResult<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (outputs, inputs) = weight.dims2()?;
        let rows = gradient.elem_count().checked_div(outputs).unwrap_or(0);
        let gradient = gradient.contiguous()?;
        let backward = |[h_values, w, g]: [&[f32]; 3]| {
            let multiply =
                || Matmul::new(Matrix::new(g, rows, outputs), Matrix::new(w, outputs, inputs)).run();
            let mut d_h = h.track_op().then(multiply);
            let a = activated(h_values, d_h.as_deref_mut());
            (d_h, weight.track_op().then(|| weight_gradient(g, &a, [rows, outputs, inputs])))
        };
        let (d_h, d_weight) = read_all([h, weight, &gradient], backward)?;
        let tensor = |values: Option<Vec<f32>>, like: &Tensor| {
            values.map(|values| Tensor::from_vec(values, like.shape(), like.device())).transpose()
        };
        let d_weight = match tensor(d_weight, weight)? {
            Some(d_weight) => leave(self.sink.as_ref(), weight, d_weight)?,
            None => None,
        };
        Ok((tensor(d_h, h)?, d_weight, bias_gradient(bias, &gradient)?))
    }
}

vectorized! {
    fn activate(h: &[f32], a: &mut [Blank]) {
        for (a, &h) in a.iter_mut().zip(h) {
            a.write(h * distribution(h).0);
        }
    }
}

vectorized! {
    /// Writes gelu(h) and multiplies the gradient by the slope.
    fn activate_and_pass(h: &[f32], a: &mut [Blank], gradient: &mut [f32]) {
        for ((a, gradient), &h) in a.iter_mut().zip(gradient).zip(h) {
            let (below, bell) = distribution(h);
            a.write(h * below);
            *gradient *= below + h * (bell * DENSITY);
        }
    }
}

/// The same from candle's own operations.
fn reference(h: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    linear(&gelu(h)?, weight, Some(bias))
}

#[cfg(test)]
mod tests {
    use assort_random::{Seed, fill_normal};
    use assort_tensor::{Gradcheck, gradcheck};
    use candle_core::{DType, Device, Var};

    use super::*;
    use crate::testing::{flat, near_largest};

    fn inputs(rows: usize, width: usize, outputs: usize, dtype: DType) -> Vec<Var> {
        let make = |shape: &[usize], name: &str| {
            let mut values = vec![0f32; shape.iter().product()];
            fill_normal(&mut values, 0.0, 1.0, Seed::new(3).stream(name));
            let tensor = Tensor::from_vec(values, shape, &Device::Cpu).unwrap();
            Var::from_tensor(&tensor.to_dtype(dtype).unwrap()).unwrap()
        };
        vec![make(&[rows, width], "h"), make(&[outputs, width], "w"), make(&[outputs], "b")]
    }

    fn plain(h: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
        gelu_linear(h, weight, bias, None)
    }

    /// The output and every gradient.
    fn run(op: impl Fn(&Tensor, &Tensor, &Tensor) -> Result<Tensor>, vars: &[Var]) -> Result<Vec<Vec<f64>>> {
        let y = op(&vars[0], &vars[1], &vars[2])?;
        let store = y.sqr()?.sum_all()?.backward()?;
        let mut all = vec![flat(&y)];
        for var in vars {
            all.push(flat(store.get(var).unwrap()));
        }
        Ok(all)
    }

    #[test]
    fn both_paths_agree() -> Result<()> {
        for (rows, width, outputs) in [(3, 5, 2), (40, 70, 30), (300, 512, 64), (1, 1, 1)] {
            let fused = run(plain, &inputs(rows, width, outputs, DType::F32))?;
            let double = run(plain, &inputs(rows, width, outputs, DType::F64))?;
            for (fused, double) in fused.iter().zip(&double) {
                near_largest(fused, double, 3e-6);
            }
        }
        Ok(())
    }

    #[test]
    fn the_sink_gets_the_gradient_of_a_variable() -> Result<()> {
        let vars = inputs(5, 4, 3, DType::F32);
        let (expect, sink) = (run(plain, &vars)?, RowSink::default());
        let store = gelu_linear(&vars[0], &vars[1], &vars[2], Some(&sink))?.sqr()?.sum_all()?.backward()?;
        assert!(store.get(&vars[1]).is_none());
        let found = sink.take_dense(vars[1].id()).unwrap().flatten_all()?.to_vec1::<f32>()?;
        assert!(found.iter().zip(&expect[2]).all(|(a, b)| f64::from(*a) == *b));
        Ok(())
    }

    #[test]
    fn views_and_empty_batches() -> Result<()> {
        let vars = inputs(6, 8, 3, DType::F32);
        let turn = |t: &Tensor| t.t()?.contiguous()?.t();
        let views = run(|h, w, b| plain(&turn(h)?, &turn(w)?, b), &vars)?;
        assert_eq!(views, run(plain, &vars)?);
        let empty = run(plain, &inputs(0, 8, 3, DType::F32))?;
        assert_eq!(empty, [vec![], vec![], vec![0.0; 24], vec![0.0; 3]]);
        Ok(())
    }

    #[test]
    fn gradients_equal_finite_differences() -> Result<()> {
        for (dtype, settings) in [(DType::F32, Gradcheck::SINGLE), (DType::F64, Gradcheck::DOUBLE)] {
            gradcheck(&inputs(3, 4, 2, dtype), settings, |v, _| Ok(plain(&v[0], &v[1], &v[2])?))?;
        }
        Ok(())
    }

    #[test]
    fn what_is_frozen_gets_no_gradient() -> Result<()> {
        let vars = inputs(5, 4, 3, DType::F32);
        let all = run(plain, &vars)?;
        for wanted in 0..3 {
            let one: Vec<Tensor> = (0..3)
                .map(|i| if i == wanted { vars[i].as_tensor().clone() } else { vars[i].as_detached_tensor() })
                .collect();
            let store = plain(&one[0], &one[1], &one[2])?.sqr()?.sum_all()?.backward()?;
            assert_eq!(store.get_ids().filter(|id| vars.iter().any(|var| var.id() == **id)).count(), 1);
            let found = store.get(&vars[wanted]).unwrap().flatten_all()?.to_vec1::<f32>()?;
            assert!(found.iter().zip(&all[wanted + 1]).all(|(a, b)| f64::from(*a) == *b));
        }
        Ok(())
    }
}
