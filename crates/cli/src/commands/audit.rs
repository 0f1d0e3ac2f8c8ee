//! `assort audit`.

use std::fs;

use anyhow::{Context, Result, bail};
use assort_datasets::write_table;
use assort_experiment::{Files, Request, Resume, audit_labels};
use assort_pipeline::{Existing, ModelFolder};
use assort_report::html::label_audit;
use assort_report::terminal::block::block;
use assort_settings::Source;
use serde_json::json;

use super::caches::vectors_cache;
use super::checkpoint;
use super::settings::resolve;
use super::sink;
use crate::arguments::AuditArguments;
use crate::exit::{Exit, Midway, note};
use crate::interrupt;
use crate::progress::{StartTracker, Told};
use crate::screen::{print, print_words};

/// The files of an audit.
const PAGE: &str = "audit.html";
const TABLE: &str = "audit.csv";

/// Audits.
pub fn run(arguments: &AuditArguments) -> Result<Exit> {
    let (settings, source) = resolve(&arguments.settings)?;
    let settings = if source == Source::Default { settings.for_model("linear")? } else { settings };
    let config = settings.resolve()?;
    let out = &arguments.out;
    if ModelFolder::is_one(out) {
        bail!("{} is a model folder: choose another place", out.display());
    }
    let files = [PAGE, TABLE].map(|name| out.join(name));
    if out.is_dir() || out.symlink_metadata().is_err() {
        for path in files.iter().filter(|_| out.is_dir()) {
            sink::check(path, arguments.overwrite, Some(&arguments.train))?;
        }
    } else {
        bail!("{} is a file: name a folder", out.display());
    }
    let mut request = Request {
        files: Files {
            train: arguments.train.clone(),
            validation: arguments.validation.clone(),
            test: arguments.test.clone(),
            read: arguments.read.options(),
            vectors_cache: vectors_cache(),
            ..Files::default()
        },
        config,
        out: out.clone(),
        existing: Existing::Replace,
        resume: Resume::Fresh,
        device: arguments.machine.device,
        stop: Default::default(),
    };
    checkpoint::fetch(&request.config, &mut request.files)?;
    super::prepare_memory(&request.config);
    super::prepare(&arguments.machine)?;
    let stop = request.stop.clone();
    interrupt::stop_first(move || stop.set())?;
    let told = Told::new(arguments.json, arguments.quiet);
    let mut tracker = StartTracker::new(told.listener());
    let audit = match audit_labels(&request, arguments.folds, &mut tracker) {
        Ok(audit) => audit,
        Err(error) if tracker.has_begun => return Err(Midway::new(error).into()),
        Err(error) => return Err(error.into()),
    };
    let Some(audit) = audit else {
        note("interrupted: nothing was written");
        return Ok(Exit::Interrupted);
    };
    fs::create_dir_all(out).with_context(|| out.display().to_string()).map_err(Midway::new)?;
    let title = arguments.train.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let [page, table] = &files;
    sink::write(page, label_audit::page(&audit, &title, TABLE).as_bytes())?;
    write_table(table, &audit.columns(), Existing::Replace).map_err(Midway::new)?;
    if arguments.json {
        print(&format!("{}\n", json!({ "event": "audited", "folder": out, "audit": audit })))?;
        return Ok(Exit::Fine);
    }
    let written: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    print_words(&(block("labels", &label_audit::summary(&audit)) + &block("written", &written)))?;
    Ok(Exit::Fine)
}
