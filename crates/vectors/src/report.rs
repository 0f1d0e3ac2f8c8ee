//! What reading a file found besides its vectors.

use std::path::Path;

/// Findings of reading a file besides its vectors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadReport {
    /// The number of words that the header tells, where there is a header.
    pub announced: Option<usize>,
    /// Rows of words that had stood before: the first vector of a word holds.
    pub duplicates: usize,
    /// The line of the first of them, counted from 1, where the file has lines.
    pub first_duplicate: Option<usize>,
}

impl ReadReport {
    /// Findings that a user should know of a file with so many different words.
    pub fn cautions(&self, path: &Path, words: usize) -> Vec<String> {
        let mut cautions = Vec::new();
        if self.duplicates > 0 {
            let rows = if self.duplicates == 1 { "row" } else { "rows" };
            let line = self.first_duplicate.map(|line| format!(", the first on line {line}"));
            cautions.push(format!(
                "{}: {} {rows} of a word that stood before{}: the first vector of a word holds",
                path.display(),
                self.duplicates,
                line.unwrap_or_default(),
            ));
        }
        let rows = words + self.duplicates;
        if let Some(told) = self.announced.filter(|told| *told != rows) {
            let path = path.display();
            cautions.push(format!(
                "{path}: the first line tells {told} words, but {rows} rows follow; is it whole?"
            ));
        }
        cautions
    }
}
