//! Records of delimited text: RFC 4180, with blanks around quoted cells and lines that end as they like, and
//! every fault told.

use std::borrow::Cow;

use crate::invisible::trimmed;

/// Whether quotation marks enclose cells, and how one stands inside a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quotes {
    /// They enclose cells, and inside are doubled.
    Enclose,
    /// They enclose cells; a backslash stands before each inside, and before other bytes that part cells.
    Escaped,
    /// They are characters like others.
    Literal,
}

const UNCLOSED: &str = "a quotation mark opens a cell and is never closed: close it at the end of the cell, \
    or, if it belongs to the text, put the cell into quotes and double the mark";
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
    /// Cells of the first record.
    width: Option<usize>,
}

impl<'t> Records<'t> {
    pub(crate) fn new(text: &'t str, layout: Layout) -> Self {
        let Layout { separator, quotes, skip, .. } = layout;
        Self { text, separator, quotes, at: skip, cells: Vec::new(), width: None }
    }

    /// The records of a text that goes on from others, the first of which had so many cells.
    pub(crate) fn going_on(text: &'t str, layout: Layout, width: Option<usize>) -> Self {
        Self { width, ..Self::new(text, layout) }
    }

    /// The cells of the last record.
    pub(crate) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The place behind the last record.
    pub(crate) fn end(&self) -> usize {
        self.at
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
            let rules = Rules { separator: self.separator, quotes: self.quotes, returns: self.may_return() };
            let mut next = Cell::next(self.text, self.at, rules)?;
            if self.is_return(next.1) && !self.is_row(next.1 + 1) {
                next = Cell::next(self.text, self.at, Rules { returns: false, ..rules })?;
            }
            let (cell, limit) = next;
            self.cells.push(cell);
            self.at = (limit + 1).min(self.text.len());
            if self.text.as_bytes().get(limit) != Some(&self.separator) {
                self.width.get_or_insert(self.cells.len());
                return Ok(Some(&self.cells));
            }
        }
    }

    /// Whether a carriage return may end the record behind its next cell: if it has all cells by then.
    fn may_return(&self) -> bool {
        self.width.is_none_or(|width| self.cells.len() + 1 >= width)
    }

    fn is_return(&self, at: usize) -> bool {
        self.text.as_bytes().get(at) == Some(&b'\r')
    }

    /// Whether the line that begins at `at` is blank or has the cells of a row, of which the first is any.
    fn is_row(&self, at: usize) -> bool {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        let line = rest.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
        let cells = || 1 + line.iter().filter(|&&byte| byte == self.separator).count();
        line.is_empty() || self.width.is_none_or(|width| cells() >= width)
    }
}

/// How the next cell is read.
#[derive(Clone, Copy)]
struct Rules {
    separator: u8,
    quotes: Quotes,
    /// Whether a carriage return without a line feed ends the line.
    returns: bool,
}

/// The line, from 1, that holds the byte at `at`. Carriage returns without a line feed end lines too.
pub(crate) fn line_of(text: &str, at: usize) -> u64 {
    1 + line_ends(text.as_bytes().get(..at).unwrap_or(text.as_bytes()))
}

/// The ends of lines in some bytes. Carriage returns without a line feed end lines too.
pub(crate) fn line_ends(bytes: &[u8]) -> u64 {
    let ends =
        |place: usize, byte: u8| byte == b'\n' || (byte == b'\r' && bytes.get(place + 1) != Some(&b'\n'));
    bytes.iter().enumerate().filter(|&(place, &byte)| ends(place, byte)).count() as u64
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
    /// The separator, if backslashes escape it and quotation marks.
    escapes: Option<u8>,
}

impl Cell {
    /// The cell that begins at `at`, and the place of the separator or line end behind it, or of the end.
    fn next(text: &str, at: usize, rules: Rules) -> Result<(Self, usize), &'static str> {
        let Rules { separator, quotes, returns } = rules;
        let bytes = text.as_bytes();
        let behind_blanks = |from: usize| {
            let rest = bytes.get(from..).unwrap_or_default();
            from + rest.iter().take_while(|&&byte| byte == b' ').count()
        };
        let encloses = quotes != Quotes::Literal;
        let escapes = quotes == Quotes::Escaped;
        let cell =
            |start, end, is_quoted| Self { start, end, is_quoted, escapes: escapes.then_some(separator) };
        let open = if encloses { behind_blanks(at) } else { at };
        if encloses && bytes.get(open) == Some(&b'"') {
            let closed = close(text, open + 1, escapes);
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
                    Some(limit) => return Ok((cell(open + 1, end, true), limit)),
                    None if open == at => return Err(TRAILING),
                    None => {}
                }
            }
        }
        let mut limit = at;
        let mut stray = false;
        while let Some(&byte) = bytes.get(limit) {
            let is_return = returns && byte == b'\r' && bytes.get(limit + 1) != Some(&b'\n');
            if is_return || byte == b'\n' || byte == separator {
                break;
            }
            if escapes
                && byte == b'\\'
                && bytes.get(limit + 1).is_some_and(|&next| is_escapable(next, separator))
            {
                limit += 1;
            } else {
                stray ^= byte == b'"';
            }
            limit += 1;
        }
        if stray && encloses {
            return Err(STRAY);
        }
        let feeds = bytes.get(limit) == Some(&b'\n');
        let carriage_return = feeds && limit > at && bytes.get(limit - 1) == Some(&b'\r');
        Ok((cell(at, limit - usize::from(carriage_return), false), limit))
    }

    /// The content, with one mark for each that is doubled inside quotes, and without escaping backslashes.
    pub(crate) fn value<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let content = text.get(self.start..self.end).unwrap_or_default();
        if let Some(separator) = self.escapes {
            unescaped(content, separator, self.is_quoted).into()
        } else if self.is_quoted && content.contains('"') {
            content.replace("\"\"", "\"").into()
        } else {
            content.into()
        }
    }

    /// Whether it has no quotes around it and holds this.
    pub(crate) fn contains(&self, text: &str, part: &str) -> bool {
        !self.is_quoted && text.get(self.start..self.end).is_some_and(|content| content.contains(part))
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
fn close(text: &str, mut at: usize, escapes: bool) -> Option<usize> {
    let bytes = text.as_bytes();
    loop {
        at += match escapes {
            true => bytes.get(at..)?.iter().position(|byte| matches!(byte, b'"' | b'\\'))?,
            false => text.get(at..)?.find('"')?,
        };
        if bytes.get(at) == Some(&b'"') && bytes.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

/// Whether a backslash says that the byte behind it is meant as it stands.
fn is_escapable(byte: u8, separator: u8) -> bool {
    byte == b'"' || byte == b'\\' || byte == separator
}

/// The content of a cell without the backslashes that escape.
fn unescaped(content: &str, separator: u8, is_quoted: bool) -> String {
    let mut text = String::with_capacity(content.len());
    let mut characters = content.chars().peekable();
    while let Some(character) = characters.next() {
        let is_meant = |next: &char| next.is_ascii() && is_escapable(*next as u8, separator);
        let held = match character {
            '\\' => characters.next_if(is_meant),
            '"' if is_quoted => characters.next_if_eq(&'"'),
            _ => None,
        };
        text.push(held.unwrap_or(character));
    }
    text
}

/// The cells of one line as names; what the rules of quoting forbid is taken as it stands.
pub(crate) fn cells(line: &str, separator: u8, quotes: Quotes) -> Vec<String> {
    let mut cells = Vec::new();
    let mut at = 0;
    let next = |at, quotes| Cell::next(line, at, Rules { separator, quotes, returns: true });
    loop {
        let Ok((cell, limit)) = next(at, quotes).or_else(|_| next(at, Quotes::Literal)) else {
            return cells;
        };
        cells.push(cell.name(line));
        if line.as_bytes().get(limit) != Some(&separator) {
            return cells;
        }
        at = limit + 1;
    }
}
