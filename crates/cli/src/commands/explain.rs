//! `assort explain`.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use assort_datasets::{nearest, read_texts};
use assort_pipeline::{Error as PipelineError, Pipeline};
use assort_random::Seed;
use assort_report::html::explanation::{PagePlace, TEXTS};
use assort_report::terminal::block::{block, coloured_block};
use assort_report::terminal::reading::{self, By, Naming};
use assort_report::terminal::{coloured_words, evaluation, explanation};
use assort_report::{Asked, Explanation, html};

use super::model::{self, Wanted, read_as_trained};
use super::sink;
use crate::arguments::ExplainArguments;
use crate::exit::{Exit, Midway, note};
use crate::interrupt;
use crate::screen::{print, terminal_width};

/// The most labels that an error lists.
const LISTED: usize = 20;

/// Explains.
pub fn run(arguments: &ExplainArguments) -> Result<Exit> {
    interrupt::end_at_once()?;
    if let Some(html) = &arguments.html {
        sink::check(html, arguments.overwrite, arguments.data.as_deref())?;
    }
    if let Some(place) = arguments.text.iter().position(|text| text.trim().is_empty()) {
        bail!("--text number {} is empty: give a text with at least one word", place + 1);
    }
    let pipeline = model::load(&arguments.folder, &arguments.model)?;
    let asked = match &arguments.label {
        Some(name) => Asked::Label(label(&pipeline, name)?),
        None => Asked::Predicted,
    };
    let method = match arguments.method {
        Some(method) => method,
        None => model::method(&pipeline)?,
    };
    let mut articles = Vec::new();
    let mut checks = Vec::new();
    let mut cut = 0;
    let texts = texts(&pipeline, arguments)?;
    let further = arguments.html.iter().flat_map(|path| pages(path, texts.len()).into_iter().skip(1));
    further
        .into_iter()
        .try_for_each(|path| sink::check(&path, arguments.overwrite, arguments.data.as_deref()))?;
    for (place, (row, text)) in texts.iter().enumerate() {
        let attribution = pipeline.explain(text, method).map_err(|error| match error {
            PipelineError::NoMethod { .. } => error.into(),
            other => anyhow::Error::from(Midway::new(other)),
        })?;
        let (probabilities, is_cut) = pipeline.probabilities_and_cut(&[text]).map_err(Midway::new)?;
        cut += is_cut;
        let probabilities = probabilities.row(0).to_vec();
        let labels = pipeline.labels();
        let mut explained = Explanation::new(*row, method, attribution, labels, probabilities, asked);
        if arguments.check {
            let seed = Seed::new(0).stream("deletion").at(*row);
            let found = pipeline.deletion(&explained.attribution, explained.label, seed);
            explained.deletion = found.map_err(Midway::new)?;
            checks.extend(explained.deletion);
        }
        if arguments.json {
            print(&format!("{}\n", explained.json()))?;
        } else {
            let before =
                if place > 0 { String::new() } else { coloured_block("legend", &[coloured_words::legend()]) };
            print(&format!(
                "{before}\n{}",
                explanation::blocks(&explained, arguments.top, terminal_width())
            ))?;
        }
        if arguments.html.is_some() {
            articles.push(html::explanation::article(&explained, arguments.top));
        }
    }
    if let Some(line) = evaluation::cut(cut, texts.len()).filter(|_| !arguments.json) {
        note(&line);
    }
    if arguments.check && !arguments.json {
        print(&format!("\n{}", block("check", &[explanation::deletions(&checks)])))?;
    }
    if let Some(path) = &arguments.html {
        let model = arguments.folder.display().to_string();
        let paths = pages(path, articles.len());
        let file_name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let names: Vec<String> = paths.iter().map(file_name).collect();
        for (at, (path, articles)) in paths.iter().zip(articles.chunks(TEXTS)).enumerate() {
            let page = html::explanation::page(&model, method, articles, PagePlace { names: &names, at });
            sink::write(path, page.as_bytes())?;
        }
        if !arguments.json {
            let written: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
            print(&format!("\n{}", block("written", &written)))?;
        }
    }
    Ok(Exit::Fine)
}

/// The files of so many texts: the one that was named, and `-2`, `-3`, … beside it.
fn pages(path: &Path, texts: usize) -> Vec<PathBuf> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().map(|ending| format!(".{}", ending.to_string_lossy())).unwrap_or_default();
    let further =
        (2..=texts.div_ceil(TEXTS)).map(|number| path.with_file_name(format!("{stem}-{number}{ending}")));
    std::iter::once(path.to_owned()).chain(further).collect()
}

/// The number of a label by its name.
fn label(pipeline: &Pipeline, name: &str) -> Result<usize> {
    let labels = pipeline.labels();
    if let Some(place) = labels.iter().position(|label| label == name) {
        return Ok(place);
    }
    let hint = nearest(name, labels.iter().map(String::as_str));
    let hint = hint.map(|label| format!(", did you mean '{label}'?")).unwrap_or_default();
    let mut listed = labels.iter().take(LISTED).map(String::as_str).collect::<Vec<_>>().join(", ");
    if labels.len() > LISTED {
        listed.push_str(", …");
    }
    Err(anyhow!("the model has no label '{name}'{hint} (it has {listed})"))
}

/// The texts with the numbers of their rows.
fn texts(pipeline: &Pipeline, arguments: &ExplainArguments) -> Result<Vec<(u64, String)>> {
    let Some(path) = &arguments.data else {
        return Ok((1..).zip(arguments.text.iter().cloned()).collect());
    };
    let naming = Naming { text: By::Flag("--text-column"), label: By::Training };
    let read = |options: &_| read_texts(path, options);
    let ((texts, mut report), naming) =
        read_as_trained(pipeline, &arguments.options(), Wanted::Texts, naming, read)?;
    if !arguments.json {
        report.label = None;
        reading::lines(path, &report, None, naming).iter().for_each(|line| note(line));
    }
    let mut pairs = texts.rows.iter().copied().zip(texts.texts.iter().map(str::to_owned));
    if arguments.row.is_empty() {
        return Ok(pairs.collect());
    }
    let pairs: std::collections::BTreeMap<u64, String> = pairs.by_ref().collect();
    let missing = |row: u64| anyhow!("{} has no text in row {row}: rows count from 1", path.display());
    let pick = |row: &u64| Ok((*row, pairs.get(row).cloned().ok_or_else(|| missing(*row))?));
    arguments.row.iter().map(pick).collect()
}
