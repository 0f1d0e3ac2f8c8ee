//! Whether the files of a folder are those that were written.

use std::collections::BTreeMap;
use std::io;

use crate::weights::digest;
use crate::{Error, Manifest, ModelFolder, Result};

/// The choice whether a folder's files are compared with their digests when a model is loaded.
///
/// It costs the time to read them once more and SHA-256 of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Integrity {
    /// They are: a changed byte, or a file of another folder, is an error.
    #[default]
    Checked,
    /// They are not.
    Unchecked,
}

/// The files that predict; each model has some of them.
pub const PREDICTING: [&str; 5] =
    ["model.safetensors", "vocab.txt", "tokenizer.json", "features.txt", "rules.toml"];

/// The digests of the files that predict.
pub fn digests(folder: &ModelFolder) -> Result<BTreeMap<String, String>> {
    let present = PREDICTING.iter().filter(|name| folder.path().join(name).is_file());
    present.map(|name| Ok(((*name).to_owned(), digest(&folder.path().join(name))?))).collect()
}

/// Refuses files that are not those of the manifest.
pub fn check(folder: &ModelFolder, manifest: &Manifest, integrity: Integrity) -> Result<()> {
    for (name, written) in manifest.files.iter().filter(|_| integrity == Integrity::Checked) {
        let path = folder.path().join(name);
        if !PREDICTING.contains(&name.as_str()) {
            let reason = format!("'{name}' is no file that predicts: restore the folder or train again");
            return Err(Error::File { path: folder.manifest(), reason });
        }
        if digest(&path)? != *written {
            return Err(Error::Changed(path));
        }
    }
    Ok(())
}

/// Refuses devices, pipes and folders in the place of the manifest or of a file that predicts: reading them
/// might never end.
pub fn check_plain(folder: &ModelFolder) -> Result<()> {
    let files = PREDICTING.iter().map(|name| folder.path().join(name)).chain([folder.manifest()]);
    for path in files {
        match assort_files::check_plain(&path) {
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                let reason = "is no plain file: restore the folder or train again".into();
                return Err(Error::File { path, reason });
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Error::io(&path, error)),
            _ => {}
        }
    }
    Ok(())
}
