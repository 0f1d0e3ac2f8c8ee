//! Binary files of word vectors: word2vec's, and what they share with fastText's.
//!
//! word2vec writes a line with V and D, then for each word its bytes, a blank, and D floats of 32 bits,
//! lowest byte first; some programs end each word with a line break, some do not.

use std::io::{BufReader, Read};
use std::path::PathBuf;

use assort_text::WordSet;

use crate::source::{Source, is_torn};
use crate::{Error, ReadReport, WordVectors, parse};

/// Bytes of a word at most.
const LONGEST_WORD: usize = 1 << 16;
/// Numbers that are read at once: what a torn header promises is not made room for.
const AT_ONCE: usize = 1 << 16;

/// Reads numbers and words, and knows the place.
pub struct Reader {
    source: BufReader<Box<dyn Read + Send>>,
    path: PathBuf,
    /// The word that is read, from 1; 0 before the first.
    pub word: usize,
}

impl Reader {
    pub fn new(source: Source) -> Self {
        Self { source: BufReader::with_capacity(1 << 20, source.bytes), path: source.path, word: 0 }
    }

    /// The fault of the word that is read.
    pub fn fault(&self, problem: impl Into<String>) -> Error {
        Error::Word { path: self.path.clone(), word: self.word, problem: problem.into() }
    }

    /// A file of another kind than expected.
    pub fn kind(&self, problem: &'static str) -> Error {
        Error::Kind { path: self.path.clone(), problem }
    }

    fn failed(&self, error: std::io::Error) -> Error {
        match is_torn(&error) {
            true => self.fault("the file ends here or is torn: fetch it again"),
            false => Error::File { path: self.path.clone(), source: error },
        }
    }

    /// The next bytes.
    pub fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let mut bytes = [0; N];
        self.source.read_exact(&mut bytes).map_err(|error| self.failed(error))?;
        Ok(bytes)
    }

    /// The bytes up to the next `end`, without it.
    pub fn until(&mut self, end: u8) -> Result<Vec<u8>, Error> {
        let mut text = Vec::new();
        loop {
            match self.bytes()? {
                [byte] if byte == end => return Ok(text),
                [byte] => text.push(byte),
            }
            if text.len() > LONGEST_WORD {
                return Err(self.fault(format!("a word of more than {LONGEST_WORD} bytes: the file is torn")));
            }
        }
    }

    /// The same as text; what is no UTF-8 is replaced.
    pub fn text(&mut self, end: u8) -> Result<String, Error> {
        Ok(String::from_utf8_lossy(&self.until(end)?).into_owned())
    }

    /// The next `count` bytes.
    pub fn many(&mut self, count: usize) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        let read = (&mut self.source).take(count as u64).read_to_end(&mut bytes);
        match read.map_err(|error| self.failed(error))? {
            found if found == count => Ok(bytes),
            _ => Err(self.failed(std::io::ErrorKind::UnexpectedEof.into())),
        }
    }

    /// Leaves the next `count` bytes out.
    pub fn skip(&mut self, count: usize) -> Result<(), Error> {
        let skipped = std::io::copy(&mut (&mut self.source).take(count as u64), &mut std::io::sink());
        match skipped.map_err(|error| self.failed(error))? {
            found if found == count as u64 => Ok(()),
            _ => Err(self.failed(std::io::ErrorKind::UnexpectedEof.into())),
        }
    }

    /// Appends the next `count` floats.
    pub fn floats(&mut self, count: usize, values: &mut Vec<f32>) -> Result<(), Error> {
        let mut left = count;
        while left > 0 {
            let now = left.min(AT_ONCE);
            let start = values.len();
            values.resize(start + now, 0.0);
            let room = values.get_mut(start..).unwrap_or_default();
            let read = self.source.read_exact(bytemuck::cast_slice_mut(room));
            read.map_err(|error| self.failed(error))?;
            for value in room {
                *value = f32::from_bits(u32::from_le(value.to_bits()));
                if !value.is_finite() {
                    return Err(self.fault(format!("expected a number, found {value}: the file is torn")));
                }
            }
            left -= now;
        }
        Ok(())
    }
}

/// Whether a file that begins like this is of word2vec's binary form: its first line is a header, and bytes
/// follow that no text has.
pub fn is_word2vec(sample: &[u8]) -> bool {
    let Some(end) = sample.iter().position(|byte| *byte == b'\n') else { return false };
    let (header, rest) = sample.split_at(end);
    let is_binary = |byte: &u8| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r');
    parse::header(header).is_some() && rest.iter().any(is_binary)
}

/// Reads word2vec's binary form.
pub fn read_word2vec(source: Source) -> Result<(WordVectors, ReadReport), Error> {
    let mut reader = Reader::new(source);
    let header = reader.text(b'\n')?;
    let wrong = "the first line must tell the number of words and of their numbers, each at least 1";
    let header = parse::header(header.as_bytes()).filter(|(words, width)| *words > 0 && *width > 0);
    let (announced, width) = header.ok_or_else(|| reader.kind(wrong))?;
    let mut report = ReadReport { announced: Some(announced), ..ReadReport::default() };
    let (mut words, mut values) = (WordSet::default(), Vec::new());
    for word in 1..=announced {
        reader.word = word;
        let text = reader.text(b' ')?;
        let text = text.trim_start_matches('\n');
        if text.is_empty() {
            return Err(reader.fault("expected a word, found none: the file is torn"));
        }
        let known = words.len();
        words.insert(text);
        reader.floats(width, &mut values)?;
        if words.len() == known {
            values.truncate(values.len() - width);
            report.duplicates += 1;
        }
    }
    Ok((WordVectors::new(words, values)?, report))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::WordVectors;
    use std::fs;
    use std::path::Path;

    fn fixture(name: &str) -> Vec<u8> {
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/vectors").join(name)).unwrap()
    }

    fn read(bytes: &[u8]) -> Result<(WordVectors, ReadReport), String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.bin");
        fs::write(&path, bytes).unwrap();
        let read = WordVectors::open(&path, None).map(|(vectors, report, _)| (vectors, report));
        read.map_err(|error| error.to_string().replace(&folder.path().display().to_string(), ""))
    }

    #[test]
    fn what_gensim_writes() {
        let whole = fixture("word2vec.bin");
        let golden: serde_json::Value = serde_json::from_slice(&fixture("binary.json")).unwrap();
        let (vectors, report) = read(&whole).unwrap();
        assert_eq!((vectors.len(), vectors.width(), report.announced), (5, 4, Some(5)));
        for (word, row) in golden["word2vec"].as_object().unwrap() {
            let expect: Vec<f32> =
                row.as_array().unwrap().iter().map(|value| value.as_f64().unwrap() as f32).collect();
            assert_eq!(vectors.vector(word), Some(&expect[..]), "{word}");
        }
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut packed, &whole).unwrap();
        assert_eq!(read(&packed.finish().unwrap()).unwrap().0.digest(), vectors.digest());
        // As the first program wrote it: a line break after each word's numbers.
        let broken: Vec<u8> = [b"2 1\na \x01\0\0\0\nb ".as_slice(), &2f32.to_le_bytes(), b"\n"].concat();
        let (vectors, _) = read(&broken).unwrap();
        assert_eq!((vectors.vector("a"), vectors.vector("b")), (Some(&[1e-45][..]), Some(&[2.0][..])));
    }

    #[test]
    fn torn_files() {
        let check = |bytes: &[u8], expect: &str| assert_eq!(read(bytes).err().as_deref(), Some(expect));
        let torn = "/v.bin, word 2: the file ends here or is torn: fetch it again";
        check(b"2 1\nthe \x80\x3f\x00\x01\nof ", torn);
        check(b"999999999999 99999999999\na \x01\0\0\0", &torn.replace("word 2", "word 1"));
        check(b"1 1\na \0\0\x80\x7f", "/v.bin, word 1: expected a number, found inf: the file is torn");
        check(b"1 1\n \0\0\x80\x3f", "/v.bin, word 1: expected a word, found none: the file is torn");
        let none =
            "/v.bin: the first line must tell the number of words and of their numbers, each at least 1";
        check(b"0 1\n\x01", none);
        check(b"1 0\n\x01", none);
        let twice: Vec<u8> = [b"2 1\na ".as_slice(), &[1, 0, 0, 0], b"a ", &[2, 0, 0, 0]].concat();
        let (vectors, report) = read(&twice).unwrap();
        assert_eq!((vectors.table(), report.duplicates), (&[f32::from_bits(1)][..], 1));
        assert_eq!(report.cautions(Path::new("v"), 1).len(), 1);
        for length in 0..fixture("word2vec.bin").len() {
            assert!(read(&fixture("word2vec.bin")[..length]).is_err(), "{length} bytes");
        }
    }
}
