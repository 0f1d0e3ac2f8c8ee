//! Forward and backward as one of candle's operations.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use assort_tensor::{Ragged, RowSink};
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

use super::{EncoderLayer, LayerStates};
use crate::attention::{Attention, Fused};
use crate::cpu::{read, read_all, slice};
use crate::gelu_linear::activated;
use crate::layer_norm::{Settings, Slopes, Stats};
use crate::linear::of_weight_from;
use crate::product::{Matrix, Start, Threads, column_sums, product, product_on};

/// The operation's tensors are x and one more, by which candle knows whether parameters are tracked.
pub(super) struct Layer {
    attention: Fused,
    norms: [Settings; 2],
    /// Weight and bias of query, key, value, out, inner, outer and both norms.
    parameters: Vec<Tensor>,
    /// The place of each row's first token, if those alone are wanted.
    firsts: Option<Vec<Option<usize>>>,
    width: usize,
    sink: Option<RowSink>,
    keeps: bool,
    kept: Mutex<Option<Kept>>,
}

/// What the backward pass needs.
struct Kept {
    queries: Vec<f32>,
    keys: Vec<f32>,
    values: Vec<f32>,
    attended: Vec<f32>,
    log_sums: Vec<f32>,
    /// What the first norm reads and gives.
    out: Vec<f32>,
    stats: Vec<Stats>,
    normed: Vec<f32>,
    inner: Vec<f32>,
    /// What the second norm reads.
    outer: Vec<f32>,
    outer_stats: Vec<Stats>,
}

/// The slices of a layer's parameters.
struct Values<'a> {
    query: [&'a [f32]; 2],
    key: [&'a [f32]; 2],
    value: [&'a [f32]; 2],
    out: [&'a [f32]; 2],
    inner: [&'a [f32]; 2],
    outer: [&'a [f32]; 2],
    /// γ and β of both norms (2, D).
    scales: [Vec<f32>; 2],
}

// The places of the parameters' weights; each has its bias behind it.
const QUERY: usize = 0;
const KEY: usize = 2;
const VALUE: usize = 4;
const OUT: usize = 6;
const INNER: usize = 8;
const OUTER: usize = 10;
const NORM: usize = 12;
const OUTER_NORM: usize = 14;

impl Layer {
    pub(super) fn apply(
        x: &Tensor,
        rows: &Ragged,
        layer: &EncoderLayer,
        states: LayerStates,
        sink: Option<&RowSink>,
    ) -> Result<Tensor> {
        let parameters =
            layer.parameters().iter().map(|tensor| tensor.contiguous()).collect::<Result<Vec<_>>>()?;
        // Any that is tracked stands for all: each leaves its own gradient in the sink.
        let second = parameters.iter().find(|tensor| tensor.track_op()).unwrap_or(&parameters[0]).clone();
        let one_each: Vec<u32>;
        let (queries, firsts) = match states {
            LayerStates::All => (rows.offsets(), None),
            LayerStates::First => {
                one_each = (0..=rows.rows() as u32).collect();
                let first = |pair: &[u32]| (pair[0] < pair[1]).then_some(pair[0] as usize);
                (one_each.as_slice(), Some(rows.offsets().windows(2).map(first).collect()))
            }
        };
        let (heads, dropout, width) = (layer.heads, layer.attention_dropout, x.dim(1)?);
        let settings = Attention { queries, keys: rows.offsets(), heads, dropout };
        let norm = |epsilon, dropout| Settings { epsilon, dropout };
        let op = Self {
            attention: Fused::new(&settings, width),
            norms: [
                norm(layer.attention_norm.epsilon, layer.out_dropout),
                norm(layer.outer_norm.epsilon, layer.outer_dropout),
            ],
            firsts,
            width,
            sink: sink.cloned(),
            keeps: x.track_op() || second.track_op(),
            kept: Mutex::new(None),
            parameters,
        };
        x.contiguous()?.apply_op2(&second, op)
    }

    /// Hands the parameters' values to `work`.
    fn with_values<T>(&self, work: impl FnOnce(Values) -> T) -> Result<T> {
        let tensors: [&Tensor; 16] = std::array::from_fn(|i| &self.parameters[i]);
        read_all(tensors, |values| {
            let pair = |at: usize| [values[at], values[at + 1]];
            work(Values {
                query: pair(QUERY),
                key: pair(KEY),
                value: pair(VALUE),
                out: pair(OUT),
                inner: pair(INNER),
                outer: pair(OUTER),
                scales: [NORM, OUTER_NORM].map(|at| pair(at).concat()),
            })
        })
    }

    /// What asks: the rows of x that the result has.
    fn asking<'x>(&self, x: &'x [f32]) -> Cow<'x, [f32]> {
        let Some(firsts) = &self.firsts else { return Cow::Borrowed(x) };
        let mut asking = vec![0f32; firsts.len() * self.width];
        for (row, first) in asking.chunks_exact_mut(self.width).zip(firsts) {
            if let Some(first) = first {
                row.copy_from_slice(&x[first * self.width..][..self.width]);
            }
        }
        Cow::Owned(asking)
    }

    /// The result, and what the backward pass needs of it where that is to be kept.
    fn forward(&self, x: &[f32], keeps: bool) -> Result<(Vec<f32>, Option<Kept>)> {
        self.with_values(|values| {
            let asking = self.asking(x);
            let [queries, keys, of_values] = [(&*asking, values.query), (x, values.key), (x, values.value)]
                .map(|(x, dense)| affine(x, dense));
            let [attended, log_sums] = self.attention.forward(&queries, &keys, &of_values);
            let heads = keeps.then_some([queries, keys, of_values]);
            let out = affine(&attended, values.out);
            let heads = heads.map(|heads| (heads, attended));
            let (normed, stats) = self.norms[0].forward(&out, Some(&asking), &values.scales[0]);
            let heads = heads.map(|heads| (heads, out));
            let inner = affine(&normed, values.inner);
            let active = activated(&inner, None);
            let inner = keeps.then_some(inner);
            let outer = affine(&active, values.outer);
            drop(active);
            let (result, outer_stats) = self.norms[1].forward(&outer, Some(&normed), &values.scales[1]);
            let kept = heads.zip(inner).map(|(((heads, attended), out), inner)| {
                let [queries, keys, values] = heads;
                Kept {
                    queries,
                    keys,
                    values,
                    attended,
                    log_sums,
                    out,
                    stats,
                    normed,
                    inner,
                    outer,
                    outer_stats,
                }
            });
            (result, kept)
        })
    }

    /// Leaves the gradient of a parameter in the sink, if it is wanted.
    fn give(&self, parameter: usize, gradient: impl FnOnce() -> Vec<f32>) -> Result<()> {
        let tensor = &self.parameters[parameter];
        match &self.sink {
            Some(sink) if tensor.track_op() => {
                sink.add_dense(tensor.id(), Tensor::from_vec(gradient(), tensor.shape(), tensor.device())?)
            }
            _ => Ok(()),
        }
    }

    /// Leaves the gradients of a linear layer's parameters, from that of its output g and its input x.
    fn give_dense(&self, at: usize, g: &[f32], x: &[f32]) -> Result<()> {
        let (outputs, inputs) = self.parameters[at].dims2()?;
        self.give(at, || of_weight_from(g, x, [x.len() / inputs, outputs, inputs]))?;
        self.give(at + 1, || column_sums(g, outputs))
    }

    fn give_norm(&self, at: usize, of_scale: &[f32]) -> Result<()> {
        let (of_weight, of_bias) = of_scale.split_at(self.width);
        self.give(at, || of_weight.to_vec())?;
        self.give(at + 1, || of_bias.to_vec())
    }

    /// The gradient of x, if it is wanted; those of the parameters are left in the sink.
    fn backward(
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
            let mut of_inner = back(of_outer, values.outer);
            let active = activated(&inner, Some(&mut of_inner));
            drop(inner);
            self.give_dense(OUTER, of_outer, &active)?;
            of_inner
        };
        drop(of_outer);
        self.give_dense(INNER, &of_inner, &normed)?;
        add_back(&mut of_normed, &of_inner, values.inner);
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
            back(of_out, values.out)
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
        add_back(&mut of_asking, &of_queries, values.query);
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
        add_back(&mut of_x, &of_keys, values.key);
        add_back(&mut of_x, &of_values, values.value);
        Ok(Some(of_x))
    }
}

/// x Wᵀ + b.
fn affine(x: &[f32], [weight, bias]: [&[f32]; 2]) -> Vec<f32> {
    let (outputs, inputs) = (bias.len(), weight.len() / bias.len().max(1));
    let x = Matrix::new(x, x.len() / inputs.max(1), inputs);
    product(x, Matrix::new(weight, outputs, inputs).transposed(), bias)
}

/// A gradient g as one of rows, and W as the right matrix of g W.
fn behind<'a>(g: &'a [f32], [weight, bias]: [&'a [f32]; 2]) -> [Matrix<'a>; 2] {
    let (outputs, inputs) = (bias.len(), weight.len() / bias.len().max(1));
    [Matrix::new(g, g.len() / outputs.max(1), outputs), Matrix::new(weight, outputs, inputs)]
}

/// g W.
fn back(g: &[f32], dense: [&[f32]; 2]) -> Vec<f32> {
    let [g, weight] = behind(g, dense);
    product(g, weight, &[])
}

/// sum += g W.
fn add_back(sum: &mut [f32], g: &[f32], dense: [&[f32]; 2]) {
    let [g, weight] = behind(g, dense);
    product_on(Threads::All, sum, g, weight, Start::Present);
}

impl CustomOp2 for Layer {
    fn name(&self) -> &'static str {
        "encoder-layer"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (result, kept) = self.forward(slice(x, lx)?, self.keeps)?;
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = kept;
        let rows = self.firsts.as_ref().map_or(lx.dims()[0], Vec::len);
        Ok((CpuStorage::F32(result), Shape::from((rows, self.width))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        _: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        let run = |x_values: &[f32], g: &[f32]| -> Result<Option<Vec<f32>>> {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).take();
            let kept = match kept {
                Some(kept) => Some(kept),
                None => self.forward(x_values, true)?.1,
            };
            let Some(kept) = kept else {
                candle_core::bail!("an encoder layer keeps what it is asked to keep")
            };
            self.with_values(|values| self.backward(&values, kept, x_values, g, x.track_op()))?
        };
        let of_x = read(x, |x| read(&gradient, |g| run(x, g)))???;
        Ok((of_x.map(|values| Tensor::from_vec(values, x.shape(), x.device())).transpose()?, None))
    }
}
