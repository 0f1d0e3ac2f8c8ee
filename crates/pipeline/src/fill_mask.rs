//! Guesses for masked tokens.

use std::path::Path;

use assort_classifier::{Logits, Task};
use assort_models::encoder::MaskedLanguageModel;
use assort_tensor::Ragged;
use assort_text::{Special, TextConfig, TokenId, Tokenizer, TokenizerKind};
use candle_core::Device;

use crate::{Checkpoint, Error, Result};

/// A token that may stand in a masked place.
#[derive(Clone, Debug, PartialEq)]
pub struct Guess {
    /// The sub-word.
    pub token: String,
    /// Its probability, in [0, 1].
    pub probability: f64,
}

/// A masked language model with its tokenizer.
pub struct FillMask {
    tokenizer: Tokenizer,
    model: MaskedLanguageModel,
    positions: usize,
}

impl FillMask {
    /// Loads a published checkpoint that has the head of a masked language model.
    ///
    /// # Errors
    /// If the folder is no checkpoint, lacks the head, or its parts do not fit together.
    pub fn load(folder: &Path, device: &Device) -> Result<Self> {
        let checkpoint = Checkpoint::open(folder)?;
        let fail = |reason: String| Error::Checkpoint { folder: folder.into(), reason };
        let architecture = checkpoint.architecture()?;
        let (positions, _) = architecture.sizes();
        let config = TextConfig { tokenizer: TokenizerKind::Pretrained, ..TextConfig::default() };
        let tokenizer = Tokenizer::load(folder, config)?;
        let (tensors, _) = checkpoint.tensors(&architecture)?;
        let model = architecture.masked(&tensors, device).map_err(|e| fail(e.to_string()))?;
        Ok(Self { tokenizer, model, positions })
    }

    /// Name of the mask in a text, `[MASK]` mostly.
    ///
    /// # Errors
    /// If the tokenizer has none.
    pub fn mask(&self) -> Result<&str> {
        self.special(Special::Mask).map(|(_, token)| token)
    }

    /// The `top` likeliest tokens of each mask of a text, the likeliest first.
    ///
    /// # Errors
    /// If the text has no mask or more tokens than the model has positions, or the device fails.
    pub fn fill(&self, text: &str, top: usize) -> Result<Vec<Vec<Guess>>> {
        let (mask, name) = self.special(Special::Mask)?;
        // Names of special tokens are text like any other to the tokenizer, so the text is cut at the masks.
        let (mut ids, mut places) = (vec![self.special(Special::Cls)?.0], Vec::new());
        for (number, part) in text.split(name).enumerate() {
            if number > 0 {
                places.push(ids.len() as u32);
                ids.push(mask);
            }
            let encoding = self.tokenizer.encode(part)?;
            let own = encoding.ids.iter().zip(&encoding.offsets).filter(|(_, (start, end))| start < end);
            ids.extend(own.map(|(id, _)| *id));
        }
        ids.push(self.special(Special::Sep)?.0);
        if places.is_empty() {
            return Err(Error::Masks(format!(
                "the text has no {name}: write one where a token is to be guessed"
            )));
        }
        if ids.len() > self.positions {
            let (found, most) = (ids.len(), self.positions);
            return Err(Error::Masks(format!(
                "the text has {found} tokens, the model reads {most}: shorten it"
            )));
        }
        let logits = Logits::new(self.model.forward(&Ragged::from_rows([&ids]), &places)?)?;
        let vocab = self.tokenizer.vocab();
        let probabilities = logits.probabilities(Task::OneOf)?;
        let guesses = probabilities.rows().into_iter().map(|row| {
            let mut ranked: Vec<(u32, f64)> = (0..).zip(row.iter().copied()).collect();
            ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
            let guess = |(id, probability)| Guess {
                token: vocab.token(TokenId(id)).unwrap_or_default().to_owned(),
                probability,
            };
            ranked.into_iter().take(top).map(guess).collect()
        });
        Ok(guesses.collect())
    }

    fn special(&self, special: Special) -> Result<(u32, &str)> {
        let vocab = self.tokenizer.vocab();
        let found = vocab.special(special).and_then(|id| Some((id.0, vocab.token(id)?)));
        found.ok_or_else(|| Error::Masks(format!("the tokenizer has no special token {special:?}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixture(name: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/transformers").join(name)
    }

    #[test]
    fn guesses_are_those_of_transformers() {
        let golden: serde_json::Value =
            serde_json::from_slice(&std::fs::read(fixture("masked.json")).unwrap()).unwrap();
        for name in ["distilbert-masked", "bert-masked"] {
            let model = FillMask::load(&fixture(name), &Device::Cpu).unwrap();
            let found = model.fill(golden["text"].as_str().unwrap(), 3).unwrap();
            for (guesses, expect) in found.iter().zip(golden["masks"][name].as_array().unwrap()) {
                for (guess, expect) in guesses.iter().zip(expect.as_array().unwrap()) {
                    assert_eq!(guess.token, expect[0].as_str().unwrap());
                    assert!(
                        (guess.probability - expect[1].as_f64().unwrap()).abs() < 1e-4,
                        "{guess:?} {expect}"
                    );
                }
            }
            assert_eq!(found.len(), 2);
            assert!(model.fill("no mask", 3).unwrap_err().to_string().contains("has no [MASK]"));
            assert!(model.fill(&"[MASK] a ".repeat(9), 3).unwrap_err().to_string().contains("20 tokens"));
        }
        let error = FillMask::load(&fixture("encoder"), &Device::Cpu).err().unwrap().to_string();
        assert!(error.contains("cls.predictions.transform.dense.weight"), "{error}");
    }
}
