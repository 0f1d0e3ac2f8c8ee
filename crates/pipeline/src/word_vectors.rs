//! The word embedding of a trained model, as word vectors.

use assort_models::Model;
use assort_text::{Vocab, WordSet};
use assort_vectors::WordVectors;
use candle_core::{DType, Device};

use crate::{Error, Featurizer, Integrity, ModelFolder, Result};

impl ModelFolder {
    /// The words of the vocabulary with their embeddings, in the order of their ids, special tokens left out.
    ///
    /// # Errors
    /// If there is no model, or it has no word embedding.
    pub fn word_vectors(&self) -> Result<WordVectors> {
        let (manifest, featurizer, model) = self.read(Integrity::Checked, &Device::Cpu)?;
        let path = self.weights();
        let fail = |reason: String| Error::File { path: path.clone(), reason };
        let name = manifest.architecture.name();
        let none =
            || fail(format!("the model {name} has no word embedding: name another model or a vectors file"));
        let (Featurizer::Tokens(tokenizer, _), Model::Network(network)) = (featurizer, model) else {
            return Err(none());
        };
        let table = network.parameters().words().ok_or_else(none)?.var.as_detached_tensor();
        let tensor = |error: candle_core::Error| fail(error.to_string());
        let rows: Vec<Vec<f32>> =
            table.to_dtype(DType::F32).and_then(|table| table.to_vec2()).map_err(tensor)?;
        let (words, values) = known(tokenizer.vocab(), rows);
        WordVectors::new(words, values).map_err(|error| fail(error.to_string()))
    }
}

/// The words that are no special tokens, and their rows end to end.
fn known(vocab: &Vocab, rows: Vec<Vec<f32>>) -> (WordSet, Vec<f32>) {
    let is_special = |id: u32| vocab.specials().iter().any(|(_, special)| special.0 == id);
    let mut words = WordSet::default();
    let mut values = Vec::new();
    for ((id, (word, _)), row) in (0..).zip(vocab.iter()).zip(rows) {
        if !is_special(id) {
            words.insert(word);
            values.extend(row);
        }
    }
    (words, values)
}
