//! fastText's binary models (Bojanowski, Grave, Joulin and Mikolov 2017, 'Enriching word vectors with subword
//! information'): the vectors of its words, and those of n-grams, from which unknown words get theirs.

use assort_text::WordSet;
use rayon::prelude::*;

use crate::binary::Reader;
use crate::ngrams::{Ngrams, mean};
use crate::source::Source;
use crate::{Error, ReadReport, WordVectors};

const MAGIC: i32 = 793_712_314;
/// The oldest version and the newest.
const VERSIONS: std::ops::RangeInclusive<i32> = 11..=12;
/// Characters of an n-gram at most: more come of a torn head, and would make a long word's n-grams countless.
const LONGEST: i32 = 64;
/// The word that stands for the end of a line; it has no n-grams.
const END_OF_LINE: &str = "</s>";

/// Whether a file that begins like this is a model of fastText.
pub fn is_fasttext(sample: &[u8]) -> bool {
    sample.starts_with(&MAGIC.to_le_bytes())
}

/// Reads a model.
pub fn read_fasttext(source: Source) -> Result<(WordVectors, ReadReport), Error> {
    let mut reader = Reader::new(source);
    let [_, version] = integers(&mut reader)?;
    if !VERSIONS.contains(&version) {
        return Err(reader.kind("a fastText model of another version: save it with fastText 0.9 or later"));
    }
    // Window, epochs, least count, negatives, word n-grams, loss, model; then buckets, shortest, longest,
    // rate.
    let [width, _, _, _, _, _, _, _, buckets, shortest, longest, _] = integers(&mut reader)?;
    let _threshold: [u8; 8] = reader.bytes()?;
    let [entries, words, _labels] = integers(&mut reader)?;
    let _tokens: [u8; 8] = reader.bytes()?;
    let pruned = i64::from_le_bytes(reader.bytes()?);
    let size = |value: i32| usize::try_from(value).ok();
    let sizes =
        (size(width).filter(|width| *width > 0), size(entries), size(words).filter(|words| *words > 0));
    let torn = "the head of this fastText model is torn: fetch it again";
    let (Some(width), Some(entries), Some(words)) = sizes else { return Err(reader.kind(torn)) };
    let known = dictionary(&mut reader, entries, words)?;

    let is_quantized = reader.bytes::<1>()? != [0];
    if is_quantized || pruned > 0 {
        return Err(
            reader.kind("a quantized fastText model keeps no whole vectors: take the one it was made of")
        );
    }
    let (rows, columns) = (i64::from_le_bytes(reader.bytes()?), i64::from_le_bytes(reader.bytes()?));
    let ngrams = match (size(shortest), size(longest), u32::try_from(buckets)) {
        _ if longest > LONGEST => return Err(reader.kind(torn)),
        (Some(shortest), Some(longest), Ok(buckets)) if longest > 0 && buckets > 0 => {
            Some(Ngrams::new(shortest.max(1), longest, buckets))
        }
        _ => None,
    };
    let wanted = words + ngrams.map_or(0, Ngrams::rows);
    if columns != width as i64 || usize::try_from(rows).ok().is_none_or(|rows| rows < wanted) {
        return Err(reader.kind(torn));
    }
    let numbers = wanted.checked_mul(width).ok_or_else(|| reader.kind(torn))?;
    let mut values = Vec::new();
    reader.floats(numbers, &mut values)?;
    if let Some(ngrams) = ngrams {
        let (own, buckets) = values.split_at_mut(words * width);
        own.par_chunks_exact_mut(width).zip(&known).for_each(|(row, word)| {
            let pieces = if word == END_OF_LINE { Vec::new() } else { ngrams.buckets(word) };
            mean(row, 1, &pieces, buckets);
        });
    }
    collect(&known, values, width, ngrams)
}

/// The words, in the order of their rows; labels stand behind them.
fn dictionary(reader: &mut Reader, entries: usize, words: usize) -> Result<Vec<String>, Error> {
    let mut known = Vec::new();
    for entry in 1..=entries {
        reader.word = entry;
        let text = reader.text(0)?;
        let _count: [u8; 8] = reader.bytes()?;
        let [kind] = reader.bytes()?;
        match (kind, entry <= words) {
            (0, true) => known.push(text),
            (1, false) => {}
            _ => return Err(reader.fault("expected words first, then labels: the file is torn")),
        }
    }
    if known.len() < words {
        return Err(reader.fault(format!("expected {words} words, found {}: the file is torn", known.len())));
    }
    reader.word = words;
    Ok(known)
}

/// Words with their rows; of words that are the same once what is no UTF-8 is replaced, the first one holds.
fn collect(
    known: &[String],
    mut values: Vec<f32>,
    width: usize,
    ngrams: Option<Ngrams>,
) -> Result<(WordVectors, ReadReport), Error> {
    let (mut words, mut report) = (WordSet::default(), ReadReport::default());
    for (row, word) in known.iter().enumerate() {
        let place = words.len();
        words.insert(word);
        match words.len() > place {
            true => values.copy_within(row * width..(row + 1) * width, place * width),
            false => report.duplicates += 1,
        }
    }
    values.drain(words.len() * width..known.len() * width);
    Ok((WordVectors::with_ngrams(words, width, values, ngrams)?, report))
}

fn integers<const N: usize>(reader: &mut Reader) -> Result<[i32; N], Error> {
    let mut integers = [0; N];
    for integer in &mut integers {
        *integer = i32::from_le_bytes(reader.bytes()?);
    }
    Ok(integers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    fn fixture(name: &str) -> Vec<u8> {
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/vectors").join(name)).unwrap()
    }

    fn read(bytes: &[u8]) -> Result<WordVectors, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.bin");
        fs::write(&path, bytes).unwrap();
        let read = WordVectors::open(&path, None).map(|(vectors, ..)| vectors);
        read.map_err(|error| error.to_string().replace(&folder.path().display().to_string(), ""))
    }

    #[test]
    fn what_fasttext_says() {
        let golden: serde_json::Value = serde_json::from_slice(&fixture("binary.json")).unwrap();
        let vectors = read(&fixture("fasttext.bin")).unwrap();
        let words: Vec<&str> = vectors.words().iter().collect();
        assert_eq!(serde_json::json!(words), golden["words"]);
        assert_eq!(vectors.table().len(), words.len() * 4);
        for (word, row) in golden["fasttext"].as_object().unwrap() {
            let found = vectors.vector_or_ngrams(word).unwrap();
            for (value, expect) in found.iter().zip(row.as_array().unwrap()) {
                assert!(
                    (f64::from(*value) - expect.as_f64().unwrap()).abs() < 1e-7,
                    "{word}: {found:?} {row}"
                );
            }
            assert_eq!(vectors.vector(word).is_some(), words.contains(&word.as_str()));
        }
        assert!(golden["fasttext"]["Größen"][0].as_f64().unwrap() != 0.0, "the golden says something");
    }

    #[test]
    fn torn_models() {
        let whole = fixture("fasttext.bin");
        let bucket_rows = 23 * 4 * 4;
        let input = whole.len() - (1 + 16 + 13 * 4 * 4);
        for length in 0..input {
            assert!(read(&whole[..length]).is_err(), "{length} bytes");
        }
        assert!(read(&whole[..input]).is_ok(), "the second matrix is not needed");
        let check = |place: usize, bytes: &[u8], expect: &str| {
            let mut torn = whole.clone();
            torn[place..place + bytes.len()].copy_from_slice(bytes);
            let found = read(&torn).unwrap_err();
            assert!(found.contains(expect) && found.lines().count() == 1, "{found}");
        };
        check(4, &[9], "a fastText model of another version");
        check(8, &[0, 0, 0, 0], "the head of this fastText model is torn");
        check(8, &[255, 255, 255, 127], "torn");
        check(0x30, &[65], "the head of this fastText model is torn");
        check(0x40, &[255, 255, 255, 127], "torn");
        check(0x44, &[255, 255, 255, 127], "torn");
        let quantized = input - bucket_rows - 13 * 4 * 4 - 17;
        check(quantized, &[1], "a quantized fastText model keeps no whole vectors");
        check(quantized + 1, &[1], "the head of this fastText model is torn");
    }
}
