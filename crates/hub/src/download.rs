//! One file from the hub into the cache, whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use assort_files::Digest;
use sha1::{Digest as _, Sha1};

use crate::cache::{Cached, make_parent};
use crate::remote::{Checksum, Remote, Remotely};
use crate::{Error, Progress, RepoId, Result};

/// How often a connection may break before the user is told.
const ATTEMPTS: usize = 3;

/// Bytes that are moved at once.
const PIECE: usize = 1 << 16;

/// Fetches a file of a commit, unless its bytes are there under another commit's name.
pub(crate) fn fetch(
    remote: &Remote,
    cached: &Cached,
    repo: &RepoId,
    commit: &str,
    name: &str,
    progress: &mut dyn Progress,
) -> Result<()> {
    let file = remote.locate(repo, commit, name)?;
    let blob = cached.blob(&file.etag);
    let lock = cached.lock(&file.etag)?;
    if !blob.is_file() {
        make_parent(&blob)?;
        // The name that Hugging Face's libraries use, so that each goes on with what the other began.
        let partial = cached.blob(&format!("{}.incomplete", file.etag));
        // Its beginning may be of other bytes: it is tried once, then all is fetched anew.
        let is_begun = partial.exists();
        match whole(remote, repo, &file, name, &partial, progress) {
            Err(Error::Checksum { .. }) if is_begun => whole(remote, repo, &file, name, &partial, progress)?,
            other => other?,
        }
        fs::rename(&partial, &blob).map_err(|e| Error::file(&blob, &e))?;
    }
    drop(lock);
    progress.finish(name);
    cached.point(commit, name, &file.etag)
}

/// Completes a partial file, or throws it away where that comes out wrong.
fn whole(
    remote: &Remote,
    repo: &RepoId,
    file: &Remotely,
    name: &str,
    partial: &Path,
    progress: &mut dyn Progress,
) -> Result<()> {
    let mut attempt = 1;
    let result = loop {
        match append(remote, repo, file, name, partial, progress) {
            Err(Error::Stopped { .. }) if attempt < ATTEMPTS => attempt += 1,
            other => break other.and_then(|()| verify(file, name, partial)),
        }
    };
    if let Err(Error::Checksum { .. } | Error::Answer { .. }) = &result {
        let _ = fs::remove_file(partial);
    }
    result
}

/// Appends the bytes that are missing.
fn append(
    remote: &Remote,
    repo: &RepoId,
    file: &Remotely,
    name: &str,
    partial: &Path,
    progress: &mut dyn Progress,
) -> Result<()> {
    let io = |e: io::Error| Error::file(partial, &e);
    // Appending would change what a link points to.
    if partial.is_symlink() {
        fs::remove_file(partial).map_err(io)?;
    }
    let mut out = OpenOptions::new().create(true).append(true).open(partial).map_err(io)?;
    let mut done = out.metadata().map_err(io)?.len();
    let has_checksum = file.checksum().is_some();
    if has_checksum && file.size == Some(done) && done > 0 {
        return Ok(());
    }
    // Without a size nobody can tell where to go on, and without a checksum not whether the beginning was
    // right.
    if !has_checksum || file.size.is_none_or(|size| done > size) {
        out.set_len(0).map_err(io)?;
        done = 0;
    }
    let (mut body, start) = remote.open(repo, file, done)?;
    if start != done {
        out.set_len(start).map_err(io)?;
        done = start;
    }
    let mut piece = vec![0; PIECE];
    let stopped = |done, reason: String| {
        let total = file.size.unwrap_or(done);
        Error::Stopped { file: name.into(), done, total, reason }
    };
    loop {
        let count = body.read(&mut piece).map_err(|error| stopped(done, error.to_string()))?;
        if count == 0 {
            break;
        }
        done += count as u64;
        let most = file.size.unwrap_or(remote.limits().unsized_file);
        if done > most {
            let reason = match file.size {
                Some(_) => "more bytes came than the hub announced".into(),
                None => format!("more than {most} bytes came of a file whose size it does not tell"),
            };
            return Err(Error::Answer { url: format!("{repo}:{name}"), reason });
        }
        out.write_all(&piece[..count]).map_err(io)?;
        progress.advance(name, done, file.size);
    }
    out.sync_all().map_err(io)?;
    match file.size {
        Some(size) if size != done => Err(stopped(done, "the connection was closed".into())),
        _ => Ok(()),
    }
}

/// Compares with the checksum, where the entity tag is one.
fn verify(file: &Remotely, name: &str, partial: &Path) -> Result<()> {
    let Some(checksum) = file.checksum() else { return Ok(()) };
    let read = |out: &mut dyn Write| io::copy(&mut File::open(partial)?, out);
    let found = match checksum {
        Checksum::Sha256 => {
            let mut digest = Digest::new();
            read(&mut digest).map(|_| digest.finish())
        }
        Checksum::Blob => fs::metadata(partial).and_then(|metadata| {
            let mut digest = Sha1::new_with_prefix(format!("blob {}\0", metadata.len()));
            read(&mut digest).map(|_| format!("{:x}", digest.finalize()))
        }),
    };
    let found = found.map_err(|e| Error::file(partial, &e))?;
    match found.eq_ignore_ascii_case(&file.etag) {
        true => Ok(()),
        false => Err(Error::Checksum { file: name.into(), expected: file.etag.clone(), found }),
    }
}
