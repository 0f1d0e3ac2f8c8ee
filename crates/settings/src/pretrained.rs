//! Which published checkpoint an encoder begins with, and what becomes of it.

use assort_models::encoder::{ClassifierWeights, Lora, LoraTargets};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Number type of the products of an encoder's layers in training and in judging its epochs.
/// The figures of the run are those of the saved model, in f32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// 32 bits.
    F32,
    /// The upper 16 of them, as GPUs multiply fastest; parameters and all else stay in 32 bits.
    Bf16,
}

/// Which checkpoint, and what becomes of its head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PretrainedConfig {
    /// The folder of the checkpoint, or its name on the hub.
    pub pretrained: Option<String>,
    /// Treatment of a classifier that sorts into another number of labels.
    pub classifier: ClassifierWeights,
    /// The share of hidden values that training drops; the checkpoint's own without it.
    pub dropout: Option<f64>,
    /// The share of attention probabilities that training drops.
    pub attention_dropout: Option<f64>,
    /// The share of values before the classifier that training drops.
    pub classifier_dropout: Option<f64>,
    /// The rank of the low-rank matrices that learn in place of the layers' weights (Hu and others 2021,
    /// LoRA); the weights themselves learn without it. Within [`Settings`](crate::Settings) it brings a
    /// learning rate of 1e-3 unless one is given.
    pub lora_rank: Option<usize>,
    /// Factor of their product, times the rank.
    pub lora_alpha: f64,
    /// Which weights they stand beside.
    pub lora_targets: LoraTargets,
    /// Number type of the layers' products in training: bf16 on CUDA alone.
    pub precision: Precision,
}

impl Default for PretrainedConfig {
    fn default() -> Self {
        Self {
            pretrained: None,
            classifier: ClassifierWeights::Kept,
            dropout: None,
            attention_dropout: None,
            classifier_dropout: None,
            lora_rank: None,
            lora_alpha: 16.0,
            lora_targets: LoraTargets::QueryValue,
            precision: Precision::F32,
        }
    }
}

impl PretrainedConfig {
    /// Checks the ranges.
    pub(crate) fn check(&self) -> Result<()> {
        let shares = [
            ("dropout", self.dropout),
            ("attention_dropout", self.attention_dropout),
            ("classifier_dropout", self.classifier_dropout),
        ];
        for (key, share) in shares {
            if let Some(share) = share.filter(|share| !(0.0..1.0).contains(share)) {
                let reason = "a share from 0 to below 1, or none for the checkpoint's own";
                return Err(Error::value(key, share, reason));
            }
        }
        if let Some(lora) = self.lora() {
            return Ok(lora.check()?);
        }
        let defaults = Self::default();
        if (self.lora_alpha, self.lora_targets) != (defaults.lora_alpha, defaults.lora_targets) {
            return Err(Error::value(
                "lora_rank",
                "none",
                "lora_alpha and lora_targets need one: 8 is usual",
            ));
        }
        Ok(())
    }

    /// The low-rank matrices that learn in place of the weights, if some do.
    pub fn lora(&self) -> Option<Lora> {
        let (alpha, targets) = (self.lora_alpha, self.lora_targets);
        self.lora_rank.map(|rank| Lora { rank, alpha, targets })
    }
}
