//! Where the bytes of a file are.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use polars_buffer::Buffer;
use polars_parquet::read::{FileMetadata, read_metadata};

/// The bytes of a file, in memory or on the disk.
pub(crate) enum Room {
    Memory(Buffer<u8>),
    Disk { file: Mutex<File>, length: u64 },
}

impl Room {
    /// Those of a file on the disk.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Self::Disk { file: Mutex::new(file), length })
    }

    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::Disk { length, .. } => *length,
        }
    }

    /// Some of the bytes, which lie in the file.
    pub(crate) fn bytes(&self, range: Range<u64>) -> Result<Buffer<u8>, String> {
        let (start, end) = (range.start, range.end);
        if start > end || end > self.len() {
            return Err(format!("its bytes {start} to {end} lie outside the file"));
        }
        match self {
            Self::Memory(bytes) => Ok(bytes.clone().sliced(start as usize..end as usize)),
            Self::Disk { file, .. } => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                let mut bytes = vec![0; (end - start) as usize];
                file.seek(SeekFrom::Start(start))
                    .and_then(|_| file.read_exact(&mut bytes))
                    .map_err(|error| error.to_string())?;
                Ok(Buffer::from_vec(bytes))
            }
        }
    }

    pub(crate) fn metadata(&self) -> Result<FileMetadata, String> {
        let read = match self {
            Self::Memory(bytes) => read_metadata(&mut Cursor::new(&bytes[..])),
            Self::Disk { file, .. } => {
                read_metadata(&mut *file.lock().unwrap_or_else(PoisonError::into_inner))
            }
        };
        read.map_err(|error| error.to_string())
    }
}
