//! Names of labels in a `config.json`.

use assort_classifier::{Error, Result};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// The names that `id2label` gives the labels, or else `label2id`, in the order of the logits; `None` if
/// neither names any. Ids count from 0 or from 1; white space around a name is no part of it.
///
/// # Errors
/// Says which field has two names or none for an id, a name for two ids or a blank one, or is no such list.
pub(super) fn label_names(fields: &Map<String, Value>) -> Result<Option<Vec<String>>> {
    for (field, pairs) in [("id2label", by_id as Reader), ("label2id", by_name)] {
        let Some(value) = fields.get(field).filter(|value| !value.is_null()) else { continue };
        let named = pairs(value).and_then(in_order);
        let named = named.map_err(|problem| Error::Op(format!("config.json: {field} {problem}")))?;
        if !named.is_empty() {
            return Ok(Some(named));
        }
    }
    Ok(None)
}

/// Reads names with their ids, or tells what is wrong.
type Reader = fn(&Value) -> Result<Vec<(u64, String)>, String>;

fn by_id(value: &Value) -> Result<Vec<(u64, String)>, String> {
    match value {
        Value::Array(names) => names.iter().zip(0..).map(|(name, id)| Ok((id, text(name)?))).collect(),
        Value::Object(names) => names.iter().map(|(id, name)| Ok((number(id)?, text(name)?))).collect(),
        other => Err(format!("is {other}, not a list of names")),
    }
}

fn by_name(value: &Value) -> Result<Vec<(u64, String)>, String> {
    let Value::Object(ids) = value else { return Err(format!("is {value}, not a list of names with ids")) };
    ids.iter().map(|(name, id)| Ok((number(&text(id)?)?, name.clone()))).collect()
}

/// An id, which some write as `LABEL_0`.
fn number(id: &str) -> Result<u64, String> {
    let digits = id.trim().strip_prefix("LABEL_").unwrap_or(id.trim());
    digits.parse().map_err(|_| format!("has '{id}' where the number of a label is expected"))
}

fn text(name: &Value) -> Result<String, String> {
    match name {
        Value::String(name) => Ok(name.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(name.to_string()),
        other => Err(format!("has {other} where a name is expected")),
    }
}

fn in_order(mut pairs: Vec<(u64, String)>) -> Result<Vec<String>, String> {
    pairs.sort();
    let first = pairs.first().map_or(0, |(id, _)| u64::from(*id == 1));
    let (mut names, mut known) = (Vec::with_capacity(pairs.len()), HashMap::new());
    for ((id, name), expected) in pairs.into_iter().zip(first..) {
        let name = name.trim();
        if id != expected {
            let count = if id < expected { "two names" } else { "no name" };
            return Err(format!("has {count} for the label {}", id.min(expected)));
        }
        if name.is_empty() {
            return Err(format!("has a blank name for the label {id}: give it one there"));
        }
        if let Some(other) = known.insert(name.to_owned(), id) {
            return Err(format!(
                "has the name '{name}' for the labels {other} and {id}: give each its own there"
            ));
        }
        names.push(name.to_owned());
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(fields: Value, expect: &str) {
        let found = match label_names(fields.as_object().unwrap()) {
            Ok(names) => names.map_or("none".to_owned(), |names| names.join("|")),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expect, "{fields}");
    }

    #[test]
    fn names_in_the_order_of_the_logits() {
        check(json!({}), "none");
        check(json!({"id2label": null, "label2id": {}}), "none");
        check(json!({"id2label": {"1": "b", "0": "a"}, "label2id": {"x": 0}}), "a|b");
        check(json!({"id2label": {"2": "b", "3": "c", "1": "a"}}), "a|b|c");
        let ten: Map<_, _> = (0..11).map(|id| (id.to_string(), json!(format!("c{id}")))).collect();
        check(json!({"id2label": ten}), "c0|c1|c2|c3|c4|c5|c6|c7|c8|c9|c10");
        check(json!({"id2label": ["b", " a "]}), "b|a");
        check(json!({"id2label": {"LABEL_1": "no", "LABEL_0": "yes"}}), "yes|no");
        check(json!({"id2label": {"0": 5, "1": 3, "2": true}}), "5|3|true");
        check(json!({"id2label": {}, "label2id": {"b": 1, "a": "0"}}), "a|b");
    }

    #[test]
    fn wrong_names() {
        let id2label = |names: Value, expect: &str| {
            check(json!({"id2label": names}), &format!("config.json: id2label {expect}"));
        };
        id2label(json!(7), "is 7, not a list of names");
        id2label(json!({"a": "0"}), "has 'a' where the number of a label is expected");
        id2label(json!({"0": "a", "1": null}), "has null where a name is expected");
        id2label(json!({"0": "a", "2": "b"}), "has no name for the label 1");
        id2label(json!({"2": "a", "3": "b"}), "has no name for the label 0");
        id2label(json!({"0": "a", "1": "b", "01": "c"}), "has two names for the label 1");
        id2label(json!({"0": "a", "1": "  "}), "has a blank name for the label 1: give it one there");
        let twice = "has the name 'pos' for the labels 1 and 3: give each its own there";
        id2label(json!({"1": "pos", "2": "neg", "3": "pos "}), twice);
        check(json!({"label2id": {"a": 0, "b": 0}}), "config.json: label2id has two names for the label 0");
        check(json!({"label2id": ["a"]}), "config.json: label2id is [\"a\"], not a list of names with ids");
    }
}
