//! fastText's binary models (Bojanowski, Grave, Joulin and Mikolov 2017, 'Enriching word vectors with subword
//! information'): the vectors of its words, and those of n-grams, from which unknown words get theirs.

mod head;
mod matrix;
mod model;
#[cfg(test)]
mod model_tests;

use assort_text::{CharacterNgrams, WordSet};
use rayon::prelude::*;

use crate::binary::Reader;
use crate::mean::mean;
use crate::source::Source;
use crate::{Error, ReadReport, WordVectors};
use head::{Head, TORN};

pub use model::{FasttextLoss, FasttextModel};

/// The word that stands for the end of a line; it has no n-grams.
const END_OF_LINE: &str = "</s>";

/// Whether a file that begins like this is a model of fastText.
pub fn is_fasttext(sample: &[u8]) -> bool {
    sample.starts_with(&head::MAGIC.to_le_bytes())
}

/// Reads a model's word vectors.
pub fn read_fasttext(source: Source) -> Result<(WordVectors, ReadReport), Error> {
    let mut reader = Reader::new(source);
    let head = Head::read(&mut reader)?;
    let is_quantized = reader.bytes::<1>()? != [0];
    if is_quantized || head.kept.as_ref().is_some_and(|kept| !kept.is_empty()) {
        return Err(
            reader.kind("a quantized fastText model keeps no whole vectors: take the one it was made of")
        );
    }
    if head.words.is_empty() {
        return Err(reader.kind(TORN));
    }
    let (width, ngrams) = (head.width, head.ngrams());
    let known: Vec<_> =
        head.words.iter().map(|(word, _)| String::from_utf8_lossy(word).into_owned()).collect();
    let wanted = known.len() + ngrams.map_or(0, CharacterNgrams::rows);
    let mut values = matrix::read(&mut reader, false, wanted, width)?;
    if let Some(ngrams) = ngrams {
        let (own, buckets) = values.split_at_mut(known.len() * width);
        own.par_chunks_exact_mut(width).zip(&known).for_each(|(row, word)| {
            let pieces = if word == END_OF_LINE { Vec::new() } else { ngrams.buckets(word) };
            mean(row, 1, &pieces, buckets);
        });
    }
    collect(&known, values, width, ngrams)
}

/// Words with their rows; of words that are the same once what is no UTF-8 is replaced, the first one holds.
fn collect(
    known: &[String],
    mut values: Vec<f32>,
    width: usize,
    ngrams: Option<CharacterNgrams>,
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
