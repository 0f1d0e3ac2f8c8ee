//! `assort train --folds`.

use std::io;

use assort_experiment::{Request, Settings, Source, cross_validate};
use serde_json::json;

use crate::exit::{Exit, Midway, note};
use crate::interrupt;
use crate::screen::print;
use crate::show::block::block;
use crate::show::series::folds;
use crate::tell::{Series, Watched};

/// Cross-validates.
pub fn run(mut request: Request, count: usize, json: bool) -> anyhow::Result<Exit> {
    request.settings = quiet_checkpoints(request.settings)?;
    let stop = request.stop.clone();
    interrupt::stop_first(move || stop.set())?;
    let listener = if json { Series::json(io::stdout()) } else { Series::words(io::stdout()) };
    let mut watched = Watched::new(Box::new(listener));
    let validated = match cross_validate(&request, count, &mut watched) {
        Ok(validated) => validated,
        Err(error) if watched.has_begun => return Err(Midway::new(error).into()),
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
    let saved = block("saved", &[request.out.join("folds.json").display().to_string()]);
    print(&format!("\n{figures}\n{saved}"))?;
    Ok(Exit::Fine)
}

/// Of many runs the best weights alone are kept, unless the user wants more.
pub fn quiet_checkpoints(mut settings: Settings) -> anyhow::Result<Settings> {
    let is_default = |key: &str, settings: &Settings| {
        settings.iter().any(|setting| setting.key == key && setting.source == Source::Default)
    };
    if is_default("checkpoints", &settings) {
        settings.put("checkpoints", json!("best"), Source::Default)?;
    }
    Ok(settings)
}
