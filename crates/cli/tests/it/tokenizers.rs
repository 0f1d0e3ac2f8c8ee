//! Tokenizers other than words, from the training to the explanation.

use super::room::{Room, TINY};

/// `kitchen.csv` and a BERT's `vocab.txt`.
fn room() -> Room {
    let room = Room::kitchen();
    room.file("vocab.txt", include_bytes!("../../../../fixtures/text/bert/vocab.txt"));
    room
}

const PRETRAINED: &str = "--set tokenizer=pretrained --set tokenizer_file=vocab.txt --set longest=12";

#[test]
fn a_model_on_pretrained_sub_words() {
    let room = room();
    for flags in ["", "--set word_ngrams=2 --set buckets=50"] {
        let train = format!("train --train kitchen.csv --out m --overwrite {PRETRAINED} {TINY} {flags}");
        room.run(&train).exits(0).says(&["153 different tokens"]);
        assert!(String::from_utf8(room.read("m/tokenizer.json")).unwrap().contains("\"##able\""));
        assert!(!room.path("m/vocab.txt").exists());
        let text = ["explain", "m", "--json", "--text", "Unbelievable, a plum! [SEP]"];
        let line = &room.run_words(&text).exits(0).json()[0];
        let words = line["words"].as_array().unwrap().iter();
        let words: Vec<&str> =
            words.filter_map(|word| word["text"].as_str()).filter(|w| !w.is_empty()).collect();
        // The text is cut at 12 tokens, two of them special.
        assert_eq!(words, ["Unbelievable", ",", "a", "plum", "!"], "{line}");
        for label in 0..2 {
            let sum = |key: &str| -> f64 {
                let each = line[key].as_array().unwrap().iter();
                each.map(|one| one["contributions"][label].as_f64().unwrap()).sum()
            };
            let number = |key: &str| line[key][label].as_f64().unwrap();
            assert!((sum("pieces") + number("rest") - number("logits")).abs() < 1e-6, "{line}");
            assert!((sum("words") + number("rest") - number("logits")).abs() < 1e-6, "{line}");
        }
    }
}

#[test]
fn files_that_are_no_tokenizer() {
    let room = room();
    room.file("a.json", b"{\"a\": 1}");
    let check = |flags: &str, words: &[&str]| {
        let outcome = room.run(&format!("train --train kitchen.csv --out m {TINY} {flags}")).exits(2);
        for word in words {
            assert!(outcome.err.contains(word), "{word:?} is missing in {}", outcome.err);
        }
        assert_eq!((outcome.err.lines().count(), room.names().len()), (1, 3), "{}", outcome.err);
    };
    let with = |file: &str| format!("--set tokenizer=pretrained --set tokenizer_file={file}");
    check(&with("a.json"), &["a.json: no tokenizer.json (", "a BERT's vocab.txt"]);
    check(&with("kitchen.csv"), &["kitchen.csv: no tokenizer.json", "[CLS] is missing"]);
    check(&with("none.json"), &["cannot read none.json"]);
    check("--set tokenizer=pretrained", &["tokenizer_file is none", "needs its tokenizer.json"]);
    check("--set tokenizer_file=vocab.txt", &["tokenizer_file = vocab.txt", "pretrained alone"]);
    check(&format!("{PRETRAINED} --set longest=2"), &["longest = 2", "special tokens"]);
    check("--set tokenizer=bert", &["tokenizer = bert: choose whitespace"]);
    let line = "train --train kitchen.csv --out m --model linear --set tokenizer=pretrained";
    let refused = room.run(line).exits(2).err;
    assert!(refused.contains("tokenizer = pretrained: weighted n-grams are made of words"), "{refused}");
}
