//! Folders that are whole or not there.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use assort_files::{AtomicFile, Existing, FileLock, remove_leftovers};

use crate::{Error, ModelFolder, Result};

/// A folder in the making: `NAME.partial` beside the place NAME that it will take.
#[derive(Debug)]
pub struct Staging {
    target: PathBuf,
    partial: PathBuf,
    existing: Existing,
    /// Held while the run goes on; the system lets go of it if the run is killed.
    lock: FileLock,
}

/// Marks a partial folder as assort's own, and is locked by the run that writes it.
const LOCK: &str = "run.lock";

impl Staging {
    /// Where a run that becomes `target` keeps its files.
    pub fn partial_of(target: &Path) -> PathBuf {
        beside(target, ".partial")
    }

    /// Checks that a folder can be made here, and leaves nothing.
    ///
    /// # Errors
    /// If something is there that may not be replaced, the path names no folder, or its parent cannot be written.
    pub fn check(target: &Path, existing: Existing) -> Result<()> {
        if target.file_name().is_none() {
            let reason = "names no folder that could be made: end it with a name".into();
            return Err(Error::Unwritable { path: target.into(), reason });
        }
        let partial = Self::partial_of(target);
        if partial.exists() && !partial.join(LOCK).is_file() && !is_empty(&partial) {
            return Err(Error::Foreign(partial));
        }
        match existing {
            Existing::Keep if target.exists() => Err(Error::Exists(target.into())),
            _ => {
                check_replaceable(target)?;
                probe(target)
            }
        }
    }

    /// Makes the partial folder, or takes up the one that is there.
    ///
    /// # Errors
    /// If the place is taken or cannot be written.
    pub fn begin(target: &Path, existing: Existing) -> Result<Self> {
        Self::check(target, existing)?;
        let partial = Self::partial_of(target);
        fs::create_dir_all(&partial).map_err(|e| Error::io(&partial, e))?;
        let path = partial.join(LOCK);
        let lock = FileLock::try_acquire(&path).map_err(|e| Error::io(&path, e))?;
        let lock = lock.ok_or_else(|| Error::Busy(target.into()))?;
        for folder in [""].iter().chain(&ModelFolder::FOLDERS) {
            let folder = partial.join(folder);
            remove_leftovers(&folder).map_err(|e| Error::io(&folder, e))?;
        }
        Ok(Self { target: target.into(), partial, existing, lock })
    }

    /// The partial folder.
    pub fn path(&self) -> &Path {
        &self.partial
    }

    /// Removes the partial folder if nothing was written: a run that failed before its first file leaves no trace.
    pub fn discard_if_empty(self) {
        let holds = |entry: std::io::Result<fs::DirEntry>| entry.is_ok_and(|entry| entry.file_name() != LOCK);
        if fs::read_dir(&self.partial).is_ok_and(|mut entries| !entries.any(holds)) {
            // An error here only means that it is gone already.
            let _ = fs::remove_file(self.partial.join(LOCK));
            let _ = fs::remove_dir(&self.partial);
        }
    }

    /// Puts the folder in its place. An old one is moved aside first and removed last.
    ///
    /// # Errors
    /// If the place was taken in the meantime or a rename fails; the partial folder then stays.
    pub fn commit(self) -> Result<PathBuf> {
        Self::check(&self.target, self.existing)?;
        let rename = |from: &Path, to: &Path| fs::rename(from, to).map_err(|e| Error::io(to, e));
        let mark = self.partial.join(LOCK);
        drop(self.lock);
        fs::remove_file(&mark).map_err(|e| Error::io(&mark, e))?;
        if !self.target.exists() {
            rename(&self.partial, &self.target)?;
            return Ok(self.target);
        }
        let aside = beside(&self.target, &format!(".{}.replaced", std::process::id()));
        if aside.exists() {
            return Err(Error::Exists(aside));
        }
        rename(&self.target, &aside)?;
        if let Err(error) = rename(&self.partial, &self.target) {
            rename(&aside, &self.target)?;
            return Err(error);
        }
        fs::remove_dir_all(&aside).map_err(|e| Error::io(&aside, e))?;
        Ok(self.target)
    }
}

/// The path with something appended to its whole name.
fn beside(target: &Path, ending: &str) -> PathBuf {
    let mut name: OsString = target.file_name().unwrap_or_default().into();
    name.push(ending);
    target.with_file_name(name)
}

/// Opens and drops a file in the nearest parent that is there.
fn probe(target: &Path) -> Result<()> {
    let parents = target
        .ancestors()
        .skip(1)
        .map(|parent| if parent.as_os_str().is_empty() { Path::new(".") } else { parent });
    let Some(parent) = parents.into_iter().find(|parent| parent.exists()) else { return Ok(()) };
    AtomicFile::create(&parent.join("probe")).map(drop).map_err(|e| Error::Unwritable {
        path: target.into(),
        reason: format!("cannot be written ({e}): check the folder it lies in"),
    })
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

/// A folder may be replaced if it is not there, is empty, or holds a model and nothing else.
fn check_replaceable(folder: &Path) -> Result<()> {
    if !folder.exists() || is_empty(folder) {
        return Ok(());
    }
    if !ModelFolder::is_one(folder) || folder.is_symlink() {
        return Err(Error::Foreign(folder.into()));
    }
    let entries = fs::read_dir(folder).map_err(|e| Error::io(folder, e))?;
    let names = entries.filter_map(|entry| Some(entry.ok()?.file_name()));
    let foreign = names.filter(|name| !ModelFolder::ENTRIES.iter().any(|known| name == known)).min();
    let foreign = foreign.map(PathBuf::from).or_else(|| {
        let within = |place: &&str| {
            let names =
                fs::read_dir(folder.join(place)).into_iter().flatten().flatten().map(|e| e.file_name());
            let name = names.filter(|name| !ModelFolder::is_own(place, name)).min()?;
            Some(Path::new(place).join(name))
        };
        ModelFolder::FOLDERS.iter().find_map(within)
    });
    match foreign {
        Some(path) => Err(Error::Holds { folder: folder.into(), found: folder.join(path) }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write_file;

    #[test]
    fn a_folder_appears_whole_and_replaces_only_models() {
        let room = tempfile::tempdir().unwrap();
        let target = room.path().join("reviews.v1");
        let staging = Staging::begin(&target, Existing::Keep).unwrap();
        write_file(&staging.path().join("assort.json"), b"1").unwrap();
        assert!(!target.exists());
        assert_eq!(staging.commit().unwrap(), target);

        let refused = Staging::begin(&target, Existing::Keep).unwrap_err();
        assert_eq!(refused.advice(), Some(crate::Advice::OtherFolderOrReplace));
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
    fn what_is_not_ours_stays() {
        let room = tempfile::tempdir().unwrap();
        let target = room.path().join("out.v1");
        let make = || {
            let staging = Staging::begin(&target, Existing::Replace)?;
            write_file(&staging.path().join("assort.json"), b"1")?;
            staging.commit()
        };
        make().unwrap();
        fs::create_dir(room.path().join("out.replaced.partial")).unwrap();
        make().unwrap();
        assert!(room.path().join("out.replaced.partial").is_dir());

        for place in ["pictures/mine.png", "epochs/mine.safetensors", "adapter/notes.txt"] {
            let place = target.join(place);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(&place, b"precious").unwrap();
            assert!(make().unwrap_err().to_string().contains(place.to_str().unwrap()));
            fs::remove_dir_all(place.parent().unwrap()).unwrap();
        }
        fs::create_dir(target.join("pictures")).unwrap();
        fs::write(target.join("pictures/loss.svg"), b"").unwrap();
        fs::create_dir(target.join("epochs")).unwrap();
        fs::write(target.join("epochs/001.safetensors"), b"").unwrap();
        make().unwrap();

        fs::write(target.join("mine.csv"), b"precious").unwrap();
        assert!(make().unwrap_err().to_string().contains("mine.csv"));
        assert_eq!(fs::read(target.join("mine.csv")).unwrap(), b"precious");

        let other = room.path().join("other");
        fs::create_dir(Staging::partial_of(&other)).unwrap();
        fs::write(Staging::partial_of(&other).join("mine.txt"), b"precious").unwrap();
        assert!(Staging::begin(&other, Existing::Keep).unwrap_err().to_string().contains("other.partial"));
    }

    #[test]
    fn two_runs_do_not_share_a_place() {
        let room = tempfile::tempdir().unwrap();
        let target = room.path().join("out");
        let first = Staging::begin(&target, Existing::Keep).unwrap();
        let refused = Staging::begin(&target, Existing::Keep).unwrap_err().to_string();
        assert!(refused.contains("another run"), "{refused}");
        first.discard_if_empty();
        assert_eq!(fs::read_dir(room.path()).unwrap().count(), 0);
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
