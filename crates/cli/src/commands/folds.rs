//! `assort train --folds`.

use assort_experiment::{Request, cross_validate};
use assort_report::terminal::block::block;
use assort_report::terminal::series::folds;
use assort_settings::Checked;
use serde_json::json;

use crate::arguments::TrainArguments;
use crate::exit::{Exit, Midway, note};
use crate::interrupt;
use crate::progress::{StartTracker, Told};
use crate::screen::{print, print_words};

/// Cross-validates.
pub fn run(
    request: &Request,
    rivals: &[Checked],
    count: usize,
    arguments: &TrainArguments,
) -> anyhow::Result<Exit> {
    let told = Told::new(arguments.json, arguments.quiet);
    let predictions = arguments.keep_predictions.then(|| request.out.join("predictions.csv"));
    let stop = request.stop.clone();
    interrupt::stop_first(move || stop.set())?;
    let mut tracker = StartTracker::new(told.listener());
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
    if told == Told::Json {
        let line = json!({ "event": "cross-validated", "folder": request.out, "figures": validated.figures });
        print(&format!("{line}\n"))?;
        return Ok(Exit::Fine);
    }
    let figures = block(&format!("{count} folds"), &folds(&validated));
    let files = ["json", "html"].map(|ending| request.out.join("folds").with_extension(ending));
    let files = files.into_iter().chain(predictions).map(|file| file.display().to_string());
    let saved = block("saved", &files.collect::<Vec<_>>());
    print_words(&format!("\n{figures}\n{saved}"))?;
    Ok(Exit::Fine)
}
