use crate::{TextConfig, Tokenizer, TokenizerKind};
use serde_json::{Value, json};

/// Loads a small WordPiece tokenizer with some parts of its file changed.
fn load(changes: &[(&str, Value)]) -> Result<Tokenizer, crate::Error> {
    let mut file = json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
        "pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": null, "decoder": null,
        "model": {
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": {"[UNK]": 0, "a": 1, "##a": 2, "b": 3, "##b": 4},
        },
    });
    for (pointer, value) in changes {
        *file.pointer_mut(pointer).unwrap() = value.clone();
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokenizer.json");
    std::fs::write(&path, file.to_string()).unwrap();
    Tokenizer::load(&path, TextConfig { tokenizer: TokenizerKind::Pretrained, ..TextConfig::default() })
}

fn replace(pattern: Value, content: &str) -> Value {
    json!({"type": "Replace", "pattern": pattern, "content": content})
}

fn sequence(steps: Vec<Value>) -> Value {
    json!({"type": "Sequence", "normalizers": steps})
}

#[track_caller]
fn refused(changes: &[(&str, Value)], expect: &str) {
    let error = load(changes).unwrap_err().to_string();
    assert!(error.contains("tokenizer.json: ") && error.contains(expect), "{error}");
}

#[test]
fn files_that_multiply_are_refused() {
    let grown = "its normalizer makes more than ";
    let ten = |pattern: Value| sequence(vec![replace(pattern, "qqqqqqqqqq"); 8]);
    refused(&[("/normalizer", ten(json!({"String": "q"})))], grown);
    refused(&[("/normalizer", ten(json!({"Regex": "[pqr]"})))], grown);
    let nested = sequence(vec![sequence(vec![ten(json!({"String": "q"}))])]);
    refused(&[("/normalizer", nested)], grown);
    let before = json!({"type": "Prepend", "prepend": "qqqqqqqqqq"});
    refused(&[("/normalizer", sequence(vec![before; 100]))], grown);
    let many = sequence(vec![json!({"type": "Lowercase"}); 257]);
    refused(&[("/normalizer", many)], "the number of steps of its normalizer is 257: at most 256 is read");
    let bytes = json!({"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true});
    let pieces = json!({"type": "Sequence", "pretokenizers": vec![bytes; 3]});
    refused(&[("/pre_tokenizer", pieces)], "lengthen the words in its pre_tokenizer is 3: at most 2 is read");
}

#[test]
fn words_that_take_for_ever_are_refused() {
    let length = "/model/max_input_chars_per_word";
    refused(&[(length, json!(1001))], "its max_input_chars_per_word is 1001: at most 1000 is read");
    let mark = "/model/continuing_subword_prefix";
    refused(&[(mark, json!("#".repeat(65)))], "the length of its continuing_subword_prefix is 65");
    let word = "ab".repeat(500);
    let tokenizer = load(&[(length, json!(1000))]).unwrap();
    assert_eq!(tokenizer.encode(&word).unwrap().ids.len(), 1000);
    assert_eq!(tokenizer.encode(&(word + "a")).unwrap().ids, [0]);
}

/// Expressions match what no trial foresees: such a text is an error, in each way of encoding it.
#[test]
fn a_text_that_is_made_too_long_is_an_error() {
    let digits = replace(json!({"Regex": "[0-9]"}), &"a".repeat(40));
    let tokenizer = load(&[("/normalizer", digits)]).unwrap();
    assert_eq!(tokenizer.encode("b b").unwrap().ids, [3, 3]);
    // A lone digit stays within the room of a short text.
    assert_eq!(tokenizer.encode("7").unwrap().ids.len(), 40);
    for found in [
        tokenizer.encode("7777777").map(|_| ()),
        tokenizer.tokens("7777777").map(|_| ()),
        tokenizer.encode_batch(&["a", "7777777"]).map(|_| ()),
        tokenizer.encode_windows(&["a", "7777777"]).map(|_| ()),
    ] {
        let error = found.unwrap_err().to_string();
        assert!(error.contains("its normalizer makes more than 176 bytes of a text of 7"), "{error}");
    }
}

/// What true tokenizers do.
#[test]
fn long_forms_are_within_the_bound() {
    let steps = vec![
        replace(json!({"String": "``"}), "\""),
        replace(json!({"Regex": " {2,}"}), " "),
        json!({"type": "NFKD"}),
        json!({"type": "Lowercase"}),
        json!({"type": "Prepend", "prepend": "▁"}),
        replace(json!({"String": " "}), "▁"),
    ];
    let pieces = json!({"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true});
    let tokenizer = load(&[("/normalizer", sequence(steps)), ("/pre_tokenizer", pieces)]).unwrap();
    // One letter that is eighteen.
    let longest = "\u{fdfa}".repeat(1000);
    for text in ["", " ", "a", "İ", &longest, &" ".repeat(1000)] {
        tokenizer.encode(text).unwrap();
    }
}

/// Base64 of a table of replacements: a trie of 32-bit numbers, and no texts.
fn table(trie: &[u32]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let size = 4 * trie.len() as u32;
    let bytes: Vec<u8> = [&[size], trie].concat().iter().flat_map(|number| number.to_le_bytes()).collect();
    let group = |bytes: &[u8]| {
        let bits = (0..3).fold(0, |bits, at| bits << 8 | usize::from(bytes.get(at).copied().unwrap_or(0)));
        let letter = |at: usize| LETTERS[bits >> (18 - 6 * at) & 63] as char;
        (0..4).map(|at| if at <= bytes.len() { letter(at) } else { '=' }).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

#[test]
fn what_the_library_panics_on_is_an_error() {
    let torn = "the file is damaged, or a library fails on it (";
    refused(&[("/pre_tokenizer", json!({"type": "FixedLength", "length": 0}))], torn);
    let empty = json!({"type": "Precompiled", "precompiled_charsmap": "AA=="});
    refused(&[("/normalizer", empty)], torn);
    let room = json!({"type": "Precompiled", "precompiled_charsmap": "/////wAA"});
    refused(&[("/normalizer", sequence(vec![room]))], "its precompiled_charsmap is cut off");
    // The table goes on behind its end after a `b`, which no trial finds.
    let mut trie = [0; 245];
    trie[98] = 1000 << 10 | 98;
    let outside = json!({"type": "Precompiled", "precompiled_charsmap": table(&trie)});
    let tokenizer = load(&[("/normalizer", outside)]).unwrap();
    assert_eq!(tokenizer.encode("a a").unwrap().ids, [1, 1]);
    let text = "ab\u{301}";
    for found in [
        tokenizer.encode(text).map(|_| ()),
        tokenizer.tokens(text).map(|_| ()),
        tokenizer.encode_batch(&["a", text]).map(|_| ()),
        tokenizer.encode_windows(&["a", text]).map(|_| ()),
    ] {
        let error = found.unwrap_err().to_string();
        assert!(error.contains("tokenizer.json: the file is damaged, or a library fails on it ("), "{error}");
    }
}
