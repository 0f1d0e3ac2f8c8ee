//! The backward pass.

use candle_core::{Result, Tensor};

use super::op::{INNER, KEY, Kept, Layer, NORM, OUT, OUTER, OUTER_NORM, QUERY, VALUE, Values};
use crate::gelu_linear::activated;
use crate::layer_norm::Slopes;
use crate::linear::of_weight_from;
use crate::matmul::{Matmul, Matrix, column_sums};

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
    fn give_dense(&self, at: usize, g: &[f32], x: &[f32]) -> Result<()> {
        let [weight, bias] = [&self.parameters[at], &self.parameters[at + 1]];
        let (outputs, inputs) = weight.dims2()?;
        self.give(weight, || of_weight_from(g, x, [x.len() / inputs, outputs, inputs]))?;
        self.give(bias, || column_sums(g, outputs))?;
        let Some(low_ranks) = self.low_ranks[at / 2].as_ref().filter(|_| self.sink.is_some()) else {
            return Ok(());
        };
        let [of_down, of_up] = low_ranks.gradients(g, x)?;
        self.give(&low_ranks.down, || of_down)?;
        self.give(&low_ranks.up, || of_up)
    }

    fn give_norm(&self, at: usize, of_scale: &[f32]) -> Result<()> {
        let (of_weight, of_bias) = of_scale.split_at(self.width);
        self.give(&self.parameters[at], || of_weight.to_vec())?;
        self.give(&self.parameters[at + 1], || of_bias.to_vec())
    }

    /// The gradient of x, if it is wanted; those of the parameters are left in the sink.
    pub(super) fn backward(
        &self,
        values: &Values,
        kept: Kept,
        x: &[f32],
        g: &[f32],
        of_x: bool,
    ) -> Result<Option<Vec<f32>>> {
        let Kept { queries, keys, values: of_values, attended, log_sums, out, stats, normed, inner, .. } =
            kept;
        let scale = &values.scales[1];
        let slopes = self.norms[1].backward(&kept.outer, Some(&normed), scale, &kept.outer_stats, g, true);
        drop(kept.outer);
        self.give_norm(OUTER_NORM, &slopes.of_scale)?;
        let Slopes { of_sum: mut of_normed, of_x: of_outer, .. } = slopes;
        let mut of_inner = {
            let of_outer = of_outer.as_ref().unwrap_or(&of_normed);
            let mut of_inner = back(of_outer, values.outer).run();
            let active = activated(&inner, Some(&mut of_inner));
            drop(inner);
            self.give_dense(OUTER, of_outer, &active)?;
            of_inner
        };
        drop(of_outer);
        self.give_dense(INNER, &of_inner, &normed)?;
        back(&of_inner, values.inner).add_to(&mut of_normed);
        of_inner = Vec::new();
        drop((of_inner, normed));
        let asking = self.asking(x);
        let slopes = self.norms[0].backward(&out, Some(&asking), &values.scales[0], &stats, &of_normed, true);
        drop((out, of_normed));
        self.give_norm(NORM, &slopes.of_scale)?;
        let Slopes { of_sum: mut of_asking, of_x: of_out, .. } = slopes;
        let of_attended = {
            let of_out = of_out.as_ref().unwrap_or(&of_asking);
            self.give_dense(OUT, of_out, &attended)?;
            back(of_out, values.out).run()
        };
        drop(of_out);
        let heads = [&queries[..], &keys, &of_values];
        let [of_queries, of_keys, of_values] =
            self.attention.backward(heads, [&attended, &of_attended], &log_sums, [true; 3]);
        self.give_dense(QUERY, &of_queries, &asking)?;
        self.give_dense(KEY, &of_keys, x)?;
        self.give_dense(VALUE, &of_values, x)?;
        if !of_x {
            return Ok(None);
        }
        back(&of_queries, values.query).add_to(&mut of_asking);
        let mut of_x = match &self.firsts {
            None => of_asking,
            Some(firsts) => {
                let mut of_x = vec![0f32; x.len()];
                for (row, first) in of_asking.chunks_exact(self.width).zip(firsts) {
                    if let Some(first) = first {
                        of_x[first * self.width..][..self.width].copy_from_slice(row);
                    }
                }
                of_x
            }
        };
        back(&of_keys, values.key).add_to(&mut of_x);
        back(&of_values, values.value).add_to(&mut of_x);
        Ok(Some(of_x))
    }
}

/// Gradient of a linear layer's input from that of its output: g W.
fn back<'a>(g: &'a [f32], [weight, bias]: [&'a [f32]; 2]) -> Matmul<'a> {
    let (outputs, inputs) = (bias.len(), weight.len() / bias.len().max(1));
    Matmul::new(Matrix::new(g, g.len() / outputs.max(1), outputs), Matrix::new(weight, outputs, inputs))
}
