//! `assort train`.

use std::io;

use anyhow::{Context, bail};
use assort_datasets::Ratios;
use assort_experiment::{Files, Finished, Listener, Request, Resume, run_best as experiment};
use assort_pipeline::Existing;
use assort_report::terminal::{evaluation, settings};
use assort_settings::{Checked, Settings, Source};
use serde_json::json;

use super::caches::vectors_cache;
use super::checkpoint;
use super::help;
use super::settings::{resolve, rivals};
use crate::arguments::TrainArguments;
use crate::exit::{Exit, Midway, note};
use crate::interrupt;
use crate::progress::{JsonLines, Quiet, StartTracker, Text};
use crate::screen::{print, print_words};

/// Trains, or shows the settings.
pub fn run(arguments: &TrainArguments) -> anyhow::Result<Exit> {
    if arguments.help_settings {
        print(&help::settings(arguments.settings.model.as_deref())?)?;
        return Ok(Exit::Fine);
    }
    let (mut settings, model_source) = resolve(&arguments.settings)?;
    if arguments.keep_state {
        keep_state(&mut settings)?;
    }
    if arguments.print_config {
        let config = settings.resolve()?;
        let text = match arguments.json {
            true => format!("{:#}\n", settings::json(&config, &model_source)),
            false => {
                let others = rivals(&settings, &model_source);
                let told = others.iter().map(|other| {
                    let name = other.model.name();
                    format!("# {name} is trained too, and the better one on the validation rows is kept\n")
                });
                told.collect::<String>() + &settings::toml(&config, &model_source)
            }
        };
        print(&text)?;
        return Ok(Exit::Fine);
    }
    let rivals = rivals(&settings, &model_source);
    let mut request = request(arguments, settings.resolve()?)?;
    // Nothing is downloaded for settings that will not do.
    checkpoint::fetch(&request.config, &mut request.files)?;
    super::prepare_memory(&request.config);
    super::prepare(&arguments.machine)?;
    if let Some(count) = arguments.folds {
        return super::folds::run(&request, &rivals, count, arguments);
    }
    match request.config.train {
        Some(_) => {
            let stop = request.stop.clone();
            interrupt::stop_first(move || stop.set())?;
        }
        None if arguments.gradients => {
            let name = request.config.model.name();
            bail!("the model {name} is not trained by gradients: leave --gradients away");
        }
        // A model that is made in one go has no state to save.
        None => interrupt::end_at_once()?,
    }
    let listener: Box<dyn Listener> = match arguments {
        TrainArguments { json: true, .. } => Box::new(JsonLines::new(io::stdout())),
        TrainArguments { quiet: true, .. } => Box::new(Quiet),
        _ => Box::new(Text::new(io::stdout()).with_gradients(arguments.gradients)),
    };
    let mut tracker = StartTracker::new(listener);
    match experiment(&request, &rivals, &mut tracker) {
        Ok(Finished::Done { folder, metrics }) => {
            if arguments.quiet {
                let evaluation = metrics.test.as_ref().unwrap_or(&metrics.validation);
                let lines = evaluation::summary(evaluation);
                print_words(&format!("{}: {}\n", folder.display(), lines.join("; ")))?;
            }
            Ok(Exit::Fine)
        }
        Ok(Finished::Interrupted { partial }) => {
            note(&format!(
                "interrupted: the state is in {}; the same command with --resume goes on",
                partial.display()
            ));
            Ok(Exit::Interrupted)
        }
        Err(error) if tracker.has_begun => Err(Midway::new(error).into()),
        Err(error) => Err(error.into()),
    }
}

/// Lets the last state stay, unless more is kept anyway.
fn keep_state(settings: &mut Settings) -> anyhow::Result<()> {
    let model = settings.model();
    match settings.get("checkpoints").map(|setting| &setting.source) {
        None => bail!("the model {model} is made in one go, so there is no state: leave --keep-state away"),
        Some(Source::Default) => {
            Ok(settings.put("checkpoints", json!("last"), Source::Flag("keep-state"))?)
        }
        Some(_) => Ok(()),
    }
}

fn request(arguments: &TrainArguments, config: Checked) -> anyhow::Result<Request> {
    let split = arguments.split.as_deref().map(Ratios::parse).transpose()?;
    Ok(Request {
        files: Files {
            train: arguments.train.clone().context("--train names no file")?,
            validation: arguments.validation.clone(),
            test: arguments.test.clone(),
            split,
            read: arguments.read.options(),
            group: arguments.group.clone(),
            vectors_cache: vectors_cache(),
            ..Files::default()
        },
        config,
        out: arguments.out.clone().context("--out names no folder")?,
        existing: if arguments.overwrite { Existing::Replace } else { Existing::Keep },
        resume: match (arguments.resume, arguments.from_epoch) {
            (false, _) => Resume::Fresh,
            (true, None) => Resume::Continue,
            (true, Some(epoch)) => Resume::Epoch(epoch),
        },
        device: arguments.machine.device,
        stop: Default::default(),
    })
}
