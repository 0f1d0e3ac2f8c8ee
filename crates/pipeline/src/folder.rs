//! The files of a model folder.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use assort_models::ModelConfig;
use assort_text::TokenizerKind;

/// The places of a model's files in its folder.
#[derive(Clone, Debug)]
pub struct ModelFolder(PathBuf);

impl ModelFolder {
    /// Every file and folder that a model folder may hold.
    pub const ENTRIES: [&'static str; 17] = [
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
        "auto.json",
        "auto.html",
        "pictures",
        "state.safetensors",
        "epochs",
    ];

    /// Those of them that are folders.
    pub(crate) const FOLDERS: [&'static str; 3] = ["pictures", "epochs", "adapter"];

    pub(crate) fn is_folder(name: &OsStr) -> bool {
        Self::FOLDERS.iter().any(|folder| name == *folder)
    }

    /// Whether an entry of this name is of a model's making: in the folder itself, where `place` is empty, or
    /// in one of its folders.
    pub(crate) fn holds(place: &Path, name: &OsStr) -> bool {
        let (stem, ending) = (Path::new(name).file_stem(), Path::new(name).extension());
        let is_one =
            |part: Option<&OsStr>, known: &[&str]| known.iter().any(|one| part == Some(OsStr::new(one)));
        match place.to_str() {
            Some("") => is_one(Some(name), &Self::ENTRIES),
            Some("pictures") => {
                is_one(
                    stem,
                    &[
                        "accuracy",
                        "co-occurrence",
                        "confusion",
                        "coverage",
                        "labels",
                        "lift",
                        "loss",
                        "penalty",
                        "precision-recall",
                        "reliability",
                        "roc",
                        "threshold",
                    ],
                ) && is_one(ending, &["png", "svg"])
            }
            Some("adapter") => is_one(Some(name), &["adapter_config.json", "adapter_model.safetensors"]),
            _ => {
                let number = stem.and_then(OsStr::to_str).is_some_and(|stem| stem.parse::<u32>().is_ok());
                number && is_one(ending, &["safetensors"])
            }
        }
    }

    /// Whether a path names a file of the model in the folder that it lies in.
    pub fn owns(path: &Path) -> bool {
        let Some((folder, name)) = path.parent().zip(path.file_name()) else { return false };
        let outer = folder.parent().zip(folder.file_name());
        Self::is_one(folder) && Self::holds(Path::new(""), name)
            || outer.is_some_and(|(outer, place)| {
                Self::is_one(outer) && Self::is_folder(place) && Self::holds(Path::new(place), name)
            })
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

    /// The file that the model answers by: its weights or its rules.
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

    /// The vocabulary of a tokenizer of this kind: words or sub-words.
    pub fn tokenizer(&self, kind: TokenizerKind) -> PathBuf {
        if kind.is_subwords() { self.0.join("tokenizer.json") } else { self.words() }
    }

    /// The vocabulary of words.
    pub fn words(&self) -> PathBuf {
        self.0.join("vocab.txt")
    }

    /// The sizes and labels of a network that Hugging Face's programs know.
    pub fn network(&self) -> PathBuf {
        self.0.join("config.json")
    }

    /// The settings of its tokenizer for these programs.
    pub fn tokenizer_settings(&self) -> PathBuf {
        self.0.join("tokenizer_config.json")
    }

    /// The matrices of a low-rank adaptation.
    pub fn adapter(&self) -> PathBuf {
        self.0.join("adapter")
    }

    /// The figures, for programs.
    pub fn metrics(&self) -> PathBuf {
        self.0.join("metrics.json")
    }

    /// Everything that a search for the best model has tried, for programs.
    pub fn search(&self) -> PathBuf {
        self.0.join("auto.json")
    }

    /// Everything that a search for the best model has tried, for people.
    pub fn search_page(&self) -> PathBuf {
        self.0.join("auto.html")
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

    /// The weights after an epoch, counted from 1, or the training state after it, where every epoch's are
    /// kept.
    pub fn epoch(&self, epoch: usize) -> PathBuf {
        self.epochs().join(format!("{epoch:03}.safetensors"))
    }

    /// The folder of the epochs' files.
    pub(crate) fn epochs(&self) -> PathBuf {
        self.0.join("epochs")
    }
}
