//! How a word embedding begins.

use std::path::PathBuf;

use assort_vectors::FirstVectors;
use serde::{Deserialize, Serialize};

/// How a word embedding begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EmbeddingConfig {
    /// A file of pretrained word vectors (GloVe, word2vec or fastText, text or binary), or its name on the
    /// hub.
    pub vectors: Option<PathBuf>,
    /// The first vector of a word that the file lacks.
    pub vectors_missing: FirstVectors,
    /// Number of first epochs in which the embedding stays as it is.
    pub freeze_embedding_epochs: usize,
}

impl Default for EmbeddingConfig {
    fn default() -> Self {
        Self { vectors: None, vectors_missing: FirstVectors::UnitNormal, freeze_embedding_epochs: 0 }
    }
}
