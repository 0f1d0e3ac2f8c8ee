//! The head that guesses masked tokens (Devlin and others 2018, 3.1), as Hugging Face's `…ForMaskedLM`.
//!
//! ```text
//! logits = norm(activation(x · Wᵀ + b)) · Eᵀ + c        (M, V), x the last hidden states of M tokens,
//!                                                       E the word embeddings
//! ```

use std::collections::HashMap;

use assort_classifier::{Error, Mode, Result};
use assort_kernels::{Norm, gelu, layer_norm, linear, relu};
use assort_random::Seed;
use assort_tensor::{Ragged, Tracking};
use candle_core::{DType, Device, Tensor};

use super::checkpoint::modern;
use super::{Activation, ClassifierWeights, Encoder, EncoderConfig, Head};
use crate::layers::op;

/// An encoder that guesses tokens. It is not trained here.
pub struct MaskedLanguageModel {
    encoder: Encoder,
    dense: [Tensor; 2],
    norm: [Tensor; 2],
    decoder: [Tensor; 2],
}

impl MaskedLanguageModel {
    /// A model with the tensors of a checkpoint. The last product's matrix is the table of word embeddings,
    /// unless the checkpoint has one of its own.
    ///
    /// # Errors
    /// As [`Encoder::from_checkpoint`]; names the first tensor of the head that is missing.
    pub fn from_checkpoint(
        config: &impl EncoderConfig,
        tensors: &HashMap<String, Tensor>,
        device: &Device,
    ) -> Result<Self> {
        let fresh = ClassifierWeights::FreshIfOther;
        let encoder = Encoder::from_checkpoint(config, 2, tensors, fresh, Seed::new(0), device)?.model;
        let named: HashMap<String, &Tensor> =
            tensors.iter().map(|(name, tensor)| (modern(name), tensor)).collect();
        let get = |name: String, expected: Vec<usize>| -> Result<Tensor> {
            let Some(tensor) = named.get(&name) else {
                return Err(assort_tensor::Error::MissingParameter { name, expected }.into());
            };
            let tensor = tensor.to_device(device)?.to_dtype(DType::F32)?;
            if tensor.dims() != expected {
                let found = tensor.dims().to_vec();
                let name = format!("the parameter {name}");
                return Err(assort_tensor::Error::Shape { name, expected, found }.into());
            }
            Ok(tensor)
        };
        let (width, vocabulary) = (encoder.plan.width, encoder.plan.vocabulary);
        let [dense, norm, own, bias] = match encoder.plan.head {
            Head::Rectified(_) => {
                ["vocab_transform", "vocab_layer_norm", "vocab_projector.weight", "vocab_projector.bias"]
            }
            Head::Pooled(_) => [
                "cls.predictions.transform.dense",
                "cls.predictions.transform.LayerNorm",
                "cls.predictions.decoder.weight",
                "cls.predictions.bias",
            ],
            Head::States(_) => return Err(Error::Op("an encoder without a head guesses no tokens".into())),
        };
        let words = match named.contains_key(own) {
            true => get(own.into(), vec![vocabulary, width])?,
            false => encoder.parameters.value(&encoder.plan.names.word, Tracking::Detached)?,
        };
        let part = |name: &str, part: &str, shape: &[usize]| get(format!("{name}.{part}"), shape.to_vec());
        Ok(Self {
            dense: [part(dense, "weight", &[width, width])?, part(dense, "bias", &[width])?],
            norm: [part(norm, "weight", &[width])?, part(norm, "bias", &[width])?],
            decoder: [words, get(bias.into(), vec![vocabulary])?],
            encoder,
        })
    }

    /// The logits (M, V) of the tokens at these M places of the batch, whose rows lie end to end.
    ///
    /// # Errors
    /// If an id has no embedding, a row is longer than the model has positions, or a place is outside.
    pub fn forward(&self, inputs: &Ragged, places: &[u32]) -> Result<Tensor> {
        let states = self.encoder.states(inputs, self.encoder.layers(), Mode::Eval)?;
        let places = Tensor::from_vec(places.to_vec(), places.len(), states.device())?;
        let x = op(linear(&states.index_select(&places, 0)?, &self.dense[0], Some(&self.dense[1])))?;
        let x = op(match self.encoder.plan.activation {
            Activation::Gelu => gelu(&x),
            Activation::Relu => relu(&x),
        })?;
        let norm = Norm { weight: &self.norm[0], bias: &self.norm[1], epsilon: self.encoder.plan.epsilon };
        op(linear(&op(layer_norm(&x, &norm))?, &self.decoder[0], Some(&self.decoder[1])))
    }
}
