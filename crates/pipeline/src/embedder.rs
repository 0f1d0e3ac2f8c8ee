//! Vectors of texts and of their tokens.

use std::ops::Range;
use std::path::Path;

use assort_classifier::{Embedded, Mode};
use assort_models::encoder::{ClassifierWeights, Encoder};
use assort_random::Seed;
use assort_tensor::Ragged;
use assort_text::{TextConfig, TokenId, Tokenizer, TokenizerKind};
use candle_core::{Device, Tensor};
use serde::Serialize;

use crate::{Checkpoint, Error, Result};

/// A token of a text with its two vectors, D numbers each.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TokenVectors {
    /// The sub-word.
    pub token: String,
    /// Its bytes in the text; an empty range for a special token.
    pub range: Range<usize>,
    /// The row of the embedding table: the same wherever the token stands.
    #[serde(rename = "static")]
    pub fixed: Vec<f32>,
    /// The last hidden state, which depends on the whole text.
    pub contextual: Vec<f32>,
}

/// A text's vectors.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TextVectors {
    /// Each token, special ones included.
    pub tokens: Vec<TokenVectors>,
    /// The mean of all contextual vectors.
    pub mean: Vec<f32>,
    /// The contextual vector of the first token, `[CLS]`.
    pub cls: Vec<f32>,
}

/// An encoder that gives vectors in place of labels.
pub struct Embedder {
    tokenizer: Tokenizer,
    model: Encoder,
}

impl Embedder {
    /// Loads a published checkpoint, or a model folder that was made of one. Its head, if it has one, is not
    /// used.
    ///
    /// # Errors
    /// If it is neither, or its parts do not fit together.
    pub fn load(folder: &Path, device: &Device) -> Result<Self> {
        let checkpoint = Checkpoint::open(folder)?;
        let fail = |reason: String| Error::Checkpoint { folder: folder.into(), reason };
        let architecture = checkpoint.architecture()?;
        let (positions, embeddings) = architecture.sizes();
        let config = TextConfig {
            tokenizer: TokenizerKind::Pretrained,
            longest: Some(positions),
            ..TextConfig::default()
        };
        let tokenizer = Tokenizer::load(folder, config)?;
        let tokens = tokenizer.vocab().len();
        if tokens > embeddings {
            return Err(fail(format!(
                "its tokenizer has {tokens} tokens, but there are {embeddings} word embeddings: copy \
                 the tokenizer that belongs to it"
            )));
        }
        let (tensors, _) = checkpoint.tensors(&architecture)?;
        let fresh = ClassifierWeights::FreshIfOther;
        let loaded = architecture.from_checkpoint(2, &tensors, fresh, Seed::new(0), device);
        Ok(Self { tokenizer, model: loaded.map_err(|e| fail(e.to_string()))?.model })
    }

    /// The vectors of a text. Of a text with more tokens than the model has positions, the first are read.
    ///
    /// # Errors
    /// If the device fails.
    pub fn embed(&self, text: &str) -> Result<TextVectors> {
        let encoding = self.tokenizer.encode(text)?;
        let row = Ragged::from_rows([&encoding.ids]);
        let fixed = rows(&self.model.embed(&row, Mode::Eval)?)?;
        let contextual = rows(&self.model.states(&row, self.model.layers(), Mode::Eval)?)?;
        let mut mean = vec![0f64; contextual.first().map_or(0, Vec::len)];
        for vector in &contextual {
            mean.iter_mut().zip(vector).for_each(|(sum, value)| *sum += f64::from(*value));
        }
        let count = contextual.len().max(1) as f64;
        let cls = contextual.first().cloned().unwrap_or_default();
        let vocab = self.tokenizer.vocab();
        let tokens = encoding.ids.iter().zip(&encoding.offsets).zip(fixed.into_iter().zip(contextual));
        let tokens = tokens.map(|((id, (start, end)), (fixed, contextual))| TokenVectors {
            token: vocab.token(TokenId(*id)).unwrap_or_default().to_owned(),
            range: *start..*end,
            fixed,
            contextual,
        });
        let mean = mean.into_iter().map(|sum| (sum / count) as f32).collect();
        Ok(TextVectors { tokens: tokens.collect(), mean, cls })
    }
}

fn rows(tensor: &Tensor) -> Result<Vec<Vec<f32>>> {
    Ok(tensor.to_vec2().map_err(assort_tensor::Error::from)?)
}
