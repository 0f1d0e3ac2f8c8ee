//! Looks over delimited text before it is parsed, so that every fault is reported with its row.
//!
//! The parser proper splits files at quotes by parity and passes over surplus cells; this pass makes sure
//! that neither matters for the file at hand.

use std::path::Path;

use crate::{Error, Result};

/// The findings of the pass.
#[derive(Debug)]
pub(crate) struct Shape {
    /// The header's cells, trimmed.
    pub header: Vec<String>,
    /// Where the rows begin.
    pub body: usize,
    /// Rows, blank lines not counted.
    pub rows: u64,
    /// Byte ranges of blank lines.
    pub blanks: Vec<(usize, usize)>,
}

/// Whether quotation marks enclose cells or are characters like others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quotes {
    Enclose,
    Literal,
}

const UNCLOSED: &str = "a quotation mark opens a cell and is never closed";
const TRAILING: &str = "a cell goes on after its closing quotation mark: double the marks inside cells";
const STRAY: &str = "a quotation mark stands alone in a cell: put the cell into quotes and double the mark";

/// Checks the records of `text`, whose byte-order mark is gone.
pub(crate) fn scan(path: &Path, text: &str, separator: u8, quotes: Quotes) -> Result<Shape> {
    let bytes = text.as_bytes();
    let mut shape = Shape { header: Vec::new(), body: 0, rows: 0, blanks: Vec::new() };
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let fail = |problem| {
            let row = if shape.header.is_empty() { 0 } else { shape.rows + 1 };
            Error::Quotes { path: path.into(), row, line: line_of(bytes, start), problem }
        };
        let record = Record::next(text, start, separator, quotes).map_err(fail)?;
        at = record.end;
        if record.is_blank(bytes) {
            shape.blanks.push((start, at));
        } else if shape.header.is_empty() {
            shape.header = cells(text.get(start..at).unwrap_or_default(), separator, quotes);
            shape.body = at;
            shape.blanks.clear();
        } else {
            shape.rows += 1;
            if record.cells > shape.header.len() {
                return Err(Error::Ragged {
                    path: path.into(),
                    row: shape.rows,
                    line: line_of(bytes, start),
                    found: record.cells,
                    expected: shape.header.len(),
                });
            }
        }
    }
    Ok(shape)
}

/// The line, from 1, that holds the byte at `at`.
pub(crate) fn line_of(bytes: &[u8], at: usize) -> u64 {
    1 + bytes.iter().take(at).filter(|&&byte| byte == b'\n').count() as u64
}

/// The row that holds the byte at `at`, and the line that it begins on; row 0 is the header.
pub(crate) fn row_at(text: &str, at: usize, separator: u8) -> (u64, u64) {
    let bytes = text.as_bytes();
    let find = |quotes| {
        let (mut start, mut records) = (0, 0_u64);
        while start < bytes.len() {
            match Record::next(text, start, separator, quotes) {
                Ok(record) if record.end <= at => {
                    records += u64::from(!record.is_blank(bytes));
                    start = record.end;
                }
                Ok(_) => break,
                Err(_) => return Err((records, start)),
            }
        }
        Ok((records, start))
    };
    let found = match find(Quotes::Enclose) {
        Err(_) if separator == b'\t' => find(Quotes::Literal),
        found => found,
    };
    let (row, start) = found.unwrap_or_else(|stopped| stopped);
    (row, line_of(bytes, start))
}

struct Record {
    start: usize,
    /// Behind the line break.
    end: usize,
    cells: usize,
}

impl Record {
    fn is_blank(&self, bytes: &[u8]) -> bool {
        self.cells == 1 && matches!(bytes.get(self.start..self.end), Some(b"\n" | b"\r\n" | b"\r" | b""))
    }

    fn next(text: &str, start: usize, separator: u8, quotes: Quotes) -> Result<Self, &'static str> {
        let bytes = text.as_bytes();
        let mut cells = 1;
        let mut at = start;
        let mut stray = false;
        loop {
            if quotes == Quotes::Enclose && bytes.get(at) == Some(&b'"') {
                at = close(text, at + 1).ok_or(UNCLOSED)?;
                match (bytes.get(at), bytes.get(at + 1)) {
                    (Some(&byte), _) if byte == separator || byte == b'\n' => {}
                    (Some(b'\r'), Some(b'\n') | None) => at += 1,
                    (None, _) => {}
                    _ => return Err(TRAILING),
                }
            }
            let mut end = None;
            for &byte in bytes.get(at..).unwrap_or_default() {
                at += 1;
                if byte == b'\n' || byte == separator {
                    end = Some(byte);
                    break;
                }
                stray ^= byte == b'"';
            }
            match end {
                Some(byte) if byte == separator => cells += 1,
                _ if stray && quotes == Quotes::Enclose => return Err(STRAY),
                _ => return Ok(Self { start, end: at.min(bytes.len()), cells }),
            }
        }
    }
}

/// The place behind the mark that closes a quoted cell whose content begins at `at`.
fn close(text: &str, mut at: usize) -> Option<usize> {
    loop {
        at += text.get(at..)?.find('"')? + 1;
        if text.as_bytes().get(at) != Some(&b'"') {
            return Some(at);
        }
        at += 1;
    }
}

/// The cells of one record, trimmed and without their quotes.
fn cells(record: &str, separator: u8, quotes: Quotes) -> Vec<String> {
    let mut cells = Vec::new();
    let mut at = 0;
    loop {
        let rest = record.get(at..).unwrap_or_default();
        let length = match rest.strip_prefix('"') {
            Some(_) if quotes == Quotes::Enclose => close(rest, 1).unwrap_or(rest.len()),
            _ => rest.find(char::from(separator)).unwrap_or(rest.len()),
        };
        let cell = rest.get(..length).unwrap_or_default().trim();
        let inner = match quotes {
            Quotes::Enclose => cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')),
            Quotes::Literal => None,
        };
        cells.push(
            inner.map_or_else(|| cell.to_owned(), |inner| inner.replace("\"\"", "\"").trim().to_owned()),
        );
        at += length + 1;
        if rest.as_bytes().get(length) != Some(&separator) {
            return cells;
        }
    }
}
