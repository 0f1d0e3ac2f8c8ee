//! A trained model, and files read as in its training.

use std::path::Path;

use anyhow::Result;
use assort_datasets::{Error, ReadOptions};
use assort_pipeline::Pipeline;

use crate::arguments::MachineArguments;
use crate::show::reading::Naming;

/// Loads the model of a folder.
pub fn load(folder: &Path, machine: &MachineArguments) -> Result<Pipeline> {
    super::prepare(machine)?;
    Ok(Pipeline::load(folder, &machine.device.open()?)?)
}

/// Whether a command needs labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Texts alone.
    Texts,
    /// Texts and labels.
    Labels,
}

/// Reads a file with the columns that the user named; else with those of the model's training, if it has them; else
/// with those that the reader guesses. Also how the columns were named.
pub fn read_as_trained<T>(
    pipeline: &Pipeline,
    options: &ReadOptions,
    wanted: Wanted,
    naming: Naming,
    read: impl Fn(&ReadOptions) -> Result<T, Error>,
) -> Result<(T, Naming), Error> {
    let data = &pipeline.manifest().data;
    let known = |column: &String| Some(column.clone()).filter(|column| !column.is_empty());
    let mut trained = options.clone();
    trained.text = trained.text.or_else(|| known(&data.text_column));
    if wanted == Wanted::Labels {
        trained.label = trained.label.or_else(|| known(&data.label_column));
    }
    if trained == *options {
        return Ok((read(options)?, naming));
    }
    match read(&trained) {
        Err(Error::NoColumn { .. }) => Ok((read(options)?, naming)),
        other => Ok((other?, if options.text.is_none() { Naming::Training } else { naming })),
    }
}
