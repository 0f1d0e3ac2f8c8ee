use super::*;
use std::fs;

fn config(word_ngrams: usize, longest: usize) -> LineConfig {
    LineConfig { word_ngrams, shortest: 2, longest, buckets: 7, labels: vec!["#y".into()] }
}

fn encoder(config: LineConfig, kept: Option<Vec<u32>>) -> LineEncoder {
    let words = [("</s>", 9), ("ripe", 3), ("pear", 2)].map(|(word, count)| (word.to_owned(), count));
    LineEncoder::new(config, words, kept).unwrap()
}

fn check(encoder: &LineEncoder, text: &str, expect: &[u32]) {
    let encoding = encoder.encode(text);
    assert_eq!(encoding.ids, expect, "{text:?}");
    assert_eq!(encoder.encode_batch(&[text, ""]).unwrap().row(0), expect);
    assert_eq!(encoding.offsets.len(), expect.len());
}

#[test]
fn lines_without_ngrams() {
    let encoder = encoder(config(1, 0), None);
    assert_eq!(encoder.width(), 3);
    check(&encoder, "", &[0]);
    check(&encoder, "ripe\tpear\u{b}ripe\0raw", &[1, 2, 1, 0]);
    check(&encoder, "ripe\u{a0}pear", &[0]);
    check(&encoder, "__label__x ripe #y", &[1, 0]);
    check(&encoder, "ripe </s> pear", &[1, 0]);
    check(&encoder, "ripe\npear", &[1, 2, 0]);
    check(&encoder, "Ripe pear.", &[0]);
}

#[test]
fn kept_buckets_have_rows_in_their_order() {
    let all = encoder(config(2, 0), None);
    let bigram = |text: &str| all.encode(text).ids;
    let ids = bigram("ripe plum");
    assert_eq!((ids.len(), &ids[..2]), (4, &[1, 0][..]));
    let bucket = ids[2] - 3;
    let some = encoder(config(2, 0), Some(vec![bucket]));
    assert_eq!(some.width(), 4);
    assert_eq!(some.encode("ripe plum").ids[2], 3);
    let none = encoder(config(2, 0), Some(Vec::new()));
    check(&none, "ripe plum", &[1, 0]);
    // The last n-gram of words reaches to the end of the line.
    assert_eq!(all.encode("ripe plum").offsets, [(0, 4), (9, 9), (0, 9), (5, 9)]);
}

#[test]
fn unknown_words_have_their_sub_words() {
    let encoder = encoder(config(1, 3), None);
    let found = encoder.encode("plum");
    assert_eq!(found.ids.len(), 10, "five pieces of two characters, four of three, and the end");
    assert!(found.offsets[..9].iter().all(|offset| *offset == (0, 4)));
    assert_eq!(encoder.encode("ripe").ids[0], 1);
}

#[test]
fn there_and_back() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("vocab.txt");
    for kept in [None, Some(vec![6, 2]), Some(Vec::new())] {
        let encoder = encoder(config(2, 3), kept.clone());
        encoder.save(&path).unwrap();
        let again = LineEncoder::load(&path, config(2, 3), encoder.width()).unwrap();
        assert_eq!((again.kept(), again.width()), (kept.as_deref(), encoder.width()));
        assert_eq!(again.encode("a ripe pear"), encoder.encode("a ripe pear"));
    }
    let refused = |text: &str, expect: &str| {
        fs::write(&path, text).unwrap();
        let error = LineEncoder::load(&path, config(2, 3), 9).unwrap_err().to_string();
        assert!(error.contains(expect), "{error}");
    };
    refused("a\t1\n\t3\nb\t1\n", "line 3: expected words first, then buckets");
    refused("a\t1\n\tx\n", "line 2: expected the number of a bucket, found 'x'");
    refused("a\t1", "line 1: the line is not ended");
    refused("a\t1\na\t2\n", "words is a: a word has one row");
    refused("a\t1\n\t7\n", "buckets is 7: a bucket has one row, and lies below the most");
    refused("a\t1\n\t6\n\t6\n", "buckets is 6");
    assert!(LineEncoder::new(config(65, 0), [], None).is_err());
}
