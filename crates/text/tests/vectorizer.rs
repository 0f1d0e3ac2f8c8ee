//! The vectorizer as a whole: against scikit-learn, against a plain count, and against itself.

#![allow(clippy::unwrap_used, reason = "a test helper may fail loudly")]
use assort_random::{Generator, Seed};
use assort_text::{
    CharacterBounds, Cleaning, Html, InverseDocumentFrequency, NgramRange, Norm, PreTokenizer, SparseRows,
    TermFrequency, TokenizerKind, Units, Vectorizer, VectorizerConfig, Weighting, Words,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

fn range(shortest: usize, longest: usize) -> NgramRange {
    NgramRange { shortest, longest }
}

fn counts(shortest: usize, longest: usize, minimum_documents: u32) -> VectorizerConfig {
    VectorizerConfig {
        words: range(shortest, longest),
        minimum_documents,
        weighting: Weighting::Counts,
        norm: Norm::None,
        ..VectorizerConfig::default()
    }
}

/// Each row by the names of its features.
fn named(vectorizer: &Vectorizer, rows: &SparseRows) -> Vec<BTreeMap<String, f32>> {
    (rows.iter())
        .map(|(columns, values)| {
            assert!(columns.windows(2).all(|pair| pair[0] < pair[1]));
            let names = columns.iter().map(|column| vectorizer.feature(*column).unwrap());
            names.zip(values.iter().copied()).collect()
        })
        .collect()
}

/// `fixtures/text/vectorizer.json`, made by `fixtures/text/vectorizer.py` with scikit-learn.
#[test]
fn rows_equal_golden() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/text/vectorizer.json");
    let golden: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let list = |name: &str| -> Vec<String> { serde_json::from_value(golden[name].clone()).unwrap() };
    let (texts, unseen) = (list("texts"), list("unseen"));
    let cases = golden["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 12);
    for case in cases {
        let name = &case["name"];
        let config: VectorizerConfig = serde_json::from_value(case["config"].clone()).unwrap();
        let (vectorizer, rows) = Vectorizer::fit_transform(&texts, &config).unwrap();
        assert_eq!(vectorizer.width(), case["features"].as_u64().unwrap() as usize, "{name}");
        for (rows, golden) in [(&rows, "rows"), (&vectorizer.transform(&unseen).unwrap(), "unseen")] {
            let expect: Vec<BTreeMap<String, f32>> = serde_json::from_value(case[golden].clone()).unwrap();
            let found = named(&vectorizer, rows);
            assert_eq!(found.len(), expect.len());
            for (found, expect) in found.iter().zip(&expect) {
                assert!(found.keys().eq(expect.keys()), "{name} {golden}: {found:?}, expected {expect:?}");
                for ((feature, found), expect) in found.iter().zip(expect.values()) {
                    assert!(
                        (found - expect).abs() < 1e-6 * expect.abs().max(1.0),
                        "{name}: {feature} {found} {expect}"
                    );
                }
            }
        }
    }
}

/// The table of a well-known lesson: dog 0.139 and cat 0.173, the rest zero.
#[test]
fn three_forms_of_tf_idf() {
    let texts = ["I love love my dog", "I love my cat"];
    let config = counts(1, 1, 1);
    let (vectorizer, rows) = Vectorizer::fit_transform(&texts, &config).unwrap();
    let found = named(&vectorizer, &rows);
    let counts = |row: usize| ["i", "love", "my", "dog", "cat"].map(|word| found[row].get(word).copied());
    assert_eq!(counts(0), [Some(1.), Some(2.), Some(1.), Some(1.), None]);
    assert_eq!(counts(1), [Some(1.), Some(1.), Some(1.), None, Some(1.)]);

    let check = |inverse_document_frequency, term_frequency, expect: [[f32; 5]; 2]| {
        let config = VectorizerConfig {
            weighting: Weighting::TfIdf,
            inverse_document_frequency,
            term_frequency,
            ..config.clone()
        };
        let (vectorizer, rows) = Vectorizer::fit_transform(&texts, &config).unwrap();
        for (found, expect) in named(&vectorizer, &rows).iter().zip(expect) {
            for (word, expect) in ["i", "love", "my", "dog", "cat"].iter().zip(expect) {
                let found = found.get(*word).copied().unwrap_or(0.0);
                assert!((found - expect).abs() < 5e-4, "{inverse_document_frequency:?} {word}: {found}");
            }
        }
    };
    let (plain, plus_one, smoothed) = (
        InverseDocumentFrequency::Plain,
        InverseDocumentFrequency::PlusOne,
        InverseDocumentFrequency::Smoothed,
    );
    check(plain, TermFrequency::Share, [[0., 0., 0., 0.139, 0.], [0., 0., 0., 0., 0.173]]);
    // ln 2/3 is negative, ln 2/2 is zero.
    check(
        plus_one,
        TermFrequency::Count,
        [[-0.405, -0.811, -0.405, 0., 0.], [-0.405, -0.405, -0.405, 0., 0.]],
    );
    check(smoothed, TermFrequency::Count, [[1., 2., 1., 1.405, 0.], [1., 1., 1., 0., 1.405]]);
}

fn random_texts(count: usize, words: u64) -> Vec<String> {
    let mut generator: Generator = Seed::new(5).stream("texts").generator();
    let mut text = || {
        let length = generator.below(30);
        let word = |generator: &mut Generator| {
            let rare = generator.below(words);
            ["a", "B", "no", "not", "ÜBER", "🙂", ".", "don't"]
                .get(generator.below(10) as usize)
                .map_or_else(|| format!("w{}", generator.below(rare + 1)), |word| (*word).to_owned())
        };
        let words: Vec<String> = (0..length).map(|_| word(&mut generator)).collect();
        words.join(if generator.below(2) == 0 { " " } else { "  " })
    };
    (0..count).map(|_| text()).collect()
}

/// Counts with strings, maps and no cleverness.
fn plain_counts(texts: &[String], config: &VectorizerConfig) -> Vec<BTreeMap<String, f32>> {
    let grams = |text: &String| {
        let mut words: Vec<String> = Vec::new();
        Words.pieces(text, |start, end| {
            words.push(text[start..end].to_lowercase());
            ControlFlow::Continue(())
        });
        let mut row: BTreeMap<String, f32> = BTreeMap::new();
        for length in config.words.shortest..=config.words.longest {
            words.windows(length).for_each(|gram| *row.entry(gram.join(" ")).or_default() += 1.0);
        }
        row
    };
    let mut rows: Vec<_> = texts.iter().map(grams).collect();
    let mut documents: BTreeMap<String, u32> = BTreeMap::new();
    rows.iter().flat_map(|row| row.keys()).for_each(|gram| *documents.entry(gram.clone()).or_default() += 1);
    let most = config.maximum_share * texts.len() as f64;
    for row in &mut rows {
        row.retain(|gram, _| {
            documents[gram] >= config.minimum_documents && f64::from(documents[gram]) <= most
        });
    }
    rows
}

#[test]
fn agrees_with_a_plain_count() {
    let texts = random_texts(900, 60);
    for (shortest, longest) in [(1, 1), (1, 2), (2, 2), (1, 4), (3, 4)] {
        for minimum in [1, 2, 9] {
            let config = VectorizerConfig { maximum_share: 0.4, ..counts(shortest, longest, minimum) };
            let (vectorizer, rows) = Vectorizer::fit_transform(&texts, &config).unwrap();
            let expect = plain_counts(&texts, &config);
            assert_eq!(named(&vectorizer, &rows), expect, "{shortest} to {longest}, {minimum}");
            let names: BTreeSet<_> = expect.iter().flat_map(|row| row.keys()).collect();
            assert_eq!(names.len(), vectorizer.width());
            for name in names {
                let column = vectorizer.column(name).unwrap();
                assert_eq!(&vectorizer.feature(column).unwrap(), name);
                let documents = expect.iter().filter(|row| row.contains_key(name)).count();
                assert_eq!(vectorizer.document_frequency(column), Some(documents as u32));
            }
        }
    }
}

/// A small WordPiece vocabulary.
const BERT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/text/bert/vocab.txt");

fn many_configs() -> Vec<VectorizerConfig> {
    let mut configs = Vec::new();
    for units in [Units::Words, Units::Characters, Units::WordsAndCharacters] {
        for character_bounds in [CharacterBounds::Words, CharacterBounds::Text] {
            for feature_limit in [None, Some(50)] {
                configs.push(VectorizerConfig {
                    units,
                    character_bounds,
                    feature_limit,
                    words: range(1, 3),
                    characters: range(3, 4),
                    term_frequency: TermFrequency::Share,
                    ..VectorizerConfig::default()
                });
            }
        }
    }
    for tokenizer in [TokenizerKind::Bpe, TokenizerKind::Wordpiece, TokenizerKind::Unigram] {
        configs.push(VectorizerConfig { tokenizer, words: range(1, 3), ..VectorizerConfig::default() });
    }
    configs.push(VectorizerConfig {
        units: Units::WordsAndCharacters,
        tokenizer: TokenizerKind::Pretrained,
        tokenizer_file: Some(BERT.into()),
        cleaning: Cleaning { html: Html::Clean, ..Cleaning::default() },
        ..VectorizerConfig::default()
    });
    configs
}

#[test]
fn features_of_sub_words() {
    let config = VectorizerConfig {
        tokenizer: TokenizerKind::Pretrained,
        tokenizer_file: Some(BERT.into()),
        ..counts(1, 2, 1)
    };
    let texts = ["Unbelievable dog", "dog, dog"];
    let (vectorizer, rows) = Vectorizer::fit_transform(&texts, &config).unwrap();
    let row = |pairs: &[(&str, f32)]| -> BTreeMap<String, f32> {
        pairs.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    };
    let first = [
        ("un", 1.),
        ("##believ", 1.),
        ("##able", 1.),
        ("dog", 1.),
        ("un ##believ", 1.),
        ("##believ ##able", 1.),
        ("##able dog", 1.),
    ];
    let second = [("dog", 2.), (",", 1.), ("dog ,", 1.), (", dog", 1.)];
    assert_eq!(named(&vectorizer, &rows), [row(&first), row(&second)]);
    assert_eq!(vectorizer.config().tokenizer_file, None, "the file is within");
    check_occurrences(&config, "Dog!", &[("dog", &["Dog"]), ("!", &["!"]), ("dog !", &["Dog", "!"])]);
    let refuse = |config: VectorizerConfig, expect: &str| {
        let message = Vectorizer::fit_transform(&texts, &config).unwrap_err().to_string();
        assert!(message.contains(expect), "{message}");
    };
    refuse(
        VectorizerConfig { shortest_token: 2, ..config.clone() },
        "shortest_token is 2: sub-words may be short",
    );
    refuse(VectorizerConfig { tokenizer_file: None, ..config.clone() }, "tokenizer_file is none");
    refuse(VectorizerConfig { tokenizer: TokenizerKind::Words, ..config.clone() }, "tokenizer_file is ");
    refuse(
        VectorizerConfig { vocabulary_size: Some(9), ..config.clone() },
        "feature_limit limits the features",
    );
    refuse(VectorizerConfig { units: Units::Characters, ..config.clone() }, "have no use for it");
    let small =
        VectorizerConfig { tokenizer: TokenizerKind::Wordpiece, vocabulary_size: Some(9), ..counts(1, 1, 1) };
    refuse(small, "a vocabulary of 9 tokens is too small");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vectorizer.txt");
    vectorizer.save(&path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    for (from, to, expect) in [
        ("subwords\t", "words\t", "line 4: expected subwords<TAB>tokenizer, found 'words"),
        ("subwords\t{", "subwords\t[", "line 4: "),
    ] {
        std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let message = Vectorizer::load(&path).unwrap_err().to_string();
        assert!(message.contains(expect), "{message}");
    }
}

#[test]
fn every_way_gives_the_same_rows() {
    let texts = random_texts(1_500, 40);
    let folder = tempfile::tempdir().unwrap();
    for config in many_configs() {
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let (vectorizer, rows) = Vectorizer::fit_transform(&texts, &config).unwrap();
                assert_eq!(vectorizer.transform(&texts).unwrap(), rows);
                (vectorizer, rows)
            })
        };
        let (vectorizer, rows) = run(1);
        if let Some(limit) = config.feature_limit {
            assert_eq!(vectorizer.width(), limit);
        }
        assert_eq!(run(3), (vectorizer.clone(), rows.clone()));
        let parts = (rows.offsets().to_vec(), rows.columns().to_vec(), rows.values().to_vec());
        assert_eq!(SparseRows::new(parts.0, parts.1, parts.2, vectorizer.width()).unwrap(), rows);
        let path = folder.path().join("vectorizer.txt");
        vectorizer.save(&path).unwrap();
        let loaded = Vectorizer::load(&path).unwrap();
        assert_eq!(loaded, vectorizer);
        assert_eq!(loaded.transform(&texts).unwrap(), rows);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        for (text, row) in texts.iter().zip(rows.iter()).take(200) {
            let found: BTreeSet<u32> =
                vectorizer.occurrences(text).unwrap().iter().map(|one| one.column).collect();
            assert!(found.iter().eq(row.0));
        }
    }
}

fn check_occurrences(config: &VectorizerConfig, text: &str, expect: &[(&str, &[&str])]) {
    let (vectorizer, _) = Vectorizer::fit_transform(&[text], config).unwrap();
    let occurrences = vectorizer.occurrences(text).unwrap();
    let found: Vec<(String, Vec<&str>)> = (occurrences.iter())
        .map(|one| {
            let pieces = one.ranges.iter().map(|(start, end)| &text[*start..*end]).collect();
            (vectorizer.feature(one.column).unwrap(), pieces)
        })
        .collect();
    let expect: Vec<_> = expect.iter().map(|(name, pieces)| ((*name).to_owned(), pieces.to_vec())).collect();
    assert_eq!(found, expect);
}

#[test]
fn where_features_come_from() {
    check_occurrences(
        &VectorizerConfig { shortest_token: 2, ..counts(1, 2, 1) },
        "No É dog, NO",
        &[
            ("no", &["No"]),
            ("dog", &["dog"]),
            ("no", &["NO"]),
            ("no dog", &["No", "dog"]),
            ("dog no", &["dog", "NO"]),
        ],
    );
    let characters =
        VectorizerConfig { units: Units::Characters, characters: range(3, 3), ..counts(1, 1, 1) };
    check_occurrences(&characters, "ÄB  c", &[(" äb", &["ÄB"]), ("äb ", &["ÄB"]), (" c ", &["c"])]);
    let across = VectorizerConfig { character_bounds: CharacterBounds::Text, ..characters };
    check_occurrences(&across, "ÄB \n c", &[("äb ", &["ÄB"]), ("b c", &["B \n c"])]);
}

#[test]
fn texts_without_features() {
    let config = VectorizerConfig::default();
    for texts in [&[][..], &["", " "], &["one", "two"]] {
        let message = Vectorizer::fit_transform(texts, &config).unwrap_err().to_string();
        assert!(message.contains(&format!("no feature is left of {} texts", texts.len())), "{message}");
    }
    let (vectorizer, rows) = Vectorizer::fit_transform(&["a", "", "a b"], &config).unwrap();
    assert_eq!(
        (rows.offsets(), rows.columns(), rows.values()),
        (&[0, 1, 1, 2][..], &[0, 0][..], &[1., 1.][..])
    );
    let rows = vectorizer.transform::<&str>(&[]).unwrap();
    assert_eq!((rows.rows(), rows.width()), (0, 1));
    assert_eq!(vectorizer.transform(&["b c", ""]).unwrap().offsets(), [0, 0, 0]);
    assert_eq!((vectorizer.feature(1), vectorizer.column("b"), vectorizer.weight(1)), (None, None, None));
}

const FILE: &str = "assort vectorizer 1\n{\"minimum_documents\":1}\ndocuments\t2\nwords\t2\n\
                    \"a\"\t2\t+\n\"b\"\t1\t-\n\
                    grams\t1\n0\t1\t1\t+\nend\n";

fn check_file(from: &str, to: &str, line: usize, expect: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vectorizer.txt");
    assert!(FILE.contains(from));
    std::fs::write(&path, FILE.replacen(from, to, 1)).unwrap();
    let message = Vectorizer::load(&path).unwrap_err().to_string();
    assert!(message.contains(&format!("vectorizer.txt, line {line}: ")), "{message}");
    assert!(message.contains(expect), "{message}");
}

#[test]
fn bad_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vectorizer.txt");
    std::fs::write(&path, FILE).unwrap();
    let vectorizer = Vectorizer::load(&path).unwrap();
    assert_eq!((vectorizer.feature(0), vectorizer.feature(1)), (Some("a".into()), Some("a b".into())));
    for length in 0..FILE.len() {
        std::fs::write(&path, &FILE[..length]).unwrap();
        let message = Vectorizer::load(&path).unwrap_err().to_string();
        assert!(message.contains("the file is torn"), "{length}: {message}");
    }
    check_file(
        "vectorizer 1",
        "vectorizer 2",
        1,
        "expected 'assort vectorizer 1', found 'assort vectorizer 2'",
    );
    check_file("minimum_documents\":1", "minimum_documents\":0", 2, "minimum_documents is 0");
    check_file("minimum_documents", "least", 2, "unknown field `least`");
    check_file("documents\t2", "documents\t-2", 3, "expected documents<TAB>number");
    check_file("words\t2", "characters\t2", 4, "expected words<TAB>number");
    check_file("words\t2", "words\t3", 7, "expected a word");
    check_file("words\t2", "words\t1", 6, "expected grams<TAB>number");
    check_file("\"b\"", "\"a\"", 6, "'a' stands here a second time");
    check_file("\"b\"", "b", 6, "expected a text in quotes, found 'b'");
    check_file("\"a\"\t2\t+", "\"a\"\t3\t+", 5, "expected a document frequency from 1 to 2, found '3'");
    check_file("\"a\"\t2\t+", "\"a\"\t2", 5, "+ or - at the end");
    check_file("0\t1\t1\t+", "2\t1\t1\t+", 8, "expected a prefix from 0 to 1");
    check_file("0\t1\t1\t+", "0\t2\t1\t+", 8, "a symbol under 2");
    check_file("1\n0\t1\t1\t+", "2\n0\t1\t1\t+\n0\t1\t1\t+", 9, "the n-gram stands here a second time");
    check_file("end", "fin", 9, "expected 'end'");
    check_file("end\n", "end\nmore\n", 9, "expected 'end' as the last line");
    let missing = folder.path().join("none").join("vectorizer.txt");
    assert!(Vectorizer::load(&missing).unwrap_err().to_string().starts_with("cannot read "));
    assert!(vectorizer.save(&missing).unwrap_err().to_string().starts_with("cannot write "));
}
