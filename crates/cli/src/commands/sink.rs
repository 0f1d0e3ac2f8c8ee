//! Files that commands write besides model folders.

use std::path::Path;

use anyhow::{Result, bail};
use assort_pipeline::ModelFolder;

use crate::exit::Midway;

/// Checks a place before the work is done. `input` is the file that is read, which nothing replaces.
pub fn check(path: &Path, overwrite: bool, input: Option<&Path>) -> Result<()> {
    if let (Ok(place), Some(Ok(input))) = (path.canonicalize(), input.map(Path::canonicalize))
        && place == input
    {
        bail!("{} is the file that is read: choose another place for what is written", path.display());
    }
    if path.is_dir() {
        bail!("{} is a folder: name a file", path.display());
    }
    if ModelFolder::owns(path) {
        bail!("{} belongs to the model in its folder: choose another place", path.display());
    }
    if !overwrite && path.symlink_metadata().is_ok() {
        bail!(
            "{} exists already: choose another name, or allow it to be replaced with --overwrite",
            path.display()
        );
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        bail!("{}: there is no folder {}: make it first", path.display(), folder.display());
    }
    // What cannot be removed harms nobody.
    let _ = assort_files::remove_leftovers(path);
    Ok(())
}

/// Writes a file beside its place and renames it into it.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    Ok(assort_pipeline::write_file(path, bytes).map_err(Midway::new)?)
}
