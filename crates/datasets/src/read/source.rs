//! The content of a file as its readers take it: unpacked, and known not to be a file of another kind.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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
    let extension = content_extension(path, is_packed);
    check_foreign(path, &bytes)?;
    Ok(Source { bytes, extension })
}

/// The content of a file, a piece at a time.
pub(crate) struct Stream {
    /// The first bytes, enough to tell the format.
    pub head: Source,
    /// The bytes behind the head, unpacked.
    pub rest: Box<dyn Read + Send>,
    /// Bytes of the file itself that were read.
    pub read: Arc<AtomicU64>,
    /// Whether the file is packed, so that no part of it can be had without those before.
    pub is_packed: bool,
}

impl Stream {
    /// All bytes of the content.
    pub(crate) fn into_bytes(mut self, path: &Path) -> Result<Vec<u8>> {
        let packed = self.read.load(Ordering::Relaxed).max(path.metadata().map_or(0, |found| found.len()));
        let mut bytes = self.head.bytes;
        bytes.extend(unpack(path, packed, self.rest.by_ref())?);
        Ok(bytes)
    }
}

/// Opens a file, and unpacks its beginning if it is compressed with gzip or zstd.
pub(crate) fn stream(path: &Path) -> Result<Stream> {
    let fail = |error| Error::io("read", path, error);
    let read = Arc::new(AtomicU64::new(0));
    let file = File::open(path).map_err(fail)?;
    let mut file = BufReader::with_capacity(HEAD, Counted { file, read: Arc::clone(&read) });
    let start = file.fill_buf().map_err(fail)?;
    let packing = packing(start);
    let mut rest: Box<dyn Read + Send> = match packing {
        Some(Packing::Gzip) => Box::new(Members::new(file)),
        Some(Packing::Zstd) => Box::new(zstd::Decoder::with_buffer(file).map_err(fail)?),
        None => Box::new(file),
    };
    let mut bytes = Vec::new();
    let head = rest.by_ref().take(HEAD as u64).read_to_end(&mut bytes);
    head.map_err(|error| unreadable(path, packing.is_some(), error))?;
    check_foreign(path, &bytes)?;
    let extension = content_extension(path, packing.is_some());
    Ok(Stream { head: Source { bytes, extension }, rest, read, is_packed: packing.is_some() })
}

/// The error of content that cannot be read on.
pub(crate) fn unreadable(path: &Path, is_packed: bool, error: io::Error) -> Error {
    match is_packed {
        true => Error::format(path, format!("it cannot be unpacked ({error}): fetch it again")),
        false => Error::io("read", path, error),
    }
}

/// A file that counts what is read of it.
struct Counted {
    file: File,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// How a file is compressed.
#[derive(Clone, Copy)]
enum Packing {
    Gzip,
    Zstd,
}

fn packing(start: &[u8]) -> Option<Packing> {
    match start {
        [0x1f, 0x8b, ..] => Some(Packing::Gzip),
        // The second are frames that hold no data, as writers in parallel put before the others.
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Packing::Zstd),
        _ => None,
    }
}

/// The ending that tells the format of a file, without that of the packer.
fn content_extension(path: &Path, is_packed: bool) -> String {
    let ending = extension(path).unwrap_or_default();
    match is_packed && ["gz", "gzip", "zst", "zstd"].contains(&ending.as_str()) {
        true => extension(&path.with_extension("")).unwrap_or_default(),
        false => ending,
    }
}

/// Refuses what is no file of rows.
fn check_foreign(path: &Path, bytes: &[u8]) -> Result<()> {
    match foreign(bytes).filter(|_| !bytes.starts_with(b"PAR1")) {
        Some(problem) => Err(Error::format(path, problem)),
        None => Ok(()),
    }
}

/// The content of a file that is compressed with gzip or zstd, or else its bytes; and whether it was.
pub(crate) fn unpacked(path: &Path, bytes: Vec<u8>) -> Result<(Vec<u8>, bool)> {
    let content = match packing(&bytes) {
        Some(Packing::Gzip) => unpack(path, bytes.len() as u64, Members::new(bytes.as_slice()))?,
        Some(Packing::Zstd) => {
            let decoder = zstd::Decoder::with_buffer(bytes.as_slice());
            unpack(path, bytes.len() as u64, decoder.map_err(|error| Error::io("read", path, error))?)?
        }
        None => return Ok((bytes, false)),
    };
    Ok((content, true))
}

/// The members of a gzip file, one behind the other; zeros between and behind them, as tapes pad them, are no
/// content.
struct Members<R: BufRead>(Option<GzDecoder<R>>);

impl<R: BufRead> Members<R> {
    fn new(packed: R) -> Self {
        Self(Some(GzDecoder::new(packed)))
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(member) = &mut self.0 else { return Ok(0) };
            let read = member.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let Some(mut packed) = self.0.take().map(GzDecoder::into_inner) else { return Ok(0) };
            while packed.fill_buf()?.first() == Some(&0) {
                packed.consume(1);
            }
            if packed.fill_buf()?.is_empty() {
                return Ok(0);
            }
            self.0 = Some(GzDecoder::new(packed));
        }
    }
}

fn extension(path: &Path) -> Option<String> {
    path.extension().map(|extension| extension.to_string_lossy().to_lowercase())
}

/// The unpacked content. Texts are rarely packed to a tenth; what grows beyond measure would fill the memory.
fn unpack(path: &Path, packed: u64, decoder: impl Read) -> Result<Vec<u8>> {
    const TIMES: u64 = 200;
    const ALWAYS: u64 = 64 << 20;
    let limit = ALWAYS.max(TIMES.saturating_mul(packed));
    let limit = free_memory().map_or(limit, |free| limit.min(free / 2));
    let mut content = Vec::new();
    let read = decoder.take(limit + 1).read_to_end(&mut content);
    read.map_err(|error| unreadable(path, true, error))?;
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

/// Whether carriage returns without line feeds end the lines of a file, as they end the first of them.
pub(crate) fn has_lone_returns(bytes: &[u8]) -> bool {
    let first = bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
    first.is_some_and(|at| bytes.get(at) == Some(&b'\r') && bytes.get(at + 1) != Some(&b'\n'))
}

/// Puts line feeds for carriage returns that stand alone. Of the last byte that is known with `is_all` alone.
pub(crate) fn replace_lone_returns(bytes: &mut [u8], is_all: bool) {
    for at in 0..bytes.len() {
        let next = bytes.get(at + 1).copied();
        if bytes.get(at) == Some(&b'\r') && next != Some(b'\n') && (next.is_some() || is_all) {
            bytes[at] = b'\n';
        }
    }
}
