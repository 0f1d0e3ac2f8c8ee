//! `assort evaluate`.

use std::time::Instant;

use anyhow::Result;
use assort_datasets::{Labels, Task, read};
use assort_experiment::evaluate;
use assort_report::JudgedData;
use assort_report::terminal::block::block;
use assort_report::terminal::evaluation::{cut, pairs, report, summary};
use assort_report::terminal::reading;

use super::model::{self, Wanted, read_as_trained};
use super::sink;
use crate::arguments::{EvaluateArguments, LABELLED};
use crate::exit::{Exit, without_room};
use crate::interrupt;
use crate::screen::{print, print_words, terminal_width};

/// Judges a model.
pub fn run(arguments: &EvaluateArguments) -> Result<Exit> {
    interrupt::end_at_once()?;
    if let Some(out) = &arguments.out {
        sink::check(out, arguments.overwrite, Some(&arguments.data))?;
    }
    let pipeline = model::load(&arguments.folder, &arguments.model)?;
    let clock = Instant::now();
    let options = arguments.read.options();
    let path = &arguments.data;
    let read = |options: &_| read(path, options);
    let ((data, read_report), naming) = read_as_trained(&pipeline, &options, Wanted::Labels, LABELLED, read)?;
    let seconds = clock.elapsed().as_secs_f64();
    let data = data.with_labels(&Labels::in_order(pipeline.labels().to_vec()))?.with_task(pipeline.task())?;
    let evaluation = evaluate(&pipeline, &data).map_err(without_room)?;

    let judged = JudgedData { path, digest: data.digest(), rows: data.len(), read: &read_report };
    let figures = evaluation.json(&arguments.folder, &judged);
    if let Some(out) = &arguments.out {
        sink::write(out, format!("{figures:#}\n").as_bytes())?;
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
    if let Some(out) = &arguments.out {
        text.push_str(&block("written", &[out.display().to_string()]));
    }
    print_words(&text)?;
    Ok(Exit::Fine)
}
