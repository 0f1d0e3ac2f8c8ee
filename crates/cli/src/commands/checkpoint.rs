//! Published checkpoints as local folders.

use std::path::{Path, PathBuf};

use anyhow::Result;
use assort_experiment::{Fetched, Settings};
use assort_pipeline::PretrainedRecord;

/// A checkpoint's folder and where it came from.
pub struct Found {
    /// The folder.
    pub folder: PathBuf,
    /// Its own name, or its name on the hub with the commit.
    pub record: PretrainedRecord,
}

/// Brings the checkpoint that the settings name to local files, unless it is a folder already.
pub fn fetch(settings: &mut Settings) -> Result<()> {
    let named = settings.iter().find(|setting| setting.key == "pretrained");
    let Some(name) = named.and_then(|setting| setting.value.as_str()).map(str::to_owned) else {
        return Ok(());
    };
    // Nothing is downloaded for settings that will not do.
    settings.resolve()?.check()?;
    if let Found { folder, record: PretrainedRecord { revision: Some(commit), .. } } = find(&name)? {
        settings.fetch(Fetched { folder, commit });
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

#[cfg(not(feature = "hub"))]
mod hub {
    /// There is no hub in this program.
    pub fn find(name: &str) -> anyhow::Result<super::Found> {
        anyhow::bail!(
            "{name}: there is no such folder, and this assort was built without the hub (feature `hub`)"
        )
    }
}

#[cfg(feature = "hub")]
#[path = "hub.rs"]
mod hub;
