//! Which files a checkpoint needs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// A checkpoint as a folder of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The folder.
    pub folder: PathBuf,
    /// The commit that it is a snapshot of.
    pub commit: String,
}

/// The network's sizes.
pub(crate) const CONFIG: &str = "config.json";
/// All weights in one file.
pub(crate) const WEIGHTS: &str = "model.safetensors";
/// Which file has which weight.
pub(crate) const INDEX: &str = "model.safetensors.index.json";
/// Either is enough.
pub(crate) const TOKENIZERS: [&str; 2] = ["tokenizer.json", "vocab.txt"];
/// Taken along where they are there.
pub(crate) const EXTRAS: [&str; 3] =
    ["tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"];

/// The index of a checkpoint in several files.
#[derive(Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

/// The files that an index names. `None` if it is no index, or names something outside its own folder.
pub(crate) fn shards(index: &Path) -> Option<BTreeSet<String>> {
    let index: Index = serde_json::from_slice(&assort_files::read_plain(index).ok()?).ok()?;
    let shards: BTreeSet<String> = index.weight_map.into_values().collect();
    let plain = |name: &String| name.ends_with(".safetensors") && !name.contains(['/', '\\']);
    (!shards.is_empty() && shards.iter().all(plain)).then_some(shards)
}

/// Whether a folder has all that a checkpoint needs.
pub(crate) fn is_complete(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).is_file();
    let weights = || {
        has(WEIGHTS)
            || shards(&folder.join(INDEX)).is_some_and(|shards| shards.iter().all(|shard| has(shard)))
    };
    has(CONFIG) && TOKENIZERS.iter().any(|name| has(name)) && weights()
}
