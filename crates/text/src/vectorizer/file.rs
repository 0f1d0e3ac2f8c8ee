//! A vectorizer as a file of lines, for people to read and for `diff`.
//!
//! `assort vectorizer 1`, the settings as JSON, `documents<TAB>N`; `subwords<TAB>` and a `tokenizer.json` in
//! one line, where sub-words stand in the words' place; for each unit `words<TAB>count` or
//! `characters<TAB>count` and a line for each, in JSON's quotes; for each length from 2 on `grams<TAB>count`
//! and a line for each: prefix and last symbol, as numbers of what stands above. Each of these lines ends
//! with the document frequency and `+` for a feature or `-` for a part of features. `end` is the last line.

use super::alphabet::{Alphabet, Characters};
use super::grams::{GAP, Grams};
use super::unit::Unit;
use super::{Units, Vectorizer, VectorizerConfig};
use crate::lines::{self, Fault};
use crate::words::WordSet;
use crate::{Error, Tokenizer};
use std::fmt::Write;
use std::path::Path;

const HEAD: &str = "assort vectorizer 1";
const SUBWORDS: &str = "subwords\t";

impl Vectorizer {
    /// Writes the file beside its place, then renames it into it.
    ///
    /// # Errors
    /// [`Error::File`] if the place cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let text = self.write().map_err(std::io::Error::other);
        let written = text.and_then(|text| assort_files::write(path, text.as_bytes()));
        written.map_err(Error::file("write", path))
    }

    /// Reads what [`Vectorizer::save`] wrote; every row comes out with the same bits.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read; [`Error::ListFile`] with the line if it is torn, edited or no
    /// vectorizer.
    pub fn load(path: &Path) -> Result<Self, Error> {
        lines::read(path, "vectorizer", |text| parse(text, path))
    }

    fn write(&self) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
        let mut text = String::new();
        writeln!(text, "{HEAD}\n{}", serde_json::to_string(&self.config)?)?;
        writeln!(text, "documents\t{}", self.documents)?;
        if let Some(subwords) = self.subwords.as_ref().and_then(Tokenizer::subwords) {
            writeln!(text, "{SUBWORDS}{}", subwords.to_json(false)?)?;
        }
        for unit in &self.units {
            let flag = |node: u32| match unit.columns.get(node as usize) {
                Some(&GAP) | None => '-',
                Some(_) => '+',
            };
            let count = unit.grams.symbols();
            writeln!(text, "{}\t{count}", unit.name())?;
            for node in 0..count {
                let symbol = serde_json::to_string(&unit.spell(node))?;
                writeln!(text, "{symbol}\t{}\t{}", unit.grams.documents(node), flag(node))?;
            }
            for length in 2..=unit.grams.longest() {
                let level = unit.grams.level(length);
                writeln!(text, "grams\t{}", level.len())?;
                for node in level {
                    let (prefix, symbol) = unit.grams.key(node).unwrap_or((GAP, GAP));
                    let documents = unit.grams.documents(node);
                    writeln!(text, "{prefix}\t{symbol}\t{documents}\t{}", flag(node))?;
                }
            }
        }
        text.push_str("end\n");
        Ok(text)
    }
}

impl Unit {
    fn name(&self) -> &'static str {
        match self.alphabet {
            Alphabet::Words(_) => "words",
            Alphabet::Characters(_) => "characters",
        }
    }
}

/// The lines that are left.
struct Lines<'t> {
    rest: &'t str,
    /// The number of the line that was read last.
    number: usize,
}

impl<'t> Lines<'t> {
    fn next(&mut self, expected: &str) -> Result<&'t str, Fault> {
        self.number += 1;
        if self.rest.is_empty() {
            return Err(self.wrong(format!("expected {expected}, found the end: the file is torn")));
        }
        let Some((line, rest)) = self.rest.split_once('\n') else {
            return Err(self.wrong("the line is not ended: the file is torn".to_owned()));
        };
        self.rest = rest;
        Ok(line)
    }

    /// The fault of the line that was read last, without the rest of a long one.
    fn wrong(&self, problem: String) -> Fault {
        let cut: String = problem.chars().take(200).collect();
        (self.number, if cut.len() < problem.len() { cut + "…" } else { problem })
    }

    /// The number behind a name.
    fn number<N: std::str::FromStr>(&mut self, name: &str) -> Result<N, Fault> {
        let line = self.next(&format!("{name}<TAB>number"))?;
        let number = line.strip_prefix(name).and_then(|rest| rest.strip_prefix('\t'));
        number
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| self.wrong(format!("expected {name}<TAB>number, found '{line}'")))
    }

    /// A line's beginning, document frequency and whether it is a feature.
    fn entry(&mut self, what: &str, documents: usize) -> Result<(&'t str, u32, bool), Fault> {
        let line = self.next(what)?;
        let (rest, feature) = match (line.strip_suffix("\t+"), line.strip_suffix("\t-")) {
            (Some(rest), _) => (rest, true),
            (_, Some(rest)) => (rest, false),
            _ => return Err(self.wrong(format!("expected {what} and + or - at the end, found '{line}'"))),
        };
        let (head, frequency) = rest.rsplit_once('\t').unwrap_or(("", rest));
        match frequency.parse() {
            Ok(frequency) if frequency >= 1 && frequency as usize <= documents => {
                Ok((head, frequency, feature))
            }
            _ => {
                let expected = format!("expected a document frequency from 1 to {documents}");
                Err(self.wrong(format!("{expected}, found '{frequency}'")))
            }
        }
    }
}

/// The vectorizer, or the line that is wrong and why.
fn parse(text: &str, path: &Path) -> Result<Vectorizer, Fault> {
    let mut lines = Lines { rest: text, number: 0 };
    let head = lines.next(HEAD)?;
    if head != HEAD {
        let head: String = head.chars().take(60).collect();
        return Err(lines.wrong(format!("expected '{HEAD}', found '{head}'")));
    }
    let line = lines.next("the settings")?;
    let config: VectorizerConfig = serde_json::from_str(line)
        .map_err(|error| lines.wrong(format!("expected the settings as JSON: {error}")))?;
    config.check().map_err(|error| lines.wrong(error.to_string()))?;
    let documents: usize = lines.number("documents")?;
    let (mut units, mut subwords) = (Vec::new(), None);
    if config.units != Units::Characters && config.tokenizer.is_subwords() {
        let line = lines.next("sub-words")?;
        let json = line.strip_prefix(SUBWORDS).ok_or_else(|| {
            let found: String = line.chars().take(60).collect();
            lines.wrong(format!("expected subwords<TAB>tokenizer, found '{found}'"))
        })?;
        let read = Tokenizer::from_json(json, path, config.text());
        subwords = Some(read.map_err(|problem| lines.wrong(problem))?);
    }
    if config.units != Units::Characters {
        units.push(unit(&mut lines, "word", documents, config.words.longest)?);
    }
    if config.units != Units::Words {
        units.push(unit(&mut lines, "character", documents, config.characters.longest)?);
    }
    let line = lines.next("end")?;
    if line != "end" || !lines.rest.is_empty() {
        return Err(lines.wrong(format!("expected 'end' as the last line, found '{line}'")));
    }
    let vectorizer = Vectorizer::assemble(config, subwords, documents, units);
    if vectorizer.features.is_empty() {
        return Err(lines.wrong("no line is marked as a feature with +".to_owned()));
    }
    Ok(vectorizer)
}

/// The words, or the characters, and their n-grams.
fn unit(lines: &mut Lines, kind: &str, documents: usize, longest: usize) -> Result<Unit, Fault> {
    let count: u32 = lines.number(&format!("{kind}s"))?;
    let (mut set, mut frequencies, mut columns) = (WordSet::default(), Vec::new(), Vec::new());
    for number in 0..count {
        let (quoted, frequency, feature) = lines.entry(&format!("a {kind}"), documents)?;
        let text = symbol(lines, quoted)?;
        if kind == "character" && text.chars().nth(1).is_some() {
            return Err(lines.wrong(format!("expected one character, found '{text}'")));
        }
        if set.insert(&text) != number {
            return Err(lines.wrong(format!("the {kind} '{text}' stands here a second time")));
        }
        frequencies.push(frequency);
        columns.push(if feature { 0 } else { GAP });
    }
    let alphabet = match kind {
        "character" => Alphabet::Characters(Characters::new(set.iter().flat_map(str::chars).collect())),
        _ => Alphabet::Words(set),
    };
    levels(lines, documents, longest, alphabet, frequencies, columns)
}

fn symbol(lines: &Lines, quoted: &str) -> Result<String, Fault> {
    match serde_json::from_str::<String>(quoted) {
        Ok(text) if !text.is_empty() => Ok(text),
        _ => Err(lines.wrong(format!("expected a text in quotes, found '{quoted}'"))),
    }
}

fn levels(
    lines: &mut Lines,
    documents: usize,
    longest: usize,
    alphabet: Alphabet,
    frequencies: Vec<u32>,
    mut columns: Vec<u32>,
) -> Result<Unit, Fault> {
    let mut grams = Grams::new(frequencies);
    for length in 2..=longest {
        let count: u32 = lines.number("grams")?;
        let (prefixes, symbols) = (grams.level(length - 1), grams.symbols());
        let mut level = Vec::new();
        for _ in 0..count {
            let (key, frequency, feature) = lines.entry("an n-gram", documents)?;
            let key = key.split_once('\t').and_then(|(prefix, symbol)| {
                Some((prefix.parse::<u32>().ok()?, symbol.parse::<u32>().ok()?))
            });
            match key {
                Some(key) if prefixes.contains(&key.0) && key.1 < symbols => {
                    level.push((key, frequency));
                    columns.push(if feature { 0 } else { GAP });
                }
                _ => {
                    let problem = format!(
                        "expected a prefix from {} to {} and a symbol under {symbols}",
                        prefixes.start,
                        prefixes.end.saturating_sub(1)
                    );
                    return Err(lines.wrong(problem));
                }
            }
        }
        if let Some(place) = grams.push_level(level.into_iter()) {
            let line = lines.number - count as usize + 1 + place;
            return Err((line, "the n-gram stands here a second time".to_owned()));
        }
    }
    Ok(Unit { alphabet, grams, columns })
}
