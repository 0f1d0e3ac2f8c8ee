//! The tokenizer as a whole: offsets, agreement of its ways, independence of threads.

#![allow(clippy::unwrap_used, reason = "a test helper may fail loudly")]
use assort_random::{Generator, Seed};
use assort_text::{Lowercase, Punctuation, TextConfig, Tokenizer, TokenizerKind, Truncation, VocabConfig};

const LETTERS: &[&str] = &[
    "a",
    "b",
    "Z",
    "Q",
    "é",
    "É",
    "e\u{301}",
    "İ",
    "ẞ",
    "ß",
    "Σ",
    "σ",
    "Ⱥ",
    "K",
    "日",
    "本",
    "ǅ",
    "0",
    "٣",
    "_",
    "'",
    "’",
    "!",
    "…",
    "。",
    "-",
    "🙂",
    "👩‍🚀",
    " ",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "\u{a0}",
    "\u{3000}",
    "\u{1c}",
    "\u{85}",
    "\u{200b}",
    "\u{feff}",
    "\0",
];

fn random_text(generator: &mut Generator, longest: u64) -> String {
    let count = generator.below(longest);
    (0..count).map(|_| LETTERS[generator.below(LETTERS.len() as u64) as usize]).collect()
}

fn random_texts(count: usize) -> Vec<String> {
    let mut generator = Seed::new(17).stream("texts").generator();
    (0..count).map(|_| random_text(&mut generator, 40)).collect()
}

fn configs() -> Vec<TextConfig> {
    let mut configs = Vec::new();
    for tokenizer in
        [TokenizerKind::Whitespace, TokenizerKind::Words, TokenizerKind::English, TokenizerKind::Characters]
    {
        for lowercase in [Lowercase::On, Lowercase::Off] {
            for punctuation in [Punctuation::Keep, Punctuation::Drop] {
                for (longest, truncation) in [
                    (None, Truncation::Head),
                    (Some(3), Truncation::Head),
                    (Some(3), Truncation::Tail),
                    (Some(5), Truncation::HeadAndTail),
                ] {
                    configs.push(TextConfig {
                        tokenizer,
                        lowercase,
                        punctuation,
                        longest,
                        truncation,
                        ..TextConfig::default()
                    });
                }
            }
        }
    }
    configs
}

fn normalize(config: &TextConfig, piece: &str) -> String {
    match config.lowercase {
        Lowercase::On => piece.to_lowercase(),
        Lowercase::Off => piece.to_owned(),
    }
}

#[test]
fn offsets_lead_back_to_the_original() {
    let texts = random_texts(600);
    for config in configs() {
        let tokenizer = Tokenizer::fit(&texts, &config).unwrap();
        for text in &texts {
            let mut last = 0;
            for token in tokenizer.tokens(text).unwrap() {
                assert!(last <= token.start && token.start < token.end, "{text:?}: {token:?}");
                assert_eq!(normalize(&config, &text[token.start..token.end]), token.text, "{text:?}");
                last = token.end;
            }
            let encoding = tokenizer.encode(text).unwrap();
            assert_eq!(encoding.ids.len(), encoding.offsets.len());
            for (id, (start, end)) in encoding.ids.iter().zip(&encoding.offsets) {
                let token = tokenizer.vocab().token((*id).into()).unwrap();
                assert_eq!(normalize(&config, &text[*start..*end]), token, "{text:?}");
            }
        }
    }
}

#[test]
fn every_way_gives_the_same_ids() {
    let texts = random_texts(700);
    for config in configs() {
        let (tokenizer, rows) = Tokenizer::fit_encode(&texts, &config).unwrap();
        assert_eq!(tokenizer, Tokenizer::fit(&texts, &config).unwrap());
        assert_eq!(rows, tokenizer.encode_batch(&texts).unwrap());
        assert_eq!(rows.rows(), texts.len());
        for (index, text) in texts.iter().enumerate() {
            let ids = tokenizer.encode(text).unwrap().ids;
            assert_eq!(ids, rows.row(index));
            assert!(config.longest.is_none_or(|longest| ids.len() <= longest));
        }
        assert_eq!(rows.rows(), texts.len());
    }
}

#[test]
fn threads_leave_no_trace() {
    let texts = random_texts(3_000);
    let config = TextConfig {
        vocabulary: VocabConfig { size_limit: Some(60), minimum_count: 2, ..VocabConfig::default() },
        ..TextConfig::default()
    };
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| Tokenizer::fit_encode(&texts, &config).unwrap())
    };
    let one = run(1);
    assert_eq!(one.0.vocab().len(), 62);
    for threads in [2, 3, 7] {
        assert_eq!(run(threads), one);
    }
}

fn check(config: &TextConfig, text: &str, expect: &[(&str, (usize, usize))]) {
    let tokenizer = Tokenizer::fit(&[text], config).unwrap();
    let tokens = tokenizer.tokens(text).unwrap();
    let found: Vec<_> = tokens.iter().map(|token| (&*token.text, (token.start, token.end))).collect();
    assert_eq!(found, expect, "{text:?}");
}

#[test]
fn tokens_with_offsets() {
    let words = TextConfig::default();
    check(&words, "", &[]);
    check(&words, "Don't", &[("don", (0, 3)), ("'", (3, 4)), ("t", (4, 5))]);
    check(&words, "İZ Ⱥ!", &[("i̇z", (0, 3)), ("ⱥ", (4, 6)), ("!", (6, 7))]);
    let bare = TextConfig { punctuation: Punctuation::Drop, ..words.clone() };
    check(
        &bare,
        "Yes… No!! 🙂 __ a_b",
        &[("yes", (0, 3)), ("no", (7, 9)), ("🙂", (12, 16)), ("a_b", (20, 23))],
    );
    let split = TextConfig { tokenizer: TokenizerKind::Whitespace, ..bare.clone() };
    check(&split, "Yes… -- No!!", &[("yes…", (0, 6)), ("no!!", (10, 14))]);
    let kept = TextConfig { lowercase: Lowercase::Off, ..words };
    check(&kept, "No no", &[("No", (0, 2)), ("no", (3, 5))]);
}

#[test]
fn empty_input() {
    let (tokenizer, rows) = Tokenizer::fit_encode::<&str>(&[], &TextConfig::default()).unwrap();
    assert_eq!(tokenizer.vocab().len(), 2);
    assert_eq!((rows.rows(), rows.offsets()), (0, &[0][..]));
    let rows = tokenizer.encode_batch(&["", "new words", " "]).unwrap();
    assert_eq!(rows.offsets(), [0, 0, 2, 2]);
    assert_eq!(rows.ids(), [1, 1]);
}

#[test]
fn special_names_in_texts_are_unknown() {
    let config = TextConfig { tokenizer: TokenizerKind::Whitespace, ..TextConfig::default() };
    let tokenizer = Tokenizer::fit(&["<pad> <mask> a"], &config).unwrap();
    assert_eq!(tokenizer.vocab().len(), 3);
    assert_eq!(tokenizer.encode("<pad> a <mask> <UNK>").unwrap().ids, [1, 2, 1, 1]);
}

#[test]
fn texts_that_are_cut_are_counted() {
    let texts = random_texts(600);
    for config in configs() {
        let tokenizer = Tokenizer::fit(&texts, &config).unwrap();
        let longest = config.longest.unwrap_or(usize::MAX);
        let expect = texts.iter().filter(|text| tokenizer.tokens(text).unwrap().len() > longest).count();
        assert_eq!(tokenizer.count_cut(&texts).unwrap(), expect);
        assert_eq!(expect > 0, config.longest.is_some());
    }
}
