//! How many words an n-gram has, in the one form that all models write, and the older one.

use std::fmt::{self, Formatter};

use serde::de::value::SeqAccessDeserializer;
use serde::de::{Error, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// The fewest and the most words of an n-gram: `[1, 2]`. A number n is read as `[1, n]`: so it was written of
/// models that read tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct WordRange(pub usize, pub usize);

impl<'de> Deserialize<'de> for WordRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RangeOrLongest;
        impl<'de> Visitor<'de> for RangeOrLongest {
            type Value = WordRange;
            fn expecting(&self, f: &mut Formatter) -> fmt::Result {
                f.write_str("a range of words")
            }
            fn visit_u64<E: Error>(self, longest: u64) -> Result<WordRange, E> {
                let fits = usize::try_from(longest).ok().filter(|longest| *longest > 0);
                let misfit = || E::invalid_value(Unexpected::Unsigned(longest), &self);
                fits.map(|longest| WordRange(1, longest)).ok_or_else(misfit)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, pair: A) -> Result<WordRange, A::Error> {
                let (shortest, longest) = Deserialize::deserialize(SeqAccessDeserializer::new(pair))?;
                Ok(WordRange(shortest, longest))
            }
        }
        deserializer.deserialize_any(RangeOrLongest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serde_messages::plain;
    use serde_json::{Value, json};

    #[track_caller]
    fn check(value: Value, expect: &str) {
        let found = match serde_json::from_value::<WordRange>(value) {
            Ok(range) => json!(range).to_string(),
            Err(error) => plain(&error.to_string()),
        };
        assert_eq!(found, expect);
    }

    #[test]
    fn both_forms() {
        let help = "give two numbers, as [1, 2], or one n for [1, n]";
        check(json!([2, 3]), "[2,3]");
        check(json!(1), "[1,1]");
        check(json!(3), "[1,3]");
        check(json!(0), help);
        check(json!(-1), help);
        check(json!("two"), help);
        check(json!(null), help);
        check(json!([1]), "give two numbers, as [2, 3]");
        check(json!([1, -2]), "give a whole number from 0 on");
    }
}
