//! The content of a file as its readers take it: unpacked, and known not to be a file of another kind.

use std::io::{self, Read};
use std::path::Path;

use flate2::bufread::GzDecoder;

use assort_files::{Bytes, free_memory};

use crate::{Error, Result};

/// The bytes of a file, and the ending that tells its format.
pub(crate) struct Source {
    pub bytes: Vec<u8>,
    /// In lower case and without the ending of the packer: `csv` for `train.csv.gz`.
    pub extension: String,
}

/// Bytes at the beginning that are looked at.
pub(crate) const HEAD: usize = 64 * 1024;

/// Formats that are told by their first bytes and are not read, and what to do.
const FOREIGN: &[(&[u8], &str)] = &[
    (b"\xfd7zXZ\0", "it is compressed with xz: unpack it first, or pack it with gzip or zstd"),
    (b"7z\xbc\xaf\x27\x1c", "it is a 7-Zip archive: unpack it first"),
    (b"Rar!\x1a\x07", "it is a RAR archive: unpack it first"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "it is an Excel workbook: save its sheet as CSV"),
    (b"%PDF-", "it is a PDF document: extract its text first"),
    (b"SQLite format 3\0", "it is an SQLite database: write the table to a CSV file"),
    (b"ARROW1\0\0", "it is an Arrow file (Feather): write the table to a Parquet file"),
    (b"Obj\x01", "it is an Avro file: write the table to a Parquet file"),
    (b"\x80\x04\x95", "it is a Python pickle: write the table to a Parquet or CSV file"),
    (
        b"version https://git-lfs.github.com/spec/",
        "it is a pointer of Git LFS: fetch the file with `git lfs pull`",
    ),
    (b"\xff\xfe\0\0", "it is UTF-32: save it as UTF-8"),
    (b"\0\0\xfe\xff", "it is UTF-32: save it as UTF-8"),
    (b"\xff\xfe", "it is UTF-16: save it as UTF-8"),
    (b"\xfe\xff", "it is UTF-16: save it as UTF-8"),
];

/// The fault of a web page.
pub(crate) const WEB_PAGE: &str = "it is a web page, not a file of rows: fetch the file itself";

/// Reads a file, and unpacks it if it is compressed with gzip or zstd.
pub(crate) fn open(path: &Path) -> Result<Source> {
    let bytes = std::fs::read(path).map_err(|error| Error::io("read", path, error))?;
    let (bytes, is_packed) = unpacked(path, bytes)?;
    let mut name = path.to_owned();
    if is_packed
        && extension(&name).is_some_and(|ending| ["gz", "gzip", "zst", "zstd"].contains(&ending.as_str()))
    {
        name = name.with_extension("");
    }
    let extension = extension(&name).unwrap_or_default();
    if bytes.starts_with(b"PAR1") {
        return Ok(Source { bytes, extension });
    }
    if let Some(problem) = foreign(&bytes) {
        return Err(Error::format(path, problem));
    }
    Ok(Source { bytes, extension })
}

/// The content of a file that is compressed with gzip or zstd, or else its bytes; and whether it was.
pub(crate) fn unpacked(path: &Path, bytes: Vec<u8>) -> Result<(Vec<u8>, bool)> {
    let content = match bytes.as_slice() {
        [0x1f, 0x8b, ..] => unpack(path, &bytes, Members(GzDecoder::new(&bytes)))?,
        // The second are frames that hold no data, as writers in parallel put before the others.
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => {
            let decoder = zstd::Decoder::with_buffer(bytes.as_slice());
            unpack(path, &bytes, decoder.map_err(|error| Error::io("read", path, error))?)?
        }
        _ => return Ok((bytes, false)),
    };
    Ok((content, true))
}

/// The members of a gzip file, one behind the other; zeros between and behind them, as tapes pad them, are no
/// content.
struct Members<'b>(GzDecoder<&'b [u8]>);

impl Read for Members<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.0.read(buffer)?;
            let rest = *self.0.get_ref();
            let zeros = rest.iter().take_while(|&&byte| byte == 0).count();
            match rest.get(zeros..) {
                Some(member) if read == 0 && !buffer.is_empty() && !member.is_empty() => {
                    self.0 = GzDecoder::new(member);
                }
                _ => return Ok(read),
            }
        }
    }
}

fn extension(path: &Path) -> Option<String> {
    path.extension().map(|extension| extension.to_string_lossy().to_lowercase())
}

/// The unpacked content. Texts are rarely packed to a tenth; what grows beyond measure would fill the memory.
fn unpack(path: &Path, packed: &[u8], decoder: impl Read) -> Result<Vec<u8>> {
    const TIMES: u64 = 200;
    const ALWAYS: u64 = 64 << 20;
    let limit = ALWAYS.max(TIMES.saturating_mul(packed.len() as u64));
    let limit = free_memory().map_or(limit, |free| limit.min(free / 2));
    let mut content = Vec::new();
    let read = decoder.take(limit + 1).read_to_end(&mut content);
    read.map_err(|error| Error::format(path, format!("it cannot be unpacked ({error}): fetch it again")))?;
    if content.len() as u64 > limit {
        let problem =
            format!("unpacked it holds more than {}: unpack it first, if it is meant", Bytes(limit));
        return Err(Error::format(path, problem));
    }
    Ok(content)
}

/// The fault of a file that holds no text of rows.
pub(crate) fn foreign(bytes: &[u8]) -> Option<&'static str> {
    if let Some((_, problem)) = FOREIGN.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Some(problem);
    }
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let holds = |part: &[u8]| head.windows(part.len()).any(|window| window == part);
    if bytes.starts_with(b"BZh") && bytes.get(4..10) == Some(b"1AY&SY") {
        return Some("it is compressed with bzip2: unpack it first, or pack it with gzip or zstd");
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Some(match () {
            () if holds(b"xl/") => "it is an Excel workbook: save its sheet as CSV",
            () if holds(b"opendocument") => "it is an OpenDocument file: save its sheet as CSV",
            () => "it is a zip archive: unpack it first",
        });
    }
    let text = head.trim_ascii_start();
    let begins =
        |tag: &str| text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes()));
    if begins("<!doctype html") || begins("<html") {
        return Some(WEB_PAGE);
    }
    // Latin letters in UTF-16 are every other byte; a zero byte in a header is no text in any case.
    let zeros = head.iter().filter(|&&byte| byte == 0).count();
    if zeros * 3 > head.len() {
        return Some("it looks like UTF-16 without a byte-order mark: save it as UTF-8");
    }
    let first = head.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    first.contains(&0).then_some("its first line holds zero bytes, as UTF-16 has them: save it as UTF-8")
}

/// The text with line feeds for carriage returns where these alone end its first line.
pub(crate) fn with_line_feeds(mut bytes: Vec<u8>) -> Vec<u8> {
    let first = bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
    let is_lone =
        |bytes: &[u8], at: usize| bytes.get(at) == Some(&b'\r') && bytes.get(at + 1) != Some(&b'\n');
    if first.is_some_and(|at| is_lone(&bytes, at)) {
        for at in 0..bytes.len() {
            if is_lone(&bytes, at) {
                bytes[at] = b'\n';
            }
        }
    }
    bytes
}
