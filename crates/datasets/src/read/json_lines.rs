//! JSON Lines.

use rayon::prelude::*;
use serde_json::{Map, Value};

use crate::collect::Collector;
use crate::request::Request;
use crate::{Error, Format, Result, columns};

/// Lines that are looked at for column names.
const HEAD: usize = 1000;
/// Lines that are parsed at a time, so that few of them are in memory twice.
const CHUNK: usize = 4096;

pub(crate) fn read<'r>(request: &'r Request<'r>, text: &str) -> Result<Collector<'r>> {
    let lines: Vec<(u64, &str)> =
        (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()).collect();
    let mut found = columns::Distinct::new();
    for line in lines.iter().take(HEAD) {
        found.add(object(request, *line)?.keys());
    }
    let chosen = columns::choose(request, found.names)?;
    let name = |index: usize| chosen.names.get(index).map(String::as_str).unwrap_or_default();
    let (text_name, label_name) = (name(chosen.text), chosen.label.map(name));
    let mut collector = Collector::new(request, Format::Jsonl);
    collector.reserve(lines.len(), text.len());
    for chunk in lines.chunks(CHUNK) {
        let rows: Vec<Result<[Option<String>; 2]>> = chunk
            .par_iter()
            .map(|&line| {
                let mut object = object(request, line)?;
                let text = string(request, line.0, text_name, object.remove(text_name))?;
                let label =
                    label_name.map(|name| string(request, line.0, name, object.remove(name))).transpose()?;
                Ok([text, label.flatten()])
            })
            .collect();
        for row in rows {
            let [text, label] = row?;
            collector.add(text.as_deref(), label.as_deref());
        }
    }
    collector.columns(chosen);
    Ok(collector)
}

fn object(request: &Request<'_>, (line, json): (u64, &str)) -> Result<Map<String, Value>> {
    serde_json::from_str(json).map_err(|error| Error::Json {
        path: request.path.into(),
        line,
        problem: format!("expected one JSON object ({error})"),
    })
}

fn string(request: &Request<'_>, line: u64, name: &str, value: Option<Value>) -> Result<Option<String>> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(string)) => Ok(Some(string)),
        Some(value @ (Value::Bool(_) | Value::Number(_))) => Ok(Some(value.to_string())),
        Some(Value::Array(_) | Value::Object(_)) => Err(Error::Json {
            path: request.path.into(),
            line,
            problem: format!("'{name}' holds a list or an object, expected a string"),
        }),
    }
}
