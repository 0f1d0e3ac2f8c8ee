//! A model as it was loaded.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use assort_files::sha256;
use assort_pipeline::{Integrity, Pipeline};
use candle_core::Device;

use crate::failure::Failure;

/// A model that is loaded. Each request keeps the one that it began with.
pub struct Model {
    /// The name that clients know.
    pub name: String,
    /// Texts in, predictions out.
    pub pipeline: Pipeline,
    /// SHA-256 of its manifest, which has those of its files: the same for the same model.
    pub digest: String,
    /// 1 for the first that was loaded, 1 more for each that took its place.
    pub generation: u64,
}

impl Model {
    /// Loads the model of a folder.
    ///
    /// # Errors
    /// As [`Pipeline::open`].
    pub fn load(
        name: &str,
        folder: &Path,
        (integrity, device): (Integrity, &Device),
        generation: u64,
    ) -> assort_pipeline::Result<Self> {
        let pipeline = Pipeline::open(folder, integrity, device)?;
        let manifest = pipeline.manifest().to_json().unwrap_or_default();
        Ok(Self { name: name.to_owned(), pipeline, digest: sha256(manifest.as_bytes()), generation })
    }
}

/// The place of a model that may be replaced at any time.
#[derive(Default)]
pub struct Current(RwLock<Option<Arc<Model>>>);

impl Current {
    /// The model, if one is loaded.
    pub fn get(&self) -> Option<Arc<Model>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The model for a request.
    ///
    /// # Errors
    /// If none is loaded yet.
    pub fn ready(&self) -> Result<Arc<Model>, Failure> {
        self.get().ok_or_else(|| Failure::unavailable("the model is still being loaded"))
    }

    /// Puts a model in its place. The old one lives on with the requests that have it.
    pub fn put(&self, model: Model) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(model));
    }
}
