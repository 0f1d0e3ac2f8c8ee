//! The file of rules, and places in it.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use serde::de::{Error as _, MapAccess, Visitor};
use toml::Spanned;

use super::{Case, Error, Place, Ties};

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesFile {
    pub default: Option<Spanned<String>>,
    #[serde(default)]
    pub ties: Ties,
    #[serde(default)]
    pub case: Case,
    #[serde(default)]
    labels: BTreeMap<Spanned<String>, LabelFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelFile {
    patterns: Vec<Entry>,
}

/// An expression with its weight, and where both stand.
pub struct Entry {
    pub pattern: Spanned<String>,
    pub weight: Option<Spanned<f64>>,
}

impl RulesFile {
    /// Reads the text of a file.
    pub fn parse(text: &str, file: &Path) -> Result<Self, Error> {
        toml::from_str(text).map_err(|error: toml::de::Error| Error::File {
            place: place(text, file, error.span().map_or(0, |span| span.start)),
            reason: error.message().replace('\n', ", "),
        })
    }

    /// The labels with their expressions, in the order of the file.
    pub fn labels(&self) -> Vec<(&Spanned<String>, &[Entry])> {
        let mut labels: Vec<_> =
            self.labels.iter().map(|(label, rules)| (label, rules.patterns.as_slice())).collect();
        labels.sort_by_key(|(label, _)| label.span().start);
        labels
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entry = Spanned::<Written>::deserialize(deserializer)?;
        let span = entry.span();
        Ok(match entry.into_inner() {
            Written::Bare(pattern) => Self { pattern: Spanned::new(span, pattern), weight: None },
            Written::Weighted(pattern, weight) => Self { pattern, weight },
        })
    }
}

/// `'…'` or `{ pattern = '…', weight = 2.0 }`.
enum Written {
    Bare(String),
    Weighted(Spanned<String>, Option<Spanned<f64>>),
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = Written;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an expression in quotes, or { pattern = '…', weight = 2.0 }")
            }

            fn visit_str<E>(self, pattern: &str) -> Result<Written, E> {
                Ok(Written::Bare(pattern.into()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Written, A::Error> {
                let (mut pattern, mut weight) = (None, None);
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "pattern" => pattern = Some(map.next_value()?),
                        "weight" => weight = Some(map.next_value()?),
                        _ => return Err(A::Error::unknown_field(&key, &["pattern", "weight"])),
                    }
                }
                let pattern = pattern.ok_or_else(|| A::Error::missing_field("pattern"))?;
                Ok(Written::Weighted(pattern, weight))
            }
        }

        deserializer.deserialize_any(Form)
    }
}

/// The place of a byte.
pub fn place(text: &str, file: &Path, byte: usize) -> Box<Place> {
    let before = text.get(..byte.min(text.len())).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    Box::new(Place { file: file.into(), line: before.matches('\n').count() + 1, column })
}

/// The byte at which the n-th character of a string stands in the text; the string's begin where it has
/// several lines.
pub fn byte_of(text: &str, span: Range<usize>, n: usize) -> usize {
    let written = text.get(span.clone()).unwrap_or_default();
    let is_literal = match written.as_bytes() {
        [b'\'', b'\'', b'\'', ..] | [b'"', b'"', b'"', ..] => return span.start,
        [b'\'', ..] => true,
        [b'"', ..] => false,
        _ => return span.start,
    };
    let inside = written.get(1..).unwrap_or_default();
    let mut letters = inside.char_indices();
    for _ in 0..n {
        if let (Some((_, '\\')), false) = (letters.next(), is_literal) {
            let digits = match letters.next() {
                Some((_, 'x')) => 2,
                Some((_, 'u')) => 4,
                Some((_, 'U')) => 8,
                _ => 0,
            };
            (0..digits).for_each(|_| _ = letters.next());
        }
    }
    span.start + 1 + letters.next().map_or(inside.len(), |(at, _)| at)
}
