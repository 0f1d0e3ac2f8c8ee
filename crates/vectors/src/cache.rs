//! The binary copy of a vectors file, laid out to be mapped into memory.
//!
//! ```text
//! 11 words of 64 bits   magic with version, size and time of the source, V, D, bytes of all words, the
//!                       report, and in two words the checksum of everything else
//! V x D floats          the table
//! V words of 32 bits    where each word ends
//! bytes                 the words, one after the other
//! ```
//! Numbers stand in the machine's own order; on a machine of the other order the magic does not fit.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use assort_files::AtomicFile;
use assort_text::WordSet;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use crate::digest::Digest;
use crate::mmap::Mapping;
use crate::{ReadReport, WordVectors};

const MAGIC: u64 = u64::from_le_bytes(*b"assortV1");
/// The words of the header before the checksum, and all.
const HEAD: usize = 9;
const HEADER: usize = HEAD + 2;

/// The file that a copy is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    pub bytes: u64,
    /// Nanoseconds since 1970 of its last change.
    time: u64,
}

impl Source {
    pub fn of(path: &Path) -> io::Result<Self> {
        let file = fs::metadata(path)?;
        let time = file.modified()?.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos() as u64);
        Ok(Self { bytes: file.len(), time })
    }
}

/// Where the copy may lie: beside the file, then in the fallback folder.
pub fn places(path: &Path, fallback: Option<&Path>) -> Vec<PathBuf> {
    let name = |middle: &str| {
        let mut name: OsString = path.file_name().unwrap_or_default().to_owned();
        name.push(format!("{middle}.assort-vectors"));
        name
    };
    let mut places = vec![path.with_file_name(name(""))];
    if let Some(folder) = fallback {
        // Files of one name in different folders have copies of their own.
        let whole = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let hash = xxh3_64(whole.as_os_str().as_encoded_bytes());
        places.push(folder.join(name(&format!(".{hash:016x}"))));
    }
    places
}

/// The vectors of a copy, if it is whole and belongs to the source as it is now.
pub fn load(place: &Path, source: &Source) -> Option<(WordVectors, ReadReport)> {
    let mapping = Mapping::new(&fs::File::open(place).ok()?).ok()?;
    let (head, rest) = mapping.split_at_checked(HEADER * 8)?;
    let header: [u64; HEADER] = bytemuck::pod_read_unaligned(head);
    let (head, sum) = header.split_first_chunk::<HEAD>()?;
    let [magic, bytes, time, count, width, text, announced, duplicates, first_duplicate] = *head;
    if magic != MAGIC || *source != (Source { bytes, time }) {
        return None;
    }
    let number = |value: u64| usize::try_from(value).ok();
    let (count, width, text) = (number(count)?, number(width)?, number(text)?);
    let table_bytes = count.checked_mul(width)?.checked_mul(4)?;
    let (table, rest) = rest.split_at_checked(table_bytes)?;
    let (ends, rest) = rest.split_at_checked(count.checked_mul(4)?)?;
    if rest.len() != text {
        return None;
    }
    let table: &[f32] = bytemuck::try_cast_slice(table).ok()?;
    let ends: &[u32] = bytemuck::try_cast_slice(ends).ok()?;
    let (words, checksum) =
        rayon::join(|| words(str::from_utf8(rest).ok()?, ends), || checksum(head, width, table, ends, rest));
    if checksum != *sum {
        return None;
    }
    let optional = |value: u64| value.checked_sub(1).and_then(number);
    let report = ReadReport {
        announced: optional(announced),
        duplicates: number(duplicates)?,
        first_duplicate: optional(first_duplicate),
    };
    Some((WordVectors::mapped(words?, width, mapping, HEADER * 8)?, report))
}

fn words(text: &str, ends: &[u32]) -> Option<WordSet> {
    let mut words = WordSet::default();
    let mut start = 0;
    for (number, end) in ends.iter().enumerate() {
        let end = *end as usize;
        if words.insert(text.get(start..end)?) as usize != number {
            return None;
        }
        start = end;
    }
    Some(words)
}

/// Writes a copy beside its place and renames it into it.
pub fn save(place: &Path, source: &Source, vectors: &WordVectors, report: &ReadReport) -> io::Result<()> {
    let mut text = String::new();
    let mut ends = Vec::with_capacity(vectors.len());
    for word in vectors.words().iter() {
        text.push_str(word);
        let end = u32::try_from(text.len()).map_err(|_| io::Error::other("the words are too long"))?;
        ends.push(end);
    }
    let optional = |value: Option<usize>| value.map_or(0, |value| value as u64 + 1);
    let head = [
        MAGIC,
        source.bytes,
        source.time,
        vectors.len() as u64,
        vectors.width() as u64,
        text.len() as u64,
        optional(report.announced),
        report.duplicates as u64,
        optional(report.first_duplicate),
    ];
    let sum = checksum(&head, vectors.width(), vectors.table(), &ends, text.as_bytes());
    if let Some(folder) = place.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    let parts: [&[u8]; 5] = [
        bytemuck::cast_slice(&head),
        bytemuck::cast_slice(&sum),
        bytemuck::cast_slice(vectors.table()),
        bytemuck::cast_slice(&ends),
        text.as_bytes(),
    ];
    let mut file = AtomicFile::create(place)?;
    parts.iter().try_for_each(|part| file.write_all(part))?;
    file.commit()
}

fn checksum(head: &[u64; HEAD], width: usize, table: &[f32], ends: &[u32], text: &[u8]) -> [u64; 2] {
    let mut digest = Digest::new(width);
    digest.values(table);
    for part in [bytemuck::cast_slice(head), bytemuck::cast_slice(ends), text] {
        digest.bytes(&xxh3_128(part).to_le_bytes());
    }
    let sum = digest.finish();
    [sum as u64, (sum >> 64) as u64]
}
