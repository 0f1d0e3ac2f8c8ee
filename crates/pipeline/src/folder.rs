//! The files of a model folder.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use assort_models::rules::Rules;
use assort_models::{Model, ModelConfig};
use assort_text::TokenizerKind;
use candle_core::{Device, Tensor};

use crate::staging::file_error;
use crate::weights::{read_weights, write_weights};
use crate::{Error, Featurizer, Manifest, Result, hugging_face, write_file};

/// The places of a model's files in its folder.
#[derive(Clone, Debug)]
pub struct ModelFolder(PathBuf);

impl ModelFolder {
    /// Every file and folder that a model folder may hold.
    pub const ENTRIES: [&'static str; 15] = [
        "assort.json",
        "model.safetensors",
        "vocab.txt",
        "tokenizer.json",
        "config.json",
        "tokenizer_config.json",
        "adapter",
        "features.txt",
        "rules.toml",
        "metrics.json",
        "report.html",
        "README.md",
        "pictures",
        "state.safetensors",
        "epochs",
    ];

    /// Those of them that are folders.
    pub(crate) const FOLDERS: [&'static str; 3] = ["pictures", "epochs", "adapter"];

    /// Whether a file of this name, in one of these folders, is of a model's making.
    pub(crate) fn is_own(folder: &str, name: &OsStr) -> bool {
        let (stem, ending) = (Path::new(name).file_stem(), Path::new(name).extension());
        let is_one =
            |part: Option<&OsStr>, known: &[&str]| known.iter().any(|one| part == Some(OsStr::new(one)));
        match folder {
            "pictures" => {
                is_one(stem, &["accuracy", "confusion", "labels", "loss"]) && is_one(ending, &["png", "svg"])
            }
            "adapter" => is_one(Some(name), &["adapter_config.json", "adapter_model.safetensors"]),
            _ => {
                let number = stem.and_then(OsStr::to_str).is_some_and(|stem| stem.parse::<u32>().is_ok());
                number && is_one(ending, &["safetensors"])
            }
        }
    }

    /// The folder at this path, which need not be there yet.
    pub fn at(path: &Path) -> Self {
        Self(path.into())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Whether there is a model.
    pub fn is_one(path: &Path) -> bool {
        path.join("assort.json").is_file()
    }

    /// The manifest.
    pub fn manifest(&self) -> PathBuf {
        self.0.join("assort.json")
    }

    /// The weights, in safetensors.
    pub fn weights(&self) -> PathBuf {
        self.0.join("model.safetensors")
    }

    /// The rules of a model that has rules in place of weights.
    pub fn rules(&self) -> PathBuf {
        self.0.join("rules.toml")
    }

    /// What the model answers by: its weights or its rules.
    pub fn knowledge(&self, model: &ModelConfig) -> PathBuf {
        match model {
            ModelConfig::Rules(_) => self.rules(),
            _ => self.weights(),
        }
    }

    /// The features of a model that reads weighted n-grams.
    pub fn features(&self) -> PathBuf {
        self.0.join("features.txt")
    }

    /// What a tokenizer of this kind knows: the vocabulary of words, or the sub-words.
    pub fn tokenizer(&self, kind: TokenizerKind) -> PathBuf {
        self.0.join(if kind.is_subwords() { "tokenizer.json" } else { "vocab.txt" })
    }

    /// The sizes and labels of a network that Hugging Face's programs know.
    pub fn network(&self) -> PathBuf {
        self.0.join("config.json")
    }

    /// What these programs have to know of its tokenizer.
    pub fn tokenizer_settings(&self) -> PathBuf {
        self.0.join("tokenizer_config.json")
    }

    /// What a low-rank adaptation learned.
    pub fn adapter(&self) -> PathBuf {
        self.0.join("adapter")
    }

    /// The figures, for programs.
    pub fn metrics(&self) -> PathBuf {
        self.0.join("metrics.json")
    }

    /// The figures, for people.
    pub fn report(&self) -> PathBuf {
        self.0.join("report.html")
    }

    /// The model card.
    pub fn card(&self) -> PathBuf {
        self.0.join("README.md")
    }

    /// The report's pictures, as SVG and PNG.
    pub fn pictures(&self) -> PathBuf {
        self.0.join("pictures")
    }

    /// The state from which training goes on. Not needed to predict.
    pub fn state(&self) -> PathBuf {
        self.0.join("state.safetensors")
    }

    /// The weights after an epoch, counted from 1, where every epoch's are kept.
    pub fn epoch_weights(&self, epoch: usize) -> PathBuf {
        self.0.join("epochs").join(format!("{epoch:03}.safetensors"))
    }

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
        write_file(&self.manifest(), manifest.to_json().as_bytes())
    }

    /// Reads manifest, features and weights or rules, and checks that they fit together.
    ///
    /// # Errors
    /// If there is no model, or one of another format, a parameter is missing or of another shape, or the rules
    /// are broken.
    pub fn read(&self, device: &Device) -> Result<(Manifest, Featurizer, Model)> {
        if !Self::is_one(&self.0) {
            return Err(Error::NoModel(self.0.clone()));
        }
        let manifest = self.read_manifest()?;
        let featurizer = Featurizer::load(self, &manifest.features, manifest.shape.vocabulary)?;
        if let ModelConfig::Rules(_) = manifest.architecture {
            let path = self.rules();
            let text = fs::read_to_string(&path).map_err(|e| file_error(&path, &e))?;
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
        let path = self.manifest();
        let text = fs::read_to_string(&path).map_err(|e| file_error(&path, &e))?;
        Manifest::from_json(&text, &path)
    }

    pub(crate) fn read_weights(&self) -> Result<HashMap<String, Tensor>> {
        read_weights(&self.weights())
    }
}

impl ModelFolder {
    /// Writes the weights after an epoch.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn write_epoch(&self, epoch: usize, tensors: &[(String, Tensor)]) -> Result<()> {
        let path = self.epoch_weights(epoch);
        let folder = self.0.join("epochs");
        fs::create_dir_all(&folder).map_err(|e| file_error(&folder, &e))?;
        write_weights(&path, tensors)
    }
}
