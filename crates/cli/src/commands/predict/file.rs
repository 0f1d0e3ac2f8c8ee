//! Files whose answers are printed, and one whose answers are written as one.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::Result;
use assort_pipeline::Pipeline;
use assort_report::terminal::reading::{self, By, Naming};
use assort_score::{Question, score};

use super::output::Output;
use crate::arguments::PredictArguments;
use crate::commands::model::{Wanted, read_as_trained};
use crate::exit::{Exit, Midway, note};
use crate::progress::Rows;

/// Scores files one after the other.
pub fn run(
    arguments: &PredictArguments,
    pipeline: &Pipeline,
    inputs: &[PathBuf],
    question: &Question,
    mut output: Output,
) -> Result<Exit> {
    for input in inputs {
        one(arguments, pipeline, input, question, &mut output)?;
    }
    output.finish()?;
    Ok(Exit::Fine)
}

fn one(
    arguments: &PredictArguments,
    pipeline: &Pipeline,
    input: &Path,
    question: &Question,
    output: &mut Output,
) -> Result<()> {
    let naming = Naming { text: By::Flag("--text-column"), label: By::Training };
    let bytes = input.metadata().map_or(0, |metadata| metadata.len());
    let mut progress = Rows::new(bytes, arguments.out.is_some() && !arguments.json);
    let mut failed = None;
    let mut is_read = false;
    let mut read = |options: &_| {
        // What is no plain file gives its rows once.
        if std::mem::replace(&mut is_read, true) && !input.is_file() && !input.is_dir() {
            return Err(assort_datasets::Error::Empty(input.into()).into());
        }
        score(pipeline, input, options, question, |scored| {
            progress.add(scored.rows as u64, scored.block.bytes);
            match output.take(scored) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            }
        })
    };
    let read = read_as_trained(pipeline, &arguments.options(), Wanted::Texts, naming, &mut read);
    progress.clear();
    if let Some(error) = failed {
        return Err(error);
    }
    let (mut report, naming) = read.map_err(|error| match error {
        error @ assort_score::Error::Data(_) => anyhow::Error::from(error),
        other => Midway::new(other).into(),
    })?;
    if !arguments.json {
        report.label = None;
        reading::lines(input, &report, None, naming).iter().for_each(|line| note(line));
    }
    Ok(())
}
