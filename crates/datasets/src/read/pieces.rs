//! Files of text, a piece at a time: each format takes the records that are whole, and the rest comes again.

use std::io::Read;
use std::path::Path;
use std::sync::atomic::Ordering;

use crate::collect::Collector;
use crate::read::source::{self, Stream};
use crate::request::Request;
use crate::{Error, Format, Result, records};

/// Bytes that are read at a time.
const PIECE: usize = 1 << 22;

/// The most bytes of one record.
const LONGEST: usize = 1 << 26;

/// What comes behind a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// More of the file.
    More,
    /// More of the file, of which no more finds room: what is no whole record by now is an error.
    TooMuch,
    /// Nothing.
    Nothing,
}

/// Some bytes of a file that begin with a record, and what is known of those before.
pub(crate) struct Piece<'b> {
    pub path: &'b Path,
    pub bytes: &'b [u8],
    pub after: After,
    /// Lines, bytes and rows of the file before these.
    pub lines: u64,
    pub before: u64,
    pub rows: u64,
    pub format: Format,
}

impl<'b> Piece<'b> {
    /// All bytes of a file.
    pub(crate) fn whole(path: &'b Path, bytes: &'b [u8], format: Format) -> Self {
        Self { path, bytes, after: After::Nothing, lines: 0, before: 0, rows: 0, format }
    }
}

/// Takes the records of a format.
pub(crate) trait Parser {
    /// Takes the records that are whole, and says how many bytes they have; if that is none, more bytes come.
    /// Of the last piece all are taken.
    fn take<'r>(
        &mut self,
        request: &'r Request<'r>,
        piece: &Piece<'_>,
        collector: &mut Collector<'r>,
    ) -> Result<usize>;

    /// Whether all of the file is needed at once, whatever its length.
    fn wants_all(&self) -> bool {
        false
    }

    /// Ends the file.
    fn finish<'r>(&mut self, _: &'r Request<'r>, _: &mut Collector<'r>) -> Result<()> {
        Ok(())
    }
}

/// Reads a file that is in memory as a whole.
pub(crate) fn whole<'r>(
    request: &'r Request<'r>,
    bytes: &[u8],
    format: Format,
    parser: &mut dyn Parser,
) -> Result<Collector<'r>> {
    let mut collector = Collector::new(request, format);
    parser.take(request, &Piece::whole(request.path, bytes, format), &mut collector)?;
    parser.finish(request, &mut collector)?;
    Ok(collector)
}

/// Reads a file piece by piece.
pub(crate) fn stream<'r>(
    request: &'r Request<'r>,
    stream: Stream,
    format: Format,
    parser: &mut dyn Parser,
    collector: &mut Collector<'r>,
) -> Result<()> {
    let path = request.path;
    let Stream { head, mut rest, read, is_packed } = stream;
    let mut bytes = head.bytes;
    let has_line_feeds = !matches!(format, Format::Jsonl | Format::FastText | Format::Lines)
        || !source::has_lone_returns(&bytes);
    let (mut lines, mut before, mut wanted) = (0, 0, PIECE);
    loop {
        let missing = wanted.saturating_sub(bytes.len()) as u64;
        let filled = rest.by_ref().take(missing).read_to_end(&mut bytes);
        let filled = filled.map_err(|error| source::unreadable(path, is_packed, error))? as u64;
        let after = match () {
            () if filled < missing => After::Nothing,
            () if wanted >= LONGEST && !parser.wants_all() => After::TooMuch,
            () => After::More,
        };
        if !has_line_feeds {
            source::replace_lone_returns(&mut bytes, after == After::Nothing);
        }
        collector.bytes = read.load(Ordering::Relaxed);
        let rows = collector.report.rows;
        let piece = Piece { path, bytes: &bytes, after, lines, before, rows, format };
        let taken = parser.take(request, &piece, collector)?;
        if collector.is_stopped {
            return Ok(());
        }
        if after == After::Nothing {
            return parser.finish(request, collector);
        }
        if taken == 0 {
            if after == After::TooMuch {
                return Err(too_long(&piece, lines));
            }
            super::check_room(path, 2 * wanted as u64, assort_files::free_memory)?;
            wanted *= 2;
            continue;
        }
        let gone = bytes.get(..taken).unwrap_or_default();
        lines += records::line_ends(gone);
        before += taken as u64;
        bytes.drain(..taken);
        wanted = PIECE;
    }
}

fn too_long(piece: &Piece<'_>, lines: u64) -> Error {
    let most = assort_files::Bytes(LONGEST as u64);
    let line = lines + 1;
    Error::format(piece.path, format!("the record on line {line} has more than {most}: shorten or remove it"))
}

/// The lines of a piece that are whole, without the file's byte-order mark, and how many bytes are taken.
pub(crate) fn whole_lines<'b>(piece: &Piece<'b>) -> Result<(&'b str, usize)> {
    let end = match piece.after {
        After::Nothing => piece.bytes.len(),
        _ => piece.bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |place| place + 1),
    };
    let bytes = piece.bytes.get(..end).unwrap_or_default();
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let lines: Vec<&[u8]> = before.split(|&byte| byte == b'\n').collect();
        let counts_blank = matches!(piece.format, Format::Lines | Format::Folder);
        let is_row = |line: &&[u8]| counts_blank || !line.trim_ascii().is_empty();
        let row = piece.rows + 1 + lines.iter().rev().skip(1).filter(|line| is_row(line)).count() as u64;
        Error::Utf8 {
            path: piece.path.into(),
            row,
            line: piece.lines + lines.len() as u64,
            byte: piece.before + before.len() as u64,
        }
    })?;
    let is_first = piece.before == 0;
    Ok((text.strip_prefix('\u{feff}').filter(|_| is_first).unwrap_or(text), end))
}
