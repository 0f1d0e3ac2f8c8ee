use super::*;
use crate::Truncation;
use crate::{TextConfig, VocabConfig};
use std::collections::HashSet;

fn tokenizer(longest: Option<usize>, truncation: Truncation) -> Tokenizer {
    let vocabulary = VocabConfig { size_limit: Some(3), ..VocabConfig::default() };
    let config = TextConfig { longest, truncation, vocabulary, ..TextConfig::default() };
    Tokenizer::fit(&["a b c d a b c a b"], &config).unwrap()
}

fn hasher(units: Units, words: (usize, usize), characters: (usize, usize)) -> NgramHasher {
    let range = |(shortest, longest)| NgramRange { shortest, longest };
    let config =
        HasherConfig { units, words: range(words), characters: range(characters), buckets: Some(1 << 20) };
    NgramHasher::new(config, 5).unwrap()
}

fn offsets(
    units: Units,
    words: (usize, usize),
    characters: (usize, usize),
    text: &str,
) -> Vec<(usize, usize)> {
    let tokenizer = tokenizer(None, Truncation::Head);
    let encoding = hasher(units, words, characters).encode(&tokenizer, text).unwrap();
    let tokens = tokenizer.encode(text).unwrap();
    assert_eq!(encoding.ids[..tokens.ids.len()], tokens.ids);
    assert!(encoding.ids[tokens.ids.len()..].iter().all(|id| (5..5 + (1 << 20)).contains(id)));
    encoding.offsets[tokens.ids.len()..].to_vec()
}

#[test]
fn which_ngrams() {
    let (words, characters) = (Units::Words, Units::Characters);
    assert_eq!(offsets(words, (2, 2), (1, 1), ""), []);
    assert_eq!(offsets(words, (2, 2), (1, 1), "a"), []);
    assert_eq!(offsets(words, (2, 3), (1, 1), "a b  c"), [(0, 3), (0, 6), (2, 6)]);
    assert_eq!(offsets(words, (1, 1), (1, 1), "a b"), [(0, 1), (2, 3)]);
    // "<ab>": a, b, <a, ab, b>
    assert_eq!(offsets(characters, (2, 2), (1, 2), " ab").len(), 5);
    assert_eq!(offsets(characters, (2, 2), (3, 6), "ab").len(), 3);
    assert_eq!(offsets(characters, (2, 2), (5, 6), "ab"), []);
    assert_eq!(offsets(Units::WordsAndCharacters, (2, 2), (3, 3), "a b"), [(0, 3), (0, 1), (2, 3)]);
}

#[test]
fn equal_ngrams_share_ids_and_others_seldom_do() {
    let tokenizer = tokenizer(None, Truncation::Head);
    let hasher = hasher(Units::Words, (2, 2), (1, 1));
    let pair = |text: &str| hasher.encode(&tokenizer, text).unwrap().ids[2];
    assert_eq!(pair("New York"), pair("new, york".replace(',', "").as_str()));
    assert_ne!(pair("new york"), pair("york new"));
    let pairs: HashSet<u32> =
        (0..1000).flat_map(|n| [pair(&format!("w{n} x")), pair(&format!("x w{n}"))]).collect();
    // Two thousand in a million buckets: two collisions are expected.
    assert!(pairs.len() > 1_985, "{}", pairs.len());
}

/// The ids are part of every saved model: they must never change.
#[test]
fn ids_are_fixed() {
    let tokenizer = tokenizer(None, Truncation::Head);
    let ids = hasher(Units::WordsAndCharacters, (2, 2), (3, 3)).encode(&tokenizer, "no dog").unwrap().ids;
    assert_eq!(ids, FIXED);
}

const FIXED: [u32; 8] = [1, 1, 363_413, 886_880, 471_967, 137_514, 76_258, 974_690];

#[test]
fn truncated_tokens_have_no_ngrams() {
    let hasher = hasher(Units::WordsAndCharacters, (2, 2), (3, 3));
    for truncation in [Truncation::Head, Truncation::Tail, Truncation::HeadAndTail] {
        let short = tokenizer(Some(2), truncation);
        let kept = match truncation {
            Truncation::Head => "xy b",
            Truncation::Tail => "c z",
            Truncation::HeadAndTail => "xy z",
        };
        assert_eq!(hasher.encode(&short, "xy b c z").unwrap().ids, hasher.encode(&short, kept).unwrap().ids);
    }
}

#[test]
fn every_way_gives_the_same_ids() {
    let tokenizer = tokenizer(None, Truncation::Head);
    let hasher = hasher(Units::WordsAndCharacters, (1, 3), (2, 4));
    let texts: Vec<String> = (0..700).map(|n| format!("a{n} b c{} É", n % 7)).collect();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| hasher.encode_batch(&tokenizer, &texts).unwrap())
    };
    let rows = run(1);
    assert_eq!(run(3), rows);
    for (index, text) in texts.iter().enumerate() {
        assert_eq!(hasher.encode(&tokenizer, text).unwrap().ids, rows.row(index));
    }
}

#[test]
fn settings_are_checked() {
    let message = |config: HasherConfig, base| NgramHasher::new(config, base).unwrap_err().to_string();
    assert!(message(HasherConfig::default(), 2).contains("buckets is none"));
    let config = HasherConfig { buckets: Some(50_000), ..HasherConfig::default() };
    assert!(message(HasherConfig { buckets: Some(0), ..config.clone() }, 2).contains("buckets is 0"));
    assert!(message(config.clone(), u32::MAX - 1).contains("under 4,294,967,296"));
    let words = NgramRange { shortest: 3, longest: 2 };
    assert!(message(HasherConfig { words, ..config }, 2).contains("words is 3 to 2"));
}

#[test]
fn the_number_of_buckets_follows_the_texts() {
    let tokenizer = tokenizer(None, Truncation::Head);
    let check = |buckets, text: &str, count, expect| {
        let config = HasherConfig { buckets, ..HasherConfig::default() };
        let hasher = NgramHasher::fit(&config, &tokenizer, &vec![text; count]).unwrap();
        assert_eq!(hasher.end() - tokenizer.vocab().len() as u32, expect, "{text} {count}");
        assert_eq!(hasher.config().buckets, Some(expect));
    };
    check(Some(7), "a b c", 3, 7);
    check(None, "a b c", 0, 1000);
    check(None, "a b c", 3000, 1000);
    check(None, "a b c d e", 5001, 2500);
    check(None, &"a b ".repeat(100), 30_000, 500_000);
}
