//! Locks between programs.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

/// A lock on a file, held until it is dropped. The system lets go of it if the program is killed.
///
/// File systems without locks exist, older ones of clusters among them. There nobody can be kept out: the
/// lock counts as taken, and [`is_kept`](Self::is_kept) says so.
#[derive(Debug)]
pub struct FileLock {
    _file: File,
    is_kept: bool,
}

impl FileLock {
    /// Takes the lock, or `None` if somebody else holds it. The file is made if it is not there; what it
    /// holds stays, and a link is not followed.
    ///
    /// # Errors
    /// If the file cannot be opened or locked.
    pub fn try_acquire(path: &Path) -> io::Result<Option<Self>> {
        loop {
            let file = open(path)?;
            let is_kept = match file.try_lock() {
                Ok(()) => true,
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => held_anyway(error)?,
            };
            if is_still(path, &file)? {
                return Ok(Some(Self { _file: file, is_kept }));
            }
        }
    }

    /// Waits for the lock. The file is made if it is not there; what it holds stays, and a link is not
    /// followed.
    ///
    /// # Errors
    /// If the file cannot be opened or locked.
    pub fn acquire(path: &Path) -> io::Result<Self> {
        loop {
            let file = open(path)?;
            let is_kept = file.lock().map_or_else(held_anyway, |()| Ok(true))?;
            if is_still(path, &file)? {
                return Ok(Self { _file: file, is_kept });
            }
        }
    }

    /// Whether the file system keeps others out. If not, two programs may both believe that they hold the
    /// lock.
    pub fn is_kept(&self) -> bool {
        self.is_kept
    }
}

/// False where the file system has no locks; other errors stay.
fn held_anyway(error: io::Error) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        let without = [Errno::NOSYS, Errno::NOLCK, Errno::NOTSUP];
        if without.iter().any(|code| error.raw_os_error() == Some(code.raw_os_error())) {
            return Ok(false);
        }
    }
    if error.kind() == io::ErrorKind::Unsupported { Ok(false) } else { Err(error) }
}

/// Whether the file still has its name: who held the lock before may have removed or moved it.
pub(crate) fn is_still(path: &Path, file: &File) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let own = file.metadata()?;
        match path.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            found => found.map(|found| (found.dev(), found.ino()) == (own.dev(), own.ino())),
        }
    }
    #[cfg(not(unix))]
    {
        let _ = (path, file);
        Ok(true)
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        rustix::fs::OFlags::NOFOLLOW.bits().cast_signed(),
    );
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_the_lock_and_the_content_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.lock");
        std::fs::write(&path, b"kept").unwrap();
        let first = FileLock::try_acquire(&path).unwrap();
        assert!(first.is_some());
        assert!(FileLock::try_acquire(&path).unwrap().is_none());
        drop(first);
        let again = FileLock::acquire(&path).unwrap();
        assert!(FileLock::try_acquire(&path).unwrap().is_none());
        assert!(again.is_kept());
        drop(again);
        assert_eq!(std::fs::read(&path).unwrap(), b"kept");
        assert!(FileLock::try_acquire(&folder.path().join("no/run.lock")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_lock_of_a_file_that_lost_its_name_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.lock");
        let first = FileLock::acquire(&path).unwrap();
        let waiting = std::thread::spawn({
            let path = path.clone();
            move || FileLock::acquire(&path).unwrap()
        });
        std::thread::sleep(std::time::Duration::from_millis(50));
        std::fs::remove_file(&path).unwrap();
        drop(first);
        let second = waiting.join().unwrap();
        assert!(path.exists(), "the lock that was got is one of the file that has the name");
        assert!(FileLock::try_acquire(&path).unwrap().is_none());
        drop(second);
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(FileLock::try_acquire(&link).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn file_systems_without_locks_keep_nobody_out() {
        use rustix::io::Errno;
        for code in [Errno::NOSYS, Errno::NOLCK, Errno::NOTSUP] {
            assert!(!held_anyway(code.into()).unwrap());
        }
        assert!(held_anyway(Errno::IO.into()).is_err());
    }
}
