//! The files of sub-word tokenizers.

use super::bert;
use super::bounds::Cutter;
use crate::Error;
use std::path::{Path, PathBuf};

/// The file itself, or a folder's `tokenizer.json` or else `vocab.txt`.
pub(super) fn find(path: &Path) -> Result<PathBuf, Error> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let mut names = ["tokenizer.json", "vocab.txt"].into_iter().map(|name| path.join(name));
    names.find(|path| path.exists()).ok_or_else(|| {
        let problem = "the folder holds neither tokenizer.json nor vocab.txt".to_owned();
        Error::TokenizerFile { path: path.to_owned(), problem }
    })
}

/// The tokenizer of a file's bytes, or their fault.
pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Cutter, String> {
    match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => Cutter::from_bytes(bytes).map_err(|error| format!("no tokenizer.json ({error})")),
        Some(_) => bert::read(path, bytes),
        None => Err("it is empty".to_owned()),
    }
}
