//! `assort predict`.

mod input;
mod output;

use std::io;

use anyhow::Result;
use assort_datasets::{UnlabelledTexts, read_texts};
use assort_pipeline::Pipeline;
use assort_report::terminal::reading::{self, By, Naming};

use super::model::{self, Wanted, read_as_trained};
use super::sink;
use crate::arguments::PredictArguments;
use crate::exit::{Exit, Midway, note, warn};
use crate::interrupt;
use output::{Form, Output};

/// Texts between two prints, so that the first results come soon.
const BETWEEN_PRINTS: usize = 4096;

/// Predicts.
pub fn run(arguments: &PredictArguments) -> Result<Exit> {
    interrupt::end_at_once()?;
    if let Some(out) = &arguments.out {
        sink::check(out, arguments.overwrite, arguments.data.as_deref())?;
    }
    let empty = (1..).zip(&arguments.text).filter(|(_, text)| text.trim().is_empty());
    empty.for_each(|(number, _)| warn(&format!("--text number {number} is empty: its labels tell nothing")));
    let pipeline = model::load(&arguments.folder, &arguments.model)?;
    if let Some(path) = &arguments.data {
        let texts = from_file(&pipeline, arguments, path)?;
        let texts: Vec<(u64, &str)> = texts.rows.iter().copied().zip(texts.texts.iter()).collect();
        let mut output = Output::new(arguments, &pipeline, Form::Many);
        predict(&pipeline, &texts, &mut output)?;
        output.finish()?;
    } else if !arguments.text.is_empty() {
        let form = if arguments.text.len() == 1 { Form::One } else { Form::Many };
        let texts: Vec<(u64, &str)> = (1..).zip(arguments.text.iter().map(String::as_str)).collect();
        let mut output = Output::new(arguments, &pipeline, form);
        predict(&pipeline, &texts, &mut output)?;
        output.finish()?;
    } else {
        let mut output = Output::new(arguments, &pipeline, Form::Many);
        let take = |texts: &[(u64, &str)]| predict(&pipeline, texts, &mut output);
        let blank = input::batches(io::stdin(), BETWEEN_PRINTS, take)?;
        output.finish()?;
        if !arguments.json
            && let Some(line) = blank.line()
        {
            note(&line);
        }
    }
    Ok(Exit::Fine)
}

fn predict<'p>(pipeline: &'p Pipeline, texts: &[(u64, &str)], output: &mut Output<'p>) -> Result<()> {
    for chunk in texts.chunks(BETWEEN_PRINTS) {
        let slices: Vec<&str> = chunk.iter().map(|(_, text)| *text).collect();
        let (probabilities, cut) = pipeline.probabilities_and_cut(&slices).map_err(Midway::new)?;
        let ranked = |row| pipeline.ranked(row, output.top());
        let predictions = probabilities.rows().into_iter().map(ranked).collect();
        output.take(chunk, predictions, cut)?;
    }
    Ok(())
}

fn from_file(
    pipeline: &Pipeline,
    arguments: &PredictArguments,
    path: &std::path::Path,
) -> Result<UnlabelledTexts> {
    let naming = Naming { text: By::Flag("--text-column"), label: By::Training };
    let read = |options: &_| read_texts(path, options);
    let ((texts, report), naming) =
        read_as_trained(pipeline, &arguments.options(), Wanted::Texts, naming, read)?;
    if !arguments.json {
        let mut report = report;
        report.label = None;
        reading::lines(path, &report, None, naming).iter().for_each(|line| note(line));
    }
    Ok(texts)
}
