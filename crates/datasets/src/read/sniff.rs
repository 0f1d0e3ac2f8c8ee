//! Tells a file's format from its ending and its first bytes, and the byte that parts its cells.

use crate::read::source::{HEAD, Source};
use crate::records::{Quotes, cells};
use crate::request::{Need, Request};
use crate::{Error, Format, Result, columns};

/// A format, and the byte that parts its cells if it has cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub format: Format,
    pub separator: u8,
    /// Bytes at the beginning that are no rows: a byte-order mark, and the line `sep=;` of spreadsheets.
    pub skip: usize,
}

/// The bytes that may part cells; where nothing else tells, the first of them.
const SEPARATORS: &[u8] = b",;\t|";

/// Lines that are compared to find the separator.
const LINES: usize = 10;

pub(crate) fn sniff(request: &Request<'_>, source: &Source) -> Result<Kind> {
    let path = request.path;
    let asked = request.options.format;
    if source.bytes.starts_with(b"PAR1") && asked.is_none_or(|format| format == Format::Parquet) {
        return Ok(Kind { format: Format::Parquet, separator: b',', skip: 0 });
    }
    let bytes = source.bytes.as_slice();
    let mark = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let head = bytes.get(mark..HEAD.min(bytes.len())).unwrap_or_default();
    let text = String::from_utf8_lossy(head);
    let lines = text.split(['\n', '\r']).map(str::trim_end).filter(|line| !line.trim().is_empty());
    let lines: Vec<&str> = lines.collect();
    let Some(&first) = lines.first() else {
        return Err(Error::Empty(path.into()));
    };
    let declared = declared(first);
    let separator = declared.or_else(|| separator(&lines, SEPARATORS));
    let labelled = |line: &str| line.trim_start().starts_with("__label__");
    let is_json = |line: &str| line.starts_with('{') && line.ends_with('}');
    let parted = |separator: Option<u8>, otherwise: u8| {
        let separator = separator.unwrap_or(otherwise);
        let format = if separator == b'\t' { Format::Tsv } else { Format::Csv };
        Kind { format, separator, skip: mark + declared.map_or(0, |_| through_first_line(head)) }
    };
    let plain = |format| Kind { format, separator: b',', skip: 0 };
    match asked {
        // `csv` is any separator but the tab, unless the tab alone parts cells.
        Some(Format::Csv) => {
            return Ok(parted(declared.or_else(|| self::separator(&lines, b",;|")), b','));
        }
        Some(Format::Tsv) => return Ok(parted(Some(b'\t'), b'\t')),
        Some(format) => return Ok(plain(format)),
        None => {}
    }
    match source.extension.as_str() {
        "parquet" | "pq" => {
            let problem = "it is named like a Parquet file, but its content is something else";
            Err(Error::format(path, problem))
        }
        "csv" | "tsv" | "tab" if labelled(first) => Ok(plain(Format::FastText)),
        "csv" => Ok(parted(separator, b',')),
        "tsv" | "tab" if first.contains('\t') => Ok(parted(Some(b'\t'), b'\t')),
        "tsv" | "tab" => Ok(parted(separator, b'\t')),
        "jsonl" | "ndjson" | "json" => Ok(plain(Format::Jsonl)),
        _ if lines.iter().any(|line| labelled(line)) => Ok(plain(Format::FastText)),
        _ if is_json(first) => Ok(plain(Format::Jsonl)),
        _ if declared.is_some() || separator.is_some_and(|separator| is_header(&lines, separator)) => {
            Ok(parted(separator, b','))
        }
        "txt" | "text" | "" => Ok(plain(Format::Lines)),
        _ if request.need == Need::Texts => Ok(plain(Format::Lines)),
        _ => Err(Error::UnknownFormat(path.into())),
    }
}

/// Bytes up to the end of the first line that is not blank.
fn through_first_line(head: &[u8]) -> usize {
    let is_blank = |line: &&[u8]| String::from_utf8_lossy(line).trim().is_empty();
    let lines = || head.split_inclusive(|byte| matches!(byte, b'\n' | b'\r'));
    let blank: usize = lines().take_while(is_blank).map(<[u8]>::len).sum();
    blank + lines().find(|line| !is_blank(line)).map_or(0, <[u8]>::len)
}

/// The separator that spreadsheets write into a line of its own: `sep=;`.
fn declared(first: &str) -> Option<u8> {
    match first.trim_matches('"').strip_prefix("sep=")?.as_bytes() {
        [] => Some(b'\t'),
        [byte] => SEPARATORS.contains(byte).then_some(*byte),
        _ => None,
    }
}

/// Which of `candidates` parts the cells: the one whose header has the most usual names; then one that parts
/// every line into as many cells; then the first. Separators inside quotes do not count.
fn separator(lines: &[&str], candidates: &[u8]) -> Option<u8> {
    let width = |line: &str, separator| cells(line, separator, Quotes::Enclose).len();
    let first = lines.first()?;
    let parting = candidates.iter().filter(|&&separator| width(first, separator) > 1);
    let rated = parting.map(|&separator| {
        let names = cells(first, separator, Quotes::Enclose);
        let usual = names.iter().filter(|name| columns::is_usual(name)).count();
        let even = lines.iter().take(LINES).all(|line| width(line, separator) == names.len());
        ((usual, even), separator)
    });
    rated.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, separator)| separator)
}

/// Whether lines without a telling ending are rows below a header: all names short words, one of them a usual
/// name, and in each line as many cells.
fn is_header(lines: &[&str], separator: u8) -> bool {
    let cells = |line: &&str| cells(line, separator, Quotes::Enclose);
    let names = lines.first().map(cells).unwrap_or_default();
    let is_word = |name: &String| name.len() < 40 && !name.contains(char::is_whitespace);
    names.iter().all(is_word)
        && names.iter().any(|name| columns::is_usual(name))
        && lines.iter().take(LINES).all(|line| cells(line).len() == names.len())
}
