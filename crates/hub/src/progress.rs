//! Downloads as they go on.

/// Who is told of downloads.
pub trait Progress {
    /// So many bytes of a file are there, of so many where that is known.
    fn advance(&mut self, file: &str, done: u64, total: Option<u64>);

    /// A file is whole.
    fn finish(&mut self, file: &str);
}

/// Tells nobody.
pub struct Silent;

impl Progress for Silent {
    fn advance(&mut self, _file: &str, _done: u64, _total: Option<u64>) {}

    fn finish(&mut self, _file: &str) {}
}
