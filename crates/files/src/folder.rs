//! Folders that change places.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::atomic::folder_of;

/// Exchanges two folders in one step: nobody ever finds one of the names missing. False, with nothing done,
/// where the system or the file system has no such step.
///
/// Source: `renameat2(2)` with `RENAME_EXCHANGE` on Linux, `renamex_np(2)` with `RENAME_SWAP` on macOS.
///
/// # Errors
/// If one of them is missing or cannot be moved.
pub fn exchange(first: &Path, second: &Path) -> io::Result<bool> {
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, first, CWD, second, RenameFlags::EXCHANGE) {
            Ok(()) => Ok(true),
            Err(Errno::NOSYS | Errno::INVAL | Errno::NOTSUP) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
    {
        let _ = (first, second);
        Ok(false)
    }
}

/// Brings the names in a folder to the disk, so that they outlast a power cut. File systems that cannot are
/// passed over.
///
/// # Errors
/// If the folder cannot be read or the disk fails.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    match File::open(folder)?.sync_all() {
        Err(error) if matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput) => {
            Ok(())
        }
        synced => synced,
    }
}

/// [`sync_folder`] of the folder that a path lies in.
///
/// # Errors
/// As [`sync_folder`].
pub fn sync_parent(path: &Path) -> io::Result<()> {
    sync_folder(folder_of(path))
}

/// Whether another file system begins at this folder. Such a folder can't be renamed, nor anything onto it.
/// False where there is no folder, and where the system does not tell.
pub fn is_mount_point(folder: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let device = |path: &Path| path.symlink_metadata().ok().map(|found| found.dev());
        device(folder).is_some_and(|inside| device(&folder.join("..")).is_some_and(|beside| beside != inside))
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn two_folders_change_places() {
        let room = tempfile::tempdir().unwrap();
        let [old, new] = ["old", "new"].map(|name| room.path().join(name));
        for path in [&old, &new] {
            fs::create_dir(path).unwrap();
            fs::write(path.join("name.txt"), path.file_name().unwrap().as_encoded_bytes()).unwrap();
        }
        if exchange(&old, &new).unwrap() {
            assert_eq!(fs::read(old.join("name.txt")).unwrap(), b"new");
            assert_eq!(fs::read(new.join("name.txt")).unwrap(), b"old");
        }
        sync_folder(room.path()).unwrap();
        assert!(exchange(&old, &room.path().join("missing")).is_err() || !cfg!(target_os = "linux"));
        assert!(sync_folder(&room.path().join("missing")).is_err() || !cfg!(unix));
    }

    #[test]
    fn a_folder_of_the_same_file_system_is_no_mount_point() {
        let room = tempfile::tempdir().unwrap();
        assert!(!is_mount_point(room.path()));
        assert!(!is_mount_point(&room.path().join("missing")));
        if Path::new("/proc/self").exists() {
            assert!(is_mount_point(Path::new("/proc")));
        }
    }
}
