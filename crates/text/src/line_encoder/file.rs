//! The words of a [`LineEncoder`] as a file: one `word<TAB>count` a line as in a vocabulary, then, where not
//! all buckets have a row, a line `<TAB>bucket` for each that has one. The id is the line's number from 0.

use super::{LineConfig, LineEncoder};
use crate::Error;
use crate::lines::{self, Fault};
use crate::vocab_file::{entry, escape};
use std::path::Path;

impl LineEncoder {
    /// Writes the file beside its place, then renames it into it.
    ///
    /// # Errors
    /// [`Error::File`] if the place cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let mut text = String::new();
        for (word, count) in self.words() {
            escape(word, &mut text);
            text.push_str(&format!("\t{count}\n"));
        }
        for bucket in self.kept.iter().flatten() {
            text.push_str(&format!("\t{bucket}\n"));
        }
        assort_files::write(path, text.as_bytes()).map_err(Error::file("write", path))
    }

    /// Reads what [`LineEncoder::save`] wrote, of `width` ids in all.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read; [`Error::ListFile`] with the line if it is torn or no such list;
    /// as [`LineEncoder::new`].
    pub fn load(path: &Path, config: LineConfig, width: usize) -> Result<Self, Error> {
        let (words, kept) = lines::read(path, "list of words", parse)?;
        // Without a list all have a row, where there is room for them.
        let are_all = kept.is_empty() && width > words.len();
        Self::new(config, words, (!are_all).then_some(kept))
    }
}

/// Words with their counts, and kept buckets.
type Lists = (Vec<(String, u64)>, Vec<u32>);

fn parse(text: &str) -> Result<Lists, Fault> {
    let (mut words, mut kept) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let problem = |text: String| (number, text);
        let torn = || problem("the line is not ended: the file is torn".to_owned());
        let line = line.strip_suffix('\n').ok_or_else(torn)?;
        match line.strip_prefix('\t') {
            Some(bucket) => {
                let wrong = |_| problem(format!("expected the number of a bucket, found '{bucket}'"));
                kept.push(bucket.parse().map_err(wrong)?);
            }
            None if kept.is_empty() => {
                let (word, count) = entry(line).map_err(problem)?;
                words.push((word.into_owned(), count));
            }
            None => return Err(problem("expected words first, then buckets".to_owned())),
        }
    }
    Ok((words, kept))
}
