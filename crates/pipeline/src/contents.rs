//! Content of the files of a model folder.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;

use assort_models::rules::Rules;
use assort_models::{Model, ModelConfig};
use candle_core::{Device, Tensor};

use crate::integrity::{self, Integrity};
use crate::weights::{WeightsFile, write_weights};
use crate::{Error, Featurizer, Manifest, ModelFolder, Result, eight_bit, hugging_face, write_file};

/// The tables that a shrunk model has in 8 bits.
const TABLES: [&str; 2] = ["embedding.weight", "coefficients"];

impl ModelFolder {
    /// Writes manifest, features and weights or rules, each whole or not at all.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn write(&self, manifest: &Manifest, featurizer: &Featurizer, model: &Model) -> Result<()> {
        featurizer.save(self)?;
        match model {
            Model::Rules(rules) => write_file(&self.rules(), rules.source().as_bytes())?,
            model if manifest.shrunk.is_some() => {
                let tensors = eight_bit::encode(model.tensors()?, &TABLES);
                write_weights(&self.weights(), &tensors.map_err(assort_tensor::Error::from)?)?;
            }
            model => write_weights(&self.weights(), &model.tensors()?)?,
        }
        if let (Some(published), Featurizer::Tokens(tokenizer, _)) =
            (manifest.architecture.published(), featurizer)
        {
            let path = self.network();
            let config = published.json().map_err(|e| Error::File { path, reason: e.to_string() })?;
            hugging_face::write(self, &config, tokenizer.config(), tokenizer.vocab())?;
        }
        let path = self.manifest();
        let mut manifest = manifest.clone();
        manifest.files = integrity::digests(self)?;
        let json = manifest.to_json();
        let json = json.map_err(|e| Error::File { path: path.clone(), reason: e.to_string() })?;
        write_file(&path, json.as_bytes())
    }

    /// Changes what is written in the manifest of a model that is there: its calibration or its decision.
    ///
    /// # Errors
    /// If there is no model, or the folder cannot be written.
    pub fn change(&self, change: impl FnOnce(&mut Manifest)) -> Result<()> {
        let path = self.manifest();
        let mut manifest = self.read_manifest()?;
        change(&mut manifest);
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
        let unfit = |source| Error::Weights { path: self.weights(), source: Box::new(source) };
        let weights = match manifest.architecture {
            ModelConfig::Rules(_) => None,
            _ => Some(WeightsFile::open(&self.weights())?),
        };
        // Nothing is made of sizes that the weights do not have.
        if let Some(weights) = &weights {
            manifest.architecture.compare(manifest.shape, &weights.shapes()).map_err(unfit)?;
        }
        let featurizer = Featurizer::load(self, &manifest.features, manifest.shape.vocabulary)?;
        let model = match weights {
            Some(weights) => {
                manifest.architecture.load(manifest.shape, &weights.tensors()?, device).map_err(unfit)?
            }
            None => {
                let path = self.rules();
                let text = assort_files::read_plain_text(&path).map_err(|e| Error::io(&path, e))?;
                Model::Rules(Rules::parse(&text, &path, &manifest.labels, manifest.task)?)
            }
        };
        Ok((manifest, featurizer, model))
    }

    /// Reads the manifest alone.
    ///
    /// # Errors
    /// If it is torn or of another format.
    pub fn read_manifest(&self) -> Result<Manifest> {
        integrity::check_plain(self)?;
        let path = self.manifest();
        let text = assort_files::read_plain_text(&path).map_err(|e| Error::io(&path, e))?;
        Manifest::from_json(&text, &path)
    }

    /// Writes the weights after an epoch.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn write_epoch(&self, epoch: usize, tensors: &[(String, Tensor)]) -> Result<()> {
        write_weights(&self.make_epoch(epoch)?, tensors)
    }

    /// [`ModelFolder::epoch`], with the folder that it lies in.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn make_epoch(&self, epoch: usize) -> Result<PathBuf> {
        let folder = self.epochs();
        fs::create_dir_all(&folder).map_err(|e| Error::io(&folder, e))?;
        Ok(self.epoch(epoch))
    }

    /// Removes the files of later epochs than this one: a run that goes on from it makes its own.
    ///
    /// # Errors
    /// If one cannot be removed.
    pub fn remove_epochs_after(&self, epoch: usize) -> Result<()> {
        for entry in fs::read_dir(self.epochs()).into_iter().flatten().flatten() {
            let path = entry.path();
            let number = path.file_stem().and_then(OsStr::to_str).and_then(|stem| stem.parse::<usize>().ok());
            if number.is_some_and(|number| number > epoch) {
                fs::remove_file(&path).map_err(|e| Error::io(&path, e))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DataRecord, FeatureConfig};
    use assort_models::{BagConfig, Initial, Shape};
    use assort_random::Seed;
    use assort_text::TextConfig;
    use std::path::Path;

    /// A folder with a small model, and its manifest.
    fn written(place: &Path) -> (ModelFolder, String) {
        let features = FeatureConfig::Tokens { text: TextConfig::default(), hasher: None };
        let (featurizer, _) = Featurizer::fit(&["ripe pear", "raw leek"], &features).unwrap();
        let shape = Shape { vocabulary: featurizer.width(), classes: 2 };
        let config = ModelConfig::Bag(BagConfig { embedding: 4, ..BagConfig::default() });
        let network = config.network(shape, Initial::Drawn(Seed::new(5)), &Device::Cpu).unwrap();
        let (digest, text_column, label_column) = Default::default();
        let data = DataRecord { digest, rows: 2, text_column, label_column, ..DataRecord::default() };
        let labels = ["fruit", "vegetable"].map(String::from).to_vec();
        let manifest = Manifest::new(config, shape, labels, features, 0, data);
        let folder = ModelFolder::at(place);
        folder.write(&manifest, &featurizer, &Model::Network(network)).unwrap();
        let json = fs::read_to_string(folder.manifest()).unwrap();
        (folder, json)
    }

    fn refused(folder: &ModelFolder) -> String {
        folder.read(Integrity::Unchecked, &Device::Cpu).err().unwrap().to_string()
    }

    #[test]
    fn sizes_are_compared_before_tensors_are_read() {
        let place = tempfile::tempdir().unwrap();
        let (folder, json) = written(place.path());
        folder.read(Integrity::Checked, &Device::Cpu).unwrap();
        fs::write(folder.manifest(), json.replace("\"embedding\": 4", "\"embedding\": 100000000000"))
            .unwrap();
        let error = refused(&folder);
        for word in
            ["model.safetensors: ", "embedding.weight has the shape [6, 4]", "by the setting embedding:"]
        {
            assert!(error.contains(word), "{word}: {error}");
        }
        // Weights that no memory could hold: their header is enough.
        let header = br#"{"embedding.weight":
            {"dtype":"F32","shape":[6,1099511627776],"data_offsets":[0,26388279066624]}}"#;
        let file = fs::File::create(folder.weights()).unwrap();
        std::io::Write::write_all(&mut &file, &(header.len() as u64).to_le_bytes()).unwrap();
        std::io::Write::write_all(&mut &file, header).unwrap();
        // Some file systems do not let a file be so long.
        if file.set_len(8 + header.len() as u64 + 26_388_279_066_624).is_ok() {
            fs::write(folder.manifest(), &json).unwrap();
            let error = refused(&folder);
            assert!(error.contains("has the shape [6, 1099511627776], expected [6, 4]"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_without_end_is_no_file_of_a_model() {
        let place = tempfile::tempdir().unwrap();
        let (folder, _) = written(place.path());
        fs::remove_file(place.path().join("vocab.txt")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", place.path().join("vocab.txt")).unwrap();
        assert!(refused(&folder).contains("vocab.txt: is no plain file"), "{}", refused(&folder));
    }
}
