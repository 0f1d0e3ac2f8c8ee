//! Values of flags.

use assort_datasets::{Format, TableWriter};
use assort_pipeline::Method;
use assort_text::{Language, NgramRange};
use assort_train::Monitor;
use clap::builder::{PathBufValueParser, PossibleValuesParser, TypedValueParser};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// A file format by name.
pub fn format() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::name)).try_map(|word| {
        let known = Format::ALL.into_iter().find(|format| format.name() == word);
        known.ok_or("no such format")
    })
}

/// A format that tables are written in, by name.
pub fn table() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(TableWriter::FORMATS.map(Format::name)).try_map(|word| {
        let known = TableWriter::FORMATS.into_iter().find(|format| format.name() == word);
        known.ok_or("no such format")
    })
}

/// A language by name.
pub fn language() -> impl TypedValueParser<Value = Language> {
    PossibleValuesParser::new(Language::NAMES)
        .try_map(|name| Language::named(&name).ok_or("no such language"))
}

/// A validation figure by name.
pub fn monitor() -> impl TypedValueParser<Value = Monitor> {
    const NAMES: [(&str, Monitor); 3] =
        [("loss", Monitor::LOSS), ("accuracy", Monitor::ACCURACY), ("macro-f1", Monitor::MACRO_F1)];
    PossibleValuesParser::new(NAMES.map(|(name, _)| name)).try_map(|word| {
        let known = NAMES.into_iter().find(|(name, _)| *name == word);
        known.map(|(_, monitor)| monitor).ok_or("no such figure")
    })
}

/// A way to attribute by name.
pub fn method() -> impl TypedValueParser<Value = Method> {
    PossibleValuesParser::new(Method::ALL.map(Method::name)).try_map(|word| {
        let known = Method::ALL.into_iter().find(|method| method.name() == word);
        known.ok_or("no such method")
    })
}

/// One of these words, as settings write it.
pub fn word<T>(known: &'static [&'static str]) -> impl TypedValueParser<Value = T>
where
    T: serde::de::DeserializeOwned + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(known).try_map(|word| serde_json::from_value(serde_json::Value::String(word)))
}

/// How many words an n-gram has: `2`, or `1,3` for one to three.
pub fn ngrams(word: &str) -> Result<NgramRange, String> {
    let number = |word: &str| match word.trim().parse() {
        Ok(number @ 1..=64) => Ok(number),
        _ => Err("give a number from 1 to 64, or two with a comma as in 1,2".to_owned()),
    };
    let (shortest, longest) = word.split_once(',').unwrap_or((word, word));
    let (shortest, longest) = (number(shortest)?, number(longest)?);
    if shortest > longest {
        return Err("give the shorter one first".into());
    }
    Ok(NgramRange { shortest, longest })
}

/// A number of threads.
pub fn threads(word: &str) -> Result<usize, String> {
    match at_least_one(word)? {
        many if many > 1024 => Err("give at most 1024".into()),
        number => Ok(number),
    }
}

/// A seed: any number of 64 bits.
pub fn seed(word: &str) -> Result<u64, String> {
    word.parse().map_err(|_| format!("give a whole number from 0 to {}", u64::MAX))
}

/// A list of labels, one at least.
pub fn labels(list: &str) -> Result<String, String> {
    match assort_datasets::split_names(list).is_empty() {
        true => Err("it names no label: name one, or leave the flag out to keep all rows".into()),
        false => Ok(list.to_owned()),
    }
}

/// A number with a point or without.
pub fn number(word: &str) -> Result<f64, String> {
    word.parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(|| "give a finite number".into())
}

/// A share that may be all.
pub fn share(word: &str) -> Result<f64, String> {
    let number = word.parse().ok().filter(|number: &f64| *number > 0.0 && *number <= 1.0);
    number.ok_or_else(|| "give a number above 0 and at most 1".into())
}

/// A share that is neither none nor all.
pub fn open_share(word: &str) -> Result<f64, String> {
    share(word).ok().filter(|number| *number < 1.0).ok_or_else(|| "give a number between 0 and 1".into())
}

/// A number above zero.
pub fn above_zero(word: &str) -> Result<f64, String> {
    let number = word.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| "give a number above 0".into())
}

/// A number of labels.
pub fn top(word: &str) -> Result<usize, String> {
    at_least_one(word)
}

/// A number of folds.
pub fn folds(word: &str) -> Result<usize, String> {
    match at_least_one(word)? {
        1 => Err("give at least 2".into()),
        number => Ok(number),
    }
}

/// A number from 1 on.
pub fn at_least_one(word: &str) -> Result<usize, String> {
    match word.parse() {
        Ok(0) => Err("give at least 1".into()),
        Ok(number) => Ok(number),
        Err(_) => Err("give a whole number from 1 on".into()),
    }
}

/// An address with its port.
pub fn address(word: &str) -> Result<SocketAddr, String> {
    word.parse().map_err(|_| "give an address of digits and a port, as 127.0.0.1:8080 or [::1]:8080".into())
}

/// A number of requests, room for which is taken at once.
pub fn queue(word: &str) -> Result<usize, String> {
    match at_least_one(word)? {
        many if many > 1_000_000 => Err("give at most 1000000".into()),
        number => Ok(number),
    }
}

/// The most seconds: eleven days.
const LONGEST: f64 = 1e6;

/// A time above zero.
pub fn seconds(word: &str) -> Result<Duration, String> {
    match seconds_or_none(word)? {
        Duration::ZERO => Err("give a number above 0".into()),
        time => Ok(time),
    }
}

/// A time, which may be none.
pub fn seconds_or_none(word: &str) -> Result<Duration, String> {
    match number(word)? {
        number if number > LONGEST => Err(format!("give at most {LONGEST}")),
        number => Duration::try_from_secs_f64(number).map_err(|_| "give a number from 0 on".into()),
    }
}

/// A file to read; `-` is standard input.
pub fn input() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().map(|path| if path.as_os_str() == "-" { "/dev/stdin".into() } else { path })
}
