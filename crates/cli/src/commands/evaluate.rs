//! `assort evaluate`.

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, bail};
use assort_datasets::{
    Carry, Column, Existing, Labels, TableWriter, Task, read_with_columns, split_names, write_table,
};
use assort_experiment::{evaluate_rows, slices};
use assort_report::JudgedData;
use assort_report::terminal;
use assort_report::terminal::block::block;
use assort_report::terminal::evaluation::{cut, pairs, report, summary};
use assort_report::terminal::reading;
use assort_score::{AnswerKind, Answers};

use super::model::{self, Wanted, read_as_trained};
use super::sink;
use crate::arguments::{EvaluateArguments, LABELLED};
use crate::exit::{Exit, Midway, without_room};
use crate::interrupt;
use crate::screen::{print, print_words, terminal_width};

/// Judges a model.
pub fn run(arguments: &EvaluateArguments) -> Result<Exit> {
    interrupt::end_at_once()?;
    for out in &arguments.out {
        if !is_figures(out) && TableWriter::format(out).is_none() {
            bail!(
                "{}: figures are written as .json, rows as .csv, .tsv, .jsonl or .parquet: choose one of \
                 these endings",
                out.display()
            );
        }
        sink::check(out, arguments.overwrite, Some(&arguments.data))?;
    }
    // The rows bring their columns along where they are written.
    let has_rows = arguments.out.iter().any(|out| !is_figures(out));
    let sliced = arguments.slice.as_deref().map(split_names).unwrap_or_default();
    let carry = match (has_rows, sliced.is_empty()) {
        (true, _) => Carry::All,
        (false, false) => Carry::Named(sliced.clone()),
        (false, true) => Carry::None,
    };
    let pipeline = model::load(&arguments.folder, &arguments.model)?;
    let clock = Instant::now();
    let options = arguments.read.options();
    let path = &arguments.data;
    let read = |options: &_| read_with_columns(path, options, &carry);
    let ((data, columns, read_report), naming) =
        read_as_trained(&pipeline, &options, Wanted::Labels, LABELLED, read)?;
    let seconds = clock.elapsed().as_secs_f64();
    let data = data.with_labels(&Labels::in_order(pipeline.labels().to_vec()))?.with_task(pipeline.task())?;
    let by: Vec<Column> = columns.iter().filter(|column| sliced.contains(&column.name)).cloned().collect();
    if let Some(missing) = sliced.iter().find(|name| !by.iter().any(|column| column.name == **name)) {
        bail!("--slice {missing}: {} has no such column", path.display());
    }
    let (mut evaluation, probabilities) = evaluate_rows(&pipeline, &data).map_err(without_room)?;
    if arguments.slice.is_some() {
        evaluation.slices = slices(&pipeline, &data, probabilities.view(), &by).map_err(without_room)?;
    }

    let judged = JudgedData { path, digest: data.digest(), rows: data.len(), read: &read_report };
    let figures = evaluation.json(&arguments.folder, &judged);
    for out in arguments.out.iter().filter(|out| is_figures(out)) {
        sink::write(out, format!("{figures:#}\n").as_bytes())?;
    }
    if has_rows {
        let label = read_report.label.as_ref().map(|label| label.name.as_str());
        let columns: Vec<Column> =
            columns.into_iter().filter(|column| Some(column.name.as_str()) != label).collect();
        let top = if pipeline.task() == Task::AnyOf { pipeline.labels().len() } else { 1 };
        let ranked = probabilities.rows().into_iter().map(|row| pipeline.ranked(row, top));
        let table = Answers::new(&pipeline, top, AnswerKind::Best).judged(
            &data,
            columns,
            &ranked.collect::<Vec<_>>(),
        );
        let existing = if arguments.overwrite { Existing::Replace } else { Existing::Keep };
        for out in arguments.out.iter().filter(|out| !is_figures(out)) {
            write_table(out, &table, existing).map_err(Midway::new)?;
        }
    }
    if arguments.json {
        print(&format!("{figures}\n"))?;
        return Ok(Exit::Fine);
    }
    let mut text = block("read", &reading::lines(path, &read_report, Some(seconds), naming));
    let mut lines = summary(&evaluation);
    lines.extend(cut(evaluation.cut, evaluation.rows));
    lines.push(String::new());
    let width = terminal_width();
    lines.extend(report(&evaluation, width));
    text.push_str(&block("judged", &lines));
    let matrix = pairs(&evaluation, width);
    if !matrix.is_empty() {
        text.push('\n');
    }
    let name = if pipeline.task() == Task::OneOf { "confusion" } else { "together" };
    text.push_str(&block(name, &matrix));
    if !evaluation.slices.is_empty() {
        text.push('\n');
        text.push_str(&block("slices", &terminal::slices::lines(&evaluation.slices, width)));
    }
    if !arguments.out.is_empty() {
        let files: Vec<String> = arguments.out.iter().map(|out| out.display().to_string()).collect();
        text.push_str(&block("written", &files));
    }
    print_words(&text)?;
    Ok(Exit::Fine)
}

/// Whether a file is one of figures.
fn is_figures(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"))
}
