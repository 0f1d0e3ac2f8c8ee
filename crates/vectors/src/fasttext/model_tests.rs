//! Tests of classifiers; what they predict is tested in `pipeline`.

use super::FasttextModel;
use std::fs;
use std::path::Path;

const NAMES: [&str; 8] = [
    "softmax.bin",
    "independent.bin",
    "tree.bin",
    "ngrams.bin",
    "plain.ftz",
    "norms.ftz",
    "pruned.ftz",
    "output.ftz",
];

fn fixture(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/fasttext").join(name)).unwrap()
}

fn open(bytes: &[u8]) -> Result<FasttextModel, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m");
    fs::write(&path, bytes).unwrap();
    FasttextModel::open(&path).map_err(|error| error.to_string())
}

#[test]
fn shapes() {
    for name in NAMES {
        let model = open(&fixture(name)).unwrap();
        let buckets = match &model.kept {
            _ if !model.has_ngrams() => 0,
            Some(kept) => kept.len(),
            None => model.buckets as usize,
        };
        assert_eq!(model.input.len(), (model.words.len() + buckets) * model.width, "{name}");
        assert_eq!(model.output.len(), model.labels.len() * model.width, "{name}");
        assert!(model.words.iter().any(|(word, _)| word == "</s>"), "{name}");
        assert_eq!(model.kept.is_some(), name == "pruned.ftz");
    }
}

#[test]
fn torn_at_every_length() {
    for name in NAMES {
        let whole = fixture(name);
        // Each byte of the head, then some.
        let lengths = (0..200).chain((200..whole.len()).step_by(37)).chain([whole.len() - 1]);
        for length in lengths {
            let error = open(&whole[..length]).err();
            let error = error.unwrap_or_else(|| panic!("{name}: {length} bytes are enough"));
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }
}

/// Large numbers in every place: an error or another model, but neither a panic nor much memory.
#[test]
fn mutated_everywhere() {
    for name in ["ngrams.bin", "pruned.ftz", "output.ftz"] {
        let whole = fixture(name);
        let places = (0..130).chain((130..whole.len().saturating_sub(8)).step_by(151));
        for place in places {
            for bytes in [[0xff; 4], [0xff, 0xff, 0xff, 0x7f], [0; 4], [0, 0, 0, 0x80]] {
                let mut torn = whole.clone();
                torn[place..place + 4].copy_from_slice(&bytes);
                if let Err(error) = open(&torn) {
                    assert_eq!(error.lines().count(), 1, "{error}");
                }
            }
        }
    }
}

#[test]
fn words_that_are_no_text_lose_their_rows() {
    let whole = fixture("softmax.bin");
    let before = open(&whole).unwrap();
    let word = before.words[3].0.clone();
    let at = whole.windows(word.len()).position(|piece| piece == word.as_bytes()).unwrap();
    let mut broken = whole;
    broken[at] = 0xff;
    let after = open(&broken).unwrap();
    assert_eq!(after.words.len() + 1, before.words.len());
    assert_eq!((&after.words[2], &after.words[3]), (&before.words[2], &before.words[4]));
    let row = |model: &FasttextModel, row: usize| model.input[row * 5..(row + 1) * 5].to_vec();
    assert_eq!((row(&after, 2), row(&after, 3)), (row(&before, 2), row(&before, 4)));
    assert_eq!(after.input.len() + 5, before.input.len());
}

#[test]
fn what_is_written_is_read() {
    let model = open(&fixture("ngrams.bin")).unwrap();
    let mut bytes = Vec::new();
    model.write(&mut bytes).unwrap();
    assert_eq!(open(&bytes).unwrap(), model);
    let short = FasttextModel { input: Vec::new(), ..model.clone() };
    assert!(short.write(&mut Vec::new()).is_err());
    let odd = FasttextModel { words: vec![("a\0b".into(), 1)], ..model };
    assert!(odd.write(&mut Vec::new()).is_err());
}
