//! Opening a file of word vectors, through its binary copy where that is worth it.

use std::path::{Path, PathBuf};

use crate::cache::{self, Source};
use crate::read::read_file;
use crate::{Error, ReadReport, WordVectors};

/// Where binary copies of vectors files lie. A copy is mapped into memory, so the second time takes a
/// fraction of the first; it is as large as the vectors, four bytes a number.
#[derive(Clone, Debug)]
pub struct CacheConfig {
    /// A folder for copies of files in folders that cannot be written; without one these are read anew each
    /// time.
    pub fallback: Option<PathBuf>,
    /// Files below this size, in bytes, are read anew each time: it takes no time, and leaves no second file
    /// about.
    pub minimum_bytes: u64,
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self { fallback: None, minimum_bytes: 16 << 20 }
    }
}

/// How a file was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// It was read.
    Read,
    /// It was read, and a binary copy was written for the next time.
    Copied(PathBuf),
    /// It was read, and no place for a copy could be written: what the system says of the last one.
    NotCopied(String),
    /// Its binary copy was mapped.
    Mapped(PathBuf),
}

impl WordVectors {
    /// Opens a file of word vectors (GloVe, word2vec, fastText, as text or binary; packed by gzip or not), or
    /// the binary copy that an earlier call wrote. The copy `FILE.assort-vectors` lies beside the file, or
    /// else in the fallback folder. One that does not belong to the file as it is now (by size and time), or
    /// is torn (by a checksum), is written again. `None` for no copies.
    ///
    /// # Errors
    /// [`Error::Line`] names the line, [`Error::Word`] the word of a binary file, that is torn, of another
    /// width, or holds no number; [`Error::Kind`] for an empty file, an archive, or a model without whole
    /// vectors; [`Error::File`] if it cannot be read.
    pub fn open(path: &Path, cache: Option<&CacheConfig>) -> Result<(Self, ReadReport, Opened), Error> {
        let read = || read_file(path).map(|(vectors, report)| (vectors, report, Opened::Read));
        let Some(config) = cache else { return read() };
        let source = Source::of(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
        if source.bytes < config.minimum_bytes {
            return read();
        }
        let places = cache::places(path, config.fallback.as_deref());
        for place in &places {
            if let Some((vectors, report)) = cache::load(place, &source) {
                return Ok((vectors, report, Opened::Mapped(place.clone())));
            }
        }
        let (vectors, report, opened) = read()?;
        if vectors.has_ngrams() {
            // A copy has no place for them, and the file is as quick to read.
            return Ok((vectors, report, opened));
        }
        let mut refused = String::new();
        for place in places {
            match cache::save(&place, &source, &vectors, &report) {
                Ok(()) => return Ok((vectors, report, Opened::Copied(place))),
                Err(error) => refused = format!("{}: {error}", place.display()),
            }
        }
        Ok((vectors, report, Opened::NotCopied(refused)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write;

    const ALWAYS: CacheConfig = CacheConfig { fallback: None, minimum_bytes: 0 };

    fn opened(path: &Path, config: &CacheConfig) -> (Opened, String, ReadReport) {
        let (vectors, report, opened) = WordVectors::open(path, Some(config)).unwrap();
        assert_eq!(vectors.words().find("of"), Some(1));
        (opened, vectors.digest(), report)
    }

    #[test]
    fn the_second_time_is_mapped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        let copy = folder.path().join("a.txt.assort-vectors");
        fs::write(&path, "the 1 2 3\nof 4 5 6\nthe 7 8 9\n").unwrap();
        let first = opened(&path, &ALWAYS);
        assert_eq!(first.0, Opened::Copied(copy.clone()));
        assert_eq!((first.2.duplicates, first.2.first_duplicate), (1, Some(3)));
        let second = opened(&path, &ALWAYS);
        assert_eq!(second, (Opened::Mapped(copy.clone()), first.1.clone(), first.2));
        // Another size, then another time.
        fs::write(&path, "the 1 2 3\nof 4 5 7.5\n").unwrap();
        let third = opened(&path, &ALWAYS);
        assert_eq!(third.0, Opened::Copied(copy.clone()));
        assert_ne!(third.1, first.1);
        let later = fs::metadata(&path).unwrap().modified().unwrap() + std::time::Duration::from_secs(2);
        fs::write(&path, "the 1 2 3\nof 4 5 8.5\n").unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();
        assert_eq!(opened(&path, &ALWAYS).0, Opened::Copied(copy));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_torn_copy_is_never_trusted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "the 1 2 3\nof 4 5 6\n").unwrap();
        let (Opened::Copied(copy), digest, _) = opened(&path, &ALWAYS) else { panic!("no copy") };
        let whole = fs::read(&copy).unwrap();
        for length in 0..whole.len() {
            fs::write(&copy, &whole[..length]).unwrap();
            assert_eq!(opened(&path, &ALWAYS).0, Opened::Copied(copy.clone()), "{length} bytes");
        }
        for place in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[place] ^= 4;
            fs::write(&copy, &bytes).unwrap();
            let again = opened(&path, &ALWAYS);
            assert_eq!((again.0, again.1), (Opened::Copied(copy.clone()), digest.clone()), "byte {place}");
        }
        let mut longer = whole.clone();
        longer.push(0);
        fs::write(&copy, &longer).unwrap();
        assert_eq!(opened(&path, &ALWAYS).0, Opened::Copied(copy.clone()));
        assert_eq!(opened(&path, &ALWAYS).0, Opened::Mapped(copy));
    }

    #[test]
    fn another_place_where_the_first_cannot_be_written() {
        let (folder, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = folder.path().join("a.txt");
        fs::write(&path, "the 1\nof 2\n").unwrap();
        // A folder in its place refuses the copy, for every user.
        fs::create_dir(folder.path().join("a.txt.assort-vectors")).unwrap();
        assert!(matches!(opened(&path, &ALWAYS).0, Opened::NotCopied(_)));
        let config = CacheConfig { fallback: Some(home.path().join("new")), ..ALWAYS };
        let (Opened::Copied(copy), ..) = opened(&path, &config) else { panic!("no copy") };
        assert!(copy.starts_with(home.path()));
        assert_eq!(opened(&path, &config).0, Opened::Mapped(copy));
        assert_eq!(opened(&path, &CacheConfig::default()).0, Opened::Read);
    }

    fn read(bytes: &[u8]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.txt");
        fs::write(&path, bytes).unwrap();
        match WordVectors::open(&path, None) {
            Ok((vectors, report, _)) => {
                let words: Vec<&str> = vectors.words().iter().collect();
                let announced = report.announced.map(|words| format!(" of {words}")).unwrap_or_default();
                format!("{}{announced}: {:?}", words.join(" "), vectors.table())
            }
            Err(error) => error.to_string().replace(&format!("{}", folder.path().display()), ""),
        }
    }

    #[test]
    fn files() {
        let check = |text: &str, expect: &str| {
            assert_eq!(read(text.as_bytes()), expect, "{text:?}");
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            packed.write_all(text.as_bytes()).unwrap();
            assert_eq!(read(&packed.finish().unwrap()), expect, "packed {text:?}");
        };
        check("a 1 2\nb 3 4", "a b: [1.0, 2.0, 3.0, 4.0]");
        check("2 2\na 1 2 \nb 3 4 \n", "a b of 2: [1.0, 2.0, 3.0, 4.0]");
        check("a 1 2\nb 3 4\na 5 6\nc 7 8\nb 0 0\n", "a b c: [1.0, 2.0, 3.0, 4.0, 7.0, 8.0]");
        check("\na 1\n\nb 2\n\n", "a b: [1.0, 2.0]");
        check(
            "a 1 2\nb 3\nc 5 6",
            "/v.txt, line 2: expected a word and 2 numbers, found 1: the line is torn",
        );
        check("2 2\na 1 2\nb 3", "/v.txt, line 3: expected a word and 2 numbers, found 1: the line is torn");
        check(
            "2 3\na 1 2\n",
            "/v.txt, line 2: expected 3 numbers after the word, as the first line tells, found 2",
        );
        let empty = "/v.txt: the file is empty: expected a line for each word, with the word and its numbers";
        check("", empty);
        check("\n\n", empty);
        check("2 3\n", empty);
        check(
            "PK",
            "/v.txt, line 1: expected a word and its numbers, found 'PK': this is no file of word vectors",
        );
    }

    #[test]
    fn cautions() {
        let check = |text: &str, expect: &[&str]| {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("v.txt");
            fs::write(&path, text).unwrap();
            let (vectors, report, _) = WordVectors::open(&path, None).unwrap();
            let found = report.cautions(Path::new("v"), vectors.len());
            assert_eq!(found.len(), expect.len(), "{found:?}");
            found.iter().zip(expect).for_each(|(found, expect)| assert!(found.contains(expect), "{found}"));
        };
        check("2 1\na 1\nb 2\n", &[]);
        check("3 1\na 1\nb 2\n", &["the first line tells 3 words, but 2 rows follow"]);
        check("3 1\na 1\nb 2\na 3\n", &["v: 1 row of a word that stood before, the first on line 4"]);
        check("a 1\na 2\na 3\n", &["2 rows of a word that stood before, the first on line 2"]);
    }

    #[test]
    fn other_kinds_of_files() {
        assert!(read(b"PK\x03\x04....").contains("a zip archive: unpack it"));
        assert!(read(b"2 1\nthe \x80\xff\nof ").contains("line 2"));
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        (0..1000).for_each(|word| writeln!(packed, "word{word} {}", word * word).unwrap());
        let packed = packed.finish().unwrap();
        let message = read(&packed[..packed.len() / 2]);
        assert!(message.contains("line 1: here or after it the packed file is torn"), "{message}");
    }

    /// Many blocks, so that lines are cut and numbered across them.
    #[test]
    fn many_blocks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.txt");
        let mut text = String::new();
        for word in 0..300_000 {
            text.push_str(&format!("word{word} {word} {} {}\n", word % 7, -word));
        }
        fs::write(&path, &text).unwrap();
        let (vectors, report, _) = WordVectors::open(&path, None).unwrap();
        assert_eq!((vectors.len(), report), (300_000, ReadReport::default()));
        for word in (0..300_000).step_by(997) {
            let expect = [word as f32, (word % 7) as f32, -word as f32];
            assert_eq!(vectors.vector(&format!("word{word}")), Some(&expect[..]));
        }
        let torn = text.replace("word271828 271828", "word271828");
        fs::write(&path, torn.replace("word290000 290000", "word290000")).unwrap();
        let message = WordVectors::open(&path, None).unwrap_err().to_string();
        assert!(message.contains("line 271829: expected a word and 3 numbers, found 2"), "{message}");
    }
}
