//! `assort train --folds`.

use std::io;

use assort_experiment::{Request, cross_validate};
use assort_report::terminal::block::block;
use assort_report::terminal::series::folds;
use assort_settings::{Checked, Settings, Source};
use serde_json::json;

use crate::arguments::TrainArguments;
use crate::exit::{Exit, Midway, note};
use crate::interrupt;
use crate::progress::{Series, StartTracker};
use crate::screen::print;

/// Cross-validates.
pub fn run(
    request: &Request,
    rivals: &[Checked],
    count: usize,
    arguments: &TrainArguments,
) -> anyhow::Result<Exit> {
    let json = arguments.json;
    let predictions = arguments.keep_predictions.then(|| request.out.join("predictions.csv"));
    let stop = request.stop.clone();
    interrupt::stop_first(move || stop.set())?;
    let listener = if json { Series::json(io::stdout()) } else { Series::words(io::stdout()) };
    let mut tracker = StartTracker::new(Box::new(listener));
    let validated = match cross_validate(request, rivals, count, predictions.as_deref(), &mut tracker) {
        Ok(validated) => validated,
        Err(error) if tracker.has_begun => return Err(Midway::new(error).into()),
        Err(error) => return Err(error.into()),
    };
    let folder = request.out.display();
    let Some(validated) = validated else {
        note(&format!(
            "interrupted: the finished folds are in {folder}; the same command with --resume goes on"
        ));
        return Ok(Exit::Interrupted);
    };
    if json {
        let line = json!({ "event": "cross-validated", "folder": request.out, "figures": validated.figures });
        print(&format!("{line}\n"))?;
        return Ok(Exit::Fine);
    }
    let figures = block(&format!("{count} folds"), &folds(&validated));
    let files = [Some(request.out.join("folds.json")), predictions].into_iter().flatten();
    let saved = block("saved", &files.map(|file| file.display().to_string()).collect::<Vec<_>>());
    print(&format!("\n{figures}\n{saved}"))?;
    Ok(Exit::Fine)
}

/// Of many runs the best weights alone are kept, unless the user wants more.
pub fn quiet_checkpoints(mut settings: Settings) -> anyhow::Result<Settings> {
    if settings.get("checkpoints").is_some_and(|setting| setting.source == Source::Default) {
        settings.put("checkpoints", json!("best"), Source::Default)?;
    }
    Ok(settings)
}
