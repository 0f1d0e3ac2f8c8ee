//! The backward pass.

use candle_core::{Result, Tensor};

use super::op::{Kept, Layer};
use super::parameters::{OwnedDense, OwnedNorm, Parameters};
use crate::elementwise::activated;
use crate::layer_norm::{Gradients, NormBack};
use crate::linear::weight_gradient;
use crate::matmul::column_sums;

impl Layer {
    /// Leaves the gradient of a parameter in the sink, if it is wanted.
    fn give(&self, tensor: &Tensor, gradient: impl FnOnce() -> Vec<f32>) -> Result<()> {
        match &self.sink {
            Some(sink) if tensor.track_op() => {
                sink.add_dense(tensor.id(), Tensor::from_vec(gradient(), tensor.shape(), tensor.device())?)
            }
            _ => Ok(()),
        }
    }

    /// Leaves the gradients of a linear layer's parameters, from that of its output g and its input x.
    fn give_dense(&self, dense: &OwnedDense, g: &[f32], x: &[f32]) -> Result<()> {
        let OwnedDense { weight, bias, low_rank } = dense;
        let (outputs, inputs) = weight.dims2()?;
        self.give(weight, || weight_gradient(g, x, [x.len() / inputs, outputs, inputs]))?;
        self.give(bias, || column_sums(g, outputs))?;
        let Some(low_rank) = low_rank.as_ref().filter(|_| self.sink.is_some()) else {
            return Ok(());
        };
        let [d_down, d_up] = low_rank.gradients(g, x)?;
        self.give(&low_rank.down, || d_down)?;
        self.give(&low_rank.up, || d_up)
    }

    fn give_norm(&self, norm: &OwnedNorm, d_scale: &[f32]) -> Result<()> {
        let (d_weight, d_bias) = d_scale.split_at(self.width);
        self.give(&norm.weight, || d_weight.to_vec())?;
        self.give(&norm.bias, || d_bias.to_vec())
    }

    /// Gradient of x, if it is wanted, from that of the result, g; those of the parameters are left in the
    /// sink.
    pub(super) fn backward(
        &self,
        kept: Kept,
        x: &[f32],
        g: &[f32],
        wants_d_x: bool,
    ) -> Result<Option<Vec<f32>>> {
        let Parameters {
            query,
            key,
            value,
            out: out_dense,
            attention_norm,
            inner: inner_dense,
            outer,
            outer_norm,
        } = &self.parameters;
        let Kept { queries, keys, values, attended, log_sums, out, stats, normed, inner, .. } = kept;
        let norm_back = NormBack {
            x: &kept.outer,
            residual: Some(&normed),
            scale: &outer_norm.scale()?,
            stats: &kept.outer_stats,
        };
        let Gradients { d_sum: mut d_normed, d_x: d_outer, d_scale } =
            outer_norm.settings.backward(norm_back, g, true);
        drop(kept.outer);
        self.give_norm(outer_norm, &d_scale)?;
        let d_inner = {
            let d_outer = d_outer.as_ref().unwrap_or(&d_normed);
            let mut d_inner = outer.backward(d_outer)?;
            let active = activated(&inner, Some(&mut d_inner));
            drop(inner);
            self.give_dense(outer, d_outer, &active)?;
            d_inner
        };
        drop(d_outer);
        self.give_dense(inner_dense, &d_inner, &normed)?;
        inner_dense.add_backward(&d_inner, &mut d_normed)?;
        drop((d_inner, normed));
        let asking = self.asking(x);
        let norm_back =
            NormBack { x: &out, residual: Some(&asking), scale: &attention_norm.scale()?, stats: &stats };
        let Gradients { d_sum: mut d_asking, d_x: d_out, d_scale } =
            attention_norm.settings.backward(norm_back, &d_normed, true);
        drop((out, d_normed));
        self.give_norm(attention_norm, &d_scale)?;
        let d_attended = {
            let d_out = d_out.as_ref().unwrap_or(&d_asking);
            self.give_dense(out_dense, d_out, &attended)?;
            out_dense.backward(d_out)?
        };
        drop(d_out);
        let heads = [&queries[..], &keys, &values];
        let [d_queries, d_keys, d_values] =
            self.attention.backward(heads, [&attended, &d_attended], &log_sums, [true; 3]);
        self.give_dense(query, &d_queries, &asking)?;
        self.give_dense(key, &d_keys, x)?;
        self.give_dense(value, &d_values, x)?;
        if !wants_d_x {
            return Ok(None);
        }
        query.add_backward(&d_queries, &mut d_asking)?;
        let mut d_x = match &self.firsts {
            None => d_asking,
            Some(firsts) => {
                let mut d_x = vec![0f32; x.len()];
                for (row, first) in d_asking.chunks_exact(self.width).zip(firsts) {
                    if let Some(first) = first {
                        d_x[first * self.width..][..self.width].copy_from_slice(row);
                    }
                }
                d_x
            }
        };
        key.add_backward(&d_keys, &mut d_x)?;
        value.add_backward(&d_values, &mut d_x)?;
        Ok(Some(d_x))
    }
}
