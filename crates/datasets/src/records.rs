//! Records of delimited text: RFC 4180, with blanks around quoted cells and lines that end as they like, and
//! every fault told.

use std::borrow::Cow;

use crate::invisible::trimmed;

/// Whether quotation marks enclose cells or are characters like others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quotes {
    Enclose,
    Literal,
}

const UNCLOSED: &str = "a quotation mark opens a cell and is never closed";
const TRAILING: &str = "a cell goes on after its closing quotation mark: double the marks inside cells";
const STRAY: &str = "a quotation mark stands alone in a cell: put the cell into quotes and double the mark";

/// How the cells of a file are parted, and where they begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    pub separator: u8,
    pub quotes: Quotes,
    /// Whether the first row names the columns.
    pub header: bool,
    /// Bytes at the beginning that are no rows.
    pub skip: usize,
}

/// The records of a text one by one, blank lines left out.
pub(crate) struct Records<'t> {
    text: &'t str,
    separator: u8,
    quotes: Quotes,
    at: usize,
    cells: Vec<Cell>,
}

impl<'t> Records<'t> {
    pub(crate) fn new(text: &'t str, layout: Layout) -> Self {
        let Layout { separator, quotes, skip, .. } = layout;
        Self { text, separator, quotes, at: skip, cells: Vec::new() }
    }

    /// The place behind the last record and the blank lines that follow it.
    pub(crate) fn place(&mut self) -> usize {
        let bytes = self.text.as_bytes();
        loop {
            self.at += match (bytes.get(self.at), bytes.get(self.at + 1)) {
                (Some(b'\n'), _) => 1,
                (Some(b'\r'), Some(b'\n')) => 2,
                (Some(b'\r'), _) => 1,
                _ => return self.at,
            };
        }
    }

    /// The cells of the next record, or `None` behind the last; the error is the fault of its quotes.
    pub(crate) fn next(&mut self) -> Result<Option<&[Cell]>, &'static str> {
        if self.place() >= self.text.len() {
            return Ok(None);
        }
        self.cells.clear();
        loop {
            let (cell, limit) = Cell::next(self.text, self.at, self.separator, self.quotes)?;
            self.cells.push(cell);
            self.at = (limit + 1).min(self.text.len());
            if self.text.as_bytes().get(limit) != Some(&self.separator) {
                return Ok(Some(&self.cells));
            }
        }
    }
}

/// The line, from 1, that holds the byte at `at`. Carriage returns without a line feed end lines too.
pub(crate) fn line_of(text: &str, at: usize) -> u64 {
    let bytes = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    let ends =
        |place: usize, byte: u8| byte == b'\n' || (byte == b'\r' && bytes.get(place + 1) != Some(&b'\n'));
    1 + bytes.iter().enumerate().filter(|&(place, &byte)| ends(place, byte)).count() as u64
}

/// The row that holds the byte at `at`, and the line that it begins on; row 0 is the header.
pub(crate) fn row_at(text: &str, at: usize, layout: Layout) -> (u64, u64) {
    let find = |quotes| {
        let mut records = Records::new(text, Layout { quotes, ..layout });
        let mut row = u64::from(!layout.header);
        loop {
            let start = records.place();
            match records.next().map(|cells| cells.is_some()) {
                Err(_) => return Err((row, start)),
                Ok(true) if records.at <= at => row += 1,
                Ok(_) => return Ok((row, start)),
            }
        }
    };
    let found = match find(Quotes::Enclose) {
        Err(_) if layout.separator == b'\t' => find(Quotes::Literal),
        found => found,
    };
    let (row, start) = found.unwrap_or_else(|stopped| stopped);
    (row, line_of(text, start))
}

/// A cell of a text, by its place; without the quotation marks if these enclose it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    start: usize,
    end: usize,
    is_quoted: bool,
}

impl Cell {
    /// The cell that begins at `at`, and the place of the separator or line end behind it, or of the end.
    fn next(text: &str, at: usize, separator: u8, quotes: Quotes) -> Result<(Self, usize), &'static str> {
        let bytes = text.as_bytes();
        let behind_blanks = |from: usize| {
            let rest = bytes.get(from..).unwrap_or_default();
            from + rest.iter().take_while(|&&byte| byte == b' ').count()
        };
        let open = if quotes == Quotes::Enclose { behind_blanks(at) } else { at };
        if quotes == Quotes::Enclose && bytes.get(open) == Some(&b'"') {
            let closed = close(text, open + 1);
            if closed.is_none() && open == at {
                return Err(UNCLOSED);
            }
            if let Some(end) = closed {
                let limit = behind_blanks(end + 1);
                let limit = match (bytes.get(limit), bytes.get(limit + 1)) {
                    (Some(&byte), _) if byte == separator || byte == b'\n' => Some(limit),
                    (Some(b'\r'), Some(b'\n')) => Some(limit + 1),
                    (Some(b'\r'), _) => Some(limit),
                    (None, _) => Some(limit),
                    _ => None,
                };
                match limit {
                    Some(limit) => return Ok((Self { start: open + 1, end, is_quoted: true }, limit)),
                    None if open == at => return Err(TRAILING),
                    None => {}
                }
            }
        }
        let mut limit = at;
        let mut stray = false;
        for &byte in bytes.get(at..).unwrap_or_default() {
            let ends_line = byte == b'\n' || (byte == b'\r' && bytes.get(limit + 1) != Some(&b'\n'));
            if ends_line || byte == separator {
                break;
            }
            limit += 1;
            stray ^= byte == b'"';
        }
        if stray && quotes == Quotes::Enclose {
            return Err(STRAY);
        }
        let feeds = bytes.get(limit) == Some(&b'\n');
        let carriage_return = feeds && limit > at && bytes.get(limit - 1) == Some(&b'\r');
        Ok((Self { start: at, end: limit - usize::from(carriage_return), is_quoted: false }, limit))
    }

    /// The content, with one mark for each doubled one inside quotes.
    pub(crate) fn value<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let content = text.get(self.start..self.end).unwrap_or_default();
        if self.is_quoted && content.contains('"') {
            content.replace("\"\"", "\"").into()
        } else {
            content.into()
        }
    }

    /// The content as the name of a column.
    pub(crate) fn name(&self, text: &str) -> String {
        trimmed(&self.value(text)).to_owned()
    }

    /// Whether a line ends inside it.
    pub(crate) fn spans_lines(&self, text: &str) -> bool {
        self.is_quoted && text.get(self.start..self.end).is_some_and(|content| content.contains('\n'))
    }
}

/// The place of the mark that closes a quoted cell whose content begins at `at`.
fn close(text: &str, mut at: usize) -> Option<usize> {
    loop {
        at += text.get(at..)?.find('"')?;
        if text.as_bytes().get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

/// The cells of one line as names; what the rules of quoting forbid is taken as it stands.
pub(crate) fn cells(line: &str, separator: u8, quotes: Quotes) -> Vec<String> {
    let mut cells = Vec::new();
    let mut at = 0;
    loop {
        let cell = Cell::next(line, at, separator, quotes);
        let Ok((cell, limit)) = cell.or_else(|_| Cell::next(line, at, separator, Quotes::Literal)) else {
            return cells;
        };
        cells.push(cell.name(line));
        if line.as_bytes().get(limit) != Some(&separator) {
            return cells;
        }
        at = limit + 1;
    }
}
