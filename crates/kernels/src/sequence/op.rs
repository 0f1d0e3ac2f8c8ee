//! All layers as one of candle's operations.

use std::sync::{Arc, Mutex, PoisonError};

use assort_tensor::{Ragged, RowSink};
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::layer::{AllKept, Layer, LayerBack};
use super::output::{Pool, StateGradient};
use super::passes::Keeping;
use super::schedule::Group;
use super::weights::Sizes;
use super::{Recurrent, RecurrentOutput};
use crate::cpu::{read, read_all, slice};
use crate::matmul::Rows;

/// The operation's tensors are x and one more, by which candle knows whether weights are tracked; their
/// values lie here.
pub(super) struct Network {
    layers: Vec<Layer>,
    output: RecurrentOutput,
    rows: Ragged,
    /// All weights, layer after layer and direction after direction.
    flat: Vec<f32>,
    /// Where gradients of the weights go, in the order of the flat ones; without it they go through candle's
    /// store.
    into: Option<(RowSink, Vec<Tensor>)>,
    keeping: Keeping,
    kept: Mutex<Option<Vec<KeptLayer>>>,
}

/// Values of a layer that the backward pass needs.
struct KeptLayer {
    /// The input after its dropout; `None` where nothing was dropped.
    input: Option<Vec<f32>>,
    /// The states; empty where they are the operation's result.
    states: Vec<f32>,
    tasks: AllKept,
}

impl Network {
    pub(super) fn apply(
        x: &Tensor,
        rows: &Ragged,
        network: &Recurrent,
        sink: Option<&RowSink>,
    ) -> Result<Tensor> {
        let groups = Arc::new(Group::all(rows));
        let layer = |(at, directions): (usize, &Vec<super::RecurrentWeights>)| -> Result<Layer> {
            let (states, width) = (directions[0].hidden.dim(1)?, directions[0].input.dim(1)?);
            Ok(Layer {
                sizes: Sizes { cell: network.cell, width, states },
                groups: groups.clone(),
                tokens: rows.tokens(),
                directions: directions.len(),
                truncation: network.truncation,
                dropout: network.dropout(at),
            })
        };
        let weights: Vec<&Tensor> = network.weights().collect();
        let mut flat = Vec::with_capacity(weights.iter().map(|weight| weight.elem_count()).sum());
        for weight in &weights {
            read(&weight.contiguous()?, |values| flat.extend_from_slice(values))?;
        }
        let are_variables = weights.iter().all(|weight| !weight.track_op() || weight.is_variable());
        let own = |weight: &&Tensor| (*weight).clone();
        let into =
            sink.filter(|_| are_variables).map(|sink| (sink.clone(), weights.iter().map(own).collect()));
        // Any tracked weight stands for all of them where each gets its own gradient.
        let second = match &into {
            Some(_) => weights.iter().find(|weight| weight.track_op()).unwrap_or(&weights[0]).contiguous()?,
            None => Tensor::cat(&weights.iter().map(|w| w.flatten_all()).collect::<Result<Vec<_>>>()?, 0)?,
        };
        let is_tracked = x.track_op() || second.track_op();
        let op = Self {
            layers: network.layers.iter().enumerate().map(layer).collect::<Result<_>>()?,
            output: network.output,
            rows: rows.clone(),
            flat,
            into,
            keeping: if is_tracked { Keeping::All } else { Keeping::Nothing },
            kept: Mutex::new(None),
        };
        x.contiguous()?.apply_op2(&second, op)
    }

    /// Each layer with the range of its weights.
    fn places(&self) -> Vec<std::ops::Range<usize>> {
        let mut end = 0;
        let place = |layer: &Layer| {
            let first = end;
            end += layer.total();
            first..end
        };
        self.layers.iter().map(place).collect()
    }

    /// The states of all layers, or of the last one alone.
    fn forward(&self, x: &[f32], keeping: Keeping) -> Vec<KeptLayer> {
        let mut all: Vec<KeptLayer> = Vec::new();
        for (layer, place) in self.layers.iter().zip(self.places()) {
            let below = all.last().map_or(x, |below| &below.states);
            let input = (!layer.dropout.is_none()).then(|| layer.dropout.apply(below));
            let (states, tasks) =
                layer.forward(input.as_deref().unwrap_or(below), &self.flat[place], keeping);
            match keeping {
                Keeping::All => all.push(KeptLayer { input, states, tasks }),
                Keeping::Nothing => all = vec![KeptLayer { input: None, states, tasks }],
            }
        }
        all
    }

    /// The last layer.
    fn top(&self) -> &Layer {
        &self.layers[self.layers.len() - 1]
    }

    fn pool(&self) -> Pool<'_> {
        let top = self.top();
        Pool { output: self.output, rows: &self.rows, directions: top.directions, width: top.step() }
    }

    /// Gradients of x, if wanted, and of the flat weights. Layer by layer, what was kept is freed.
    fn backward(
        &self,
        x: &[f32],
        out: &[f32],
        d_out: &[f32],
        wants_d_x: bool,
    ) -> Result<(Option<Vec<f32>>, Vec<f32>)> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).take();
        // A second backward pass through one graph finds nothing kept.
        let mut kept = kept.unwrap_or_else(|| self.forward(x, Keeping::All));
        let step = self.top().step();
        let gives_states = self.output == RecurrentOutput::States;
        let last = kept.last().filter(|_| !gives_states).map_or(out, |last| &last.states);
        let pooled = self.pool().backward(last, out, d_out)?;
        let mut d_flat = vec![0f32; self.flat.len()];
        let (mut d_input, places): (Option<Vec<f32>>, _) = (None, self.places());
        while let Some(KeptLayer { input, states, tasks }) = kept.pop() {
            let at = kept.len();
            let (layer, place) = (&self.layers[at], places[at].clone());
            let below = kept.last().map_or(x, |below| &below.states);
            let is_out = gives_states && at + 1 == self.layers.len();
            let read = LayerBack {
                x: input.as_deref().unwrap_or(below),
                flat: &self.flat[place.clone()],
                states: if is_out { out } else { &states },
                d_states: match &d_input {
                    Some(values) => StateGradient::Own(Rows { values, step: layer.step() }),
                    None => pooled.gradient(self.output, d_out, step),
                },
            };
            d_input = layer.backward(read, tasks, at > 0 || wants_d_x, &mut d_flat[place]);
        }
        Ok((d_input, d_flat))
    }
}

impl CustomOp2 for Network {
    fn name(&self) -> &'static str {
        "recurrent"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let mut kept = self.forward(slice(x, lx)?, self.keeping);
        let states = kept.last_mut().map(|last| &mut last.states);
        let Some(states) = states else { candle_core::bail!("a recurrent network has at least one layer") };
        let (out, count) = match self.pool().forward(states)? {
            Some(out) => (out, self.rows.rows()),
            None => (std::mem::take(states), self.rows.tokens()),
        };
        if self.keeping == Keeping::All {
            *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        }
        Ok((CpuStorage::F32(out), Shape::from((count, self.top().step()))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        second: &Tensor,
        out: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        let wants_d_x = x.track_op();
        let run = |[x, out, d_out]: [&[f32]; 3]| self.backward(x, out, d_out, wants_d_x);
        let (d_x, d_flat) = read_all([x, out, &gradient], run)??;
        let d_x = d_x.map(|values| Tensor::from_vec(values, x.shape(), x.device())).transpose()?;
        let Some((sink, weights)) = &self.into else {
            let d_flat = second.track_op().then(|| Tensor::from_vec(d_flat, second.shape(), x.device()));
            return Ok((d_x, d_flat.transpose()?));
        };
        let mut end = 0;
        let place = |weight: &Tensor| {
            let first = end;
            end += weight.elem_count();
            (weight.clone(), first..end)
        };
        let places: Vec<_> = weights.iter().map(place).filter(|(weight, _)| weight.track_op()).collect();
        places.into_par_iter().try_for_each(|(weight, place)| {
            sink.add_dense(weight.id(), Tensor::from_slice(&d_flat[place], weight.shape(), weight.device())?)
        })?;
        Ok((d_x, None))
    }
}
