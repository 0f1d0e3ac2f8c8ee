//! What of a folder of answers is whole.

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use assort_files::{Digest, FileLock, sync_parent};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The file of the ledger, in the folder of answers.
const NAME: &str = ".assort-answers.jsonl";

/// Whose answers a folder holds: the first line of its ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Owner {
    /// SHA-256 of the manifest of the model, which has those of its files.
    pub model: String,
    /// How many labels, which rows and which columns are written, and how the files are read.
    pub question: String,
}

/// A file as it was when it was scored. It counts as the same while its size, the time of its last change and
/// its first and last mebibyte are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fingerprint {
    size: u64,
    /// Nanoseconds since 1970.
    changed: u128,
    ends: String,
}

impl Fingerprint {
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        const END: u64 = 1 << 20;
        let metadata = path.metadata()?;
        let since = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let mut ends = Digest::new();
        if metadata.is_file() {
            let mut file = File::open(path)?;
            io::copy(&mut Read::by_ref(&mut file).take(END), &mut ends)?;
            file.seek(SeekFrom::Start(metadata.len().saturating_sub(END)))?;
            io::copy(&mut file.take(END), &mut ends)?;
        }
        let changed = since.map_or(0, |time| time.as_nanos());
        Ok(Self { size: metadata.len(), changed, ends: ends.finish() })
    }
}

/// Answers that are whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Whole {
    pub name: PathBuf,
    pub input: Fingerprint,
    /// The size of the answers.
    pub size: u64,
    pub rows: u64,
    pub kept: u64,
    /// The column that the texts came from.
    pub text: Option<String>,
}

/// A line behind the first.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    Begun(PathBuf),
    Whole(Whole),
}

/// The ledger of a folder, which grows by a line before and behind each file.
pub(crate) struct Ledger {
    folder: PathBuf,
    path: PathBuf,
    file: File,
    begun: HashSet<PathBuf>,
    whole: HashMap<PathBuf, Whole>,
    text: Option<String>,
    _lock: FileLock,
}

impl Ledger {
    /// Opens the ledger of a folder, or begins one. One of another owner is begun anew if that is allowed.
    pub(crate) fn open(folder: &Path, owner: &Owner, replace: bool) -> Result<Self> {
        let path = folder.join(NAME);
        let fail = |source| Error::Io { path: path.clone(), source };
        let lock = FileLock::try_acquire(&path).map_err(fail)?.ok_or_else(|| Error::Busy(folder.into()))?;
        let mut file = OpenOptions::new().read(true).append(true).open(&path).map_err(fail)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(fail)?;
        let text = String::from_utf8_lossy(&bytes);
        let mut lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        let (mut begun, mut whole, mut column) = (HashSet::new(), HashMap::new(), None);
        let first = lines.next().map(serde_json::from_str::<Owner>);
        let is_own = matches!(&first, Some(Ok(found)) if found == owner);
        if is_own {
            // A line that was torn is none.
            for line in lines.filter_map(|line| serde_json::from_str(line).ok()) {
                match line {
                    Line::Begun(name) => {
                        whole.remove(&name);
                        begun.insert(name);
                    }
                    Line::Whole(found) => {
                        column = column.or(found.text.clone());
                        whole.insert(found.name.clone(), found);
                    }
                }
            }
        } else if let Some(found) = first.filter(|_| !replace) {
            let is_same_model = found.is_ok_and(|found| found.model == owner.model);
            let found = if is_same_model { "another question" } else { "another model" };
            return Err(Error::OtherRun { folder: folder.into(), found });
        } else {
            file.set_len(0).map_err(fail)?;
        }
        let mut ledger = Self { folder: folder.into(), path, file, begun, whole, text: column, _lock: lock };
        if !is_own {
            ledger.append(owner)?;
            sync_parent(&ledger.path).map_err(|source| Error::Io { path: ledger.path.clone(), source })?;
        } else if bytes.last() != Some(&b'\n') {
            ledger.write(b"\n")?;
        }
        Ok(ledger)
    }

    /// The column that the texts of whole files came from.
    pub(crate) fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// Whether answers were begun, so that they may be replaced.
    pub(crate) fn has_begun(&self, name: &Path) -> bool {
        self.begun.contains(name)
    }

    /// The answers of a file, if they are whole, are there, and the file is still the one that was scored.
    pub(crate) fn whole(&self, name: &Path, input: &Path) -> Option<&Whole> {
        let whole = self.whole.get(name)?;
        let size = self.folder.join(name).metadata().ok().filter(std::fs::Metadata::is_file)?.len();
        let is_same = Fingerprint::of(input).is_ok_and(|found| found == whole.input);
        (size == whole.size && is_same).then_some(whole)
    }

    /// Notes that answers are written from now on.
    pub(crate) fn begin(&mut self, name: &Path) -> Result<()> {
        self.begun.insert(name.into());
        self.append(&Line::Begun(name.into()))
    }

    /// Notes that answers are whole.
    pub(crate) fn finish(&mut self, whole: Whole) -> Result<()> {
        self.text = self.text.take().or(whole.text.clone());
        self.append(&Line::Whole(whole))
    }

    fn append(&mut self, line: &impl Serialize) -> Result<()> {
        let fail = |path: &Path, source| Error::Io { path: path.into(), source };
        let mut bytes =
            serde_json::to_vec(line).map_err(|error| fail(&self.path, io::Error::other(error)))?;
        bytes.push(b'\n');
        self.write(&bytes)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let written = self.file.write_all(bytes).and_then(|()| self.file.sync_data());
        written.map_err(|source| Error::Io { path: self.path.clone(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(model: &str) -> Owner {
        Owner { model: model.into(), question: "top 1".into() }
    }

    #[test]
    fn whole_answers_are_known_again() {
        let room = tempfile::tempdir().unwrap();
        let (folder, input) = (room.path(), room.path().join("in.csv"));
        std::fs::write(&input, "text\nplum\n").unwrap();
        std::fs::write(folder.join("a.csv"), "answers").unwrap();
        let (name, other) = (Path::new("a.csv"), Path::new("b.csv"));
        let mut ledger = Ledger::open(folder, &owner("m"), false).unwrap();
        assert!(ledger.whole(name, &input).is_none() && !ledger.has_begun(name));
        ledger.begin(name).unwrap();
        let whole = Whole {
            name: name.into(),
            input: Fingerprint::of(&input).unwrap(),
            size: 7,
            rows: 1,
            kept: 1,
            text: Some("text".into()),
        };
        ledger.finish(whole.clone()).unwrap();
        ledger.begin(other).unwrap();
        assert!(matches!(Ledger::open(folder, &owner("m"), false), Err(Error::Busy(_))));
        drop(ledger);
        // A torn line, as a kill leaves it, is none, and the next one is whole again.
        let path = folder.join(NAME);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend_from_slice(b"{\"whole\":{\"na");
        std::fs::write(&path, bytes).unwrap();
        let mut ledger = Ledger::open(folder, &owner("m"), false).unwrap();
        assert_eq!((ledger.whole(name, &input), ledger.text()), (Some(&whole), Some("text")));
        assert!(ledger.has_begun(other) && ledger.whole(other, &input).is_none());
        ledger.begin(Path::new("c.csv")).unwrap();
        drop(ledger);
        let ledger = Ledger::open(folder, &owner("m"), false).unwrap();
        assert!(ledger.has_begun(Path::new("c.csv")));
        std::fs::write(folder.join("a.csv"), "answer").unwrap();
        assert!(ledger.whole(name, &input).is_none(), "answers of another size");
        std::fs::write(folder.join("a.csv"), "answers").unwrap();
        assert!(ledger.whole(name, &input).is_some());
        std::fs::write(&input, "text\npear\n").unwrap();
        assert!(ledger.whole(name, &input).is_none(), "another file of the same size");
        drop(ledger);
        let refused = Ledger::open(folder, &owner("n"), false).err().unwrap().to_string();
        assert!(refused.contains("holds answers of another model"), "{refused}");
        let ledger = Ledger::open(folder, &owner("n"), true).unwrap();
        assert!(!ledger.has_begun(name));
    }
}
