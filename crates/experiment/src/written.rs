//! The files of a finished run.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufWriter, IntoInnerError, Write};
use std::path::Path;

use assort_datasets::ChosenColumn;
use assort_files::AtomicFile;
use assort_models::ModelConfig;
use assort_models::rules::RulesConfig;
use assort_pipeline::{Adapter, DataRecord, FeatureConfig, Manifest, ModelFolder, Pipeline, write_file};
use assort_report::{Metrics, Report, html, markdown, pictures};

use crate::context::Context;
use crate::evaluate::Evaluated;
use crate::outcome::Outcome;
use crate::prepare::Rows;
use crate::strongest::strongest;
use crate::{Error, Request, Result, Role};

/// So many mistakes are shown in the report.
const MISTAKES: usize = 20;

/// Writes the model with its manifest.
pub fn write_model(run: &Context, rows: &Rows, outcome: &Outcome, folder: &ModelFolder) -> Result<()> {
    folder.write(&manifest(run, rows, outcome), &outcome.featurizer, &outcome.model)?;
    match outcome.training.epochs().and_then(|epochs| epochs.adapter.as_ref()) {
        Some(adapter) => Ok(adapter.write(folder)?),
        None => Ok(Adapter::remove(folder)?),
    }
}

fn manifest(run: &Context, rows: &Rows, outcome: &Outcome) -> Manifest {
    let column = |chosen: &Option<ChosenColumn>| chosen.as_ref().map(|c| c.name.clone()).unwrap_or_default();
    let (digest, count) = match &outcome.refitted {
        Some(refitted) => (refitted.digest.clone(), refitted.rows),
        None => (rows.train.digest(), rows.train.len()),
    };
    let read = &run.request.files.read;
    let record = DataRecord {
        digest,
        rows: count,
        text_column: column(&rows.report.text),
        label_column: match read.label_columns.is_empty() {
            true => column(&rows.report.label),
            false => String::new(),
        },
        label_separator: read.label_separator.clone(),
        label_columns: read.label_columns.clone(),
    };
    let labels = rows.train.names().names().to_vec();
    let model = match &outcome.architecture {
        // The folder has its own copy.
        ModelConfig::Rules(_) => ModelConfig::Rules(RulesConfig { rules: Some("rules.toml".into()) }),
        model => model.clone(),
    };
    let pretrained = outcome.pretrained.clone();
    let mut features = outcome.features.clone();
    if let (FeatureConfig::Tokens { text, .. }, Some(_)) = (&mut features, &pretrained) {
        // As well here: where it was read is of no use elsewhere.
        text.tokenizer_file = None;
    }
    let mut manifest = Manifest::new(model, outcome.shape, labels, features, run.config.seed, record);
    (manifest.task, manifest.pretrained) = (run.config.task, pretrained);
    manifest
}

/// Writes the figures as they become text: of many labels the confusion matrix is long.
fn write_metrics(metrics: &Metrics, path: &Path) -> Result<()> {
    let write = || {
        let mut file = BufWriter::new(AtomicFile::create(path)?);
        serde_json::to_writer_pretty(&mut file, metrics)?;
        file.write_all(b"\n")?;
        file.into_inner().map_err(IntoInnerError::into_error)?.commit()
    };
    write().map_err(|e: io::Error| Error::io(path, e))
}

/// Writes `metrics.json`, `report.html`, the pictures and the model card.
pub fn write_report(
    run: &Context,
    rows: &Rows,
    (metrics, hints): (&Metrics, &[String]),
    pipeline: &Pipeline,
    (validation, test): (&Evaluated, Option<&Evaluated>),
    folder: &ModelFolder,
) -> Result<()> {
    write_metrics(metrics, &folder.metrics())?;
    let (role, evaluated, data) = match (test, &rows.test) {
        (Some(test), Some(data)) => (Role::Test, test, data),
        _ => (Role::Validation, validation, &rows.validation),
    };
    let report = Report {
        title: run.request.out.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        metrics,
        role,
        evaluation: &evaluated.evaluation,
        label_rows: &rows.label_rows(),
        settings: run.config.settings(),
        mistakes: &evaluated.mistakes(data, MISTAKES),
        hints,
        strongest: &strongest(pipeline),
        files: files(run.request),
    };
    write_file(&folder.report(), html::page(&report)?.as_bytes())?;
    write_file(&folder.card(), markdown::card(&report).as_bytes())?;
    let place = folder.pictures();
    fs::create_dir_all(&place).map_err(|e| Error::io(&place, e))?;
    for picture in pictures(&report)? {
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
