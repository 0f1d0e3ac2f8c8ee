//! Forward and backward as one of candle's operations.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use assort_tensor::{Ragged, RowSink};
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

use super::low_rank::Owned;
use super::{EncoderLayer, LayerStates};
use crate::attention::{Attention, Fused};
use crate::cpu::{read, read_all, slice};
use crate::gelu_linear::activated;
use crate::layer_norm::{Settings, Stats};
use crate::matmul::{Matmul, Matrix};

/// The operation's tensors are x and one more, by which candle knows whether parameters are tracked.
pub(super) struct Layer {
    pub(super) attention: Fused,
    pub(super) norms: [Settings; 2],
    /// Weight and bias of query, key, value, out, inner, outer and both norms.
    pub(super) parameters: Vec<Tensor>,
    /// What is within the weights of these linear layers, in the same order.
    pub(super) low_ranks: Vec<Option<Owned>>,
    /// The place of each row's first token, if those alone are wanted.
    pub(super) firsts: Option<Vec<Option<usize>>>,
    pub(super) width: usize,
    pub(super) sink: Option<RowSink>,
    keeps: bool,
    kept: Mutex<Option<Kept>>,
}

/// What the backward pass needs.
pub(super) struct Kept {
    pub(super) queries: Vec<f32>,
    pub(super) keys: Vec<f32>,
    pub(super) values: Vec<f32>,
    pub(super) attended: Vec<f32>,
    pub(super) log_sums: Vec<f32>,
    /// What the first norm reads and gives.
    pub(super) out: Vec<f32>,
    pub(super) stats: Vec<Stats>,
    pub(super) normed: Vec<f32>,
    pub(super) inner: Vec<f32>,
    /// What the second norm reads.
    pub(super) outer: Vec<f32>,
    pub(super) outer_stats: Vec<Stats>,
}

/// The slices of a layer's parameters.
pub(super) struct Values<'a> {
    pub(super) query: [&'a [f32]; 2],
    pub(super) key: [&'a [f32]; 2],
    pub(super) value: [&'a [f32]; 2],
    pub(super) out: [&'a [f32]; 2],
    pub(super) inner: [&'a [f32]; 2],
    pub(super) outer: [&'a [f32]; 2],
    /// γ and β of both norms (2, D).
    pub(super) scales: [Vec<f32>; 2],
}

// The places of the parameters' weights; each has its bias behind it.
pub(super) const QUERY: usize = 0;
pub(super) const KEY: usize = 2;
pub(super) const VALUE: usize = 4;
pub(super) const OUT: usize = 6;
pub(super) const INNER: usize = 8;
pub(super) const OUTER: usize = 10;
pub(super) const NORM: usize = 12;
pub(super) const OUTER_NORM: usize = 14;

impl Layer {
    pub(super) fn apply(
        x: &Tensor,
        rows: &Ragged,
        layer: &EncoderLayer,
        states: LayerStates,
        sink: Option<&RowSink>,
    ) -> Result<Tensor> {
        let mut parameters =
            layer.parameters().iter().map(|tensor| tensor.contiguous()).collect::<Result<Vec<_>>>()?;
        let mut low_ranks = Vec::new();
        for (place, dense) in layer.dense().into_iter().enumerate() {
            if dense.low_rank.is_some() {
                parameters[2 * place] = dense.whole()?.detach();
            }
            low_ranks.push(dense.low_rank.as_ref().map(Owned::new).transpose()?);
        }
        // Any that is tracked stands for all: each leaves its own gradient in the sink.
        let second = {
            let others = low_ranks.iter().flatten().flat_map(|low_ranks| [&low_ranks.down, &low_ranks.up]);
            let mut all = parameters.iter().chain(others);
            all.find(|tensor| tensor.track_op()).unwrap_or(&parameters[0]).clone()
        };
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
            low_ranks,
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
    pub(super) fn asking<'x>(&self, x: &'x [f32]) -> Cow<'x, [f32]> {
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
}

/// x Wᵀ + b.
fn affine(x: &[f32], [weight, bias]: [&[f32]; 2]) -> Vec<f32> {
    let (outputs, inputs) = (bias.len(), weight.len() / bias.len().max(1));
    let x = Matrix::new(x, x.len() / inputs.max(1), inputs);
    Matmul::new(x, Matrix::new(weight, outputs, inputs).transposed()).with_bias(Some(bias)).run()
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
