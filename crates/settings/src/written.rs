//! Values as TOML writes them.

use std::path::Path;

use serde_json::{Map, Number, Value};
use toml::de::{DeInteger, DeTable, DeValue};

use crate::{Error, Result};

/// The keys and values of a TOML text. A number that a setting cannot have, as `nan`, `inf` and `1e999`,
/// stays the word that was written, so that it can be told.
pub fn parse(text: &str, path: &Path) -> Result<Map<String, Value>> {
    let table = DeTable::parse(text).map_err(|e| {
        let line =
            e.span().map_or(1, |span| 1 + text.bytes().take(span.start).filter(|&b| b == b'\n').count());
        Error::File {
            path: path.into(),
            reason: format!("line {line} is not TOML: {}", e.message().replace('\n', ", ")),
        }
    })?;
    Ok(map(table.into_inner()))
}

/// The value that a word means, if it is one of TOML.
pub fn value(word: &str) -> Option<Value> {
    map(DeTable::parse(&format!("v = {word}")).ok()?.into_inner()).remove("v")
}

fn map(table: DeTable<'_>) -> Map<String, Value> {
    table.into_iter().map(|(key, value)| (key.into_inner().into_owned(), json(value.into_inner()))).collect()
}

fn json(value: DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::String(text.into_owned()),
        DeValue::Integer(number) => whole(&number).map_or_else(|| number.to_string().into(), Value::Number),
        DeValue::Float(number) => {
            let finite = number.as_str().parse().ok().and_then(Number::from_f64);
            finite.map_or_else(|| number.to_string().into(), Value::Number)
        }
        DeValue::Boolean(on) => Value::Bool(on),
        DeValue::Datetime(date) => date.to_string().into(),
        DeValue::Array(values) => values.into_iter().map(|value| json(value.into_inner())).collect(),
        DeValue::Table(table) => Value::Object(map(table)),
    }
}

/// An integer of 64 bits with a sign or, as TOML need not have and a seed may be, without one.
fn whole(number: &DeInteger<'_>) -> Option<Number> {
    let (digits, radix) = (number.as_str(), number.radix());
    let signed = i64::from_str_radix(digits, radix).map(Number::from);
    signed.or_else(|_| u64::from_str_radix(digits, radix).map(Number::from)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_mean_values() {
        for (word, expect) in [
            ("7", json!(7)),
            ("-7", json!(-7)),
            ("+1_000", json!(1000)),
            ("0xff", json!(255)),
            ("18446744073709551615", json!(u64::MAX)),
            ("18446744073709551616", json!("18446744073709551616")),
            ("1e-4", json!(1e-4)),
            ("nan", json!("nan")),
            ("-inf", json!("-inf")),
            ("1e999", json!("1e999")),
            ("[3, nan]", json!([3, "nan"])),
            ("true", json!(true)),
            ("'a'", json!("a")),
        ] {
            assert_eq!(value(word), Some(expect), "{word}");
        }
        assert_eq!([value("many"), value("")], [None, None]);
    }

    #[test]
    fn a_fault_is_told_with_its_line() {
        let fault = |text: &str| parse(text, Path::new("a.toml")).unwrap_err().to_string();
        assert!(fault("a = 1\nb = = 2").starts_with("a.toml: line 2 is not TOML: "));
    }
}
