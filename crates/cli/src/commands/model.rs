//! A trained model, and files read as in its training.

use std::path::Path;

use anyhow::{Context, Result};
use assort_datasets::{Error, ReadOptions};
use assort_pipeline::{Method, Pipeline};
use assort_report::terminal::reading::{By, Naming};

use crate::arguments::LoadArguments;

/// Loads the model of a folder.
pub fn load(folder: &Path, arguments: &LoadArguments) -> Result<Pipeline> {
    super::prepare(&arguments.machine)?;
    Ok(arguments.load(folder)?)
}

/// The best way in which the model's texts can be attributed.
pub fn method(pipeline: &Pipeline) -> Result<Method> {
    let methods = pipeline.methods();
    let name = pipeline.manifest().architecture.name();
    methods.first().copied().with_context(|| format!("the model {name} cannot be explained"))
}

/// Whether a command needs labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Texts alone.
    Texts,
    /// Texts and labels.
    Labels,
}

/// Reads a file with the columns that the user named; else with those of the model's training, if it has
/// them; else with those that the reader guesses. Also how the columns were named.
pub fn read_as_trained<T, E: OfReading>(
    pipeline: &Pipeline,
    options: &ReadOptions,
    wanted: Wanted,
    naming: Naming,
    mut read: impl FnMut(&ReadOptions) -> Result<T, E>,
) -> Result<(T, Naming), E> {
    let data = &pipeline.manifest().data;
    let (mut trained, mut named) = (options.clone(), naming);
    if options.text.is_none() && !data.text_column.is_empty() {
        (trained.text, named.text) = (Some(data.text_column.clone()), By::Training);
    }
    trained.task = pipeline.task();
    if wanted == Wanted::Labels && options.label_separator.is_none() && options.label_columns.is_empty() {
        trained.label_separator = data.label_separator.clone();
        trained.label_columns = data.label_columns.clone();
    }
    if wanted == Wanted::Labels && options.label.is_none() && !data.label_column.is_empty() {
        (trained.label, named.label) = (Some(data.label_column.clone()), By::Training);
    }
    match read(&trained) {
        // A pipe gives its rows once: where nothing is left, the first answer stands.
        Err(missing) if matches!(missing.of_reading(), Some(Error::NoColumn { .. })) => {
            match read(&ReadOptions { task: pipeline.task(), ..options.clone() }) {
                Err(empty) if matches!(empty.of_reading(), Some(Error::Empty(_))) => Err(missing),
                other => Ok((other?, naming)),
            }
        }
        other => Ok((other?, named)),
    }
}

/// An error that may be one of reading.
pub trait OfReading {
    /// The error of reading.
    fn of_reading(&self) -> Option<&Error>;
}

impl OfReading for Error {
    fn of_reading(&self) -> Option<&Error> {
        Some(self)
    }
}

impl OfReading for assort_score::Error {
    fn of_reading(&self) -> Option<&Error> {
        self.data()
    }
}
