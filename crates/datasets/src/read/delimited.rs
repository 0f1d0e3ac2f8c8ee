//! CSV and TSV.

use crate::collect::Collector;
use crate::columns::{self, Chosen};
use crate::read::sniff::Kind;
use crate::records::{self, Cell, Layout, Quotes, Records};
use crate::request::Request;
use crate::{Error, Note, Result};

/// A quotation mark behind a backslash.
const ESCAPED: &str = "\\\"";

pub(crate) fn read<'r>(request: &'r Request<'r>, bytes: &[u8], kind: Kind) -> Result<Collector<'r>> {
    let header = !request.options.no_header;
    let layout = Layout { separator: kind.separator, quotes: Quotes::Enclose, header, skip: kind.skip };
    let text =
        std::str::from_utf8(bytes).map_err(|error| broken(request, bytes, error.valid_up_to(), layout))?;
    let rows = |quotes| Rows { request, text, layout: Layout { quotes, ..layout }, kind }.read();
    let tabs = kind.separator == b'\t';
    let read = rows(Quotes::Enclose);
    if let Err(Error::Quotes { row, .. } | Error::Ragged { row, .. }) = read
        && text.contains(ESCAPED)
        && let Ok((mut collector, swallowed)) = rows(Quotes::Escaped)
        && swallowed.is_empty()
    {
        collector.note(Note::EscapedQuotes { row });
        return Ok(collector);
    }
    let (mut collector, swallowed) = match read {
        // Files parted by tabs are often written without any quoting.
        Err(Error::Quotes { row, .. }) if tabs => {
            let (mut collector, _) = rows(Quotes::Literal)?;
            collector.note(Note::LiteralQuotes { row });
            return Ok(collector);
        }
        read => read?,
    };
    let Some(&Swallowed { row, start, end, .. }) = swallowed.first() else {
        return Ok(collector);
    };
    if tabs
        && collector.has_labels()
        && let Ok((mut literal, _)) = rows(Quotes::Literal)
    {
        literal.note(Note::LiteralQuotes { row });
        return Ok(literal);
    }
    let lines = text.get(start..end).unwrap_or_default().lines().count() as u64;
    let line = records::line_of(text, start);
    collector.note(Note::LongCell { row, line, lines, others: swallowed.len() as u64 - 1 });
    Ok(collector)
}

/// A row that seems to have swallowed others: a quoted cell goes over lines that would be rows.
struct Swallowed {
    row: u64,
    start: usize,
    end: usize,
    /// The column of the quoted cell.
    column: usize,
}

struct Rows<'r, 't> {
    request: &'r Request<'r>,
    text: &'t str,
    layout: Layout,
    kind: Kind,
}

impl<'r> Rows<'r, '_> {
    fn read(&self) -> Result<(Collector<'r>, Vec<Swallowed>)> {
        let path = self.request.path;
        let mut collector = Collector::new(self.request, self.kind.format);
        let mut records = Records::new(self.text, self.layout);
        let (mut row, mut long) = (0, Vec::new());
        let may_escape = self.layout.quotes == Quotes::Enclose && self.text.contains(ESCAPED);
        // Rows with such a mark outside of quotes, and where the first of them begins.
        let mut escaped: Option<(u64, usize, u64)> = None;
        let mut chosen: Option<Chosen> = None;
        // More than the texts need where there are other columns; what is not used is never touched.
        collector.reserve(0, self.text.len());
        loop {
            let start = records.place();
            let in_header = chosen.is_none() && self.layout.header;
            let fail = |problem| {
                let row = if in_header { 0 } else { row + 1 };
                Error::Quotes { path: path.into(), row, line: records::line_of(self.text, start), problem }
            };
            let Some(cells) = records.next().map_err(fail)? else { break };
            let chosen = match &mut chosen {
                Some(chosen) => &*chosen,
                none => {
                    let names = self.names(cells);
                    let named = names.iter().filter(|name| !name.is_empty());
                    let repeated: Vec<String> = columns::repeated(named).into_iter().cloned().collect();
                    if !repeated.is_empty() {
                        collector.note(Note::RepeatedColumns { names: repeated });
                    }
                    let first = none.insert(columns::choose(self.request, names)?);
                    if in_header {
                        continue;
                    }
                    &*first
                }
            };
            row += 1;
            let width = chosen.names.len();
            if cells.len() > width {
                let line = records::line_of(self.text, start);
                return Err(Error::Ragged {
                    path: path.into(),
                    row,
                    line,
                    found: cells.len(),
                    expected: width,
                    has_header: self.layout.header,
                });
            }
            let value = |index: usize| cells.get(index).map(|cell| cell.value(self.text));
            let label = chosen.label.and_then(value);
            match (chosen.text.as_slice(), chosen.flags.as_slice()) {
                (&[text], []) => collector.add([value(text).as_deref()], label.as_deref()),
                (texts, flags) => {
                    let texts: Vec<_> = texts.iter().map(|&index| value(index)).collect();
                    let texts = texts.iter().map(|text| text.as_deref());
                    let flags: Vec<_> = flags.iter().map(|&flag| (chosen.name(flag), value(flag))).collect();
                    match flags.is_empty() {
                        true => collector.add(texts, label.as_deref()),
                        false => {
                            let flags: Vec<_> =
                                flags.iter().map(|(name, value)| (*name, value.as_deref())).collect();
                            collector.add_flags(texts, &flags)?;
                        }
                    }
                }
            }
            if may_escape && cells.iter().any(|cell| cell.contains(self.text, ESCAPED)) {
                escaped.get_or_insert((row, start, 0)).2 += 1;
            }
            if let Some(column) = cells.iter().position(|cell| cell.spans_lines(self.text)) {
                long.push(Swallowed { row, start, end: records.place(), column });
            }
        }
        let Some(chosen) = chosen else { return Err(Error::Empty(path.into())) };
        if row == 0 {
            return Err(Error::HeaderOnly(path.into()));
        }
        long.retain(|long| self.are_rows(long, &chosen, &collector));
        if let Some((row, start, rows)) = escaped {
            let line = records::line_of(self.text, start);
            collector.note(Note::LiteralBackslashes { row, line, others: rows - 1 });
        }
        collector.columns(chosen);
        Ok((collector, long))
    }

    fn names(&self, cells: &[Cell]) -> Vec<String> {
        match self.layout.header {
            true => cells.iter().map(|cell| cell.name(self.text)).collect(),
            false => (1..=cells.len()).map(|column| column.to_string()).collect(),
        }
    }

    /// Whether a record may have swallowed others: if quotation marks were characters like others, a line of
    /// it, but for that with its own label, would be a row with a label of other rows; or, where there are no
    /// labels, each line would be a row. Where backslashes escape, which is a guess, any label will do.
    fn are_rows(&self, long: &Swallowed, chosen: &Chosen, collector: &Collector<'_>) -> bool {
        let width = chosen.names.len();
        let record = self.text.get(long.start..long.end).unwrap_or_default();
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
}

/// The error for a byte that is not UTF-8, at `at`.
fn broken(request: &Request<'_>, bytes: &[u8], at: usize, layout: Layout) -> Error {
    // Each faulty byte becomes one other byte, so that all places stay.
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|_| text.push('?'));
    }
    let (row, line) = records::row_at(&text, at, layout);
    Error::Utf8 { path: request.path.into(), row, line, byte: at as u64 }
}
