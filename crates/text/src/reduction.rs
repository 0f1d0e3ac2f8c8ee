//! Leaving out stop words, and cutting the others to their stems.

use crate::lowercase::lowercased;
use crate::words::WordSet;
use crate::{Error, TokenizerKind};
use frostem::Stemmer;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::OnceLock;

/// Words that are left out, and stems that are left of others. Tokens keep the offsets of the whole words.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Reduction {
    /// The language whose stop words ("the", "of") are left out: NLTK's lists, upper and lower case alike.
    pub stop_words: Option<Language>,
    /// The language by whose rules endings go ("running" becomes "run"): the Snowball stemmers, which expect
    /// lower case.
    pub stemming: Option<Language>,
}

/// A language with stop words and a stemmer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Language(usize);

impl Language {
    /// Their names.
    pub const NAMES: [&'static str; 20] = [
        "arabic",
        "basque",
        "catalan",
        "danish",
        "dutch",
        "english",
        "finnish",
        "french",
        "german",
        "greek",
        "hungarian",
        "indonesian",
        "italian",
        "norwegian",
        "portuguese",
        "romanian",
        "russian",
        "spanish",
        "swedish",
        "turkish",
    ];
    /// Their codes in the lists of stop words.
    const CODES: [&'static str; 20] = [
        "ar", "eu", "ca", "da", "nl", "en", "fi", "fr", "de", "el", "hu", "id", "it", "no", "pt", "ro", "ru",
        "es", "sv", "tr",
    ];

    /// The language of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().position(|known| *known == name).map(Self)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::NAMES[self.0]
    }

    /// Its stop words, in lower case.
    fn stop_words(self) -> &'static WordSet {
        static SETS: [OnceLock<WordSet>; Language::CODES.len()] =
            [const { OnceLock::new() }; Language::CODES.len()];
        SETS[self.0]
            .get_or_init(|| stop_words::lookup(Self::CODES[self.0]).unwrap_or_default().iter().collect())
    }
}

impl std::fmt::Debug for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Language {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Language {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| D::Error::unknown_variant(&name, &Self::NAMES))
    }
}

impl Reduction {
    /// Whether every word stays as it is.
    pub(crate) fn is_off(&self) -> bool {
        *self == Self::default()
    }

    /// Checks that there are words to reduce.
    pub(crate) fn check(&self, tokenizer: TokenizerKind) -> Result<(), Error> {
        let (parameter, language) = match (self.stop_words, self.stemming) {
            _ if !tokenizer.is_subwords() && tokenizer != TokenizerKind::Characters => return Ok(()),
            (Some(language), _) => ("stop_words", language),
            (None, Some(language)) => ("stemming", language),
            (None, None) => return Ok(()),
        };
        let advice = "it goes by whole words, and none are made here: leave it out, or choose a tokenizer or \
                      n-grams of words";
        Err(Error::setting(parameter, language.name(), advice))
    }
}

/// Reduces words, and remembers their stems.
#[derive(Default)]
pub(crate) struct Reducer {
    stop_words: Option<&'static WordSet>,
    stemmer: Option<Stemmer>,
    lower: String,
    words: WordSet,
    stems: Vec<String>,
}

impl Reducer {
    /// `None` if every word stays as it is.
    pub(crate) fn new(reduction: Reduction) -> Option<Self> {
        let stemmer = |language: Language| Stemmer::try_from_name(language.name()).ok();
        (!reduction.is_off()).then(|| Self {
            stop_words: reduction.stop_words.map(Language::stop_words),
            stemmer: reduction.stemming.and_then(stemmer),
            ..Self::default()
        })
    }

    /// The stem of a word, or the word; `None` for a stop word.
    pub(crate) fn reduce<'w>(&'w mut self, word: &'w str) -> Option<&'w str> {
        if let Some(stop_words) = self.stop_words
            && stop_words.find(lowercased(word, &mut self.lower)).is_some()
        {
            return None;
        }
        let Some(stemmer) = self.stemmer.filter(|_| has_stem(word)) else { return Some(word) };
        let number = self.words.insert(word) as usize;
        if number == self.stems.len() {
            self.stems.push(stemmer.stem(word).into_owned());
        }
        self.stems.get(number).map(String::as_str).filter(|stem| !stem.is_empty()).or(Some(word))
    }
}

/// User names, URLs and emoticons have none: they stay whole.
fn has_stem(word: &str) -> bool {
    !word.bytes().any(|byte| byte.is_ascii_punctuation() && !matches!(byte, b'\'' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(reduction: Reduction, words: &str, expect: &str) {
        let mut reducer = Reducer::new(reduction).unwrap();
        for _ in 0..2 {
            let left: Vec<String> =
                words.split(' ').filter_map(|word| reducer.reduce(word).map(str::to_owned)).collect();
            assert_eq!(left.join(" "), expect);
        }
    }

    fn both(name: &str) -> Reduction {
        let language = Language::named(name);
        assert!(language.is_some(), "{name}");
        Reduction { stop_words: language, stemming: language }
    }

    #[test]
    fn words_are_reduced() {
        let english = both("english");
        check(english, "the dogs were running happily", "dog run happili");
        check(Reduction { stemming: None, ..english }, "The dogs AND cats", "dogs cats");
        check(Reduction { stop_words: None, ..english }, "the dogs are not", "the dog are not");
        check(
            english,
            "@runnings https://a.org/running :-) runner's",
            "@runnings https://a.org/running :-) runner",
        );
        check(both("german"), "die Häuser der Stadt häuser", "Haus Stadt haus");
        check(both("russian"), "и книги книга", "книг книг");
        assert!(Reducer::new(Reduction::default()).is_none());
    }

    #[test]
    fn every_language_has_both() {
        for name in Language::NAMES {
            let stop_words = Language::named(name).unwrap().stop_words();
            assert!(stop_words.len() > 40, "{name}");
            assert!(stop_words.iter().all(|word| word.to_lowercase() == word), "{name}");
            assert_eq!(Stemmer::try_from_name(name).unwrap().algorithm().name(), name);
        }
        let unknown = serde_json::from_str::<Language>("\"klingon\"").unwrap_err().to_string();
        assert!(
            unknown.contains("unknown variant `klingon`, expected one of `arabic`, `basque`"),
            "{unknown}"
        );
    }

    /// Stemmers come from elsewhere: no word may stop them.
    #[test]
    fn odd_words() {
        let letters: Vec<char> = "aeiouyß'-ésxİışğ日本한글αβςйцьٱءةक्षி😀\u{301}\u{200d}".chars().collect();
        for name in Language::NAMES {
            let mut reducer = Reducer::new(both(name)).unwrap();
            let mut state = 7_usize;
            for length in (0..20_000).map(|step| step % 9) {
                let mut word = String::new();
                for _ in 0..length {
                    state =
                        state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    word.push(letters[(state >> 33) % letters.len()]);
                }
                assert!(reducer.reduce(&word).is_none_or(|left| !left.is_empty() || word.is_empty()));
            }
        }
    }
}
