//! Published checkpoints as local folders, published vectors as local files.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use assort_experiment::{Fetched, Files};
use assort_pipeline::PretrainedRecord;
use assort_settings::Checked;

/// A checkpoint's folder and where it came from.
pub struct Found {
    /// The folder.
    pub folder: PathBuf,
    /// Its own name, or its name on the hub with the commit.
    pub record: PretrainedRecord,
}

/// Brings the checkpoint and the vectors that the settings name to local files, unless they are there
/// already, and says where they lie.
pub fn fetch(config: &Checked, files: &mut Files) -> Result<()> {
    let vectors = config.embedding.as_ref().and_then(|embedding| embedding.vectors.as_deref());
    if let Some(vectors) = vectors {
        files.vectors = vectors_on_hub(vectors)?;
    }
    let checkpoint = config.pretrained.as_ref().and_then(|wanted| wanted.pretrained.as_deref());
    if let Some(name) = checkpoint
        && let Found { folder, record: PretrainedRecord { revision: Some(commit), .. } } = find(name)?
    {
        files.checkpoint = Some(Fetched { folder, commit });
    }
    Ok(())
}

/// The checkpoint of a folder, or of a name on the hub.
pub fn find(name: &str) -> Result<Found> {
    if !Path::new(name).exists() {
        return hub::find(name);
    }
    let folder = PathBuf::from(name);
    let whole = folder.canonicalize().unwrap_or_else(|_| folder.clone());
    let own = whole.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Found { folder, record: PretrainedRecord { name: own, ..PretrainedRecord::default() } })
}

/// Endings of files that can hold vectors as text.
const TEXTS: [&str; 3] = [".txt", ".vec", ".gz"];

/// The local copy of vectors that are named as `OWNER/NAME:FILE`; `None` for what lies here.
pub fn vectors_on_hub(source: &Path) -> Result<Option<PathBuf>> {
    let Some(name) = source.to_str().filter(|_| !source.exists()) else { return Ok(None) };
    let is_text = TEXTS.iter().any(|end| name.ends_with(end));
    match name.contains(':') {
        true if is_text => hub::file(name).map(Some),
        false if is_text => Ok(None),
        _ => bail!(
            "{name}: there is no such file; vectors are read from text that ends in .txt, .vec or .gz: name \
             a local file, or one on the hub as OWNER/NAME:FILE"
        ),
    }
}

#[cfg(not(feature = "hub"))]
mod hub {
    /// There is no hub in this program.
    pub fn find(name: &str) -> anyhow::Result<super::Found> {
        anyhow::bail!(
            "{name}: there is no such folder, and this assort was built without the hub (feature `hub`)"
        )
    }

    /// As above.
    pub fn file(name: &str) -> anyhow::Result<std::path::PathBuf> {
        anyhow::bail!(
            "{name}: there is no such file, and this assort was built without the hub (feature `hub`)"
        )
    }
}

#[cfg(feature = "hub")]
mod hub;
