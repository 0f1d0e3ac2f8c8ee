use super::*;
use assort_classifier::{Error as ModelError, Logits, Match, Predictor};
use assort_text::{HasherConfig, NgramRange, TextConfig, Units, VectorizerConfig};

/// Each input adds a number of its own to the first logit and takes one from the second.
struct Numbered;

impl Numbered {
    fn of(part: u32, weight: f32) -> [f64; 2] {
        let value = f64::from(weight) * (f64::from(part % 17) - 7.5);
        [value, -0.5 * value]
    }
}

impl Predictor for Numbered {
    fn classes(&self) -> usize {
        2
    }

    fn predict(&self, _: &Inputs) -> assort_classifier::Result<Logits> {
        Err(ModelError::Op("it explains alone".into()))
    }
}

impl Explainable for Numbered {
    fn contributions(&self, inputs: &Inputs) -> assort_classifier::Result<Vec<Contributions>> {
        let row = |parts: &mut dyn Iterator<Item = (u32, f32)>| {
            let mut found = Contributions::new(Parts::Inputs, vec![0.25, 1.0]);
            parts.for_each(|(part, weight)| found.push(Self::of(part, weight)));
            found
        };
        Ok(match inputs {
            Inputs::Ragged(rows) => {
                rows.iter().map(|ids| row(&mut ids.iter().map(|id| (*id, 1.0)))).collect()
            }
            Inputs::Sparse(rows) => rows
                .iter()
                .map(|(columns, values)| row(&mut columns.iter().copied().zip(values.iter().copied())))
                .collect(),
            Inputs::Texts(texts) => texts.iter().map(|text| found_no(text)).collect(),
        })
    }
}

/// Every `no` adds 2 to the first logit.
fn found_no(text: &str) -> Contributions {
    let places = text.match_indices("no").map(|(start, found)| (start, start + found.len()));
    let matches: Vec<Match> = places.map(|(start, end)| Match { pattern: "no".into(), start, end }).collect();
    let count = matches.len();
    let mut found = Contributions::new(Parts::Matches(matches), vec![0.0, 1.0]);
    (0..count).for_each(|_| found.push([2.0]));
    found
}

const TEXTS: [&str; 5] =
    ["", "naïve café, naïve!", "Größe über ÄLLES 日本 語", "  the cat\nthe hat  the cat", "?!"];

/// Pieces and words sum to the logits, and lie on the bytes of the text.
#[track_caller]
fn sums(attribution: &Attribution, expect: &[f64]) {
    let mut words = attribution.rest().to_vec();
    for word in attribution.words() {
        words.iter_mut().zip(&word.contributions).for_each(|(sum, value)| *sum += value);
        assert!(attribution.text().get(word.range).is_some_and(|word| word == word.trim()));
    }
    for (found, expect) in attribution.logits().iter().chain(&words).zip(expect.iter().cycle()) {
        assert!((found - expect).abs() < 1e-9, "{found} {expect} {:?}", attribution.text());
    }
    for piece in attribution.pieces() {
        assert!(piece.ranges.iter().all(|range| attribution.text().get(range.clone()).is_some()));
    }
}

fn tokenizer(longest: Option<usize>) -> Tokenizer {
    Tokenizer::fit(&TEXTS, &TextConfig { longest, ..TextConfig::default() }).unwrap()
}

#[test]
fn tokens_and_ngrams_sum_to_the_logits() {
    let range = |shortest, longest| NgramRange { shortest, longest };
    for longest in [None, Some(2)] {
        let tokenizer = tokenizer(longest);
        for units in [Units::Words, Units::Characters, Units::WordsAndCharacters] {
            let config =
                HasherConfig { units, words: range(2, 3), characters: range(2, 4), buckets: Some(99) };
            let hasher = NgramHasher::new(config, tokenizer.vocab().len() as u32).unwrap();
            for text in TEXTS {
                let expect = |encoding: Encoding| {
                    let mut sum = [0.25, 1.0];
                    encoding.ids.iter().for_each(|id| {
                        let values = Numbered::of(*id, 1.0);
                        sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
                    });
                    sum
                };
                let plain = attribute_tokens(&Numbered, &tokenizer, None, text).unwrap();
                sums(&plain, &expect(tokenizer.encode(text).unwrap()));
                let hashed = attribute_tokens(&Numbered, &tokenizer, Some(&hasher), text).unwrap();
                sums(&hashed, &expect(hasher.encode(&tokenizer, text).unwrap()));
            }
        }
    }
}

#[test]
fn features_sum_to_the_logits() {
    for units in [Units::Words, Units::Characters, Units::WordsAndCharacters] {
        let config = VectorizerConfig { units, minimum_documents: 1, ..VectorizerConfig::default() };
        let (vectorizer, _) = Vectorizer::fit_transform(&TEXTS, &config).unwrap();
        for text in TEXTS {
            let rows = vectorizer.transform(&[text]).unwrap();
            let mut expect = [0.25, 1.0];
            for (column, value) in rows.columns().iter().zip(rows.values()) {
                let values = Numbered::of(*column, *value);
                expect.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
            }
            let found = attribute_ngrams(&Numbered, &vectorizer, text).unwrap();
            assert!(found.pieces().iter().all(|piece| !piece.ranges.is_empty()), "{text:?} has all");
            sums(&found, &expect);
        }
    }
}

/// The texts of pieces and of words.
fn texts(found: &Attribution) -> (Vec<String>, Vec<&str>) {
    let words = found.words().into_iter().filter_map(|word| found.text().get(word.range));
    (found.pieces().iter().map(|piece| found.piece_text(piece)).collect(), words.collect())
}

#[test]
fn pieces_lie_on_the_right_words() {
    let tokenizer = tokenizer(None);
    let config = HasherConfig {
        units: Units::WordsAndCharacters,
        words: NgramRange { shortest: 2, longest: 2 },
        ..HasherConfig::default()
    };
    let hasher = NgramHasher::fit(&config, &tokenizer, &TEXTS).unwrap();
    let found = attribute_tokens(&Numbered, &tokenizer, Some(&hasher), " Größe  ÜBER 日本").unwrap();
    let (pieces, words) = texts(&found);
    assert_eq!(pieces, ["Größe", "Größe  ÜBER", "ÜBER", "ÜBER 日本", "日本"]);
    assert_eq!(words, ["Größe", "ÜBER", "日本"]);

    let short = self::tokenizer(Some(1));
    let found = attribute_tokens(&Numbered, &short, None, "ÜBER 日本").unwrap();
    assert_eq!(texts(&found), (vec!["ÜBER".into()], vec!["ÜBER"]));

    let config = VectorizerConfig { minimum_documents: 1, ..VectorizerConfig::default() };
    let (vectorizer, _) = Vectorizer::fit_transform(&TEXTS, &config).unwrap();
    let found = attribute_ngrams(&Numbered, &vectorizer, "Naïve (café)").unwrap();
    let (pieces, words) = texts(&found);
    assert_eq!(pieces, ["Naïve", "café"]);
    assert_eq!(words, ["Naïve", "(", "café", ")"]);
}

#[test]
fn matches_lie_where_the_model_says() {
    let found = attribute_text(&Numbered, "über no, know no").unwrap();
    sums(&found, &[6.0, 1.0]);
    let ranges: Vec<Range<usize>> = found.pieces().iter().map(|piece| piece.ranges[0].clone()).collect();
    assert_eq!(ranges, [6..8, 11..13, 15..17]);
    assert!(found.pieces().iter().all(|piece| piece.pattern.as_deref() == Some("no")));
    let strong: Vec<f64> = found.words().iter().map(|word| word.contributions[0]).collect();
    assert_eq!(strong, [0.0, 2.0, 0.0, 2.0, 2.0]);
    sums(&attribute_text(&Numbered, "").unwrap(), &[0.0, 1.0]);
}

/// Explains nothing of what it is given.
struct Silent;

impl Predictor for Silent {
    fn classes(&self) -> usize {
        2
    }

    fn predict(&self, _: &Inputs) -> assort_classifier::Result<Logits> {
        Err(ModelError::Op("it explains alone".into()))
    }
}

impl Explainable for Silent {
    fn contributions(&self, _: &Inputs) -> assort_classifier::Result<Vec<Contributions>> {
        Ok(vec![Contributions::new(Parts::Inputs, vec![0.0, 0.0])])
    }
}

#[test]
fn a_model_that_leaves_tokens_out_is_refused() {
    let error = attribute_tokens(&Silent, &tokenizer(None), None, "the cat").unwrap_err();
    assert!(error.to_string().contains("explains 0 tokens, but the text has 2"), "{error}");
}

thread_local! {
    static COMPARED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// A place that counts how often it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place(usize);

impl Ord for Place {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        COMPARED.set(COMPARED.get() + 1);
        self.0.cmp(&other.0)
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

#[test]
fn comparisons_grow_with_the_words_alone() {
    let compared = |words: usize| {
        let range = |word: usize| Place(4 * word)..Place(4 * word + 3);
        // Two tokens a word, but for every third.
        let tokens = (0..words).filter(|word| word % 3 > 0);
        let offsets: Vec<(Place, Place)> = tokens
            .flat_map(|word| [0, 2].map(|at| (Place(4 * word + at), Place(4 * word + (at + 2).min(3)))))
            .collect();
        COMPARED.set(0);
        assert_eq!(covered((0..words).map(range).collect(), &offsets).len(), words - words.div_ceil(3));
        COMPARED.get()
    };
    let (once, twice) = (compared(3_000), compared(6_000));
    assert!(once > 0 && twice <= 3 * once, "{once} {twice}");
}

#[test]
fn words_are_covered_by_any_byte() {
    let check = |offsets: &[(usize, usize)], expect: &[Range<usize>]| {
        assert_eq!(covered(vec![0..2, 3..6, 6..7], offsets), expect, "{offsets:?}");
    };
    check(&[], &[]);
    check(&[(0, 0), (2, 3), (7, 9)], &[]);
    check(&[(5, 6), (0, 0), (1, 2)], &[0..2, 3..6]);
    check(&[(1, 4)], &[0..2, 3..6]);
    check(&[(0, 9), (6, 6)], &[0..2, 3..6, 6..7]);
}
