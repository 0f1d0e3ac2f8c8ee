//! Many files into a folder.

use std::path::PathBuf;

use anyhow::{Result, bail};
use assort_datasets::{Existing, TableWriter};
use assort_pipeline::{ModelFolder, Pipeline};
use assort_report::numbers::{counted, grouped, seconds};
use assort_report::terminal::evaluation::cut;
use assort_score::{Event, Job, Question, Summary, name, score_shards};
use serde_json::json;

use crate::arguments::PredictArguments;
use crate::exit::{Exit, Midway, complain, note};
use crate::progress::Rows;
use crate::screen::print;

/// Whether the answers go into a folder: there are several files, or what names one is no name of a file.
pub fn is_meant(arguments: &PredictArguments, inputs: &[PathBuf]) -> bool {
    let Some(out) = &arguments.out else { return false };
    let is_folder = out.is_dir() || out.as_os_str().as_encoded_bytes().ends_with(b"/");
    let is_named = inputs.len() == 1 && arguments.data.contains(&inputs[0]);
    !inputs.is_empty() && (is_folder || !is_named)
}

/// Scores files into the folder.
pub fn run(
    arguments: &PredictArguments,
    pipeline: &Pipeline,
    inputs: Vec<PathBuf>,
    question: Question,
) -> Result<Exit> {
    let Some(out) = arguments.out.clone() else { return Ok(Exit::Fine) };
    if TableWriter::format(&out).is_some() && !out.is_dir() {
        bail!(
            "{} is the name of a file, and there are {}: name a folder",
            out.display(),
            files(inputs.len())
        );
    }
    if ModelFolder::at(&out).manifest().exists() {
        bail!("{} is the folder of a model: choose another place", out.display());
    }
    let shards = name(inputs, arguments.to)?;
    let sizes = shards.iter().map(|shard| shard.input.metadata().map_or(0, |found| found.len()));
    let mut progress = Rows::new(sizes.sum(), !arguments.json);
    let existing = if arguments.overwrite { Existing::Replace } else { Existing::Keep };
    let job = Job { shards, out, existing, options: arguments.options(), question };
    let clock = std::time::Instant::now();
    let mut columns: Option<Vec<String>> = None;
    let mut done = 0;
    let result = score_shards(pipeline, &job, &mut |event| match event {
        Event::Progress { rows, bytes } => progress.add(rows, done + bytes),
        Event::Known { bytes, .. } => {
            done += bytes;
            progress.skip(done);
        }
        Event::Written { shard, report, bytes } => {
            done += bytes;
            let file = shard.input.display();
            let mut told: Vec<String> =
                report.notes.iter().map(|found| format!("{file}: note: {found}")).collect();
            if report.without_text > 0 {
                let rows = counted(report.without_text, "row");
                told.push(format!("{file}: left out: {rows} without a text"));
            }
            let first = columns.get_or_insert_with(|| report.columns.clone());
            if *first != report.columns {
                told.push(format!("{file}: its columns are not those of the first file"));
            }
            progress.tell(&told);
        }
        Event::Empty(shard) => progress.tell(&[format!("{}: it has no rows", shard.input.display())]),
        Event::Failed { shard, error } => {
            progress.clear();
            let line = error.to_string();
            let file = shard.input.display().to_string();
            let line = if line.contains(&file) { line } else { format!("{file}: {line}") };
            complain(&line);
        }
    });
    progress.clear();
    let summary = result.map_err(|error| {
        let is_midway = matches!(error, assort_score::Error::Model(_))
            || matches!(error.data(), Some(assort_datasets::Error::Io { .. }));
        if is_midway { Midway::new(error).into() } else { anyhow::Error::from(error) }
    })?;
    tell(arguments, &job, &summary, clock.elapsed().as_secs_f64())?;
    Ok(if summary.failed > 0 { Exit::Failed } else { Exit::Fine })
}

fn tell(arguments: &PredictArguments, job: &Job, summary: &Summary, time: f64) -> Result<()> {
    if arguments.json {
        print(&format!("{}\n", json!({ "folder": job.out, "answers": summary })))?;
        return Ok(());
    }
    if let Some(line) = cut(summary.cut as usize, summary.scored as usize) {
        note(&line);
    }
    let rows = match job.question.condition {
        None => counted(summary.rows, "row"),
        Some(_) => format!("{} of {}", grouped(summary.kept), counted(summary.rows, "row")),
    };
    let mut parts = vec![files(summary.written + summary.known), rows, seconds(time)];
    if summary.known > 0 {
        parts.push(format!("{} whole before", files(summary.known)));
    }
    if summary.failed > 0 {
        parts.push(format!("{} failed", files(summary.failed)));
    }
    print(&format!("{}: {}\n", job.out.display(), parts.join(", ")))?;
    Ok(())
}

fn files(count: usize) -> String {
    counted(count as u64, "file")
}
