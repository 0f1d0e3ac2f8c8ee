//! Folders that are whole or not there.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::{Error, ModelFolder, Result};

/// What to do with a folder that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Leave it and fail.
    Keep,
    /// Replace it, if it is a model folder.
    Replace,
}

/// A folder in the making: `NAME.partial` beside the place NAME that it will take.
#[derive(Debug)]
pub struct Staging {
    target: PathBuf,
    partial: PathBuf,
    existing: Existing,
}

impl Staging {
    /// Where a run that becomes `target` keeps its files.
    pub fn partial_of(target: &Path) -> PathBuf {
        let mut name = target.file_name().unwrap_or_default().to_os_string();
        name.push(".partial");
        target.with_file_name(name)
    }

    /// Checks that a folder can be made here, and leaves nothing.
    ///
    /// # Errors
    /// If something is there that may not be replaced, the path names no folder, or its parent cannot be written.
    pub fn check(target: &Path, existing: Existing) -> Result<()> {
        if target.file_name().is_none() {
            let reason = "names no folder that could be made; choose another --out".into();
            return Err(Error::File { path: target.into(), reason });
        }
        match (target.exists(), existing) {
            (true, Existing::Keep) => Err(Error::Exists(target.into())),
            (true, Existing::Replace) if !may_be_replaced(target) => Err(Error::Foreign(target.into())),
            _ => probe(target),
        }
    }

    /// Makes the partial folder, or takes up the one that is there.
    ///
    /// # Errors
    /// If the place is taken or cannot be written.
    pub fn begin(target: &Path, existing: Existing) -> Result<Self> {
        Self::check(target, existing)?;
        let partial = Self::partial_of(target);
        fs::create_dir_all(&partial).map_err(|e| file_error(&partial, &e))?;
        let probe = partial.join(".writable");
        fs::write(&probe, b"")
            .and_then(|()| fs::remove_file(&probe))
            .map_err(|e| file_error(&partial, &e))?;
        Ok(Self { target: target.into(), partial, existing })
    }

    /// The partial folder.
    pub fn path(&self) -> &Path {
        &self.partial
    }

    /// Removes the partial folder if it holds nothing: a run that failed before its first file leaves no trace.
    pub fn discard_if_empty(&self) {
        // An error here only means that there is something in it, or that it is gone.
        let _ = fs::remove_dir(&self.partial);
    }

    /// Puts the folder in its place. An old one is moved aside first and removed last.
    ///
    /// # Errors
    /// If the place was taken in the meantime or a rename fails; the partial folder then stays.
    pub fn commit(self) -> Result<PathBuf> {
        Self::check(&self.target, self.existing)?;
        let rename = |from: &Path, to: &Path| fs::rename(from, to).map_err(|e| file_error(to, &e));
        if !self.target.exists() {
            rename(&self.partial, &self.target)?;
            return Ok(self.target);
        }
        let aside = self.target.with_extension("replaced.partial");
        if aside.exists() {
            fs::remove_dir_all(&aside).map_err(|e| file_error(&aside, &e))?;
        }
        rename(&self.target, &aside)?;
        if let Err(error) = rename(&self.partial, &self.target) {
            rename(&aside, &self.target)?;
            return Err(error);
        }
        fs::remove_dir_all(&aside).map_err(|e| file_error(&aside, &e))?;
        Ok(self.target)
    }
}

/// Makes and removes a folder in the nearest parent that is there.
fn probe(target: &Path) -> Result<()> {
    let parents = target
        .ancestors()
        .skip(1)
        .map(|parent| if parent.as_os_str().is_empty() { Path::new(".") } else { parent });
    let Some(parent) = parents.into_iter().find(|parent| parent.exists()) else { return Ok(()) };
    let probe = parent.join(format!(".assort-{}", std::process::id()));
    let fail = |e| Error::File {
        path: target.into(),
        reason: format!("cannot be written ({e}); choose another --out"),
    };
    fs::create_dir(&probe).and_then(|()| fs::remove_dir(&probe)).map_err(fail)
}

fn may_be_replaced(target: &Path) -> bool {
    ModelFolder::is_one(target) || fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_none())
}

/// Writes a file beside its place and renames it into it.
///
/// # Errors
/// If the place cannot be written; the error names it.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".writing");
    let beside = path.with_file_name(name);
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().map_err(|e| file_error(path, &e))
}

pub(crate) fn file_error(path: &Path, error: &std::io::Error) -> Error {
    Error::File { path: path.into(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_appears_whole_and_replaces_only_models() {
        let room = tempfile::tempdir().unwrap();
        let target = room.path().join("reviews.v1");
        let staging = Staging::begin(&target, Existing::Keep).unwrap();
        write_file(&staging.path().join("assort.json"), b"1").unwrap();
        assert!(!target.exists());
        assert_eq!(staging.commit().unwrap(), target);

        assert!(Staging::begin(&target, Existing::Keep).unwrap_err().to_string().contains("--overwrite"));
        let staging = Staging::begin(&target, Existing::Replace).unwrap();
        write_file(&staging.path().join("assort.json"), b"2").unwrap();
        staging.commit().unwrap();
        assert_eq!(fs::read(target.join("assort.json")).unwrap(), b"2");
        assert_eq!(fs::read_dir(room.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn other_folders_are_not_replaced() {
        let room = tempfile::tempdir().unwrap();
        fs::write(room.path().join("thesis.txt"), b"precious").unwrap();
        let refused = Staging::begin(room.path(), Existing::Replace).unwrap_err();
        assert!(refused.to_string().contains("no model folder"), "{refused}");
        assert!(!Staging::partial_of(room.path()).exists());
        assert!(Staging::check(Path::new("/"), Existing::Keep).is_err());
    }

    #[test]
    fn an_unwritable_place_is_named() {
        let room = tempfile::tempdir().unwrap();
        let file = room.path().join("file");
        fs::write(&file, b"").unwrap();
        let error = Staging::begin(&file.join("out"), Existing::Keep).unwrap_err();
        assert!(error.to_string().contains("out: cannot be written"), "{error}");
    }
}
