//! Values of flags.

use assort_datasets::Format;
use assort_pipeline::Method;
use assort_train::Monitor;
use clap::builder::{PossibleValuesParser, TypedValueParser};

/// A file format by name.
pub fn format() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::name)).try_map(|word| {
        let known = Format::ALL.into_iter().find(|format| format.name() == word);
        known.ok_or("no such format")
    })
}

/// A validation figure by name.
pub fn monitor() -> impl TypedValueParser<Value = Monitor> {
    const NAMES: [(&str, Monitor); 3] =
        [("loss", Monitor::Loss), ("accuracy", Monitor::Accuracy), ("macro-f1", Monitor::MacroF1)];
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

/// A number of threads.
pub fn threads(word: &str) -> Result<usize, String> {
    match at_least_one(word)? {
        many if many > 1024 => Err("give at most 1024".into()),
        number => Ok(number),
    }
}

/// A number of labels.
pub fn top(word: &str) -> Result<usize, String> {
    at_least_one(word)
}

/// A number from 1 on.
pub fn at_least_one(word: &str) -> Result<usize, String> {
    match word.parse() {
        Ok(0) => Err("give at least 1".into()),
        Ok(number) => Ok(number),
        Err(_) => Err("give a whole number from 1 on".into()),
    }
}
