//! A file as blocks of whole lines.

use std::io::{self, Read};
use std::path::PathBuf;

use crate::Error;
use crate::source::{Source, is_torn};

/// Bytes of a block, and at most of a line.
const BLOCK: usize = 4 << 20;

/// Whole lines, and the number of the first one, counted from 1.
#[derive(Debug)]
pub struct Block {
    pub first_line: usize,
    pub bytes: Vec<u8>,
}

pub struct Blocks {
    source: Box<dyn Read + Send>,
    path: PathBuf,
    /// The beginning of a line that the last block ended in.
    rest: Vec<u8>,
    next_line: usize,
    /// Whether gzip packed the file: then its size says nothing of its lines.
    pub is_packed: bool,
}

impl Blocks {
    /// The blocks of an opened file.
    pub fn new(source: Source) -> Self {
        let Source { bytes, path, is_packed, .. } = source;
        Self { source: bytes, path, rest: Vec::new(), next_line: 1, is_packed }
    }

    /// Up to `count` blocks; none at the end of the file.
    pub fn next_blocks(&mut self, count: usize) -> Result<Vec<Block>, Error> {
        (0..count).map_while(|_| self.next_block().transpose()).collect()
    }

    fn next_block(&mut self) -> Result<Option<Block>, Error> {
        let mut bytes = std::mem::take(&mut self.rest);
        bytes.reserve_exact(BLOCK);
        let before = bytes.len();
        let read = (&mut self.source).take(BLOCK as u64).read_to_end(&mut bytes);
        let is_last = match read {
            Ok(_) => bytes.len() - before < BLOCK,
            Err(error) => return Err(self.unreadable(error)),
        };
        let first_line = self.next_line;
        if !is_last {
            let Some(end) = bytes.iter().rposition(|byte| *byte == b'\n') else {
                let problem =
                    format!("a line of more than {} MiB: this is no file of word vectors", BLOCK >> 20);
                return Err(Error::Line { path: self.path.clone(), line: first_line, problem });
            };
            self.rest = bytes.split_off(end + 1);
            self.next_line += bytes.iter().filter(|byte| **byte == b'\n').count();
        }
        Ok((!bytes.is_empty()).then_some(Block { first_line, bytes }))
    }

    fn unreadable(&self, error: io::Error) -> Error {
        let path = self.path.clone();
        match is_torn(&error) {
            true => {
                let problem = format!("here or after it the packed file is torn ({error}): fetch it again");
                Error::Line { path, line: self.next_line, problem }
            }
            false => Error::File { path, source: error },
        }
    }
}
