//! A file in memory, page by page as it is needed. The crate's only `unsafe`.

use std::fs::File;
use std::io;
use std::ops::Deref;

/// The bytes of a file; page-aligned.
#[derive(Debug)]
pub struct Mapping(memmap2::Mmap);

impl Mapping {
    /// Maps the whole file, read-only.
    #[allow(unsafe_code)]
    pub fn new(file: &File) -> io::Result<Self> {
        // SAFETY: the bytes must not change while they are mapped. Only cache files are mapped. This crate
        // writes one under another name, renames it when it is whole, and never opens it for writing again: a
        // newer one replaces the name, and the mapped file lives on without it.
        unsafe { memmap2::Mmap::map(file) }.map(Self)
    }
}

impl Deref for Mapping {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}
