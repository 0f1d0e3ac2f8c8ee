//! `assort auto`.

use std::time::Duration;

use assort_datasets::Ratios;
use assort_experiment::{AutoRequest, Files, Given, Limits, Resume, auto, proposals};
use assort_pipeline::{Checkpoint, Existing};
use assort_report::AutoTable;
use assort_report::terminal::auto::trials;
use assort_report::terminal::block::block;
use assort_report::terminal::evaluation;
use serde_json::json;

use super::caches::vectors_cache;
use super::checkpoint;
use crate::arguments::AutoArguments;
use crate::exit::{Exit, Midway, note};
use crate::interrupt;
use crate::progress::{StartTracker, Told};
use crate::screen::{print, print_words};

/// Searches for the best model.
pub fn run(arguments: &AutoArguments) -> anyhow::Result<Exit> {
    let mut files = Files {
        train: arguments.train.clone(),
        validation: arguments.validation.clone(),
        test: arguments.test.clone(),
        split: arguments.split.as_deref().map(Ratios::parse).transpose()?,
        read: arguments.read.options(),
        group: arguments.group.clone(),
        vectors_cache: vectors_cache(),
        ..Files::default()
    };
    let pretrained = match &arguments.pretrained {
        Some(name) => Some((architecture(name)?, name.clone())),
        None => None,
    };
    let rules = arguments.rules.as_ref().map(|path| path.display().to_string());
    let proposals = proposals(&Given { seed: arguments.seed, rules, pretrained })?;
    for config in &proposals {
        checkpoint::fetch(config, &mut files)?;
    }
    let request = AutoRequest {
        files,
        proposals,
        limits: Limits {
            time: Some(Duration::try_from_secs_f64(arguments.minutes * 60.0)?),
            bytes: arguments.megabytes.map(|megabytes| (megabytes * 1e6) as u64),
            milliseconds: arguments.milliseconds,
        },
        by: arguments.metric,
        out: arguments.out.clone(),
        existing: if arguments.overwrite { Existing::Replace } else { Existing::Keep },
        resume: if arguments.resume { Resume::Continue } else { Resume::Fresh },
        device: arguments.machine.device,
        stop: Default::default(),
    };
    if let Some(config) = request.proposals.iter().find(|config| config.model.reads_order()) {
        super::prepare_memory(config);
    }
    super::prepare(&arguments.machine)?;
    let stop = request.stop.clone();
    interrupt::stop_first(move || stop.set())?;
    let mut tracker = StartTracker::new(Told::new(arguments.json, arguments.quiet).listener());
    let found = match auto(&request, &mut tracker) {
        Ok(found) => found,
        Err(error) if tracker.has_begun => return Err(Midway::new(error).into()),
        Err(error) => return Err(error.into()),
    };
    let folder = request.out.display();
    let rows = request.files.arguments();
    let by = request.by.for_task(request.files.read.task());
    let table = AutoTable::new(&found.trials, by.kind(), &found.left_out, rows);
    if arguments.json {
        let line = json!({
            "event": "found", "folder": request.out, "by": by, "chosen": table.chosen,
            "interrupted": found.is_interrupted, "left_out": found.left_out, "metrics": found.metrics,
        });
        print(&format!("{line}\n"))?;
    } else {
        let mut text = format!("\n{}\n", block("trials", &trials(&table)).trim_end());
        if let Some(test) = found.metrics.as_ref().and_then(|metrics| metrics.test.as_ref()) {
            text.push_str(&block("test", &evaluation::summary(test)));
        }
        if !found.is_interrupted {
            let page = request.out.join("auto.html");
            text.push_str(&block("saved", &[folder.to_string(), format!("trials: {}", page.display())]));
        }
        print_words(&text)?;
    }
    if found.is_interrupted {
        let best =
            if table.chosen.is_some() { format!("the best so far is in {folder}; ") } else { String::new() };
        note(&format!("interrupted: {best}the same command with --resume goes on"));
        return Ok(Exit::Interrupted);
    }
    Ok(Exit::Fine)
}

/// The architecture of a checkpoint.
fn architecture(name: &str) -> anyhow::Result<String> {
    let folder = checkpoint::find(name)?.folder;
    Ok(Checkpoint::open(&folder)?.architecture()?.name().to_owned())
}
