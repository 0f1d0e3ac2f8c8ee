//! The bytes of a vectors file, unpacked if they are packed by gzip.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use crate::Error;

/// So many first bytes tell what a file is.
const SAMPLE: u64 = 1 << 16;

/// An opened file.
pub struct Source {
    pub bytes: Box<dyn Read + Send>,
    pub path: PathBuf,
    /// The first bytes; `bytes` begins with them.
    pub sample: Vec<u8>,
    /// Whether gzip packed the file: then its size says nothing of its content.
    pub is_packed: bool,
}

impl Source {
    /// Opens a file and looks at its first bytes.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::File { path: path.to_owned(), source };
        let mut file = BufReader::with_capacity(SAMPLE as usize, File::open(path).map_err(failed)?);
        let start = file.fill_buf().map_err(failed)?;
        if start.starts_with(b"PK\x03\x04") {
            let problem = "a zip archive: unpack it and name the text file that is in it";
            return Err(Error::Kind { path: path.to_owned(), problem });
        }
        let is_packed = start.starts_with(&[0x1f, 0x8b]);
        let mut bytes: Box<dyn Read + Send> =
            if is_packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
        let mut sample = Vec::new();
        // A fault comes again, to the one who reads on and knows the place.
        let fault = (&mut bytes).take(SAMPLE).read_to_end(&mut sample).err();
        let rest: Box<dyn Read + Send> = match fault {
            Some(fault) => Box::new(Failing(Some(fault))),
            None => bytes,
        };
        let bytes = Box::new(Cursor::new(sample.clone()).chain(rest));
        Ok(Self { bytes, path: path.to_owned(), sample, is_packed })
    }
}

/// Fails with an error, once.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Whether an error says that the content is torn, and not that the file cannot be read.
pub fn is_torn(error: &io::Error) -> bool {
    let kinds = [io::ErrorKind::UnexpectedEof, io::ErrorKind::InvalidData, io::ErrorKind::InvalidInput];
    kinds.contains(&error.kind())
}
