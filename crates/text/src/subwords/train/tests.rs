//! Sub-words that are learned.

use crate::{Error, Lowercase, Special, TextConfig, Tokenizer, TokenizerKind, VocabConfig};

const KINDS: [TokenizerKind; 3] = [TokenizerKind::Bpe, TokenizerKind::Wordpiece, TokenizerKind::Unigram];

fn texts() -> Vec<String> {
    let stems = ["walk", "talk", "play", "jump", "look", "ask", "call", "Ö", "日", "🙂"];
    let ends = ["ing", "ed", "s", "er", "ers", ", then", "! ", "'t", "less"];
    (0..900)
        .map(|i| format!("{}{} the {}{}", stems[i % 10], ends[i % 9], stems[i / 9 % 10], ends[i / 7 % 9]))
        .collect()
}

fn config(tokenizer: TokenizerKind, size: usize, specials: &[Special]) -> TextConfig {
    let vocabulary = VocabConfig { size_limit: Some(size), minimum_count: 1, specials: specials.to_vec() };
    TextConfig { tokenizer, vocabulary, ..TextConfig::default() }
}

#[test]
fn offsets_cover_the_words() {
    for kind in KINDS {
        let tokenizer = Tokenizer::fit(&texts(), &config(kind, 340, &[])).unwrap();
        assert!(tokenizer.vocab().len() <= 340, "{kind:?}: {}", tokenizer.vocab().len());
        let text = "Walking  talkers,\tÖed 日🙂";
        let encoding = tokenizer.encode(text).unwrap();
        let mut covered = vec![false; text.len()];
        for (start, end) in &encoding.offsets {
            covered[*start..*end].fill(true);
        }
        for (byte, covered) in text.bytes().zip(&covered) {
            assert_eq!(!byte.is_ascii_whitespace(), *covered, "{kind:?}: {:?}", encoding.offsets);
        }
        let tokens: Vec<String> =
            tokenizer.tokens(text).unwrap().iter().map(|token| token.text.to_string()).collect();
        let first = encoding.offsets.iter().take_while(|(_, end)| *end <= 7).count();
        let (begin, inner) = match kind {
            TokenizerKind::Bpe => ("Ġwalking", ""),
            TokenizerKind::Wordpiece => ("walking", "##"),
            _ => ("▁walking", ""),
        };
        let word: Vec<&str> = tokens[..first].iter().map(|token| token.trim_start_matches("##")).collect();
        assert_eq!(word.concat(), begin, "{kind:?}: {tokens:?}");
        assert!(tokens[1..first].iter().all(|token| token.starts_with(inner)), "{kind:?}: {tokens:?}");
        assert!(!encoding.ids.contains(&1), "{kind:?}: {tokens:?}");
        let unknown = tokenizer.encode("語").unwrap();
        assert_eq!(unknown.ids.contains(&1), kind != TokenizerKind::Bpe, "{kind:?}");
    }
}

#[test]
fn specials_surround() {
    for kind in KINDS {
        let config = config(kind, 340, &[Special::Cls, Special::Sep, Special::Mask]);
        let (tokenizer, rows) = Tokenizer::fit_encode(&texts(), &config).unwrap();
        let vocab = tokenizer.vocab();
        let ids: Vec<u32> = vocab.specials().iter().map(|(_, id)| id.0).collect();
        assert_eq!(ids, [0, 1, 2, 3, 4], "{kind:?}: {:?}", vocab.specials());
        assert_eq!(rows, tokenizer.encode_batch(&texts()).unwrap());
        let ids = tokenizer.encode("the <mask>").unwrap().ids;
        assert_eq!((ids.first(), ids.last()), (Some(&2), Some(&3)));
        assert!(!ids.contains(&4));
        assert_eq!(tokenizer.encode("").unwrap().ids, [2, 3]);
    }
}

/// Threads, the order of texts and the seeds of hash maps, which differ from map to map, leave no trace.
#[test]
fn the_same_file_again() {
    let mut texts = texts();
    for kind in KINDS {
        let config = TextConfig { lowercase: Lowercase::Off, ..config(kind, 360, &[Special::Mask]) };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokenizer.json");
        let mut first = Vec::new();
        for run in 0..8 {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(1 + run % 3).build().unwrap();
            let tokenizer = pool.install(|| Tokenizer::fit(&texts, &config).unwrap());
            tokenizer.save(&path).unwrap();
            let bytes = std::fs::read(&path).unwrap();
            if run == 0 {
                first = bytes;
            } else {
                assert!(first == bytes, "{kind:?}: another file in run {run}");
            }
            texts.rotate_left(101);
        }
    }
}

fn check(texts: &[&str], config: &TextConfig, expect: &str) {
    let message = match Tokenizer::fit(texts, config) {
        Ok(tokenizer) => format!("fine: {}", tokenizer.vocab().len()),
        Err(error) => error.to_string(),
    };
    assert!(message.contains(expect), "{:?}: {message}", config.tokenizer);
}

#[test]
fn little_and_nothing() {
    for kind in KINDS {
        check(&[], &config(kind, 400, &[]), "the 0 texts hold no word");
        check(&[" ", "\n"], &config(kind, 400, &[]), "the 2 texts hold no word");
        check(&["a"], &config(kind, 400, &[]), "fine");
        check(&["a", "a a", ""], &config(kind, 400, &[]), "fine");
        check(&[&"x".repeat(1000), "b"], &config(kind, 400, &[]), "fine");
        check(
            &["the cat sat"],
            &config(kind, 3, &[]),
            "a vocabulary of 3 tokens is too small: special tokens and",
        );
        let error = Tokenizer::fit(&["the cat"], &config(kind, 3, &[])).unwrap_err();
        let Error::VocabularyTooSmall { needed, .. } = error else { panic!("{error}") };
        check(&["the cat"], &config(kind, needed, &[]), "fine");
        check(&["the cat"], &config(kind, needed - 1, &[]), "too small");
    }
}

/// Many texts go another way than one.
#[test]
fn every_way_gives_the_same_ids() {
    let mut odd: Vec<String> = [
        "",
        " ",
        "a\u{0}b",
        "a\u{b}b c\u{85}d",
        "日本 walking",
        "e\u{301}\u{301} \u{301}x",
        "<unk> <cls>",
        "a'\u{301}b.\u{300} x--y__z¡q?!",
    ]
    .map(str::to_owned)
    .to_vec();
    odd.push("walk\u{a0}talk\u{3000}play\r\n\tlook\u{2028}ask \u{200b} Ωσς İstanbul".to_owned());
    odd.push("&quot;walking&quot;<br />talkers ".repeat(40));
    odd.extend(texts());
    for kind in KINDS {
        let cleaning = crate::Cleaning { html: crate::Html::Clean, ..crate::Cleaning::default() };
        let plain = config(kind, 340, &[Special::Cls, Special::Sep]);
        for config in [plain.clone(), TextConfig { cleaning, longest: Some(5), ..plain }] {
            let tokenizer = Tokenizer::fit(&texts(), &config).unwrap();
            let rows = tokenizer.encode_batch(&odd).unwrap();
            for (row, text) in odd.iter().enumerate() {
                assert_eq!(rows.row(row), tokenizer.encode(text).unwrap().ids, "{kind:?}: {text:?}");
            }
        }
    }
}
