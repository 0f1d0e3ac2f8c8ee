//! `assort inspect`.

mod pictures;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Result, bail};
use assort_datasets::{Audit, AuditOptions, Dataset, Leak, Ratios, ReadReport, leaks, read};
use assort_experiment::split_seed;
use assort_report::terminal::audit::{self, Bars};
use assort_report::terminal::block::block;
use assort_report::terminal::reading;
use assort_report::terminal::training;
use assort_text::{PreTokenizer, TextConfig};
use serde_json::json;

use crate::arguments::{InspectArguments, LABELLED};
use crate::exit::Exit;
use crate::interrupt;
use crate::screen::{print, print_words, terminal_width};

/// A file with what is in it.
struct Inspected<'a> {
    path: &'a Path,
    data: Dataset,
    report: ReadReport,
    audit: Audit,
    seconds: f64,
}

/// Parts of the data that share no row.
struct Part<'a> {
    name: String,
    data: std::borrow::Cow<'a, Dataset>,
}

/// Shows what is there.
pub fn run(arguments: &InspectArguments) -> Result<Exit> {
    interrupt::end_at_once()?;
    let ratios = arguments.split.as_deref().map(Ratios::parse).transpose()?;
    if ratios.is_some() && arguments.files.len() > 1 {
        bail!("--split divides one file, but there are {}: leave one of both away", arguments.files.len());
    }
    if let Some(folder) = &arguments.pictures {
        pictures::check(folder, &arguments.files, arguments.overwrite)?;
    }
    let inspected: Vec<Inspected> =
        arguments.files.iter().map(|path| inspect(path, arguments)).collect::<Result<_>>()?;
    let parts = match (&ratios, inspected.as_slice()) {
        (Some(ratios), [one]) => divide(&one.data, ratios, arguments.seed)?,
        _ => files(&inspected),
    };
    let named: Vec<(&str, &Dataset)> = parts.iter().map(|part| (part.name.as_str(), &*part.data)).collect();
    let shared = leaks(&named, &AuditOptions::default());
    let drawn = match &arguments.pictures {
        Some(folder) => pictures::draw(folder, &named_files(&inspected))?,
        None => Vec::new(),
    };
    if arguments.json {
        print(&format!("{}\n", as_json(&inspected, &parts, ratios.is_some(), &shared)))?;
        return Ok(Exit::Fine);
    }
    let bars = if drawn.is_empty() { Bars::Text } else { Bars::Pictures };
    let mut texts: Vec<String> = inspected.iter().map(|file| file_text(file, bars)).collect();
    if ratios.is_some() {
        texts.push(block("split", &split_lines(&parts)));
    }
    if parts.len() > 1 {
        texts.push(audit::shared(&shared, terminal_width()));
    }
    if !drawn.is_empty() {
        let lines: Vec<String> = drawn.iter().map(|path| path.display().to_string()).collect();
        texts.push(block("pictures", &lines));
    }
    print_words(&texts.join("\n"))?;
    Ok(Exit::Fine)
}

fn inspect<'a>(path: &'a PathBuf, arguments: &InspectArguments) -> Result<Inspected<'a>> {
    let clock = Instant::now();
    let (data, report) = read(path, &arguments.read.options())?;
    let seconds = clock.elapsed().as_secs_f64();
    let audit = Audit::with_tokens(&data, &AuditOptions::default(), tokens);
    Ok(Inspected { path, data, report, audit, seconds })
}

/// The tokens of a text by the default settings.
fn tokens(text: &str) -> u32 {
    let mut count = 0;
    TextConfig::default().tokenizer.pieces(text, |_, _| {
        count += 1;
        ControlFlow::Continue(())
    });
    count
}

/// The parts that a training with the same shares and seed has.
fn divide<'a>(data: &Dataset, ratios: &Ratios, seed: u64) -> Result<Vec<Part<'a>>> {
    let split = data.split(ratios, split_seed(seed))?;
    let parts =
        [("training", Some(split.train)), ("validation", split.validation), ("test", Some(split.test))];
    let parts = parts.into_iter().filter_map(|(name, rows)| Some((name, rows?)));
    parts
        .map(|(name, rows)| {
            Ok(Part { name: name.into(), data: std::borrow::Cow::Owned(data.select(&rows)?) })
        })
        .collect()
}

fn files<'a>(inspected: &'a [Inspected]) -> Vec<Part<'a>> {
    let names = named_files(inspected).into_iter().map(|(name, _)| name);
    let data = inspected.iter().map(|file| std::borrow::Cow::Borrowed(&file.data));
    names.zip(data).map(|(name, data)| Part { name, data }).collect()
}

/// The files by their names, or by their paths where two have one name.
fn named_files<'a>(inspected: &'a [Inspected]) -> Vec<(String, &'a Dataset)> {
    let short = |file: &Inspected| file.path.file_name().map(|name| name.to_string_lossy().into_owned());
    let mut names: Vec<Option<String>> = inspected.iter().map(short).collect();
    names.sort_unstable();
    let is_unique =
        names.iter().all(Option::is_some) && names.windows(2).all(|pair| pair.first() != pair.last());
    let name = |file: &Inspected| {
        short(file).filter(|_| is_unique).unwrap_or_else(|| file.path.display().to_string())
    };
    inspected.iter().map(|file| (name(file), &file.data)).collect()
}

fn file_text(file: &Inspected, bars: Bars) -> String {
    let mut lines = reading::lines(file.path, &file.report, Some(file.seconds), LABELLED);
    if !file.report.columns.is_empty() {
        lines.push(format!("columns: {}", file.report.columns.join(", ")));
    }
    block("read", &lines) + &audit::blocks(&file.data, &file.audit, bars, terminal_width())
}

fn split_lines(parts: &[Part]) -> Vec<String> {
    let part = |name: &str| parts.iter().find(|part| part.name == name).map(|part| &*part.data);
    let [training, validation, test] = ["training", "validation", "test"].map(part);
    let counts = |data: Option<&Dataset>| data.map(Dataset::counts).unwrap_or_default();
    let columns = [training, validation, test].map(counts);
    let names = training.map(|data| data.names().names()).unwrap_or_default();
    let row =
        |label: usize| columns.each_ref().map(|counts| counts.get(label).map_or(0, |&count| count as usize));
    let labels: Vec<(String, [usize; 3])> =
        names.iter().enumerate().map(|(label, name)| (name.clone(), row(label))).collect();
    training::split(
        [training, validation, test].map(|data| data.map_or(0, Dataset::len)),
        &labels,
        terminal_width(),
    )
}

fn as_json(inspected: &[Inspected], parts: &[Part], is_split: bool, shared: &[Leak]) -> serde_json::Value {
    let file = |file: &Inspected| json!({ "path": file.path, "read": file.report, "audit": file.audit });
    let mut all = json!({ "files": inspected.iter().map(file).collect::<Vec<_>>(), "shared": shared });
    if is_split {
        let part = |part: &Part| {
            let names = part.data.names().names().iter().cloned();
            let labels: serde_json::Map<String, serde_json::Value> =
                names.zip(part.data.counts().into_iter().map(Into::into)).collect();
            json!({ "name": part.name, "rows": part.data.len(), "labels": labels })
        };
        all["split"] = parts.iter().map(part).collect();
    }
    all
}
