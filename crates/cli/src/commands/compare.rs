//! `assort compare`.

use std::collections::HashSet;
use std::time::Instant;

use anyhow::{Result, bail};
use assort_datasets::{Column, Dataset, Existing, Labels, read, write_table};
use assort_experiment::{check_comparable, compare};
use assort_pipeline::Pipeline;
use assort_report::numbers::counted;
use assort_report::terminal::block::{MARGIN, block};
use assort_report::terminal::comparison::{disagreements, figures, pairs};
use assort_report::terminal::reading;
use assort_report::{Answer, Comparison, Disagreement, JudgedData, Reasons};

use super::model::{Wanted, read_as_trained};
use super::sink;
use crate::arguments::{CompareArguments, LABELLED};
use crate::exit::{Exit, Midway, without_room};
use crate::interrupt;
use crate::screen::{print, print_words, terminal_width};

/// Pieces that are shown for each answer.
const REASONS: usize = 3;

/// Compares models.
pub fn run(arguments: &CompareArguments) -> Result<Exit> {
    interrupt::end_at_once()?;
    if let Some(out) = &arguments.disagreements {
        sink::check(out, arguments.overwrite, Some(&arguments.data))?;
    }
    let models = load(arguments)?;
    check_comparable(&models)?;
    let Some((_, first)) = models.first() else { bail!("name the folders of two models at least") };
    let clock = Instant::now();
    let options = arguments.read.options();
    let path = &arguments.data;
    let reader = |options: &_| read(path, options);
    let ((data, report), naming) = read_as_trained(first, &options, Wanted::Labels, LABELLED, reader)?;
    let seconds = clock.elapsed().as_secs_f64();
    let data = data.with_labels(&Labels::in_order(first.labels().to_vec()))?.with_task(first.task())?;
    let comparison = compare(&models, &data, arguments.seed).map_err(without_room)?;

    write(arguments, &comparison, &data)?;
    let shown = comparison.disagreements.iter().take(arguments.show);
    let reasons = shown.map(|row| reasons(&models, row, &data)).collect::<Result<Vec<_>>>()?;
    if arguments.json {
        let judged = JudgedData { path, digest: data.digest(), rows: data.len(), read: &report };
        let json = comparison.json(&judged, &reasons, |row| row_of(&data, row.index));
        print(&format!("{json}\n"))?;
        return Ok(Exit::Fine);
    }
    let width = terminal_width();
    let mut text = block("read", &reading::lines(path, &report, Some(seconds), naming));
    text.push_str(&block("compared", &figures(&comparison.candidates, width)));
    text.push('\n');
    text.push_str(&block("pairs", &pairs(&comparison, width)));
    text.push('\n');
    let of = |row: &Disagreement| row_of(&data, row.index);
    let room = width.map(|width| width.saturating_sub(MARGIN));
    let lines = disagreements(&comparison, data.len(), &reasons, room, of);
    text.push_str(&block("differ", &lines));
    if let Some(out) = &arguments.disagreements {
        let rows = counted(comparison.disagreements.len(), "row");
        text.push_str(&block("written", &[format!("{}: {rows}", out.display())]));
    }
    print_words(&text)?;
    Ok(Exit::Fine)
}

/// The models with the names of their folders as they were written.
fn load(arguments: &CompareArguments) -> Result<Vec<(String, Pipeline)>> {
    let mut seen = HashSet::new();
    for folder in &arguments.folders {
        if !seen.insert(folder) {
            bail!("{} is named twice: name each model once", folder.display());
        }
    }
    if arguments.folders.len() < 2 {
        bail!("to compare takes two models at least: name another folder");
    }
    super::prepare(&arguments.model.machine)?;
    let load = |folder: &std::path::PathBuf| {
        let name = folder.to_string_lossy().trim_end_matches('/').to_owned();
        Ok((name, arguments.model.load(folder)?))
    };
    arguments.folders.iter().map(load).collect()
}

/// For each model the pieces of a row that speak most for its answer; none where it cannot be explained.
fn reasons(models: &[(String, Pipeline)], row: &Disagreement, data: &Dataset) -> Result<Vec<Reasons>> {
    let (_, text) = row_of(data, row.index);
    let of = |(pipeline, answer): (&Pipeline, &Answer)| {
        let Some(method) = pipeline.methods().first().copied() else { return Ok(Vec::new()) };
        let attribution = pipeline.explain(text, method).map_err(Midway::new)?;
        let ranked = attribution.ranked(answer.label as usize).into_iter();
        let speaking = ranked.filter(|piece| piece.contribution > 0.0).take(REASONS);
        Ok(speaking.map(|piece| (piece.text, piece.contribution)).collect())
    };
    models.iter().map(|(_, pipeline)| pipeline).zip(&row.answers).map(of).collect()
}

/// Number and text of a row of the data.
fn row_of(data: &Dataset, index: usize) -> (u64, &str) {
    let number = data.rows().get(index).copied().unwrap_or_default();
    (number, data.text(index).unwrap_or_default())
}

/// Writes the rows that divide the models, if a file is wanted.
fn write(arguments: &CompareArguments, comparison: &Comparison, data: &Dataset) -> Result<()> {
    let Some(path) = &arguments.disagreements else { return Ok(()) };
    let rows = &comparison.disagreements;
    let name = |label: u32| comparison.labels.get(label as usize).cloned().unwrap_or_default();
    let mut columns = vec![
        Column::counts("row", rows.iter().map(|row| row_of(data, row.index).0).collect()),
        Column::strings("text", rows.iter().map(|row| row_of(data, row.index).1.to_owned()).collect()),
        Column::strings("truth", rows.iter().map(|row| name(row.truth)).collect()),
    ];
    for (at, candidate) in comparison.candidates.iter().enumerate() {
        let answers = || rows.iter().map(|row| row.answers.get(at));
        let labels = answers().map(|answer| answer.map(|answer| name(answer.label)).unwrap_or_default());
        let probabilities = answers().map(|answer| answer.map_or(f64::NAN, |answer| answer.probability));
        columns.push(Column::strings(format!("label {}", candidate.name), labels.collect()));
        columns.push(Column::reals(format!("probability {}", candidate.name), probabilities.collect()));
    }
    let existing = if arguments.overwrite { Existing::Replace } else { Existing::Keep };
    write_table(path, &columns, existing).map_err(|error| match error {
        // The ending and the place are the user's.
        assort_datasets::Error::Format { .. } | assort_datasets::Error::Exists { .. } => error.into(),
        other => anyhow::Error::from(Midway::new(other)),
    })
}
