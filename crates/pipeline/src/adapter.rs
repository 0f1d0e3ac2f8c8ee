//! A low-rank adaptation in the files of Hugging Face's PEFT: a few megabytes beside a checkpoint that others
//! have.

use std::fs;

use assort_classifier::Adaptation;
use candle_core::Tensor;
use serde_json::json;

use crate::weights::write_weights;
use crate::{Error, ModelFolder, Result, write_file};

/// An adaptation of a checkpoint. The model beside it has taken it up already and does not need it.
#[derive(Clone, Debug)]
pub struct Adapter {
    /// The checkpoint's name on the hub, or that of its folder; PEFT is told where that lies.
    pub base: String,
    /// The commit, if it came from the hub.
    pub revision: Option<String>,
    /// The rank of the low-rank matrices.
    pub rank: usize,
    /// Factor of their product, times the rank.
    pub alpha: f64,
    /// The low-rank matrices, and all else that was trained.
    pub learned: Adaptation,
}

impl Adapter {
    /// Takes away what an earlier run has left in an unfinished folder.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub fn remove(folder: &ModelFolder) -> Result<()> {
        let place = folder.adapter();
        if !place.is_dir() {
            return Ok(());
        }
        fs::remove_dir_all(&place).map_err(|e| Error::io(&place, e))
    }

    /// Writes `adapter_config.json` and `adapter_model.safetensors` into the folder's part for it.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn write(&self, folder: &ModelFolder) -> Result<()> {
        let place = folder.adapter();
        fs::create_dir_all(&place).map_err(|e| Error::io(&place, e))?;
        let Adaptation { low_rank, whole } = &self.learned;
        let pairs = low_rank.iter().flat_map(|one| {
            [("A", &one.down), ("B", &one.up)]
                .map(|(side, tensor)| (format!("{}.lora_{side}.weight", one.name), tensor))
        });
        let named: Vec<(String, Tensor)> = pairs
            .chain(whole.iter().map(|(name, tensor)| (name.clone(), tensor)))
            .map(|(name, tensor)| (format!("base_model.model.{name}"), tensor.clone()))
            .collect();
        write_weights(&place.join("adapter_model.safetensors"), &named)?;
        let adapted: Vec<&str> = low_rank.iter().map(|one| one.name.as_str()).collect();
        let whole: Vec<&str> = whole.iter().filter_map(|(name, _)| name.strip_suffix(".weight")).collect();
        let config = json!({
            "peft_type": "LORA",
            "task_type": "SEQ_CLS",
            "base_model_name_or_path": self.base,
            "revision": self.revision,
            "r": self.rank,
            "lora_alpha": self.alpha,
            "lora_dropout": 0.0,
            "bias": "none",
            "fan_in_fan_out": false,
            "inference_mode": true,
            "target_modules": adapted,
            "modules_to_save": whole,
        });
        write_file(&place.join("adapter_config.json"), format!("{config:#}\n").as_bytes())
    }
}
