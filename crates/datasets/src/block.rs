//! A few rows of a file at a time.

use crate::{Column, Texts};

/// Rows of a file that follow one another.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// The texts, none of them empty.
    pub texts: Texts,
    /// For each text its row in the file, from 1. Blank lines count only in files of plain lines.
    pub rows: Vec<u64>,
    /// Cells of the columns that are carried along, one a text.
    pub columns: Vec<Column>,
    /// Bytes of the file that were read so far.
    pub bytes: u64,
}

impl Block {
    /// The most rows of a block; all but the last have as many, unless their texts are long.
    pub const ROWS: usize = 4096;

    /// The bytes of texts that end a block before it has its rows.
    pub const BYTES: usize = 1 << 24;

    /// The rows that `keeps` says yes for, one answer a row.
    pub fn retain(&mut self, keeps: &[bool]) {
        let kept = |index: &usize| keeps.get(*index) == Some(&true);
        self.texts = (0..self.texts.len()).filter(kept).filter_map(|index| self.texts.get(index)).collect();
        let mut each = keeps.iter();
        self.rows.retain(|_| each.next() == Some(&true));
        self.columns.iter_mut().for_each(|column| column.values.retain(keeps));
    }
}
