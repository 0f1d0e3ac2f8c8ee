//! The files of sub-word tokenizers.

use super::bert;
use crate::Error;
use std::path::{Path, PathBuf};
use tokenizers::Tokenizer;

/// The tokenizer of a file, or of a folder's `tokenizer.json` or else `vocab.txt`, and the file.
pub(super) fn read(path: &Path) -> Result<(PathBuf, Tokenizer), Error> {
    let path = match path.is_dir() {
        true => {
            let names = ["tokenizer.json", "vocab.txt"].map(|name| path.join(name));
            let Some(found) = names.into_iter().find(|path| path.is_file()) else {
                let problem = "the folder holds neither tokenizer.json nor vocab.txt".to_owned();
                return Err(Error::TokenizerFile { path: path.to_owned(), problem });
            };
            found
        }
        false => path.to_owned(),
    };
    let bytes = std::fs::read(&path).map_err(Error::file("read", &path))?;
    let tokenizer = match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => Tokenizer::from_bytes(&bytes).map_err(|error| format!("no tokenizer.json ({error})")),
        Some(_) => bert::read(&path, &bytes),
        None => Err("it is empty".to_owned()),
    };
    match tokenizer {
        Ok(tokenizer) => Ok((path, tokenizer)),
        Err(problem) => Err(Error::TokenizerFile { path, problem }),
    }
}
