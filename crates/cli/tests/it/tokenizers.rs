//! Tokenizers other than words, from the training to the explanation.

use std::fs;

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
fn a_linear_model_on_sub_words() {
    let room = room();
    let train = "train --train kitchen.csv --model linear --overwrite --out m";
    for flags in ["--set tokenizer=pretrained --set tokenizer_file=vocab.txt", "--set tokenizer=bpe"] {
        room.run(&format!("{train} {flags}")).exits(0);
        // The model's folder has the sub-words.
        fs::rename(room.path("vocab.txt"), room.path("away")).unwrap();
        let told = room.run_words(&["explain", "m", "--json", "--text", "Unbelievable, a plum!"]).exits(0);
        let line = &told.json()[0];
        let words = line["words"].as_array().unwrap();
        assert!(words.iter().any(|word| word["text"] == "plum"), "{line}");
        let each = |key: &str| -> f64 {
            let values = line[key].as_array().unwrap().iter();
            values.map(|one| one["contributions"][0].as_f64().unwrap()).sum()
        };
        let (rest, logit) = (line["rest"][0].as_f64().unwrap(), line["logits"][0].as_f64().unwrap());
        assert!((each("words") + rest - logit).abs() < 1e-6, "{line}");
        room.run("evaluate m --data kitchen.csv").exits(0);
        room.run_words(&["tokenize", "--with", "m", "--text", "plum"]).exits(0);
        fs::rename(room.path("away"), room.path("vocab.txt")).unwrap();
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
    check(&format!("{PRETRAINED} --set longest=2"), &["longest is 2", "special tokens"]);
    check("--set tokenizer=bert", &["tokenizer = bert: choose whitespace"]);
}

#[test]
fn sub_words_are_learned_and_used() {
    let room = Room::kitchen();
    for kind in ["bpe", "wordpiece", "unigram"] {
        let line = format!(
            "tokenizer train --data kitchen.csv --kind {kind} --size 300 --specials cls,sep --out a.json \
             --overwrite"
        );
        room.run(&line).exits(0).says(&["48 texts", "saved        a.json"]);
        let first = room.read("a.json");
        let told = room.run(&format!("{line} --json --threads 1")).exits(0).json();
        assert_eq!((&told[0]["kind"], &told[0]["texts"]), (&kind.into(), &48.into()));
        assert!(first == room.read("a.json"), "{kind}: another file the second time");

        let words = ["tokenize", "--with", "a.json", "--text", "Plum  and\nleek", "--json"];
        let line = &room.run_words(&words).exits(0).json()[0];
        let tokens = line["tokens"].as_array().unwrap();
        let text = line["text"].as_str().unwrap();
        let mut covered = vec![false; text.len()];
        for token in tokens {
            let place = |key: &str| token[key].as_u64().unwrap() as usize;
            covered[place("start")..place("end")].fill(true);
        }
        assert!(
            text.bytes().zip(covered).all(|(byte, covered)| byte.is_ascii_whitespace() != covered),
            "{line}"
        );
        assert_eq!((&tokens[0]["token"], &tokens[0]["id"]), (&"<cls>".into(), &2.into()));
        assert_eq!(tokens.last().unwrap()["token"], "<sep>");

        let set = format!("--set tokenizer={kind} --set vocabulary_size=300");
        room.run(&format!("train --train kitchen.csv --out m --overwrite {TINY} {set}")).exits(0);
        assert!(room.path("m/tokenizer.json").exists());
        room.run("predict m --text plum").exits(0);
        let shown = room.run_words(&["tokenize", "--with", "m", "--text", "plum"]).exits(0);
        assert!(shown.out.contains("..4 "), "{}", shown.out);
    }
}

#[test]
fn cuts_are_shown() {
    let room = room();
    let words = ["tokenize", "--with", "vocab.txt", "--text", "Unbelievable, dog", "--text", "cat"];
    let shown = room.run_words(&words).exits(0);
    let expect = "text         [Un][believ][able][,] [dog]\n";
    assert!(shown.out.starts_with(expect) && shown.out.contains("\n\ntext         [cat]"), "{}", shown.out);
    let shown = shown.says(&[
        "tokens       token      id   bytes  text",
        "##believ  123    2..8  believ",
        "[CLS]       3\n",
    ]);
    assert!(shown.err.is_empty());
    let coloured = room.command(&words).env("CLICOLOR_FORCE", "1").output().unwrap();
    let coloured = String::from_utf8(coloured.stdout).unwrap();
    assert!(coloured.contains("[48;5;223m") && coloured.contains("believ\u{1b}[0m"), "{coloured:?}");
    let words = ["tokenize", "--with", "english", "--text", "don't :-)"];
    room.run_words(&words).exits(0).says(&["[do][n't] [:-)]"]);
}

#[test]
fn what_cannot_be_learned_or_shown() {
    let room = room();
    room.file("empty.txt", b"\n\n");
    room.file("marks.jsonl", b"{\"text\": \"  \"}\n{\"text\": \"\\t\"}\n");
    let check = |line: &str, words: &[&str]| {
        let before = room.names();
        let outcome = room.run(line).exits(2);
        for word in words {
            assert!(outcome.err.contains(word), "{word:?} is missing in {}", outcome.err);
        }
        assert_eq!((outcome.err.lines().count(), room.names()), (1, before), "{}", outcome.err);
    };
    let train = "tokenizer train --out a.json --data";
    check(&format!("{train} kitchen.csv --size 20"), &["20 tokens is too small", "--size"]);
    check(&format!("{train} kitchen.csv --kind wordpiece --size 20"), &["20 tokens is too small"]);
    check(&format!("{train} kitchen.csv --kind unigram --size 3"), &["3 tokens is too small"]);
    check(&format!("{train} kitchen.csv --kind words"), &["possible values: bpe, wordpiece, unigram"]);
    check(&format!("{train} kitchen.csv --specials pad"), &["possible values: sos"]);
    check(&format!("{train} empty.txt"), &["empty.txt"]);
    check(&format!("{train} none.csv"), &["none.csv does not exist"]);
    check("tokenizer train --data kitchen.csv --out kitchen.csv --overwrite", &["is the file that is read"]);
    check(
        &format!("train --train kitchen.csv --out m {TINY} --set tokenizer=bpe --set vocabulary_size=20"),
        &["20 tokens is too small", "vocabulary_size"],
    );
    check("tokenize --with kitchen.csv --text a", &["kitchen.csv: no tokenizer.json", "vocab.txt"]);
    check("tokenize --with bert --text a", &["bert does not exist", "words, english"]);
    room.run("train --train kitchen.csv --model linear --out l").exits(0);
    check("tokenize --with l --text a", &["l: the model has no tokenizer"]);
}

#[test]
fn stop_words_and_stems() {
    let room = Room::kitchen();
    let reduced = "--set stop_words=english --set stemming=english";
    for (name, flags) in [("bag", TINY), ("lin", "--model linear")] {
        room.run(&format!("train --train kitchen.csv --out {name} {flags} {reduced}")).exits(0);
        let text = ["explain", name, "--json", "--text", "The LEEKS and plums"];
        let line = &room.run_words(&text).exits(0).json()[0];
        let words = line["words"].as_array().unwrap().iter();
        let words = words.filter(|word| word["text"] != "" && word["contributions"][0] != 0.0);
        let words: Vec<&str> = words.filter_map(|word| word["text"].as_str()).collect();
        assert_eq!(words, ["LEEKS", "plums"], "{name}: {line}");
        let probabilities = |text: &str| {
            let words = ["predict", name, "--json", "--text", text];
            room.run_words(&words).exits(0).json()[0]["predictions"].clone()
        };
        assert_eq!(probabilities("The LEEKS and plums"), probabilities("leek plum"), "{name}");
    }
    let shown = room.run_words(&["tokenize", "--with", "bag", "--text", "The LEEKS"]).exits(0);
    assert!(shown.out.starts_with("text         The [LEEKS]\n"), "{}", shown.out);
    let check = |flags: &str, words: &[&str]| {
        let refused = room.run(&format!("train --train kitchen.csv --out no {flags}")).exits(2).err;
        for word in words {
            assert!(refused.contains(word), "{word:?} is missing in {refused}");
        }
    };
    check("--set stop_words=klingon", &["stop_words = klingon: choose arabic, basque", "swedish or turkish"]);
    check("--set tokenizer=bpe --set stemming=english", &["stemming = english: it goes by whole words"]);
    check(
        "--model linear --set word_ngrams=none --set character_ngrams=[2,4] --set stop_words=english",
        &["stop_words = english: it goes by whole words"],
    );
}

#[test]
fn a_run_does_not_go_on_with_another_tokenizer() {
    let room = room();
    let line = |epochs: usize| {
        let keep = "--set checkpoints=last --set schedule=constant --set warmup=0";
        format!("train --train kitchen.csv --out m {PRETRAINED} {TINY} {keep} --set epochs={epochs}")
    };
    room.run(&line(1)).exits(0);
    let text = String::from_utf8(room.read("vocab.txt")).unwrap();
    let (from, to) = ("\n##l\n##m\n", "\n##m\n##l\n");
    assert!(text.contains(from));
    room.file("vocab.txt", text.replace(from, to).as_bytes());
    let refused = room.run(&format!("{} --resume", line(2))).exits(2).err;
    assert!(refused.contains("what the tokenizer makes of the texts"), "{refused}");
    room.file("vocab.txt", text.as_bytes());
    room.run(&format!("{} --resume", line(2))).exits(0);
}
