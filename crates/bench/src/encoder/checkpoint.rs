//! The models that are timed.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use assort_models::encoder::{ClassifierWeights, Encoder};
use assort_models::{DistilbertConfig, Initial, Shape};
use assort_random::Seed;
use candle_core::{Device, safetensors};

/// distilbert-base-uncased's size with random weights.
pub fn random(classes: usize) -> Result<Encoder> {
    let config = DistilbertConfig::default();
    let shape = Shape { vocabulary: config.vocab_size, classes };
    Ok(Encoder::new(&config, shape, Initial::Drawn(Seed::new(0)), &Device::Cpu)?)
}

/// The checkpoint of a folder.
pub fn load(folder: &Path, classes: usize) -> Result<Encoder> {
    let path = folder.join("config.json");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let config: DistilbertConfig = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    let tensors = safetensors::load(folder.join("model.safetensors"), &Device::Cpu)?;
    let fresh = ClassifierWeights::FreshIfOther;
    Ok(Encoder::from_checkpoint(&config, classes, &tensors, fresh, Seed::new(0), &Device::Cpu)?.model)
}
