//! Files of word vectors, and text files among them: GloVe's, word2vec's and fastText's `.vec`.

use std::path::Path;

use assort_text::WordSet;
use rayon::prelude::*;

use crate::binary::{is_word2vec, read_word2vec};
use crate::blocks::{Block, Blocks};
use crate::fasttext::{is_fasttext, read_fasttext};
use crate::parse::{self, Fault, Rows};
use crate::report::ReadReport;
use crate::source::Source;
use crate::{Error, WordVectors};

/// Reads a file of whichever kind it is.
pub fn read_file(path: &Path) -> Result<(WordVectors, ReadReport), Error> {
    let source = Source::open(path)?;
    match &source.sample {
        sample if is_fasttext(sample) => read_fasttext(source),
        sample if is_word2vec(sample) => read_word2vec(source),
        _ => read_text(source, path),
    }
}

/// Reads a text file. While some blocks are parsed in parallel, the next ones are read.
fn read_text(source: Source, path: &Path) -> Result<(WordVectors, ReadReport), Error> {
    let mut blocks = Blocks::new(source);
    let at_once = rayon::current_num_threads();
    let mut batch = blocks.next_blocks(at_once)?;
    let empty = || Error::Kind {
        path: path.to_owned(),
        problem: "the file is empty: expected a line for each word, with the word and its numbers",
    };
    let first = batch.first_mut().ok_or_else(empty)?;
    let line = |line, problem| Error::Line { path: path.to_owned(), line, problem };
    let announced = take_header(first);
    let (skipped, row) = first_row(first).ok_or_else(empty)?;
    let width = parse::width(row).map_err(|problem| line(first.first_line + skipped, problem))?;
    if let Some((_, told)) = announced
        && told != width
    {
        let problem =
            format!("expected {told} numbers after the word, as the first line tells, found {width}");
        return Err(line(first.first_line + skipped, problem));
    }
    let mut file_bytes = if blocks.is_packed { None } else { path.metadata().ok().map(|file| file.len()) };
    let mut table = Collected::default();
    table.report.announced = announced.map(|(words, _)| words);
    while !batch.is_empty() {
        let (parsed, next) = rayon::join(
            || batch.par_iter().map(|block| parse::rows(&block.bytes, width)).collect::<Vec<_>>(),
            || blocks.next_blocks(at_once),
        );
        let bytes: usize = batch.iter().map(|block| block.bytes.len()).sum();
        for (block, rows) in batch.iter().zip(parsed) {
            let rows = rows.map_err(|(index, problem): Fault| line(block.first_line + index, problem))?;
            table.add(&rows, width, block.first_line);
        }
        if let Some(file) = file_bytes.take() {
            table.expect(file as f64 / bytes as f64);
        }
        batch = next?;
    }
    Ok((WordVectors::new(table.words, table.values)?, table.report))
}

/// Cuts the header off the first block; the number of words and their width that it tells.
fn take_header(block: &mut Block) -> Option<(usize, usize)> {
    let length = block.bytes.len();
    let end = block.bytes.iter().position(|byte| *byte == b'\n').unwrap_or(length);
    let header = parse::header(block.bytes.get(..end)?)?;
    block.bytes.drain(..length.min(end + 1));
    block.first_line += 1;
    Some(header)
}

/// The first line that is not blank, and how many stand before it.
fn first_row(block: &Block) -> Option<(usize, &[u8])> {
    let mut lines = block.bytes.split(|byte| *byte == b'\n').enumerate();
    lines.find(|(_, line)| !line.trim_ascii().is_empty())
}

/// The rows so far.
#[derive(Default)]
struct Collected {
    words: WordSet,
    values: Vec<f32>,
    report: ReadReport,
}

impl Collected {
    fn add(&mut self, rows: &Rows, width: usize, first_line: usize) {
        let mut start = 0;
        let mut copied = 0;
        for (row, (end, line)) in rows.ends.iter().zip(&rows.lines).enumerate() {
            let known = self.words.len();
            self.words.insert(rows.text.get(start..*end).unwrap_or_default());
            start = *end;
            if self.words.len() == known {
                self.values
                    .extend_from_slice(rows.values.get(copied * width..row * width).unwrap_or_default());
                copied = row + 1;
                self.report.duplicates += 1;
                self.report.first_duplicate.get_or_insert(first_line + *line as usize);
            }
        }
        self.values.extend_from_slice(rows.values.get(copied * width..).unwrap_or_default());
    }

    /// Makes room for so many times what is there: a table that grows by doubling is copied again and again.
    fn expect(&mut self, times: f64) {
        const MARGIN: f64 = 1.02;
        let whole = (self.values.len() as f64 * times * MARGIN) as usize;
        // Without the room it grows as it goes.
        let _ = self.values.try_reserve_exact(whole.saturating_sub(self.values.len()));
    }
}
