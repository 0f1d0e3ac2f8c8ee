//! `assort sweep`.

use assort_datasets::Ratios;
use assort_experiment::{Files, Grid, Resume, SweepRequest, sweep};
use assort_report::combination_words as words;
use assort_report::terminal::block::block;
use assort_report::terminal::series::standings;
use serde_json::json;

use super::caches::vectors_cache;
use super::checkpoint;
use super::settings::resolve;
use crate::arguments::SweepArguments;
use crate::exit::{Exit, Midway, note};
use crate::interrupt;
use crate::progress::{StartTracker, Told};
use crate::screen::{print, print_words, terminal_width};

/// Trains over lists of values.
pub fn run(arguments: &SweepArguments) -> anyhow::Result<Exit> {
    let (settings, _) = resolve(&arguments.settings)?;
    let config = settings.resolve()?;
    let mut request = SweepRequest {
        files: Files {
            train: arguments.train.clone(),
            validation: arguments.validation.clone(),
            test: None,
            split: arguments.split.as_deref().map(Ratios::parse).transpose()?,
            read: arguments.read.options(),
            group: arguments.group.clone(),
            vectors_cache: vectors_cache(),
            ..Files::default()
        },
        settings,
        grid: Grid::parse(&arguments.over)?,
        draws: arguments.trials,
        seeds: arguments.seeds.clone(),
        by: arguments.by,
        out: arguments.out.clone(),
        resume: if arguments.resume { Resume::Continue } else { Resume::Fresh },
        device: arguments.machine.device,
        stop: Default::default(),
    };
    checkpoint::fetch(&config, &mut request.files)?;
    super::prepare_memory(&config);
    super::prepare(&arguments.machine)?;
    let stop = request.stop.clone();
    interrupt::stop_first(move || stop.set())?;
    let mut tracker = StartTracker::new(Told::new(arguments.json, arguments.quiet).listener());
    let swept = match sweep(&request, &mut tracker) {
        Ok(swept) => swept,
        Err(error) if tracker.has_begun => return Err(Midway::new(error).into()),
        Err(error) => return Err(error.into()),
    };
    let folder = request.out.display();
    let Some(swept) = swept else {
        note(&format!(
            "interrupted: the finished trials are in {folder}; the same command with --resume goes on"
        ));
        return Ok(Exit::Interrupted);
    };
    if arguments.json {
        let (by, all) = (swept.by, &swept.standings);
        let (folder, curves) = (&request.out, &swept.curves);
        let line =
            json!({ "event": "swept", "folder": folder, "by": by, "standings": all, "curves": curves });
        print(&format!("{line}\n"))?;
        return Ok(Exit::Fine);
    }
    let mut text = format!(
        "\n{}\n",
        block("best first", &standings(&swept.standings, swept.by.kind(), terminal_width())).trim_end()
    );
    let mut saved = vec![request.out.join("sweep.json").display().to_string()];
    saved.push(format!("page: {}", swept.page.display()));
    saved.extend(swept.curves.map(|path| format!("curves: {}", path.display())));
    if let Some(best) = swept.standings.first().filter(|best| best.failure.is_none()) {
        let model = request.out.join(best.folders.first().map_or("", String::as_str));
        saved.push(format!("the best: {} in {}", words(&best.values), model.display()));
    }
    text.push_str(&format!("\n{}", block("saved", &saved)));
    print_words(&text)?;
    Ok(Exit::Fine)
}
