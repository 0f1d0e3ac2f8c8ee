//! The cache's layout, which Hugging Face's libraries share.

use std::fs;
use std::path::{Path, PathBuf};

use assort_files::FileLock;
use hf_hub::{Cache, CacheRepo, Repo, RepoType};

use crate::{Error, RepoId, Result};

/// The folder of one checkpoint in the cache.
pub(crate) struct Cached {
    repo: CacheRepo,
    folder: PathBuf,
    locks: PathBuf,
}

impl Cached {
    pub(crate) fn new(cache: &Path, repo: &RepoId) -> Self {
        let repo = Repo::new(repo.name().into(), RepoType::Model);
        let name = repo.folder_name();
        let (folder, locks) = (cache.join(&name), cache.join(".locks").join(name));
        Self { repo: Cache::new(cache.into()).repo(repo), folder, locks }
    }

    /// The commit that a revision meant when it was fetched. A commit means itself.
    pub(crate) fn commit(&self, revision: &str) -> Option<String> {
        if is_commit(revision) {
            return Some(revision.to_owned());
        }
        let commit = fs::read_to_string(self.folder.join("refs").join(revision)).ok()?;
        let commit = commit.trim();
        is_commit(commit).then(|| commit.to_owned())
    }

    /// Remembers what a revision means.
    pub(crate) fn remember(&self, revision: &str, commit: &str) -> Result<()> {
        if is_commit(revision) {
            return Ok(());
        }
        let place = self.folder.join("refs").join(revision);
        make_parent(&place)?;
        assort_files::write(&place, commit.as_bytes()).map_err(|e| Error::file(&place, &e))
    }

    /// The folder with the files of a commit.
    pub(crate) fn snapshot(&self, commit: &str) -> PathBuf {
        self.repo.pointer_path(commit)
    }

    /// Where the bytes of an entity tag lie.
    pub(crate) fn blob(&self, etag: &str) -> PathBuf {
        self.folder.join("blobs").join(etag)
    }

    /// Waits until nobody else, in whatever language, fetches this blob.
    pub(crate) fn lock(&self, etag: &str) -> Result<FileLock> {
        let place = self.locks.join(format!("{etag}.lock"));
        make_parent(&place)?;
        FileLock::acquire(&place).map_err(|e| Error::file(&place, &e))
    }

    /// Makes a commit's file of a blob.
    pub(crate) fn point(&self, commit: &str, name: &str, etag: &str) -> Result<()> {
        let place = self.snapshot(commit).join(name);
        make_parent(&place)?;
        // Something half-made by an earlier run: a link to nowhere.
        let _ = fs::remove_file(&place);
        link(&self.blob(etag), etag, name, &place).map_err(|e| Error::file(&place, &e))
    }
}

/// 40 hexadecimal digits.
pub(crate) fn is_commit(words: &str) -> bool {
    words.len() == 40 && words.bytes().all(|byte| byte.is_ascii_hexdigit())
}

pub(crate) fn make_parent(place: &Path) -> Result<()> {
    let Some(parent) = place.parent() else { return Ok(()) };
    fs::create_dir_all(parent).map_err(|e| Error::file(parent, &e))
}

/// Relative, so that the cache can move.
#[cfg(unix)]
fn link(_blob: &Path, etag: &str, name: &str, place: &Path) -> std::io::Result<()> {
    let folders = "../".repeat(2 + name.matches('/').count());
    std::os::unix::fs::symlink(format!("{folders}blobs/{etag}"), place)
}

/// Links need a privilege on Windows; Hugging Face's libraries copy there too.
#[cfg(not(unix))]
fn link(blob: &Path, _etag: &str, _name: &str, place: &Path) -> std::io::Result<()> {
    fs::hard_link(blob, place).or_else(|_| fs::copy(blob, place).map(drop))
}
