//! Published checkpoints: folders in Hugging Face's form.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use assort_files::read_plain;
use assort_models::Published;
use candle_core::Tensor;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::weights::{WeightsFile, digest};
use crate::{Error, Result};

/// Where pretrained weights came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PretrainedRecord {
    /// Its folder's name, or its name on the hub.
    pub name: String,
    /// The commit, if it came from the hub.
    pub revision: Option<String>,
    /// SHA-256 of each file with weights.
    pub files: BTreeMap<String, String>,
}

/// A folder with `config.json`, weights in safetensors, in one file or in several, and a tokenizer.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    folder: PathBuf,
    config: Value,
    weights: Vec<String>,
}

const CONFIG: &str = "config.json";
const WEIGHTS: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";
/// Weights that only Python can read, and that may hold programs.
const PICKLED: &str = "pytorch_model.bin";

/// Which file has which tensor.
#[derive(Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

impl Checkpoint {
    /// Reads the configuration and looks which files there are.
    ///
    /// # Errors
    /// If the folder, its configuration or its weights are not there, or the configuration is torn.
    pub fn open(folder: &Path) -> Result<Self> {
        let fail = |reason: String| Error::Checkpoint { folder: folder.into(), reason };
        if !folder.is_dir() {
            return Err(fail("there is no such folder: check the path".into()));
        }
        let path = folder.join(CONFIG);
        if !path.is_file() {
            return Err(fail(format!(
                "it has no {CONFIG}, so it is no published checkpoint: check the path"
            )));
        }
        let text = read_plain(&path).map_err(|e| Error::io(&path, e))?;
        let config: Value = serde_json::from_slice(&text).map_err(|e| Error::File {
            path: path.clone(),
            reason: format!("not a whole configuration ({e}); copy it again"),
        })?;
        let weights = match (folder.join(WEIGHTS).is_file(), folder.join(INDEX).is_file()) {
            (true, _) => vec![WEIGHTS.to_owned()],
            (false, true) => shards(folder)?,
            (false, false) if folder.join(PICKLED).is_file() => {
                let why =
                    "only safetensors are read: save it again with save_pretrained of a newer transformers";
                return Err(fail(format!("it has its weights in {PICKLED} alone, and {why}")));
            }
            (false, false) => return Err(fail(format!("it has no weights: neither {WEIGHTS} nor {INDEX}"))),
        };
        Ok(Self { folder: folder.into(), config, weights })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The architecture that its configuration tells.
    ///
    /// # Errors
    /// If there is none of its kind, or a field asks for what there is not.
    pub fn architecture(&self) -> Result<Published> {
        Published::parse(&self.config)
            .map_err(|e| Error::Checkpoint { folder: self.folder.clone(), reason: e.to_string() })
    }

    /// Content of `config.json`.
    pub fn config(&self) -> &Value {
        &self.config
    }

    /// All tensors by name, in the number types of the files, and the SHA-256 of each file. The sizes that
    /// the architecture declares are compared with the files' headers first.
    ///
    /// # Errors
    /// If a file cannot be read or is torn, or a size is another.
    pub fn tensors(
        &self,
        architecture: &Published,
    ) -> Result<(HashMap<String, Tensor>, BTreeMap<String, String>)> {
        let files = self.files()?;
        let shapes = files.iter().flat_map(WeightsFile::shapes).collect();
        let unfit = |e: assort_classifier::Error| Error::Checkpoint {
            folder: self.folder.clone(),
            reason: e.to_string(),
        };
        architecture.compare(&shapes).map_err(unfit)?;
        self.read(files)
    }

    fn files(&self) -> Result<Vec<WeightsFile>> {
        self.weights.iter().map(|name| WeightsFile::open(&self.folder.join(name))).collect()
    }

    fn read(&self, files: Vec<WeightsFile>) -> Result<(HashMap<String, Tensor>, BTreeMap<String, String>)> {
        let (mut tensors, mut digests) = (HashMap::new(), BTreeMap::new());
        for (name, file) in self.weights.iter().zip(files) {
            tensors.extend(file.tensors()?);
            digests.insert(name.clone(), digest(&self.folder.join(name))?);
        }
        Ok((tensors, digests))
    }
}

/// The files that the index names, all of which must lie beside it.
fn shards(folder: &Path) -> Result<Vec<String>> {
    let path = folder.join(INDEX);
    let fail = |reason: String| Error::File { path: path.clone(), reason };
    let text = read_plain(&path).map_err(|e| Error::io(&path, e))?;
    let index: Index = serde_json::from_slice(&text)
        .map_err(|e| fail(format!("not a whole index of weights ({e}); copy it again")))?;
    let names: BTreeSet<String> = index.weight_map.into_values().collect();
    if names.is_empty() {
        return Err(fail("it names no file".into()));
    }
    for name in &names {
        if Path::new(name).file_name().is_none_or(|last| last != name.as_str()) {
            return Err(fail(format!("it names {name}, which is not beside it")));
        }
        if !folder.join(name).is_file() {
            return Err(fail(format!("it names {name}, which is missing; copy or download it again")));
        }
    }
    Ok(names.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{DType, Device};
    use std::fs;

    fn file(folder: &Path, name: &str, bytes: &[u8]) {
        fs::write(folder.join(name), bytes).unwrap();
    }

    fn weights(name: &str, kind: DType) -> Vec<u8> {
        let tensor = Tensor::new(&[1f32, -2.5], &Device::Cpu).unwrap().to_dtype(kind).unwrap();
        ::safetensors::serialize([(name, tensor)], None).unwrap()
    }

    fn bert() -> Published {
        Published::Bert(Box::default())
    }

    #[track_caller]
    fn check(files: &[(&str, &[u8])], expect: &str) {
        let room = tempfile::tempdir().unwrap();
        files.iter().for_each(|(name, bytes)| file(room.path(), name, bytes));
        let found = Checkpoint::open(room.path()).and_then(|checkpoint| checkpoint.tensors(&bert()));
        let found = found.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(found.contains(expect), "{found}");
    }

    #[test]
    fn what_is_wrong_with_a_folder_is_said() {
        let config = ("config.json", &b"{}"[..]);
        let whole = weights("a", DType::F32);
        check(&[], "it has no config.json");
        check(&[config], "it has no weights: neither model.safetensors nor model.safetensors.index.json");
        check(&[config, ("pytorch_model.bin", b"")], "only safetensors are read");
        check(&[("config.json", b"{"), (WEIGHTS, &whole)], "config.json: not a whole configuration");
        check(
            &[config, (WEIGHTS, &whole[..whole.len() - 3])],
            "model.safetensors: not a whole safetensors file",
        );
        check(&[config, (INDEX, b"[]")], "not a whole index of weights");
        check(
            &[config, (INDEX, b"{\"weight_map\": {\"a\": \"x.safetensors\"}}")],
            "x.safetensors, which is missing",
        );
        check(&[config, (INDEX, b"{\"weight_map\": {\"a\": \"../x\"}}")], "../x, which is not beside it");
        let nowhere = Checkpoint::open(Path::new("nowhere")).unwrap_err().to_string();
        assert_eq!(nowhere, "nowhere: there is no such folder: check the path");
    }

    #[test]
    fn every_number_type_in_one_file_or_several() {
        let room = tempfile::tempdir().unwrap();
        file(room.path(), CONFIG, b"{\"model_type\": \"bert\"}");
        let kinds = [("a", DType::F32), ("b", DType::F16), ("c", DType::BF16)];
        for (name, kind) in kinds {
            file(room.path(), &format!("{name}.safetensors"), &weights(name, kind));
        }
        let index = r#"{"weight_map": {"a": "a.safetensors", "b": "b.safetensors", "c": "c.safetensors"}}"#;
        file(room.path(), INDEX, index.as_bytes());
        let checkpoint = Checkpoint::open(room.path()).unwrap();
        assert_eq!(checkpoint.config()["model_type"], "bert");
        let (tensors, digests) = checkpoint.read(checkpoint.files().unwrap()).unwrap();
        for (name, kind) in kinds {
            assert_eq!(tensors[name].dtype(), kind);
            let values = tensors[name].to_dtype(DType::F32).unwrap().to_vec1::<f32>().unwrap();
            assert_eq!(values, [1.0, -2.5]);
        }
        assert_eq!(digests.len(), 3);
        assert!(digests.values().all(|digest| digest.len() == 64));
    }
}
