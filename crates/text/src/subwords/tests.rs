use crate::{Special, TextConfig, Token, TokenId, Tokenizer, TokenizerKind, Truncation};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/text")
}

fn bert(longest: Option<usize>, truncation: Truncation) -> Tokenizer {
    let config =
        TextConfig { tokenizer: TokenizerKind::Pretrained, longest, truncation, ..TextConfig::default() };
    Tokenizer::load(&fixtures().join("bert"), config).unwrap()
}

/// `fixtures/text/subwords.json`, made by `fixtures/text/subwords.py`.
#[test]
fn ids_and_offsets_equal_golden() {
    let cases = std::fs::read_to_string(fixtures().join("subwords.json")).unwrap();
    let cases: Value = serde_json::from_str(&cases).unwrap();
    let tokenizer = bert(None, Truncation::Head);
    let mut count = 0;
    for case in cases.as_array().unwrap() {
        let text = case["text"].as_str().unwrap();
        let mut expect: Vec<(u32, usize, usize)> = serde_json::from_value(case["tokens"].clone()).unwrap();
        expect.insert(0, (3, 0, 0));
        expect.push((4, text.len(), text.len()));
        let encoding = tokenizer.encode(text).unwrap();
        let offsets = encoding.offsets.iter();
        let found: Vec<_> = encoding.ids.iter().zip(offsets).map(|(id, at)| (*id, at.0, at.1)).collect();
        assert_eq!(found, expect, "{text:?}");
        count += found.len();
    }
    assert!(count > 100, "{count} tokens");
}

#[test]
fn every_way_gives_the_same_ids() {
    let texts: Vec<String> =
        (0..600).map(|i| format!("I love{} my {i} dogs, endlessly", "ly".repeat(i % 7))).collect();
    for (longest, truncation) in [
        (None, Truncation::Head),
        (Some(3), Truncation::Head),
        (Some(6), Truncation::Tail),
        (Some(9), Truncation::HeadAndTail),
    ] {
        let tokenizer = bert(longest, truncation);
        let rows = tokenizer.encode_batch(&texts).unwrap();
        assert_eq!(rows.rows(), texts.len());
        for (index, text) in texts.iter().enumerate() {
            let encoding = tokenizer.encode(text).unwrap();
            assert_eq!(rows.row(index), encoding.ids);
            assert_eq!(encoding.ids.len(), encoding.offsets.len());
            assert!(longest.is_none_or(|longest| encoding.ids.len() == longest));
            assert_eq!((encoding.ids.first(), encoding.ids.last()), (Some(&3), Some(&4)));
            assert!(encoding.offsets.is_sorted());
        }
    }
    let cut = |longest| bert(longest, Truncation::Head).count_cut(&["I love my dog", "film", ""]).unwrap();
    assert_eq!([None, Some(6), Some(5), Some(3)].map(cut), [0, 0, 1, 1]);
    let whole = bert(None, Truncation::Head).encode("I love my dog, great film").unwrap();
    let short = bert(Some(7), Truncation::HeadAndTail).encode("I love my dog, great film").unwrap();
    assert_eq!(short.ids, [&whole.ids[..3], &whole.ids[whole.ids.len() - 4..]].concat());
}

#[test]
fn vocabulary_and_tokens() {
    let tokenizer = bert(None, Truncation::Head);
    let vocab = tokenizer.vocab();
    assert_eq!((vocab.pad(), vocab.unk()), (TokenId(0), TokenId(2)));
    assert_eq!(vocab.special(Special::Mask), Some(TokenId(5)));
    assert_eq!(vocab.special(Special::Sos), None);
    assert_eq!(vocab.id("##ing"), Some(TokenId(125)));
    assert_eq!(vocab.len(), 153);
    assert!(vocab.iter().all(|(_, count)| count == 0));
    let tokens = tokenizer.tokens("Stunning 🦀").unwrap();
    let text = |token: &Token| token.text.clone().into_owned();
    assert_eq!(
        tokens.iter().map(text).collect::<Vec<_>>(),
        ["[CLS]", "stun", "##n", "##ing", "[UNK]", "[SEP]"]
    );
    assert_eq!((tokens[4].start, tokens[4].end), (9, 13));
}

#[test]
fn there_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let tokenizer = bert(Some(8), Truncation::Tail);
    let path = folder.path().join("tokenizer.json");
    tokenizer.save(&path).unwrap();
    let loaded = Tokenizer::load(folder.path(), tokenizer.config().clone()).unwrap();
    assert_eq!(loaded, tokenizer);
    assert_eq!(loaded.vocab().specials(), tokenizer.vocab().specials());
    let text = "Unbelievable! The [SEP] actress's story";
    assert_eq!(loaded.encode(text).unwrap(), tokenizer.encode(text).unwrap());
    let first = std::fs::read(&path).unwrap();
    loaded.save(&path).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), first);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn fit_reads_the_file() {
    let config = TextConfig {
        tokenizer: TokenizerKind::Pretrained,
        tokenizer_file: Some(fixtures().join("bert/vocab.txt")),
        ..TextConfig::default()
    };
    let (tokenizer, rows) = Tokenizer::fit_encode(&["I love my dog"], &config).unwrap();
    assert_eq!(rows.ids(), [3, 46, 112, 111, 113, 4]);
    assert_eq!(tokenizer.vocab().len(), 153);
    let none = TextConfig { tokenizer_file: None, ..config };
    let message = Tokenizer::fit(&["a"], &none).unwrap_err().to_string();
    assert!(message.contains("tokenizer_file is none: a pretrained tokenizer needs"), "{message}");
}

fn check(name: &str, bytes: &[u8], expect: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let config = TextConfig { tokenizer: TokenizerKind::Pretrained, ..TextConfig::default() };
    let message = match Tokenizer::load(&path, config) {
        Ok(_) => "fine".to_owned(),
        Err(error) => error.to_string(),
    };
    assert!(message.contains(expect), "{message}");
    assert!(expect == "fine" || message.contains(name), "{message}");
}

#[test]
fn other_files() {
    check("a.json", b"", "it is empty");
    check("a.json", b"{", "no tokenizer.json (EOF while parsing");
    check("a.json", b"{\"model_type\": \"bert\"}", "no tokenizer.json (");
    check("a.csv", b"text,label\na,b\n", "no BERT's vocab.txt either: [CLS] is missing");
    check("a.bin", b"\xff\xfe\x00", "neither JSON nor a list of tokens in UTF-8");
    check("vocab.txt", b"<pad>\t0\n<unk>\t0\nthe\t4\n", "a tokenizer of words");
    check("vocab.txt", b"[UNK]\n[CLS]\n[SEP]\na\n", "fine");
    let model = |model: &str| format!(r#"{{"version":"1.0","added_tokens":[],"model":{model}}}"#);
    check("a.json", model(r#"{"type":"WordLevel","vocab":{},"unk_token":"u"}"#).as_bytes(), "is empty");
    check(
        "a.json",
        model(r#"{"type":"WordLevel","vocab":{"a":0},"unk_token":"u"}"#).as_bytes(),
        "cannot encode",
    );
    check(
        "a.json",
        model(r#"{"type":"WordLevel","vocab":{"a":0,"u":99999999},"unk_token":"u"}"#).as_bytes(),
        "its ids go up to 99999999, but it has 2 tokens",
    );
    check(
        "a.json",
        model(r#"{"type":"WordLevel","vocab":{"a":0,"u":0},"unk_token":"u"}"#).as_bytes(),
        "have the same id 0",
    );
    check(
        "a.json",
        model(r#"{"type":"WordLevel","vocab":{"a":0,"u":7},"unk_token":"u"}"#).as_bytes(),
        "fine",
    );
}

#[test]
fn settings_that_leave_no_room() {
    let config =
        TextConfig { tokenizer: TokenizerKind::Pretrained, longest: Some(2), ..TextConfig::default() };
    let message = Tokenizer::load(&fixtures().join("bert"), config.clone()).unwrap_err().to_string();
    assert!(message.contains("longest is 2: give more than the special tokens"), "{message}");
    let message = Tokenizer::load(Path::new("nowhere.json"), config).unwrap_err().to_string();
    assert!(message.starts_with("cannot read nowhere.json"), "{message}");
    let folder = tempfile::tempdir().unwrap();
    let config = TextConfig { tokenizer: TokenizerKind::Pretrained, ..TextConfig::default() };
    let message = Tokenizer::load(folder.path(), config).unwrap_err().to_string();
    assert!(message.contains("holds neither tokenizer.json nor vocab.txt"), "{message}");
}

/// The ids of course B, by the pretrained vocabulary of BERT.
#[test]
#[allow(clippy::print_stderr, reason = "a test that does nothing says so")]
fn ids_of_a_pretrained_bert() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/models/minilm-bert");
    if !folder.is_dir() {
        eprintln!("skipped: {} is not there", folder.display());
        return;
    }
    for file in ["tokenizer.json", "vocab.txt"] {
        let config = TextConfig { tokenizer: TokenizerKind::Pretrained, ..TextConfig::default() };
        let tokenizer = Tokenizer::load(&folder.join(file), config).unwrap();
        let check =
            |text: &str, expect: &[u32]| assert_eq!(tokenizer.encode(text).unwrap().ids, expect, "{file}");
        check("I love my dog", &[101, 1045, 2293, 2026, 3899, 102]);
        check(
            "A visually stunning rumination on love",
            &[101, 1037, 17453, 14726, 19379, 12758, 2006, 2293, 102],
        );
        let vocab = tokenizer.vocab();
        assert_eq!((vocab.len(), vocab.pad(), vocab.unk()), (30_522, TokenId(0), TokenId(100)));
        assert_eq!(vocab.special(Special::Mask), Some(TokenId(103)));
    }
}

/// A BERT's `vocab.txt` with further lines and files beside it.
fn vocab_files(further: &str, files: &Value) -> Result<Tokenizer, String> {
    let folder = tempfile::tempdir().unwrap();
    let vocab = std::fs::read_to_string(fixtures().join("bert/vocab.txt")).unwrap() + further;
    std::fs::write(folder.path().join("vocab.txt"), vocab).unwrap();
    for (name, content) in files.as_object().unwrap() {
        std::fs::write(folder.path().join(name), content.to_string()).unwrap();
    }
    let config = TextConfig { tokenizer: TokenizerKind::Pretrained, ..TextConfig::default() };
    let tokenizer = Tokenizer::load(folder.path(), config.clone()).map_err(|error| error.to_string())?;
    // What a model folder keeps of it.
    tokenizer.save(&folder.path().join("tokenizer.json")).unwrap();
    assert_eq!(Tokenizer::load(folder.path(), config).unwrap(), tokenizer);
    Ok(tokenizer)
}

/// `fixtures/text/vocab_files.json`, made by `fixtures/text/vocab_files.py` with transformers.
#[test]
fn files_beside_a_vocabulary_equal_golden() {
    let cases = std::fs::read_to_string(fixtures().join("vocab_files.json")).unwrap();
    let cases: Value = serde_json::from_str(&cases).unwrap();
    let mut count = 0;
    for case in cases.as_array().unwrap() {
        let name = &case["name"];
        let tokenizer = vocab_files(case["further"].as_str().unwrap(), &case["files"]).unwrap();
        let rows = case["rows"].as_array().unwrap();
        let texts: Vec<&str> = rows.iter().map(|row| row["text"].as_str().unwrap()).collect();
        let batch = tokenizer.encode_batch(&texts).unwrap();
        for (index, (row, text)) in rows.iter().zip(texts).enumerate() {
            let expect: Vec<u32> = serde_json::from_value(row["ids"].clone()).unwrap();
            assert_eq!(tokenizer.encode(text).unwrap().ids, expect, "{name}: {text:?}");
            assert_eq!(batch.row(index), expect, "{name}: {text:?} in a batch");
            count += expect.len();
        }
    }
    assert!(count > 3000, "{count} ids");
}

#[test]
fn wrong_files_beside_a_vocabulary() {
    let check = |files: Value, expect: &str| {
        let message = vocab_files("covid\n", &files).err().unwrap_or_else(|| "fine".to_owned());
        assert!(message.contains(expect), "{files}: {message}");
    };
    let config = |content: Value| json!({"tokenizer_config.json": content});
    check(json!({"tokenizer_config.json": []}), "vocab.txt: the tokenizer_config.json beside it cannot");
    check(
        config(json!({"do_lower_case": "no"})),
        "do_lower_case in the tokenizer_config.json beside it: invalid type",
    );
    check(
        config(json!({"cls_token": 7})),
        "cls_token in the tokenizer_config.json beside it: expected the text",
    );
    check(config(json!({"cls_token": "<s>"})), "<s> is missing");
    check(config(json!({"tokenizer_class": "BertJapaneseTokenizer"})), "names a BertJapaneseTokenizer");
    let decoder = |id: &str| config(json!({"added_tokens_decoder": {id: {"content": "new"}}}));
    check(decoder("154"), "fine");
    check(decoder("9"), "give 'new' the id 9, which another token has");
    check(decoder("-1"), "added_tokens_decoder in the tokenizer_config.json beside it: ");
    check(decoder("4000000000"), "give 'new' the id 4000000000, but it has 154 lines");
    check(json!({"added_tokens.json": {"covid": 155}}), "give 'covid' the id 155");
    check(json!({"added_tokens.json": {"a b": 154, "c d": 154}}), "'a b' and 'c d' have the same id 154");
    check(json!({"added_tokens.json": {"a b": null}}), "'a b' in the added_tokens.json beside it");
}

/// Where an id is left free, the tokens after it keep theirs.
#[test]
fn gaps_between_added_tokens() {
    let tokenizer = vocab_files("\n", &json!({"added_tokens.json": {"covid": 158, "[URL]": 155}})).unwrap();
    assert_eq!(tokenizer.encode("my [URL] covid").unwrap().ids, [3, 111, 155, 158, 4]);
    assert_eq!(tokenizer.vocab().len(), 159);
}
