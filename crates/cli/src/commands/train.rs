//! `assort train`.

use std::io;
use std::path::Path;

use anyhow::{Context, anyhow};
use assort_datasets::Ratios;
use assort_experiment::{Files, Finished, Listener, Request, Resume, Settings, Source, run as experiment};
use assort_pipeline::Existing;
use serde_json::json;

use crate::arguments::TrainArguments;
use crate::exit::{Exit, Midway, note};
use crate::interrupt;
use crate::screen::print;
use crate::show::settings;
use crate::tell::{JsonLines, Text, Watched};

/// Trains, or shows the settings.
pub fn run(arguments: &TrainArguments) -> anyhow::Result<Exit> {
    let (settings, model_source) = resolve(arguments)?;
    if arguments.print_config {
        let text = match arguments.json {
            true => format!("{:#}\n", settings::json(&settings, &model_source)),
            false => settings::toml(&settings, &model_source),
        };
        print(&text)?;
        return Ok(Exit::Fine);
    }
    let request = request(arguments, settings)?;
    super::prepare(&arguments.machine)?;
    // Each step frees and takes the same large tensors.
    assort_kernels::keep_freed_memory();
    let stop = request.stop.clone();
    interrupt::stop_first(move || stop.set())?;
    let listener: Box<dyn Listener> = match arguments.json {
        true => Box::new(JsonLines::new(io::stdout())),
        false => Box::new(Text::new(io::stdout())),
    };
    let mut watched = Watched::new(listener);
    match experiment(&request, &mut watched) {
        Ok(Finished::Done { .. }) => Ok(Exit::Fine),
        Ok(Finished::Interrupted { partial }) => {
            note(&format!(
                "interrupted: the state is in {}; the same command with --resume goes on",
                partial.display()
            ));
            Ok(Exit::Interrupted)
        }
        Err(error) if watched.has_begun => Err(Midway::new(error).into()),
        Err(error) => Err(error.into()),
    }
}

/// The layers of settings, and where the model's name came from.
fn resolve(arguments: &TrainArguments) -> anyhow::Result<(Settings, Source)> {
    let file = match &arguments.config {
        Some(path) => Some((path, read(path)?)),
        None => None,
    };
    let in_file = match &file {
        Some((path, text)) => Settings::model_of_toml(text, path)?,
        None => None,
    };
    let (model, source) = match (&arguments.model, in_file, &file) {
        (Some(model), _, _) => (model.clone(), Source::Flag("model")),
        (None, Some(model), Some((path, _))) => (model, Source::File(path.to_path_buf())),
        _ => ("bag".to_owned(), Source::Default),
    };
    let mut settings = Settings::defaults(&model)?;
    if let Some((path, text)) = &file {
        settings.assign_toml(text, path)?;
    }
    for pair in &arguments.set {
        settings.assign(pair, Source::Set)?;
    }
    if let Some(seed) = arguments.seed {
        settings.put("seed", json!(seed), Source::Flag("seed"))?;
    }
    Ok((settings, source))
}

fn read(path: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(path);
    // A bare error of the system would be taken for one of standard output.
    text.map_err(|error| anyhow!("{}: {error}; --config needs a TOML file", path.display()))
}

fn request(arguments: &TrainArguments, settings: Settings) -> anyhow::Result<Request> {
    let split = arguments.split.as_deref().map(Ratios::parse).transpose()?;
    Ok(Request {
        files: Files {
            train: arguments.train.clone().context("--train names no file")?,
            validation: arguments.validation.clone(),
            test: arguments.test.clone(),
            split,
            read: arguments.read.options(),
        },
        settings,
        out: arguments.out.clone().context("--out names no folder")?,
        existing: if arguments.overwrite { Existing::Replace } else { Existing::Keep },
        resume: if arguments.resume { Resume::Continue } else { Resume::Fresh },
        device: arguments.machine.device,
        stop: Default::default(),
    })
}
