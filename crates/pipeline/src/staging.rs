//! Folders that are whole or not there.
//!
//! A folder NAME grows as `NAME.partial`. Two marks tell what such a folder is, each a file that is locked
//! while its program lives: `run.lock` lies in one that a run makes, `replaced.lock` in one that had the name
//! before. The folder takes its name with the mark inside, by an exchange where the system has one, and the
//! mark goes last: whenever a program is killed, the name holds the old folder or the new one, and the next
//! run knows what lies beside it.

mod place;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use assort_files::{Existing, FileLock, exchange, is_temporary, remove_leftovers, sync_folder, sync_parent};

use crate::{Error, ModelFolder, Result};

/// A folder in the making: `NAME.partial` beside the place NAME that it will take.
#[derive(Debug)]
pub struct Staging {
    target: PathBuf,
    partial: PathBuf,
    existing: Existing,
    /// Held until the folder has its name; the system lets go of it if the run is killed.
    lock: FileLock,
}

/// The choice for the files that an earlier run left in the partial folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfinished {
    /// They are removed: the finished folder holds the files of one run.
    Remove,
    /// The files of a model stay, for a run that goes on from them. One that goes on from a finished folder
    /// begins with that folder's epochs.
    Keep,
}

/// Marks a folder in the making.
pub(crate) const RUN: &str = "run.lock";
/// Marks a folder that has lost its name to a new one.
pub(crate) const REPLACED: &str = "replaced.lock";

impl Staging {
    /// Where a run that becomes `target` keeps its files.
    pub fn partial_of(target: &Path) -> PathBuf {
        beside(target, ".partial")
    }

    /// Whether a run has begun that becomes `target`, and has not ended.
    pub fn is_begun(target: &Path) -> bool {
        let partial = Self::partial_of(target);
        place::is_marked(&partial) && !partial.join(REPLACED).exists()
    }

    /// Checks that a folder can be made here, and leaves nothing. A folder that a killed run moved aside gets
    /// its name back.
    ///
    /// # Errors
    /// If something is there that may not or cannot be replaced, the path names no folder, or its parent
    /// cannot be written.
    pub fn check(target: &Path, existing: Existing) -> Result<()> {
        let target = &place::plain(target)?;
        let partial = Self::partial_of(target);
        let aside = aside(target);
        if !target.exists() && aside.exists() && place::is_marked(&aside) {
            fs::rename(&aside, target).map_err(|e| Error::io(target, e))?;
        }
        place::check_partial(&partial)?;
        place::check_movable(target)?;
        match existing {
            Existing::Keep if target.exists() => Err(Error::Exists(target.into())),
            _ => {
                place::check_replaceable(target)?;
                place::probe(target)
            }
        }
    }

    /// Makes the partial folder, or takes up the one that is there.
    ///
    /// # Errors
    /// If the place is taken or cannot be written, or another run is at it.
    pub fn begin(target: &Path, existing: Existing, unfinished: Unfinished) -> Result<Self> {
        Self::check(target, existing)?;
        let target = place::plain(target)?;
        let partial = Self::partial_of(&target);
        let goes_on = Self::is_begun(&target);
        fs::create_dir_all(&partial).map_err(|e| Error::io(&partial, e))?;
        let lock = take(&partial, RUN, &target)?;
        if partial.join(REPLACED).exists() {
            drop(take(&partial, REPLACED, &target)?);
        }
        place::clear(&partial, |place, name| {
            place.as_os_str().is_empty() && name == RUN
                || goes_on
                    && unfinished == Unfinished::Keep
                    && ModelFolder::holds(place, name)
                    && !is_temporary(name)
        })?;
        if !goes_on && unfinished == Unfinished::Keep {
            place::link_epochs(&target, &partial)?;
        }
        let aside = aside(&target);
        if place::is_marked(&aside) {
            remove(&aside);
        }
        // Of commands that write single files; what cannot be removed harms nobody.
        let _ = remove_leftovers(&target);
        Ok(Self { target, partial, existing, lock })
    }

    /// The partial folder.
    pub fn path(&self) -> &Path {
        &self.partial
    }

    /// Whether the file system keeps a second run out of the folder.
    pub fn is_locked(&self) -> bool {
        self.lock.is_kept()
    }

    /// Removes the partial folder with all that was written.
    pub fn discard(self) {
        remove(&self.partial);
    }

    /// Removes the partial folder if nothing was written: a run that failed before its first file leaves no
    /// trace.
    pub fn discard_if_empty(self) {
        let holds = |entry: std::io::Result<fs::DirEntry>| entry.is_ok_and(|entry| entry.file_name() != RUN);
        if fs::read_dir(&self.partial).is_ok_and(|mut entries| !entries.any(holds)) {
            remove(&self.partial);
        }
    }

    /// Puts the folder in its place. An old one is removed when the new one has its name; it keeps its name
    /// until then.
    ///
    /// # Errors
    /// If the place was taken in the meantime or cannot be taken; the partial folder then stays, and is
    /// whole.
    pub fn commit(self) -> Result<PathBuf> {
        Self::check(&self.target, self.existing)?;
        let Self { target, partial, .. } = &self;
        place::clear(partial, |place, name| {
            place.as_os_str().is_empty() && name == RUN
                || ModelFolder::holds(place, name) && !is_temporary(name)
        })?;
        let rename = |from: &Path, to: &Path| fs::rename(from, to).map_err(|e| Error::io(to, e));
        let old = match target.exists() {
            false => {
                sync(partial)?;
                rename(partial, target)?;
                None
            }
            true => {
                place::copy_permissions(target, partial)?;
                sync(partial)?;
                let mark = take(target, REPLACED, target)?;
                let path = target.join(REPLACED);
                let unmark = |error| {
                    // The mark of a folder that stays says nothing; the error says why it stays.
                    let _ = fs::remove_file(&path);
                    error
                };
                if exchange(partial, target).map_err(|e| unmark(Error::io(target, e)))? {
                    Some((partial.clone(), mark))
                } else {
                    let aside = aside(target);
                    rename(target, &aside).map_err(unmark)?;
                    if let Err(error) = rename(partial, target) {
                        rename(&aside, target)?;
                        return Err(unmark(error));
                    }
                    Some((aside, mark))
                }
            }
        };
        // The folder has its name. What fails from here on leaves things that the next run removes.
        let _ = sync_parent(target);
        let _ = fs::remove_file(target.join(RUN));
        if let Some((old, _mark)) = old {
            remove(&old);
        }
        Ok(self.target)
    }
}

/// Locks one of a folder's marks for the folder `target`.
fn take(folder: &Path, mark: &str, target: &Path) -> Result<FileLock> {
    let path = folder.join(mark);
    match FileLock::try_acquire(&path) {
        Ok(lock) => lock.ok_or_else(|| Error::Busy(target.into())),
        // Another run has just removed the folder or given it its name.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Error::Busy(target.into())),
        Err(error) => Err(Error::io(&path, error)),
    }
}

/// Removes a marked folder, the mark last: while anything is left, it is known for what it is.
fn remove(folder: &Path) {
    let is_mark = |_: &Path, name: &std::ffi::OsStr| name == RUN || name == REPLACED;
    if place::clear(folder, is_mark).is_ok() {
        // A file that stays is removed by the next run.
        let _ = fs::remove_dir_all(folder);
    }
}

/// Brings the names in a folder and its own folders to the disk.
fn sync(folder: &Path) -> Result<()> {
    let inner = ModelFolder::FOLDERS.iter().map(|name| folder.join(name)).filter(|path| path.is_dir());
    for path in inner.chain([folder.to_path_buf()]) {
        sync_folder(&path).map_err(|e| Error::io(&path, e))?;
    }
    Ok(())
}

/// Where an old folder lies for a moment, on systems that cannot exchange two of them.
fn aside(target: &Path) -> PathBuf {
    beside(target, ".replaced")
}

/// The path with something appended to its whole name.
fn beside(target: &Path, ending: &str) -> PathBuf {
    let plain: PathBuf = target.components().collect();
    let mut name: OsString = plain.file_name().unwrap_or_default().into();
    name.push(ending);
    plain.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write_file;

    fn begin(target: &Path, existing: Existing) -> Result<Staging> {
        Staging::begin(target, existing, Unfinished::Remove)
    }

    /// A folder with these files, each of which holds its own name.
    fn folder(path: &Path, files: &[&str]) {
        for file in files {
            let path = path.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_folder_appears_whole_and_replaces_only_models() {
        let room = tempfile::tempdir().unwrap();
        let target = room.path().join("reviews.v1");
        let staging = begin(&target, Existing::Keep).unwrap();
        write_file(&staging.path().join("assort.json"), b"1").unwrap();
        assert!(!target.exists());
        assert_eq!(staging.commit().unwrap(), target);

        let refused = begin(&target, Existing::Keep).unwrap_err();
        assert_eq!(refused.advice(), Some(crate::Advice::OtherFolderOrReplace));
        let staging = begin(&target, Existing::Replace).unwrap();
        write_file(&staging.path().join("assort.json"), b"2").unwrap();
        staging.commit().unwrap();
        assert_eq!(fs::read(target.join("assort.json")).unwrap(), b"2");
        assert_eq!(fs::read_dir(room.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn other_folders_are_not_replaced() {
        let room = tempfile::tempdir().unwrap();
        fs::write(room.path().join("thesis.txt"), b"precious").unwrap();
        let refused = begin(room.path(), Existing::Replace).unwrap_err();
        assert!(refused.to_string().contains("no model folder"), "{refused}");
        assert!(!Staging::partial_of(room.path()).exists());
        assert!(Staging::check(Path::new("/"), Existing::Keep).is_err());
    }

    #[test]
    fn what_is_not_ours_stays() {
        let room = tempfile::tempdir().unwrap();
        let target = room.path().join("out.v1");
        let make = || {
            let staging = begin(&target, Existing::Replace)?;
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
        assert!(begin(&other, Existing::Keep).unwrap_err().to_string().contains("other.partial"));
    }

    #[test]
    fn two_runs_do_not_share_a_place() {
        let room = tempfile::tempdir().unwrap();
        let target = room.path().join("out");
        let first = begin(&target, Existing::Keep).unwrap();
        let refused = begin(&target, Existing::Keep).unwrap_err().to_string();
        assert!(refused.contains("another run"), "{refused}");
        first.discard_if_empty();
        assert_eq!(fs::read_dir(room.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_a_killed_run_left_does_not_reach_the_next() {
        let room = tempfile::tempdir().unwrap();
        let target = room.path().join("out");
        let partial = Staging::partial_of(&target);
        let torn =
            [".tmpA1b2", ".assort-x.partial", "vocab.txt.17.partial", "pictures/loss.svg.writing", ".frozen"];
        let whole = ["run.lock", "state.safetensors", "features.txt", "epochs/001.safetensors"];
        let left = || {
            folder(&partial, &torn);
            folder(&partial, &whole);
        };
        left();
        assert!(Staging::is_begun(&target));
        drop(Staging::begin(&target, Existing::Keep, Unfinished::Keep).unwrap());
        assert_eq!(names(&partial), ["epochs", "features.txt", "run.lock", "state.safetensors"]);
        left();
        let staging = begin(&target, Existing::Keep).unwrap();
        assert_eq!(names(&partial), ["run.lock"]);
        folder(&partial, &["assort.json", ".tmpC3", "pictures/loss.svg", "pictures/.tmpD4"]);
        staging.commit().unwrap();
        assert_eq!(names(&target), ["assort.json", "pictures"]);
        assert_eq!(names(&target.join("pictures")), ["loss.svg"]);

        folder(&partial, &["run.lock", "notes.txt"]);
        assert!(begin(&target, Existing::Replace).unwrap_err().to_string().contains("notes.txt"));
        assert_eq!(names(&partial), ["notes.txt", "run.lock"]);
    }

    #[test]
    fn killed_at_the_end_the_name_holds_a_whole_folder() {
        let room = tempfile::tempdir().unwrap();
        let target = room.path().join("out");
        let partial = Staging::partial_of(&target);
        // After the exchange, before the old folder is gone.
        folder(&target, &["assort.json", "run.lock"]);
        folder(&partial, &["assort.json", "replaced.lock", "state.safetensors"]);
        assert!(!Staging::is_begun(&target), "an old folder's state is nothing to go on from");
        drop(Staging::begin(&target, Existing::Replace, Unfinished::Keep).unwrap());
        assert_eq!(names(&partial), ["run.lock"]);
        fs::remove_dir_all(&partial).unwrap();
        folder(&target, &["epochs/001.safetensors"]);
        drop(Staging::begin(&target, Existing::Replace, Unfinished::Keep).unwrap());
        assert_eq!(names(&partial), ["epochs", "run.lock"]);
        assert_eq!(names(&partial.join("epochs")), names(&target.join("epochs")));
        // Between two renames, where there is no exchange.
        fs::rename(&target, aside(&target)).unwrap();
        folder(&partial, &["assort.json", "run.lock"]);
        assert!(matches!(begin(&target, Existing::Keep).unwrap_err(), Error::Exists(_)));
        assert_eq!(names(room.path()), ["out", "out.partial"], "the old folder has its name again");
        begin(&target, Existing::Replace).unwrap().discard_if_empty();
        // After both renames.
        folder(&aside(&target), &["assort.json", "replaced.lock"]);
        begin(&target, Existing::Replace).unwrap().discard_if_empty();
        assert_eq!(names(room.path()), ["out"]);
    }

    #[test]
    fn an_old_folder_that_is_being_removed_keeps_others_out() {
        let room = tempfile::tempdir().unwrap();
        let target = room.path().join("out");
        let partial = Staging::partial_of(&target);
        folder(&partial, &["assort.json"]);
        let mark = take(&partial, REPLACED, &target).unwrap();
        assert!(matches!(begin(&target, Existing::Keep).unwrap_err(), Error::Busy(_)));
        drop(mark);
        begin(&target, Existing::Keep).unwrap().discard_if_empty();
        assert_eq!(names(room.path()), [""; 0]);
    }

    #[cfg(unix)]
    #[test]
    fn places_that_cannot_be_renamed_onto_are_told_before() {
        let room = tempfile::tempdir().unwrap();
        let [link, dangling] = ["link", "dangling"].map(|name| room.path().join(name));
        std::os::unix::fs::symlink(room.path().join("missing"), &dangling).unwrap();
        fs::create_dir(room.path().join("folder")).unwrap();
        std::os::unix::fs::symlink(room.path().join("folder"), &link).unwrap();
        for path in [&link, &dangling] {
            let refused = begin(path, Existing::Replace).unwrap_err().to_string();
            assert!(refused.contains("is a link"), "{refused}");
        }
        if Path::new("/proc/self").exists() {
            let refused = begin(Path::new("/proc"), Existing::Replace).unwrap_err().to_string();
            assert!(refused.contains("mounted volume"), "{refused}");
        }
        let dotted = room.path().join("new/.");
        let staging = begin(&dotted, Existing::Keep).unwrap();
        folder(staging.path(), &["assort.json"]);
        assert_eq!(staging.commit().unwrap(), room.path().join("new"));
    }

    #[cfg(unix)]
    #[test]
    fn a_new_folder_has_the_permissions_of_the_old_one() {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let room = tempfile::tempdir().unwrap();
        let target = room.path().join("out");
        folder(&target, &["assort.json"]);
        fs::set_permissions(target.join("assort.json"), fs::Permissions::from_mode(0o600)).unwrap();
        fs::set_permissions(&target, fs::Permissions::from_mode(0o700)).unwrap();
        let staging = begin(&target, Existing::Replace).unwrap();
        folder(staging.path(), &["assort.json", "README.md"]);
        let plain = mode(&staging.path().join("README.md"));
        staging.commit().unwrap();
        let modes = ["", "assort.json", "README.md"].map(|name| mode(&target.join(name)));
        assert_eq!(modes, [0o700, 0o600, plain]);
    }

    #[test]
    fn an_unwritable_place_is_named() {
        let room = tempfile::tempdir().unwrap();
        let file = room.path().join("file");
        fs::write(&file, b"").unwrap();
        let error = begin(&file.join("out"), Existing::Keep).unwrap_err();
        assert!(error.to_string().contains("out: cannot be written"), "{error}");
    }
}
