//! Low-rank adaptation (Hu and others 2021): pretrained weights stay, and two low-rank matrices beside each
//! learn.
//!
//! ```text
//! W' = W + alpha / r · B · A        A (r, in) from U(-1/√in, 1/√in), B (out, r) from zeros
//! ```
//! So an adapted model begins as it was. The low-rank matrices have the names that Hugging Face's PEFT gives
//! them. There is no dropout on what A reads: the sum is one matrix. Nor is anything dropped below the lowest
//! adapted layer, which PEFT does.

use assort_classifier::{Adaptation, AdaptedWeight, Error, Mode, Result};
use assort_kernels::{Dense, LowRank};
use assort_random::Seed;
use assort_tensor::{Parameters, Part, Tracking};
use candle_core::Tensor;
use serde::{Deserialize, Serialize};

use super::{Encoder, LayerNames};
use crate::Initial;

/// Which weights of a layer are adapted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoraTargets {
    /// Those that make queries and values, as in the paper.
    QueryValue,
    /// All four of the attention.
    Attention,
    /// Those of the feed-forward block, too.
    All,
}

impl LoraTargets {
    fn of(self, names: &LayerNames) -> Vec<&str> {
        let LayerNames { query, key, value, out, inner, outer, .. } = names;
        match self {
            Self::QueryValue => vec![query, value],
            Self::Attention => vec![query, key, value, out],
            Self::All => vec![query, key, value, out, inner, outer],
        }
    }
}

/// The size of an adaptation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lora {
    /// r, at least 1.
    pub rank: usize,
    /// Factor of the product of the low-rank matrices, times r; above 0.
    pub alpha: f64,
    /// Which weights learn.
    pub targets: LoraTargets,
}

impl Lora {
    /// # Errors
    /// Names the first size that lies outside its range.
    pub fn check(&self) -> Result<()> {
        let fail =
            |parameter, found: String, expected| Err(Error::Configuration { parameter, found, expected });
        if self.rank == 0 {
            return fail(
                "lora_rank",
                "0".into(),
                "a number from 1 on, or none to train the weights themselves",
            );
        }
        if !(self.alpha > 0.0 && self.alpha.is_finite()) {
            return fail("lora_alpha", self.alpha.to_string(), "a number above 0");
        }
        Ok(())
    }

    fn scale(&self) -> f64 {
        self.alpha / self.rank as f64
    }
}

const DOWN: &str = "lora_A.weight";
const UP: &str = "lora_B.weight";

impl Encoder {
    /// Freezes everything but the head, and puts low-rank matrices beside the weights of the last `layers`
    /// layers.
    ///
    /// # Errors
    /// If a size lies outside its range.
    pub fn adapt(&mut self, lora: Lora, layers: usize, seed: Seed) -> Result<()> {
        lora.check()?;
        if lora.rank > self.plan.width {
            let (parameter, found) = ("lora_rank", lora.rank.to_string());
            let expected = "at most the width of a hidden state: 8 is usual";
            return Err(Error::Configuration { parameter, found, expected });
        }
        self.parameters.freeze(|parameter| parameter.part < Part::Head);
        for (index, names) in
            self.plan.names.layers.iter().enumerate().skip(self.layers().saturating_sub(layers))
        {
            for name in lora.targets.of(names) {
                let weight = self.parameters.value(&format!("{name}.weight"), Tracking::Detached)?;
                let (outputs, inputs) = weight.dims2()?;
                let bound = 1.0 / (inputs as f32).sqrt();
                let [down, up] = [DOWN, UP].map(|part| format!("{name}.{part}"));
                let drawn = Initial::Drawn(seed).part(&down);
                let first = drawn.uniform(&[lora.rank, inputs], bound, &self.device)?;
                self.parameters.declare(&down, Part::Layer(index), &first)?;
                let zeros = Initial::Zeros.uniform(&[outputs, lora.rank], bound, &self.device)?;
                self.parameters.declare(&up, Part::Layer(index), &zeros)?;
            }
        }
        self.lora = Some(lora);
        Ok(())
    }

    /// The low-rank matrices, and the head that was trained with them.
    fn learned(&self, lora: Lora) -> Result<Adaptation> {
        let copy =
            |name: &str| -> Result<Tensor> { Ok(self.parameters.value(name, Tracking::Detached)?.copy()?) };
        let layers = self.plan.names.layers.iter().flat_map(|names| lora.targets.of(names));
        let low_rank = layers.filter(|name| self.has_low_rank(name)).map(|name| {
            let [down, up] = [DOWN, UP].map(|part| copy(&format!("{name}.{part}")));
            Ok(AdaptedWeight { name: name.into(), down: down?, up: up? })
        });
        let head = self.parameters.iter().filter(|parameter| parameter.part >= Part::Head);
        Ok(Adaptation {
            low_rank: low_rank.collect::<Result<_>>()?,
            whole: head.map(|one| Ok((one.name.clone(), copy(&one.name)?))).collect::<Result<_>>()?,
        })
    }

    /// See [`Classifier::merge`](assort_classifier::Classifier::merge).
    pub(super) fn merge_low_rank(&mut self) -> Result<Option<Adaptation>> {
        let Some(lora) = self.lora else { return Ok(None) };
        let (learned, mut merged) = (self.learned(lora)?, Parameters::default());
        for parameter in self.parameters.iter().take(self.plan.slots(self.classes).len()) {
            match parameter.name.strip_suffix(".weight") {
                Some(name) if self.has_low_rank(name) => {
                    let whole = self.dense(name, Mode::Eval)?.dense().whole()?;
                    merged.declare(&parameter.name, parameter.part, &whole)?;
                }
                _ => merged.register(&parameter.name, parameter.part, parameter.var.clone())?,
            }
        }
        (self.parameters, self.lora) = (merged, None);
        Ok(Some(learned))
    }

    fn has_low_rank(&self, name: &str) -> bool {
        self.lora.is_some() && self.parameters.get(&format!("{name}.{UP}")).is_some()
    }

    /// The parameters of a linear layer within the encoder.
    pub(super) fn dense(&self, name: &str, mode: Mode) -> Result<Linear> {
        let value = |part: &str| self.parameters.value(&format!("{name}.{part}"), mode.tracking());
        let low_rank = match &self.lora {
            Some(lora) if self.has_low_rank(name) => Some((value(DOWN)?, value(UP)?, lora.scale())),
            _ => None,
        };
        Ok(Linear { weight: value("weight")?, bias: value("bias")?, low_rank })
    }
}

/// Weight and bias, and what is added to the weight.
pub(super) struct Linear {
    weight: Tensor,
    bias: Tensor,
    low_rank: Option<(Tensor, Tensor, f64)>,
}

impl Linear {
    pub(super) fn dense(&self) -> Dense<'_> {
        let low_rank = self.low_rank.as_ref().map(|(down, up, scale)| LowRank { down, up, scale: *scale });
        Dense { weight: &self.weight, bias: &self.bias, low_rank }
    }
}
