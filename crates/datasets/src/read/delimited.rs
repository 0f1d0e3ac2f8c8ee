//! CSV and TSV.

use crate::carried::{Carried, CellKind};
use crate::collect::Collector;
use crate::columns::{self, Chosen};
use crate::read::pieces::{self, After, Parser, Piece};
use crate::read::sniff::Kind;
use crate::read::source;
use crate::records::{self, Cell, Layout, Quotes, Records};
use crate::request::Request;
use crate::{Error, Note, Result};

/// A quotation mark behind a backslash.
const ESCAPED: &str = "\\\"";

/// Reads a file that is in memory.
pub(crate) fn read<'r>(request: &'r Request<'r>, bytes: &[u8], kind: Kind) -> Result<Collector<'r>> {
    let has_escapes = contains(bytes, ESCAPED.as_bytes());
    let reading = settle(kind, has_escapes, |quotes| {
        let mut rows = Rows::new(kind, quotes, !request.options.no_header);
        let collector = pieces::whole(request, bytes, kind.format, &mut rows)?;
        Ok(Reading { collector, rows })
    })?;
    Ok(reading.collector)
}

/// The rows of a file of this kind, to be read piece by piece. A file with quotation marks that may be meant
/// in several ways is read once before, to see which one fits all of it.
pub(crate) fn rows<'r>(request: &'r Request<'r>, kind: Kind, is_plain_file: bool) -> Result<Rows> {
    let rows = |quotes| Rows::new(kind, quotes, !request.options.no_header);
    let (has_marks, has_escapes) = match is_plain_file {
        true => marks(request)?,
        false => (false, false),
    };
    let is_in_doubt = has_escapes || (has_marks && kind.separator == b'\t');
    if !is_in_doubt {
        return Ok(rows(Quotes::Enclose));
    }
    let reading = settle(kind, has_escapes, |quotes| {
        let mut rows = rows(quotes);
        let mut collector = Collector::new(request, kind.format);
        collector.forget();
        pieces::stream(request, source::stream(request.path)?, kind.format, &mut rows, &mut collector)?;
        Ok(Reading { collector, rows })
    });
    // A fault is told where it is met.
    let Ok(reading) = reading else { return Ok(rows(Quotes::Enclose)) };
    let notes = reading.collector.report.notes;
    Ok(Rows { notes, is_settled: true, ..rows(reading.rows.layout.quotes) })
}

/// Whether a file has quotation marks, and whether it has some behind backslashes.
fn marks(request: &Request<'_>) -> Result<(bool, bool)> {
    use std::io::Read;
    let stream = source::stream(request.path)?;
    let mut bytes = stream.head.bytes;
    let (mut marks, mut escapes) = (false, false);
    let mut rest = stream.rest;
    loop {
        marks |= bytes.contains(&b'"');
        escapes |= marks && contains(&bytes, ESCAPED.as_bytes());
        // A pair may lie over the border.
        let last = bytes.last().copied();
        bytes.clear();
        bytes.extend(last);
        let read = rest.by_ref().take(1 << 20).read_to_end(&mut bytes);
        // A fault is told where it is met.
        if (marks && escapes) || !read.is_ok_and(|read| read > 0) {
            return Ok((marks, escapes));
        }
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// A file that was read with quotation marks of one meaning.
struct Reading<'r> {
    collector: Collector<'r>,
    rows: Rows,
}

/// Reads a file with the quotation marks that fit it.
fn settle<'r>(
    kind: Kind,
    has_escapes: bool,
    mut read: impl FnMut(Quotes) -> Result<Reading<'r>>,
) -> Result<Reading<'r>> {
    let tabs = kind.separator == b'\t';
    let enclosed = read(Quotes::Enclose);
    if let Err(Error::Quotes { row, .. } | Error::Ragged { row, .. }) = enclosed
        && has_escapes
        && let Ok(mut reading) = read(Quotes::Escaped)
        && reading.rows.swallowed.is_none()
    {
        reading.collector.note(Note::EscapedQuotes { row });
        return Ok(reading);
    }
    let mut reading = match enclosed {
        // Files parted by tabs are often written without any quoting.
        Err(Error::Quotes { row, .. }) if tabs => {
            let mut reading = read(Quotes::Literal)?;
            reading.collector.note(Note::LiteralQuotes { row });
            return Ok(reading);
        }
        read => read?,
    };
    let Some(Swallowed { row, line, lines, others }) = reading.rows.swallowed else { return Ok(reading) };
    if tabs
        && reading.collector.has_labels()
        && let Ok(mut literal) = read(Quotes::Literal)
    {
        literal.collector.note(Note::LiteralQuotes { row });
        return Ok(literal);
    }
    reading.collector.note(Note::LongCell { row, line, lines, others });
    Ok(reading)
}

/// The first row that seems to have swallowed others, and how many more do: a quoted cell goes over lines
/// that would be rows.
#[derive(Clone, Copy)]
struct Swallowed {
    row: u64,
    line: u64,
    lines: u64,
    others: u64,
}

/// A row with a quoted cell over several lines, by its place in the piece.
struct Long {
    row: u64,
    start: usize,
    end: usize,
    /// The column of the quoted cell.
    column: usize,
}

/// The rows of a file so far.
pub(crate) struct Rows {
    layout: Layout,
    chosen: Option<Chosen>,
    /// Cells of the first record.
    width: Option<usize>,
    row: u64,
    /// The first row with a mark behind a backslash outside of quotes, its line, and how many have one.
    escaped: Option<(u64, u64, u64)>,
    swallowed: Option<Swallowed>,
    /// What is known of the file before it is read.
    notes: Vec<Note>,
    is_settled: bool,
}

impl Parser for Rows {
    fn take<'r>(
        &mut self,
        request: &'r Request<'r>,
        piece: &Piece<'_>,
        collector: &mut Collector<'r>,
    ) -> Result<usize> {
        let text = match std::str::from_utf8(piece.bytes) {
            Ok(text) => text,
            // A character may lie over the border.
            Err(error) if error.error_len().is_none() && piece.after != After::Nothing => {
                let whole = piece.bytes.get(..error.valid_up_to()).unwrap_or_default();
                std::str::from_utf8(whole).unwrap_or_default()
            }
            Err(error) => return Err(self.broken(piece, error.valid_up_to())),
        };
        self.take_text(request, text, piece, collector)
    }

    fn finish<'r>(&mut self, request: &'r Request<'r>, collector: &mut Collector<'r>) -> Result<()> {
        if self.chosen.is_none() {
            return Err(Error::Empty(request.path.into()));
        }
        if self.row == 0 {
            return Err(Error::HeaderOnly(request.path.into()));
        }
        if self.is_settled {
            std::mem::take(&mut self.notes).into_iter().for_each(|note| collector.note(note));
        } else if let Some((row, line, rows)) = self.escaped {
            collector.note(Note::LiteralBackslashes { row, line, others: rows - 1 });
        }
        Ok(())
    }
}

impl Rows {
    fn new(kind: Kind, quotes: Quotes, header: bool) -> Self {
        let layout = Layout { separator: kind.separator, quotes, header, skip: kind.skip };
        Self {
            layout,
            chosen: None,
            width: None,
            row: 0,
            escaped: None,
            swallowed: None,
            notes: Vec::new(),
            is_settled: false,
        }
    }

    fn take_text<'r>(
        &mut self,
        request: &'r Request<'r>,
        text: &str,
        piece: &Piece<'_>,
        collector: &mut Collector<'r>,
    ) -> Result<usize> {
        let path = request.path;
        let layout = Layout { skip: if piece.before == 0 { self.layout.skip } else { 0 }, ..self.layout };
        let mut records = Records::going_on(text, layout, self.width);
        let mut long = Vec::new();
        let may_escape = layout.quotes == Quotes::Enclose && text.contains(ESCAPED);
        let line_of = |at| piece.lines + records::line_of(text, at);
        // A record is whole if the line behind it is.
        let last_end = match piece.after {
            After::Nothing => text.len(),
            _ => text.rfind(['\n', '\r']).unwrap_or(0),
        };
        let mut taken = layout.skip.min(text.len());
        loop {
            let start = records.place();
            let in_header = self.chosen.is_none() && layout.header;
            let (row, is_last) = (self.row, piece.after != After::More);
            let fail = |problem| {
                let row = if in_header { 0 } else { row + 1 };
                Error::Quotes { path: path.into(), row, line: line_of(start), problem }
            };
            match records.next() {
                Err(problem) if is_last => return Err(fail(problem)),
                Ok(Some(_)) => {}
                // What is missing may follow.
                _ => break,
            }
            if records.end() > last_end {
                break;
            }
            let cells = records.cells();
            taken = records.end();
            self.width.get_or_insert(cells.len());
            let chosen = match &self.chosen {
                Some(chosen) => chosen,
                None => {
                    let names = self.names(text, cells);
                    let chosen = self.chosen.insert(choose(request, names, collector)?);
                    if in_header {
                        continue;
                    }
                    &*chosen
                }
            };
            self.row += 1;
            let width = chosen.names.len();
            if cells.len() > width {
                return Err(Error::Ragged {
                    path: path.into(),
                    row: self.row,
                    line: line_of(start),
                    found: cells.len(),
                    expected: width,
                    has_header: layout.header,
                });
            }
            let value = |index: usize| cells.get(index).map(|cell| cell.value(text));
            if add(collector, chosen, value)? && !collector.carried.is_empty() {
                let cell = |place| value(place).map(|cell| cell.into_owned()).filter(|cell| !cell.is_empty());
                collector.carried.push(cell);
            }
            if may_escape && cells.iter().any(|cell| cell.contains(text, ESCAPED)) {
                self.escaped.get_or_insert((self.row, line_of(start), 0)).2 += 1;
            }
            if let Some(column) = cells.iter().position(|cell| cell.spans_lines(text)) {
                long.push(Long { row: self.row, start, end: records.place(), column });
            }
            collector.flush_full()?;
            if collector.is_stopped {
                break;
            }
        }
        long.retain(|long| self.are_rows(text, long, collector));
        for long in long {
            let lines = text.get(long.start..long.end).unwrap_or_default().lines().count() as u64;
            let first = Swallowed { row: long.row, line: line_of(long.start), lines, others: 0 };
            match &mut self.swallowed {
                Some(swallowed) => swallowed.others += 1,
                none => *none = Some(first),
            }
        }
        Ok(taken)
    }

    fn names(&self, text: &str, cells: &[Cell]) -> Vec<String> {
        match self.layout.header {
            true => cells.iter().map(|cell| cell.name(text)).collect(),
            false => (1..=cells.len()).map(|column| column.to_string()).collect(),
        }
    }

    /// Whether a record may have swallowed others: if quotation marks were characters like others, a line of
    /// it, but for that with its own label, would be a row with a label of other rows; or, where there are no
    /// labels, each line would be a row. Where backslashes escape, which is a guess, any label will do.
    fn are_rows(&self, text: &str, long: &Long, collector: &Collector<'_>) -> bool {
        let Some(chosen) = &self.chosen else { return false };
        let width = chosen.names.len();
        let record = text.get(long.start..long.end).unwrap_or_default();
        let lines: Vec<&str> = record.lines().filter(|line| !line.trim().is_empty()).collect();
        let cells = |line: &&str| records::cells(line, self.layout.separator, Quotes::Literal);
        let has_label = |line: &&str, label: usize| {
            let cells = cells(line);
            let label = cells.get(label).map(|label| label.trim_matches('"'));
            let is_known = |label| self.layout.quotes == Quotes::Escaped || collector.has_label(label);
            cells.len() >= width && label.is_some_and(is_known)
        };
        match (chosen.label, lines.as_slice()) {
            _ if width < 2 => false,
            (Some(label), [others @ .., _]) if label > long.column => {
                others.iter().any(|line| has_label(line, label))
            }
            (Some(label), [_, others @ ..]) => others.iter().any(|line| has_label(line, label)),
            (_, lines) => lines.iter().all(|line| cells(line).len() == width),
        }
    }

    /// The error for a byte that is not UTF-8, at `at`.
    fn broken(&self, piece: &Piece<'_>, at: usize) -> Error {
        // Each faulty byte becomes one other byte, so that all places stay.
        let mut text = String::with_capacity(piece.bytes.len());
        for chunk in piece.bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            chunk.invalid().iter().for_each(|_| text.push('?'));
        }
        let is_first = piece.before == 0;
        let (header, skip) = (self.layout.header && is_first, if is_first { self.layout.skip } else { 0 });
        let (row, line) = records::row_at(&text, at, Layout { header, skip, ..self.layout });
        let (row, line) = (row + self.row, line + piece.lines);
        Error::Utf8 { path: piece.path.into(), row, line, byte: piece.before + at as u64 }
    }
}

/// Chooses the columns of a file with these names, and tells what is wrong with them.
fn choose<'r>(request: &'r Request<'r>, names: Vec<String>, collector: &mut Collector<'r>) -> Result<Chosen> {
    let named = names.iter().filter(|name| !name.is_empty());
    let repeated: Vec<String> = columns::repeated(named).into_iter().cloned().collect();
    if !repeated.is_empty() {
        collector.note(Note::RepeatedColumns { names: repeated });
    }
    let chosen = columns::choose(request, names)?;
    collector.carried = Carried::of_text(request, &chosen.names, CellKind::Strings)?;
    collector.columns(&chosen);
    Ok(chosen)
}

/// Adds a row by its cells. Whether it is kept.
fn add<'t>(
    collector: &mut Collector<'_>,
    chosen: &Chosen,
    value: impl Fn(usize) -> Option<std::borrow::Cow<'t, str>>,
) -> Result<bool> {
    let label = chosen.label.and_then(&value);
    if let (&[text], []) = (chosen.text.as_slice(), chosen.flags.as_slice()) {
        return Ok(collector.add([value(text).as_deref()], label.as_deref()));
    }
    let texts: Vec<_> = chosen.text.iter().map(|&index| value(index)).collect();
    let texts = texts.iter().map(|text| text.as_deref());
    if chosen.flags.is_empty() {
        return Ok(collector.add(texts, label.as_deref()));
    }
    let flags: Vec<_> = chosen.flags.iter().map(|&flag| (chosen.name(flag), value(flag))).collect();
    let flags: Vec<_> = flags.iter().map(|(name, value)| (*name, value.as_deref())).collect();
    collector.add_flags(texts, &flags)
}
