//! One row of a network, with its embeddings and those that say nothing.

use assort_classifier::{Contributions, Embedded, Mode, Parts, Result};
use assort_tensor::Ragged;
use candle_core::{DType, Device, Tensor};

/// Tokens that are computed at a time.
const TOKENS: usize = 8192;

pub(crate) struct Row<'m> {
    model: &'m dyn Embedded,
    ids: Vec<u32>,
    /// Values of the embedding of one token.
    pub width: usize,
    /// The row's embeddings (N, D).
    pub own: Vec<f32>,
    /// Embeddings that say nothing (N, D).
    pub baseline: Vec<f32>,
    /// The logits of both (K).
    pub logits: Vec<f64>,
    pub rest: Vec<f64>,
}

impl<'m> Row<'m> {
    pub fn new(model: &'m dyn Embedded, ids: &[u32]) -> Result<Self> {
        let one = Ragged::from_rows([ids]);
        let (own, baseline) = (model.embed(&one, Mode::Eval)?, model.baseline(&one)?);
        let (_, width) = own.dims2()?;
        let at = |embedded: &Tensor| host(&model.forward_embedded(&one, embedded, Mode::Eval)?);
        let (logits, rest) = (at(&own)?, at(&baseline)?);
        let flat = |tensor: &Tensor| -> Result<Vec<f32>> {
            Ok(tensor.to_device(&Device::Cpu)?.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?)
        };
        let (own, baseline) = (flat(&own)?, flat(&baseline)?);
        Ok(Self { model, ids: ids.to_vec(), width, own, baseline, logits, rest })
    }

    pub fn tokens(&self) -> usize {
        self.ids.len()
    }

    pub fn classes(&self) -> usize {
        self.logits.len()
    }

    /// How many variants of the row are computed at a time.
    pub fn variants(&self) -> usize {
        (TOKENS / self.tokens().max(1)).max(1)
    }

    /// Embeddings of some variants of the row, laid end to end (C · N, D), as the model computes with them.
    pub fn lay(&self, values: Vec<f32>) -> Result<Tensor> {
        let rows = values.len() / self.width;
        let dtype = self.model.parameters().iter().next().map_or(DType::F32, |first| first.var.dtype());
        Ok(Tensor::from_vec(values, (rows, self.width), self.model.device())?.to_dtype(dtype)?)
    }

    /// The logits (C, K) of C variants.
    pub fn forward(&self, count: usize, embedded: &Tensor) -> Result<Tensor> {
        let rows = Ragged::from_rows(std::iter::repeat_n(&self.ids, count));
        self.model.forward_embedded(&rows, embedded, Mode::Eval)
    }

    /// The contributions of tokens, (N, K) by rows, with the row's rest and the gap to the logits.
    pub fn contributions(&self, values: &[f64]) -> Contributions {
        let mut found = Contributions::new(Parts::Inputs, self.rest.clone());
        let mut gap: Vec<f64> = self.logits.iter().zip(&self.rest).map(|(own, rest)| own - rest).collect();
        for token in values.chunks_exact(self.classes().max(1)) {
            gap.iter_mut().zip(token).for_each(|(gap, value)| *gap -= value);
            found.push(token.iter().copied());
        }
        found.with_gap(gap)
    }
}

/// All values of a tensor, row after row.
pub(crate) fn host(tensor: &Tensor) -> Result<Vec<f64>> {
    Ok(tensor.to_device(&Device::Cpu)?.to_dtype(DType::F64)?.flatten_all()?.to_vec1()?)
}

/// An estimate of single rows explains many, and predicts as its model does.
macro_rules! estimate {
    ($estimate:ident) => {
        impl<'m> $estimate<'m> {
            /// Explains this network.
            pub fn new(model: &'m dyn assort_classifier::Embedded) -> Self {
                Self { model }
            }
        }

        impl assort_classifier::Explainable for $estimate<'_> {
            fn contributions(&self, inputs: &assort_classifier::Inputs) -> Result<Vec<Contributions>> {
                inputs.ragged()?.iter().map(|ids| self.row(ids)).collect()
            }
        }

        impl assort_classifier::Predictor for $estimate<'_> {
            fn classes(&self) -> usize {
                assort_classifier::Predictor::classes(self.model)
            }

            fn predict(&self, inputs: &assort_classifier::Inputs) -> Result<assort_classifier::Logits> {
                self.model.predict(inputs)
            }
        }
    };
}

pub(crate) use estimate;
