//! Plain files, which end.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// The most bytes of a file that is read whole.
const MOST: u64 = 1 << 30;

/// Refuses what is there and no plain file: a pipe, a device or a folder, which one might read for ever.
///
/// # Errors
/// Says so, or why nothing can be known of it.
pub fn check_plain(path: &Path) -> io::Result<()> {
    match fs::metadata(path)?.is_file() {
        true => Ok(()),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no plain file")),
    }
}

/// Opens a plain file to be read.
///
/// # Errors
/// As [`check_plain`], and if it cannot be opened.
pub fn open_plain(path: &Path) -> io::Result<File> {
    check_plain(path)?;
    File::open(path)
}

/// The bytes of a plain file of at most a gibibyte, as many as it had when it was opened; so files of the
/// system, which have no length and no end, are empty.
///
/// # Errors
/// As [`open_plain`], and if it is larger or cannot be read.
pub fn read_plain(path: &Path) -> io::Result<Vec<u8>> {
    let file = open_plain(path)?;
    let length = file.metadata()?.len();
    if length > MOST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than a gibibyte"));
    }
    let mut bytes = Vec::with_capacity(length as usize);
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text of a plain file.
///
/// # Errors
/// As [`read_plain`], and if it is not UTF-8.
pub fn read_plain_text(path: &Path) -> io::Result<String> {
    let invalid = |_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8");
    String::from_utf8(read_plain(path)?).map_err(invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_files_alone_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "tea").unwrap();
        assert_eq!(read_plain(&path).unwrap(), b"tea");
        assert_eq!(read_plain_text(&path).unwrap(), "tea");
        fs::write(&path, b"\xff").unwrap();
        assert_eq!(read_plain_text(&path).unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert_eq!(read_plain(folder.path()).unwrap_err().to_string(), "it is no plain file");
        File::options().write(true).open(&path).unwrap().set_len(MOST + 1).unwrap();
        assert_eq!(read_plain(&path).unwrap_err().to_string(), "it is larger than a gibibyte");
        let missing = read_plain(&folder.path().join("b.txt")).unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_has_no_end_is_not_waited_for() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let [pipe, endless] = ["pipe", "endless"].map(|name| folder.path().join(name));
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        symlink("/dev/zero", &endless).unwrap();
        for path in [&pipe, &endless] {
            assert_eq!(read_plain(path).unwrap_err().to_string(), "it is no plain file");
        }
        // A file by its kind, with something in it and no length.
        assert_eq!(read_plain(Path::new("/proc/self/status")).unwrap(), b"");
    }
}
