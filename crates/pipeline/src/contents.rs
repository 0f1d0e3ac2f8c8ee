//! Content of the files of a model folder.

use std::collections::HashMap;
use std::fs;

use assort_models::rules::Rules;
use assort_models::{Model, ModelConfig};
use candle_core::{Device, Tensor};

use crate::integrity::{self, Integrity};
use crate::weights::{read_weights, write_weights};
use crate::{Error, Featurizer, Manifest, ModelFolder, Result, hugging_face, write_file};

impl ModelFolder {
    /// Writes manifest, features and weights or rules, each whole or not at all.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn write(&self, manifest: &Manifest, featurizer: &Featurizer, model: &Model) -> Result<()> {
        featurizer.save(self)?;
        match model {
            Model::Rules(rules) => write_file(&self.rules(), rules.source().as_bytes())?,
            model => write_weights(&self.weights(), &model.tensors()?)?,
        }
        if let (Some(config), Featurizer::Tokens(tokenizer, _)) =
            (manifest.architecture.published_config(), featurizer)
        {
            hugging_face::write(self, &config, tokenizer.config(), tokenizer.vocab())?;
        }
        let path = self.manifest();
        let mut manifest = manifest.clone();
        manifest.files = integrity::digests(self)?;
        let json = manifest.to_json();
        let json = json.map_err(|e| Error::File { path: path.clone(), reason: e.to_string() })?;
        write_file(&path, json.as_bytes())
    }

    /// Reads manifest, features and weights or rules, and checks that they fit together. If the folder is
    /// replaced in the meantime, all of it is read anew.
    ///
    /// # Errors
    /// If there is no model, or one of another format, a file is not the one that was written, a parameter is
    /// missing or of another shape, or the rules are broken.
    pub fn read(&self, integrity: Integrity, device: &Device) -> Result<(Manifest, Featurizer, Model)> {
        if !Self::is_one(self.path()) {
            return Err(Error::NoModel(self.path().into()));
        }
        loop {
            let manifest = self.read_manifest()?;
            let read = self.read_parts(manifest.clone(), integrity, device);
            if self.read_manifest()? == manifest {
                return read;
            }
        }
    }

    fn read_parts(
        &self,
        manifest: Manifest,
        integrity: Integrity,
        device: &Device,
    ) -> Result<(Manifest, Featurizer, Model)> {
        integrity::check(self, &manifest, integrity)?;
        let featurizer = Featurizer::load(self, &manifest.features, manifest.shape.vocabulary)?;
        if let ModelConfig::Rules(_) = manifest.architecture {
            let path = self.rules();
            let text = fs::read_to_string(&path).map_err(|e| Error::io(&path, e))?;
            let rules = Rules::parse(&text, &path, &manifest.labels)?;
            return Ok((manifest, featurizer, Model::Rules(rules)));
        }
        let model = manifest.architecture.load(manifest.shape, &self.read_weights()?, device);
        let model = model.map_err(|e| Error::Weights { path: self.weights(), source: Box::new(e) })?;
        Ok((manifest, featurizer, model))
    }

    /// Reads the manifest alone.
    ///
    /// # Errors
    /// If it is torn or of another format.
    pub fn read_manifest(&self) -> Result<Manifest> {
        integrity::check_plain(self)?;
        let path = self.manifest();
        let text = fs::read_to_string(&path).map_err(|e| Error::io(&path, e))?;
        Manifest::from_json(&text, &path)
    }

    pub(crate) fn read_weights(&self) -> Result<HashMap<String, Tensor>> {
        read_weights(&self.weights())
    }

    /// Writes the weights after an epoch.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn write_epoch(&self, epoch: usize, tensors: &[(String, Tensor)]) -> Result<()> {
        let path = self.epoch_weights(epoch);
        let folder = self.path().join("epochs");
        fs::create_dir_all(&folder).map_err(|e| Error::io(&folder, e))?;
        write_weights(&path, tensors)
    }
}
