//! The files of a finished run beside the model itself.

use std::collections::BTreeMap;
use std::fs;

pub use assort_files::sha256;
use assort_pipeline::{ModelFolder, write_file};

use crate::judge::Judged;
use crate::prepare::Rows;
use crate::report::{ReportInput, html, pictures};
use crate::{Error, Metrics, Request, Result, Role, Setting, card};

/// So many mistakes are shown in the report.
const MISTAKES: usize = 20;

/// What the files are made from.
pub struct Written<'w> {
    pub request: &'w Request,
    pub rows: &'w Rows,
    pub metrics: &'w Metrics,
}

/// Writes `metrics.json`, `report.html`, the pictures and the model card.
pub fn place_files(
    folder: &ModelFolder,
    run: &Written,
    validation: &Judged,
    test: Option<&Judged>,
) -> Result<()> {
    let json = serde_json::to_string_pretty(run.metrics);
    let json = json.map_err(|e| Error::File { path: folder.metrics(), reason: e.to_string() })?;
    write_file(&folder.metrics(), format!("{json}\n").as_bytes())?;
    let (role, judged, data) = match (test, &run.rows.test) {
        (Some(test), Some(data)) => (Role::Test, test, data),
        _ => (Role::Validation, validation, &run.rows.validation),
    };
    let settings: Vec<Setting> = run.request.settings.iter().cloned().collect();
    let input = ReportInput {
        title: run.request.out.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        metrics: run.metrics,
        role,
        judged: &judged.judgement,
        label_rows: &run.rows.label_rows(),
        settings: &settings,
        mistakes: &judged.mistakes(data, MISTAKES),
        files: files(run.request),
    };
    write_file(&folder.report(), html(&input)?.as_bytes())?;
    write_file(&folder.card(), card::markdown(&input).as_bytes())?;
    let place = folder.pictures();
    fs::create_dir_all(&place).map_err(|e| Error::File { path: place.clone(), reason: e.to_string() })?;
    for picture in pictures(&input)? {
        write_file(&place.join(format!("{}.svg", picture.name)), picture.svg.as_bytes())?;
        write_file(&place.join(format!("{}.png", picture.name)), &picture.png)?;
    }
    Ok(())
}

fn files(request: &Request) -> BTreeMap<String, String> {
    let files = &request.files;
    let named = [
        ("train", Some(&files.train)),
        ("validation", files.validation.as_ref()),
        ("test", files.test.as_ref()),
    ];
    let name =
        |path: &std::path::PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    named.into_iter().filter_map(|(role, path)| Some((role.to_string(), name(path?)))).collect()
}
