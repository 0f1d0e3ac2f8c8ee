//! Forward and backward as one of candle's operations.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use assort_tensor::{Ragged, RowSink};
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

use super::parameters::Parameters;
use super::{EncoderLayer, LayerStates};
use crate::attention::{Attention, Fused};
use crate::cpu::{read_all, slice};
use crate::elementwise::activated;
use crate::layer_norm::Stats;

/// The operation's tensors are x and one more, by which candle knows whether parameters are tracked.
pub(super) struct Layer {
    pub(super) attention: Fused,
    pub(super) parameters: Parameters,
    /// The place of each row's first token, if those alone are wanted.
    pub(super) firsts: Option<Vec<Option<usize>>>,
    pub(super) width: usize,
    pub(super) sink: Option<RowSink>,
    keeps: bool,
    kept: Mutex<Option<Kept>>,
}

/// Values that the backward pass needs.
pub(super) struct Kept {
    pub(super) queries: Vec<f32>,
    pub(super) keys: Vec<f32>,
    pub(super) values: Vec<f32>,
    pub(super) attended: Vec<f32>,
    pub(super) log_sums: Vec<f32>,
    /// Input of the first norm; `normed` is its output.
    pub(super) out: Vec<f32>,
    pub(super) stats: Vec<Stats>,
    pub(super) normed: Vec<f32>,
    pub(super) inner: Vec<f32>,
    /// Input of the second norm.
    pub(super) outer: Vec<f32>,
    pub(super) outer_stats: Vec<Stats>,
}

impl Layer {
    pub(super) fn apply(
        x: &Tensor,
        rows: &Ragged,
        layer: &EncoderLayer,
        states: LayerStates,
        sink: Option<&RowSink>,
    ) -> Result<Tensor> {
        let parameters = Parameters::new(layer)?;
        // Any that is tracked stands for all: each leaves its own gradient in the sink.
        let tracked = parameters.tensors().find(|tensor| tensor.track_op());
        let second = tracked.unwrap_or(&parameters.query.weight).clone();
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
        let op = Self {
            attention: Fused::new(&settings, width),
            firsts,
            width,
            sink: sink.cloned(),
            keeps: x.track_op() || second.track_op(),
            kept: Mutex::new(None),
            parameters,
        };
        x.contiguous()?.apply_op2(&second, op)
    }

    /// Rows of x that the result has: those that ask.
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
        let Parameters { query, key, value, out, attention_norm, inner, outer, outer_norm } =
            &self.parameters;
        let asking = self.asking(x);
        let (queries, keys, values) = (query.forward(&asking)?, key.forward(x)?, value.forward(x)?);
        let [attended, log_sums] = self.attention.forward(&queries, &keys, &values);
        let heads = keeps.then_some([queries, keys, values]);
        let out = out.forward(&attended)?;
        let heads = heads.map(|heads| (heads, attended));
        let (normed, stats) = attention_norm.settings.forward(&out, Some(&asking), &attention_norm.scale()?);
        let heads = heads.map(|heads| (heads, out));
        let inner = inner.forward(&normed)?;
        let active = activated(&inner, None);
        let inner = keeps.then_some(inner);
        let outer = outer.forward(&active)?;
        drop(active);
        let (result, outer_stats) = outer_norm.settings.forward(&outer, Some(&normed), &outer_norm.scale()?);
        let kept = heads.zip(inner).map(|(((heads, attended), out), inner)| {
            let [queries, keys, values] = heads;
            Kept { queries, keys, values, attended, log_sums, out, stats, normed, inner, outer, outer_stats }
        });
        Ok((result, kept))
    }
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
        let (gradient, wants_d_x) = (gradient.contiguous()?, x.track_op());
        let run = |[x, g]: [&[f32]; 2]| -> Result<Option<Vec<f32>>> {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).take();
            let kept = match kept {
                Some(kept) => Some(kept),
                None => self.forward(x, true)?.1,
            };
            let Some(kept) = kept else {
                candle_core::bail!("an encoder layer keeps what it is asked to keep")
            };
            self.backward(kept, x, g, wants_d_x)
        };
        let d_x = read_all([x, &gradient], run)??;
        Ok((d_x.map(|values| Tensor::from_vec(values, x.shape(), x.device())).transpose()?, None))
    }
}
