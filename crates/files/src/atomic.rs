//! Files that are whole or not there.

use std::ffi::OsStr;
use std::fs::{self, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::FileLock;
use crate::lock::is_still;

/// The beginning of every temporary name.
const PREFIX: &str = ".assort-";
/// The end of every temporary name.
const SUFFIX: &str = ".partial";

/// A file that takes its place when it is committed. Dropped before, it leaves no trace.
#[derive(Debug)]
pub struct AtomicFile {
    file: BufWriter<NamedTempFile>,
    target: PathBuf,
}

impl AtomicFile {
    /// Opens a new file beside `target`, with the rights of the file that it will replace, else with those
    /// that a new file gets there. Opening and dropping one tells whether the folder can be written.
    ///
    /// # Errors
    /// If the folder is not there or cannot be written.
    pub fn create(target: &Path) -> io::Result<Self> {
        let open = |path: &Path| OpenOptions::new().write(true).create_new(true).open(path);
        let file = loop {
            let file = names().make_in(folder_of(target), open)?;
            // The lock tells the file from one that a killed program has left. Where there are no locks,
            // nobody removes leftovers.
            let is_taken = matches!(file.as_file().try_lock(), Err(TryLockError::WouldBlock));
            if !is_taken && is_still(file.path(), file.as_file())? {
                break file;
            }
        };
        if let Some(old) = fs::symlink_metadata(target).ok().filter(fs::Metadata::is_file) {
            file.as_file().set_permissions(old.permissions())?;
        }
        Ok(Self { file: BufWriter::new(file), target: target.into() })
    }

    /// Brings the file to the disk and renames it into its place, over what was there. A name is on the disk
    /// for certain after [`sync_folder`](crate::sync_folder) alone.
    ///
    /// # Errors
    /// If the disk is full or the place cannot be taken, by a folder for instance. What was there stays.
    pub fn commit(self) -> io::Result<()> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        file.persist(&self.target).map(drop).map_err(|failed| failed.error)
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Writes a whole file beside its place and renames it into it, over what was there.
///
/// # Errors
/// If the place cannot be written. What was there stays.
pub fn write(target: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = AtomicFile::create(target)?;
    file.write_all(bytes)?;
    file.commit()
}

/// Removes temporary files that killed programs have left beside `target`. Those that somebody is writing
/// stay, and all of them on file systems without locks.
///
/// # Errors
/// If the folder cannot be read or a file cannot be removed. A folder that is not there has none.
pub fn remove_leftovers(target: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(folder_of(target)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if is_temporary(&entry.file_name()) && entry.file_type()?.is_file() {
            let path = entry.path();
            // Where it is gone already, somebody else was faster.
            match FileLock::try_acquire(&path) {
                Ok(Some(lock)) if lock.is_kept() => fs::remove_file(&path)?,
                _ => {}
            }
        }
    }
    Ok(())
}

/// Whether a file of this name is a temporary one of this crate.
pub fn is_temporary(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX))
}

fn names() -> Builder<'static, 'static> {
    let mut names = Builder::new();
    names.prefix(PREFIX).suffix(SUFFIX);
    names
}

/// The folder that a path lies in.
pub(crate) fn folder_of(target: &Path) -> &Path {
    target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write(&path, b"old").unwrap();
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"half").unwrap();
        file.flush().unwrap();
        let names = entries(folder.path());
        assert!(names.len() == 2 && is_temporary(OsStr::new(&names[0])), "{names:?}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        drop(file);
        assert_eq!(entries(folder.path()), ["a.txt"], "a file that is given up leaves no trace");
        write(&path, b"new").unwrap();
        assert_eq!((fs::read(&path).unwrap().as_slice(), entries(folder.path()).len()), (&b"new"[..], 1));
    }

    #[test]
    fn a_place_that_cannot_be_taken_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("taken");
        fs::create_dir(&taken).unwrap();
        assert!(write(&taken, b"new").is_err());
        assert!(write(&folder.path().join("no/a.txt"), b"new").is_err());
        assert_eq!(entries(folder.path()), ["taken"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_has_the_rights_of_any_new_file_and_replaces_links() {
        use std::os::unix::fs::{MetadataExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let [plain, target, link] = ["plain", "target", "link"].map(|name| folder.path().join(name));
        fs::File::create(&plain).unwrap();
        fs::write(&target, b"precious").unwrap();
        symlink(&target, &link).unwrap();
        write(&link, b"new").unwrap();
        assert_eq!(fs::metadata(&link).unwrap().mode(), fs::metadata(&plain).unwrap().mode());
        assert_eq!(fs::read(&target).unwrap(), b"precious");

        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&plain, fs::Permissions::from_mode(0o640)).unwrap();
        write(&plain, b"new").unwrap();
        assert_eq!(fs::metadata(&plain).unwrap().mode() & 0o777, 0o640, "as the file before");
    }

    #[test]
    fn leftovers_are_found_by_their_names() {
        let folder = tempfile::tempdir().unwrap();
        remove_leftovers(&folder.path().join("no/new")).unwrap();
        for name in [".assort-x1.partial", ".assort-keep", "mine.partial"] {
            fs::write(folder.path().join(name), b"").unwrap();
        }
        fs::create_dir(folder.path().join(".assort-folder.partial")).unwrap();
        let written = AtomicFile::create(&folder.path().join("new")).unwrap();
        remove_leftovers(&folder.path().join("new")).unwrap();
        assert_eq!(entries(folder.path()).len(), 4, "one that is being written stays");
        written.commit().unwrap();
        assert_eq!(entries(folder.path()), [".assort-folder.partial", ".assort-keep", "mine.partial", "new"]);
    }
}
