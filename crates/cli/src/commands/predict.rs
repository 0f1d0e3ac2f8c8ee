//! `assort predict`.

mod file;
mod folder;
mod input;
mod output;

use std::io;

use anyhow::{Result, bail};
use assort_datasets::{Block, Carry, Column};
use assort_pipeline::Pipeline;
use assort_score::{AnswerKind, Condition, Question, find};

use super::model;
use super::sink;
use crate::arguments::PredictArguments;
use crate::exit::{Exit, Midway, note, warn};
use crate::interrupt;
use output::{Form, Output, labels_of};

/// Predicts.
pub fn run(arguments: &PredictArguments) -> Result<Exit> {
    interrupt::end_at_once()?;
    let inputs = find(&arguments.data)?;
    let is_folder = folder::is_meant(arguments, &inputs);
    if let Some(out) = arguments.out.as_ref().filter(|_| !is_folder) {
        sink::check(out, arguments.overwrite, inputs.first().map(AsRef::as_ref))?;
    }
    let empty = (1..).zip(&arguments.text).filter(|(_, text)| text.trim().is_empty());
    empty.for_each(|(number, _)| warn(&format!("--text number {number} is empty: its labels tell nothing")));
    let pipeline = model::load(&arguments.folder, &arguments.model)?;
    let form = if arguments.text.len() == 1 { Form::One } else { Form::Many };
    let question = question(arguments, &pipeline, form)?;
    if is_folder {
        return folder::run(arguments, &pipeline, inputs, question);
    }
    let mut output = Output::new(arguments, &pipeline, &question, form)?;
    if !inputs.is_empty() {
        return file::run(arguments, &pipeline, &inputs, &question, output);
    }
    if !arguments.text.is_empty() {
        let texts: Vec<(u64, &str)> = (1..).zip(arguments.text.iter().map(String::as_str)).collect();
        predict(&pipeline, &question, &texts, &mut output)?;
        output.finish()?;
        return Ok(Exit::Fine);
    }
    let take = |texts: &[(u64, &str)]| predict(&pipeline, &question, texts, &mut output);
    let blank = input::batches(io::stdin(), Block::ROWS, take)?;
    output.finish()?;
    if let Some(line) = blank.line().filter(|_| !arguments.json) {
        note(&line);
    }
    Ok(Exit::Fine)
}

fn question(arguments: &PredictArguments, pipeline: &Pipeline, form: Form) -> Result<Question> {
    let condition = arguments.condition.as_deref();
    let condition = condition.map(|text| Condition::parse(text, pipeline.labels())).transpose()?;
    let (decision, folder) = (pipeline.decision(), arguments.folder.display());
    let kind = match (arguments.abstain, arguments.sets) {
        (true, _) if decision.thresholds.is_empty() && decision.costs.is_none() => {
            bail!("--abstain: {folder} has no thresholds; choose some with `assort threshold {folder}`")
        }
        (_, true) if decision.sets.is_none() => {
            bail!("--sets: {folder} promises no coverage; choose one with `assort threshold {folder}`")
        }
        (true, _) => AnswerKind::Sure,
        (_, true) => AnswerKind::Set,
        _ => AnswerKind::Best,
    };
    let top = labels_of(arguments, pipeline, form);
    Ok(Question { top, kind, condition, carry: arguments.carry() })
}

/// Answers texts that are no file, with their numbers.
fn predict(
    pipeline: &Pipeline,
    question: &Question,
    texts: &[(u64, &str)],
    output: &mut Output,
) -> Result<()> {
    for chunk in texts.chunks(Block::ROWS) {
        let texts = || chunk.iter().map(|(_, text)| *text);
        let columns = match keeps_text(question) {
            true => vec![Column::strings("text", texts().map(str::to_owned).collect())],
            false => Vec::new(),
        };
        let rows = chunk.iter().map(|(row, _)| *row).collect();
        let block = Block { texts: texts().collect(), rows, columns, bytes: 0 };
        let scored = assort_score::answer(pipeline, question, block).map_err(Midway::new)?;
        output.take(scored)?;
    }
    Ok(())
}

/// Whether the text stays beside its answer.
fn keeps_text(question: &Question) -> bool {
    match &question.carry {
        Carry::None => false,
        Carry::All => true,
        Carry::Named(names) => names.iter().any(|name| name == "text"),
    }
}
