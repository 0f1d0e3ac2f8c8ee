//! A file as blocks of whole lines, unpacked if it is packed by gzip.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use crate::Error;

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
    /// Opens a file and looks at its first bytes.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::File { path: path.to_owned(), source };
        let mut file = BufReader::with_capacity(1 << 16, File::open(path).map_err(failed)?);
        let start = file.fill_buf().map_err(failed)?;
        if start.starts_with(b"PK\x03\x04") {
            let problem = "a zip archive: unpack it and name the text file that is in it";
            return Err(Error::Kind { path: path.to_owned(), problem });
        }
        let is_packed = start.starts_with(&[0x1f, 0x8b]);
        let source: Box<dyn Read + Send> =
            if is_packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
        Ok(Self { source, path: path.to_owned(), rest: Vec::new(), next_line: 1, is_packed })
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
        match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                let problem = format!("here or after it the packed file is torn ({error}): fetch it again");
                Error::Line { path, line: self.next_line, problem }
            }
            _ => Error::File { path, source: error },
        }
    }
}
