//! Attention pooling: the mean of a row's states, each weighed by the softmax of its score within the row.
//!
//! # Formula
//! With s_t the score of token t and x_t its state: α = softmax of s over the row, y = Σ_t α_t x_t. From the
//! gradient g of y: ∂x_t = α_t g, ∂s_t = α_t (g · x_t - Σ_u α_u g · x_u). A row without tokens gives zeros.
//!
//! # Shapes
//! x (N, D), row after row; scores (N, 1); output (B, D).
//!
//! # Accumulation
//! y token by token in f32, a dot product in 16 partial sums and then in f64, the sums over a row in f64.
//! Each row of the batch has one owner: the bits do not depend on the threads.

use assort_tensor::Ragged;
use candle_core::{CpuStorage, CustomOp2, Layout, Result as CandleResult, Shape, Tensor};
use rayon::prelude::*;

use crate::cpu::{read_all, slice};
use crate::dispatch::{Level, is_fused, vectorized};
use crate::math::{exp, largest, sum};
use crate::{Error, Result};

/// The weighed mean of each row: x (N, D), scores (N, 1) → (B, D).
///
/// # Errors
/// If there is not one state and one score for each token.
pub fn attention_pool(x: &Tensor, scores: &Tensor, rows: &Ragged) -> Result<Tensor> {
    let tokens = rows.tokens();
    if !matches!(*x.dims(), [found, _] if found == tokens) {
        let found = x.dims().to_vec();
        return Err(Error::Shape {
            name: "x",
            expected: format!("({tokens}, D), a row for each token"),
            found,
        });
    }
    if scores.dims() != [tokens, 1] {
        let found = scores.dims().to_vec();
        return Err(Error::Shape {
            name: "scores",
            expected: format!("({tokens}, 1), one for each token"),
            found,
        });
    }
    if is_fused(x) && is_fused(scores) {
        return Ok(x.contiguous()?.apply_op2(&scores.contiguous()?, AttentionPool { rows: rows.clone() })?);
    }
    reference(x, scores, rows)
}

struct AttentionPool {
    rows: Ragged,
}

impl AttentionPool {
    /// Each row's part of (N, width) values.
    fn parts<'a>(&self, mut values: &'a mut [f32], width: usize) -> Vec<&'a mut [f32]> {
        let part = |length: usize| values.split_off_mut(..length * width).unwrap_or_default();
        self.rows.lengths().map(part).collect()
    }

    /// Row `b` of (N, width) values.
    fn row<'a>(&self, values: &'a [f32], width: usize, b: usize) -> &'a [f32] {
        let offsets = self.rows.offsets();
        &values[offsets[b] as usize * width..offsets[b + 1] as usize * width]
    }

    fn forward(&self, x: &[f32], scores: &[f32], width: usize) -> Vec<f32> {
        let mut out = vec![0f32; self.rows.rows() * width];
        out.par_chunks_mut(width.max(1)).enumerate().for_each(|(b, out)| {
            let mut weights = self.row(scores, 1, b).to_vec();
            softmax(Level::best(), &mut weights);
            add_weighed(Level::best(), self.row(x, width, b), &weights, out);
        });
        out
    }

    /// ∂x and ∂s.
    fn backward(&self, x: &[f32], scores: &[f32], gradient: &[f32], width: usize) -> [Vec<f32>; 2] {
        let (mut d_x, mut d_scores) = (vec![0f32; x.len()], scores.to_vec());
        let parts = self.parts(&mut d_x, width).into_iter().zip(self.parts(&mut d_scores, 1));
        let parts: Vec<_> = parts.enumerate().collect();
        parts.into_par_iter().for_each(|(b, (d_x, weights))| {
            softmax(Level::best(), weights);
            let gradient = &gradient[b * width..][..width];
            backward_row(Level::best(), self.row(x, width, b), gradient, weights, d_x);
        });
        [d_x, d_scores]
    }
}

impl CustomOp2 for AttentionPool {
    fn name(&self) -> &'static str {
        "attention-pool"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        s: &CpuStorage,
        ls: &Layout,
    ) -> CandleResult<(CpuStorage, Shape)> {
        let (_, width) = lx.shape().dims2()?;
        let out = self.forward(slice(x, lx)?, slice(s, ls)?, width);
        Ok((CpuStorage::F32(out), Shape::from((self.rows.rows(), width))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        scores: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> CandleResult<(Option<Tensor>, Option<Tensor>)> {
        let (_, width) = x.dims2()?;
        let gradient = gradient.contiguous()?;
        let [d_x, d_scores] =
            read_all([x, scores, &gradient], |[x, scores, g]| self.backward(x, scores, g, width))?;
        let tensor = |values, like: &Tensor| Tensor::from_vec(values, like.shape(), like.device());
        Ok((Some(tensor(d_x, x)?), Some(tensor(d_scores, scores)?)))
    }
}

vectorized! {
    fn softmax(values: &mut [f32]) {
        let top = largest(values);
        values.iter_mut().for_each(|value| *value = exp(*value - top));
        let scale = (1.0 / values.chunks(256).map(sum).sum::<f64>()) as f32;
        values.iter_mut().for_each(|value| *value *= scale);
    }
}

vectorized! {
    fn add_weighed(x: &[f32], weights: &[f32], out: &mut [f32]) {
        for (x, &weight) in x.chunks_exact(out.len().max(1)).zip(weights) {
            out.iter_mut().zip(x).for_each(|(sum, x)| *sum += weight * x);
        }
    }
}

vectorized! {
    /// ∂x of a row, and its weights made into ∂s.
    fn backward_row(x: &[f32], gradient: &[f32], weights: &mut [f32], d_x: &mut [f32]) {
        let width = gradient.len().max(1);
        let mut products = vec![0f32; width];
        let mut slopes = Vec::with_capacity(weights.len());
        for ((x, d_x), &weight) in x.chunks_exact(width).zip(d_x.chunks_exact_mut(width)).zip(&*weights) {
            for (((product, d_x), x), g) in products.iter_mut().zip(d_x).zip(x).zip(gradient) {
                *product = x * g;
                *d_x = weight * g;
            }
            slopes.push(products.chunks(256).map(sum).sum::<f64>());
        }
        let mean: f64 = slopes.iter().zip(&*weights).map(|(slope, &weight)| slope * f64::from(weight)).sum();
        // Without states (D = 0) there is no slope.
        slopes.resize(weights.len(), 0.0);
        for (weight, slope) in weights.iter_mut().zip(slopes) {
            *weight = (f64::from(*weight) * (slope - mean)) as f32;
        }
    }
}

/// The same from candle's own operations, row by row.
fn reference(x: &Tensor, scores: &Tensor, rows: &Ragged) -> Result<Tensor> {
    let (_, width) = x.dims2()?;
    let empty = Tensor::zeros((1, width), x.dtype(), x.device())?;
    let pooled = rows.offsets().windows(2).map(|pair| {
        let (first, length) = (pair[0] as usize, (pair[1] - pair[0]) as usize);
        if length == 0 || width == 0 {
            return Ok(empty.clone());
        }
        let scores = scores.narrow(0, first, length)?;
        let weights = scores.broadcast_sub(&scores.max_keepdim(0)?.detach())?.exp()?;
        let weights = weights.broadcast_div(&weights.sum_keepdim(0)?)?;
        Ok(x.narrow(0, first, length)?.broadcast_mul(&weights)?.sum_keepdim(0)?)
    });
    let pooled = pooled.collect::<Result<Vec<_>>>()?;
    if pooled.is_empty() {
        return Ok(Tensor::zeros((0, width), x.dtype(), x.device())?);
    }
    Ok(Tensor::cat(&pooled, 0)?)
}

#[cfg(test)]
mod tests {
    use assort_tensor::{Gradcheck, gradcheck};
    use candle_core::{DType, Device, Var};

    use super::*;
    use crate::testing::{flat, near, rows};

    fn numbers(rows: usize, columns: usize, seed: f64, dtype: DType) -> Var {
        let values: Vec<f64> = (0..rows * columns).map(|i| (i as f64 * seed + 0.2).sin() * 2.0).collect();
        let tensor = Tensor::from_vec(values, (rows, columns), &Device::Cpu).unwrap();
        Var::from_tensor(&tensor.to_dtype(dtype).unwrap()).unwrap()
    }

    #[test]
    fn both_paths_agree() -> Result<()> {
        for lengths in [&[2usize, 0, 3, 1][..], &[], &[0], &[0, 40, 0], &[1]] {
            for width in [3, 0, 300] {
                let rows = rows(lengths);
                let run = |dtype, turned: bool| -> Result<[Vec<f64>; 3]> {
                    let x = numbers(rows.tokens(), width, 1.3, dtype);
                    let scores = numbers(rows.tokens(), 1, 0.7, dtype);
                    let view = if turned { x.t()?.contiguous()?.t()? } else { x.as_tensor().clone() };
                    let out = attention_pool(&view, &scores, &rows)?;
                    assert_eq!(out.dims(), [rows.rows(), width]);
                    let outer = numbers(rows.rows(), width, 2.1, dtype);
                    let store = (&out * outer.as_tensor())?.sum_all()?.backward()?;
                    let zeros = |var: &Var| vec![0.0; var.elem_count()];
                    let gradient = |var: &Var| store.get(var).map_or_else(|| zeros(var), flat);
                    Ok([flat(&out), gradient(&x), gradient(&scores)])
                };
                let expect = run(DType::F64, false)?;
                for turned in [false, true] {
                    for (found, expect) in run(DType::F32, turned)?.iter().zip(&expect) {
                        near(found, expect, 4e-6);
                    }
                }
            }
        }
        Ok(())
    }

    #[test]
    fn gradients_equal_finite_differences() -> Result<()> {
        let rows = rows(&[2, 0, 3]);
        for (dtype, settings) in [(DType::F32, Gradcheck::SINGLE), (DType::F64, Gradcheck::DOUBLE)] {
            let inputs = [numbers(5, 3, 1.3, dtype), numbers(5, 1, 0.7, dtype)];
            gradcheck(&inputs, settings, |v, _| Ok(attention_pool(&v[0], &v[1], &rows)?))?;
        }
        Ok(())
    }

    #[test]
    fn far_scores_take_all() -> Result<()> {
        let (x, scores) = (Tensor::new(&[[1f32], [2.], [4.]], &Device::Cpu)?, [[-1e30f32], [1e30], [0.0]]);
        let out = attention_pool(&x, &Tensor::new(&scores, &Device::Cpu)?, &rows(&[3]))?;
        assert_eq!(out.to_vec2::<f32>()?, [[2.0]]);
        Ok(())
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let refuse = |x: [usize; 2], scores: [usize; 2], expect: &str| {
            let [x, scores] = [x, scores].map(|shape| numbers(shape[0], shape[1], 1.0, DType::F32));
            let message = attention_pool(&x, &scores, &rows(&[2])).unwrap_err().to_string();
            assert!(message.contains(expect), "{message}");
        };
        refuse([3, 4], [2, 1], "x: the shape is [3, 4], expected (2, D)");
        refuse([2, 4], [2, 2], "scores: the shape is [2, 2], expected (2, 1)");
    }
}
