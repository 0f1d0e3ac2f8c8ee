//! Tells a file's format from its extension and its first bytes.

use crate::request::{Need, Request};
use crate::{Error, Format, Result, columns};

/// A format, and the byte that parts its cells if it has cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub format: Format,
    pub separator: u8,
}

/// Bytes at the beginning that are looked at.
const HEAD: usize = 64 * 1024;

pub(crate) fn sniff(request: &Request<'_>, bytes: &[u8]) -> Result<Kind> {
    let path = request.path;
    let problem = |problem: &str| Error::format(path, problem);
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] = bytes {
        return Err(problem("it is UTF-16: save it as UTF-8"));
    }
    if let [0x1f, 0x8b, ..] = bytes {
        return Err(problem("it is compressed with gzip: unpack it first"));
    }
    if bytes.starts_with(b"PAR1") && request.options.format.is_none_or(|format| format == Format::Parquet) {
        return Ok(Kind { format: Format::Parquet, separator: b',' });
    }
    let head = bytes.get(..HEAD.min(bytes.len())).unwrap_or_default();
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let mut lines = head.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let Some(first) = lines.next() else {
        return Err(Error::Empty(path.into()));
    };
    let comma = if count(first, b',') == 0 && count(first, b';') > 0 { b';' } else { b',' };
    let kind = |format| Kind { format, separator: if format == Format::Tsv { b'\t' } else { comma } };
    if let Some(format) = request.options.format {
        return Ok(kind(format));
    }
    let labelled = |line: &[u8]| line.starts_with(b"__label__");
    let cells = if count(first, b'\t') > count(first, b',') { Format::Tsv } else { Format::Csv };
    let extension =
        path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_lowercase();
    match extension.as_str() {
        "parquet" | "pq" => {
            Err(problem("it is named like a Parquet file, but its content is something else"))
        }
        "csv" | "tsv" | "tab" if labelled(first) => Ok(kind(Format::FastText)),
        "csv" => Ok(kind(cells)),
        "tsv" | "tab" => {
            Ok(kind(if count(first, b'\t') == 0 && count(first, b',') > 0 { cells } else { Format::Tsv }))
        }
        "json" if first.starts_with(b"[") => {
            Err(problem("it is one JSON array: assort reads JSON Lines, one object a line"))
        }
        "jsonl" | "ndjson" | "json" => Ok(kind(Format::Jsonl)),
        _ if labelled(first) || lines.any(labelled) => Ok(kind(Format::FastText)),
        _ if first.starts_with(b"{") && first.ends_with(b"}") => Ok(kind(Format::Jsonl)),
        _ if has_usual_names(first, kind(cells).separator) => Ok(kind(cells)),
        "txt" | "text" | "" => Ok(kind(Format::Lines)),
        _ if request.need == Need::Texts => Ok(kind(Format::Lines)),
        _ => Err(Error::UnknownFormat(path.into())),
    }
}

fn count(line: &[u8], wanted: u8) -> usize {
    line.iter().filter(|&&byte| byte == wanted).count()
}

/// Whether a first line without a telling extension is a header: all of its cells short, one of them a usual
/// name.
fn has_usual_names(line: &[u8], separator: u8) -> bool {
    let cells =
        || line.split(|&byte| byte == separator).map(|cell| String::from_utf8_lossy(cell.trim_ascii()));
    let bare = |cell: &str| cell.trim_matches('"').to_owned();
    cells().count() > 1
        && cells().all(|cell| cell.len() < 40)
        && cells().any(|cell| columns::is_usual(&bare(&cell)))
}
