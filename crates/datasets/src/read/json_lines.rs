//! JSON Lines, and JSON files that are one list of objects.

use std::borrow::Cow;
use std::fmt;

use rayon::prelude::*;
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::carried::{Carried, CellKind};
use crate::collect::Collector;
use crate::columns::{self, Chosen};
use crate::invisible::trimmed;
use crate::names::{quoted, split_names};
use crate::read::pieces::{After, Parser, Piece, whole_lines};
use crate::request::Request;
use crate::{Carry, Error, Note, Result};

/// Objects that are looked at for column names.
const HEAD: usize = 1000;
/// Objects that are parsed at a time, so that few of them are in memory twice.
const CHUNK: usize = 4096;

/// The objects of a file so far.
pub(crate) struct JsonLines {
    chosen: Option<Chosen>,
    is_list: bool,
    lone: u64,
    first_lone: u64,
    /// The first line with a name that no column has, where all columns are carried along.
    late: Option<(String, u64)>,
}

impl JsonLines {
    pub(crate) fn new() -> Self {
        Self { chosen: None, is_list: false, lone: 0, first_lone: 0, late: None }
    }

    /// The columns of the objects; `None` where a column that is asked for may begin in what follows.
    fn choose(&self, request: &Request<'_>, objects: &[Object<'_>], after: After) -> Result<Option<Chosen>> {
        let mut found = columns::Distinct::new();
        let wanted = [&request.options.text, &request.options.label].into_iter().flatten();
        let flags = &request.options.label_columns;
        let wanted: Vec<String> = wanted.flat_map(|names| split_names(names)).chain(flags.clone()).collect();
        for (index, object) in objects.iter().enumerate() {
            // A column that is asked for may begin late.
            let is_complete = || wanted.iter().all(|name| found.names.contains(name));
            if index >= HEAD && is_complete() && *request.carry == Carry::None {
                break;
            }
            let fields = object.fields(request)?.0;
            let names: Vec<String> = fields.iter().map(|(name, _)| trimmed(name).to_owned()).collect();
            found.add(names.iter().filter(|name| !name.is_empty()));
        }
        if after == After::More && !wanted.iter().all(|name| found.names.contains(name)) {
            return Ok(None);
        }
        columns::choose(request, found.names).map(Some)
    }
}

impl Parser for JsonLines {
    fn wants_all(&self) -> bool {
        self.is_list
    }

    fn take<'r>(
        &mut self,
        request: &'r Request<'r>,
        piece: &Piece<'_>,
        collector: &mut Collector<'r>,
    ) -> Result<usize> {
        let text;
        let taken;
        if piece.before == 0 && piece.bytes.trim_ascii_start().starts_with(b"[") {
            // A list of objects is read as a whole.
            self.is_list = true;
            if piece.after != After::Nothing {
                return Ok(0);
            }
        }
        (text, taken) = whole_lines(piece)?;
        let objects = objects(request, text, piece.lines)?;
        if self.chosen.is_none() {
            if objects.is_empty() {
                return Ok(if piece.after == After::Nothing { taken } else { 0 });
            }
            let Some(chosen) = self.choose(request, &objects, piece.after)? else { return Ok(0) };
            collector.carried = Carried::of_text(request, &chosen.names, CellKind::Json)?;
            collector.columns(&chosen);
            collector.reserve(objects.len(), text.len());
            self.chosen = Some(chosen);
        }
        let Some(chosen) = &self.chosen else { return Ok(taken) };
        let names =
            |indices: &[usize]| indices.iter().map(|&index| chosen.name(index)).collect::<Vec<&str>>();
        let (texts, flags) = (names(&chosen.text), names(&chosen.flags));
        let label = chosen.label.map(|index| chosen.name(index));
        let carried = names(collector.carried.places());
        let known = (*request.carry == Carry::All).then_some(chosen.names.as_slice());
        let wanted = Wanted { texts: &texts, label, flags: &flags, carried: &carried, known };
        for chunk in objects.chunks(CHUNK) {
            let rows: Vec<Result<Row>> = chunk.par_iter().map(|object| object.row(request, wanted)).collect();
            for (row, object) in rows.into_iter().zip(chunk) {
                let row = row?;
                let texts = row.texts.iter().map(Option::as_deref);
                let is_kept = match &row.label {
                    Given::One(label) => collector.add(texts, label.as_deref()),
                    Given::Several(labels) => collector.add_several(texts, labels, Some(object.line))?,
                    Given::Flags(values) => {
                        let values = values.iter().map(Option::as_deref);
                        let flags: Vec<_> = flags.iter().copied().zip(values).collect();
                        collector.add_flags(texts, &flags)?
                    }
                };
                if is_kept && !collector.carried.is_empty() {
                    collector.carried.push_each(row.carried);
                }
                if row.has_lone_surrogate {
                    self.first_lone = if self.lone == 0 { object.line } else { self.first_lone };
                    self.lone += 1;
                }
                if let (Some(name), None) = (row.late, &self.late) {
                    self.late = Some((name, object.line));
                }
                collector.flush_full()?;
            }
            if collector.is_stopped {
                break;
            }
        }
        Ok(taken)
    }

    fn finish<'r>(&mut self, request: &'r Request<'r>, collector: &mut Collector<'r>) -> Result<()> {
        if self.chosen.is_none() {
            return Err(Error::Empty(request.path.into()));
        }
        if let Some((name, line)) = self.late.take() {
            collector.note(Note::LateColumn { name, line });
        }
        if self.lone > 0 {
            collector.note(Note::LoneSurrogates { rows: self.lone, line: self.first_lone });
        }
        Ok(())
    }
}

/// The objects of a file: one a line, or the members of one list.
fn objects<'t>(request: &Request<'_>, text: &'t str, before: u64) -> Result<Vec<Object<'t>>> {
    let lines = (before + 1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let lines: Vec<Object<'t>> = lines.map(|(line, text)| Object::new(line, text)).collect();
    // Several lines of which the first is a whole list are rows, and this one is refused as such.
    let is_list = match lines.as_slice() {
        _ if before > 0 => false,
        [first] => first.json.starts_with('['),
        [first, ..] => first.json.starts_with('[') && serde_json::from_str::<&RawValue>(first.json).is_err(),
        [] => false,
    };
    if !is_list {
        return Ok(lines);
    }
    let list: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| {
        let line = text.split('\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
        let column = characters(line, error.column());
        Error::Json {
            path: request.path.into(),
            line: error.line() as u64,
            problem: format!("the list that the file begins with is broken at column {column}"),
        }
    })?;
    let (mut line, mut at) = (1, 0);
    let objects = list.into_iter().map(|value| {
        let json = value.get();
        let place = json.as_ptr().addr().saturating_sub(text.as_ptr().addr());
        line += text.get(at..place).unwrap_or_default().matches('\n').count() as u64;
        at = place;
        Object { line, json, before: 0 }
    });
    Ok(objects.collect())
}

/// The characters that begin in so many bytes of a line.
fn characters(line: &str, bytes: usize) -> usize {
    line.char_indices().take_while(|(place, _)| *place < bytes).count()
}

/// The JSON of one object, and the line that it begins on.
struct Object<'t> {
    line: u64,
    json: &'t str,
    /// Characters before it on a line of its own.
    before: usize,
}

/// The names whose values make a row.
#[derive(Clone, Copy)]
struct Wanted<'n> {
    texts: &'n [&'n str],
    label: Option<&'n str>,
    /// Those that stand for one label each.
    flags: &'n [&'n str],
    /// Those that are carried along.
    carried: &'n [&'n str],
    /// All that are known, where others are to be told.
    known: Option<&'n [String]>,
}

fn holds(names: &[String], name: &str) -> bool {
    names.iter().any(|known| known == name)
}

/// The text and labels of one object.
struct Row {
    texts: Vec<Option<String>>,
    label: Given,
    has_lone_surrogate: bool,
    carried: Vec<Option<String>>,
    /// A name that is not known.
    late: Option<String>,
}

/// The labels of one object.
enum Given {
    /// One, or a cell of several.
    One(Option<String>),
    /// A list.
    Several(Vec<String>),
    /// The values that say which labels it has.
    Flags(Vec<Option<String>>),
}

impl<'t> Object<'t> {
    /// The object that a line holds.
    fn new(line: u64, text: &'t str) -> Self {
        let json = text.trim_start();
        let before = characters(text, text.len() - json.len());
        Self { line, json: json.trim_end(), before }
    }

    fn fields(&self, request: &Request<'_>) -> Result<Fields<'t>> {
        serde_json::from_str(self.json).map_err(|error| self.error(request, self.problem(&error)))
    }

    fn row(&self, request: &Request<'_>, wanted: Wanted) -> Result<Row> {
        let fields = self.fields(request)?.0;
        let mut has_lone_surrogate = false;
        // Of several values under one name the last counts, as for most readers of JSON.
        let value = |name: &str| fields.iter().rev().find(|(field, _)| trimmed(field) == name);
        let mut strings = |names: &[&str]| -> Result<Vec<Option<String>>> {
            let string = |name: &&str| match value(name) {
                Some((_, value)) => self.string(request, name, value.get(), &mut has_lone_surrogate),
                None => Ok(None),
            };
            names.iter().map(string).collect()
        };
        let texts = strings(wanted.texts)?;
        let listed = wanted.label.and_then(|name| Some((name, value(name)?.1.get())));
        let label = match listed.filter(|(_, json)| json.starts_with('[')) {
            _ if !wanted.flags.is_empty() => Given::Flags(strings(wanted.flags)?),
            Some((name, json)) => Given::Several(self.list(request, name, json, &mut has_lone_surrogate)?),
            None => Given::One(strings(wanted.label.as_slice())?.pop().flatten()),
        };
        let json = |name: &&str| value(name).map(|(_, value)| value.get().to_owned());
        let carried = wanted.carried.iter().map(json).collect();
        let is_known = |name: &str| name.is_empty() || wanted.known.is_none_or(|all| holds(all, name));
        let late = fields.iter().map(|(name, _)| trimmed(name)).find(|name| !is_known(name));
        Ok(Row { texts, label, has_lone_surrogate, carried, late: late.map(str::to_owned) })
    }

    /// A list of strings or numbers; members without a value are none.
    fn list(&self, request: &Request<'_>, name: &str, json: &str, lone: &mut bool) -> Result<Vec<String>> {
        let members: Vec<&RawValue> =
            serde_json::from_str(json).map_err(|error| self.error(request, self.problem(&error)))?;
        let strings = members.into_iter().map(|member| self.string(request, name, member.get(), lone));
        strings.filter_map(Result::transpose).collect()
    }

    /// A value as a string: numbers as they are written, so that no digit is lost.
    fn string(
        &self,
        request: &Request<'_>,
        name: &str,
        json: &str,
        lone: &mut bool,
    ) -> Result<Option<String>> {
        let held = match json.as_bytes().first() {
            Some(b'"') => {
                let whole = serde_json::from_str(json).or_else(|_| {
                    *lone = true;
                    mended(json)
                });
                return whole.map(Some).map_err(|error| self.error(request, self.problem(&error)));
            }
            Some(b'{') => "an object",
            Some(b'[') => "a list",
            Some(b'n') => return Ok(None),
            _ => return Ok(Some(json.to_owned())),
        };
        Err(self.error(request, format!("{} holds {held}, expected a string", quoted(name))))
    }

    fn error(&self, request: &Request<'_>, problem: String) -> Error {
        Error::Json { path: request.path.into(), line: self.line, problem }
    }

    fn problem(&self, error: &serde_json::Error) -> String {
        let mut values = serde_json::Deserializer::from_str(self.json).into_iter::<&RawValue>();
        let is_value = values.next().is_some_and(|value| value.is_ok());
        let rest = self.json.get(values.byte_offset()..).unwrap_or_default().trim();
        match self.json.as_bytes().first() {
            _ if is_value && rest == "," => {
                "a comma follows its object: write one object a line, without commas".into()
            }
            _ if is_value && !rest.is_empty() => {
                let column = 1 + self.before + self.json.chars().count() - rest.chars().count();
                format!("more follows its object at column {column}: write one object a line")
            }
            Some(b'[') if is_value => "it holds a list, expected one object with names and values".into(),
            Some(b'{') if error.is_eof() => {
                "its object does not end on the line: write one object a line".into()
            }
            _ if is_value => "it holds a single value, expected one object with names and values".into(),
            _ => {
                let column = self.before + characters(self.json, error.column());
                format!("it is no valid JSON at column {column}: expected one object")
            }
        }
    }
}

/// The names and values of one object, in order; values are parsed only where they are needed.
struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

/// The name of a value. Half a surrogate pair in one that nobody needs is no fault of the file.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = <&RawValue>::deserialize(deserializer)?.get();
        if !json.contains('\\') {
            return Ok(Self(json.trim_matches('"').into()));
        }
        let name = serde_json::from_str(json).or_else(|_| mended(json));
        name.map(|name: String| Self(name.into())).map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut fields = Vec::new();
                while let Some((Name(name), value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
                    fields.push((name, value));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

/// The string of JSON that has halves of surrogate pairs.
fn mended(json: &str) -> Result<String, serde_json::Error> {
    serde_json::from_str(&without_lone_surrogates(json))
}

/// A JSON string in which U+FFFD stands for each escaped half of a surrogate pair that has no other half.
fn without_lone_surrogates(json: &str) -> String {
    let unit = |text: &str| {
        let digits = text.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut whole = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(place) = rest.find('\\') {
        let (before, escape) = rest.split_at(place);
        whole.push_str(before);
        let length = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                whole.push_str("\\ufffd");
                rest = escape.get(6..).unwrap_or_default();
                continue;
            }
            _ => escape.chars().take(2).map(char::len_utf8).sum(),
        };
        whole.push_str(escape.get(..length).unwrap_or_default());
        rest = escape.get(length..).unwrap_or_default();
    }
    whole + rest
}
