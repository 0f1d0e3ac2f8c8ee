//! Stratified k-fold cross-validation: k trainings, each judged on the rows that it has not seen.
//!
//! A fold's rows are its test rows: neither trained on nor used to choose an epoch. For that, validation rows
//! are cut off the other folds, as in any run. So each row is judged once, by a model that nothing of it has
//! shaped.

use std::path::Path;

use assort_pipeline::{Existing, write_file};
use assort_report::{CrossValidation, FigureMeans, FoldResult, html};
use assort_settings::Checked;
use serde_json::{Map, Value, json};

use crate::prepare::{load, split_seed};
use crate::run::{open_device, run_on};
use crate::series::Series;
use crate::{Error, Event, Finished, Listener, Request, Result, fold_answers};

/// Runs the request, with rivals of its model, once for each fold of its training rows; `None` if it was
/// stopped. The request's folder gets `folds.json` and a model folder for each fold. Folds that are there are
/// kept if the request resumes. `predictions` gets all rows with what the model of their fold answers, in the
/// format that its ending names.
///
/// # Errors
/// As [`run`](crate::run); [`Error::Request`] if there are test rows besides the folds' own; if there are
/// fewer than two folds, or a label has fewer rows than there are folds.
pub fn cross_validate(
    request: &Request,
    rivals: &[Checked],
    count: usize,
    predictions: Option<&Path>,
    listener: &mut dyn Listener,
) -> Result<Option<CrossValidation>> {
    if request.files.split.is_some() || request.files.test.is_some() {
        let why = "folds are judged on the training rows in turn: leave the split and test rows away";
        return Err(Error::Request(why.into()));
    }
    let config = &request.config;
    let device = open_device(request)?;
    let loaded = load(&request.files, listener)?;
    let folds = loaded.all.folds(count, split_seed(config.seed))?;
    let mut common: Map<String, Value> = Map::from_iter([("model".into(), json!(config.model.name()))]);
    common.extend(config.keys()?);
    common.extend(
        rivals.iter().map(|rival| (format!("rival {}", rival.model.name()), json!(rival.keys().ok()))),
    );
    common.extend([("folds".into(), json!(count)), ("data".into(), json!(loaded.digest()))]);
    common.extend(request.files.group.iter().map(|group| ("group".into(), json!(group))));
    let mut series: Series<FoldResult> = Series::open(&request.out, "folds.json", request.resume, common)?;
    for (at, fold) in folds.iter().enumerate() {
        if series.runs().len() <= at {
            if request.stop.is_set() {
                return Ok(None);
            }
            let folder = format!("fold-{}", at + 1);
            let (out, resume) = series.one(&folder);
            let one = Request { out, existing: Existing::Replace, resume, ..request.clone() };
            let rows = loaded.fold(fold, &config.data, config.seed, listener)?;
            let finished =
                run_on(&one, rivals, &rows, &device, listener).map_err(|error| series.give_up(error))?;
            let Finished::Done { metrics, .. } = finished else { return Ok(None) };
            let Some(evaluation) = metrics.test else { continue };
            series.push(FoldResult { fold: at + 1, folder, evaluation, seconds: metrics.train.seconds })?;
        }
        if let Some(fold) = series.runs().get(at) {
            listener.tell(&Event::Fold { fold, folds: count });
        }
    }
    if let Some(path) = predictions {
        let folders: Vec<_> = series.runs().iter().map(|fold| request.out.join(&fold.folder)).collect();
        let folds: Vec<_> = folders.iter().map(AsRef::as_ref).zip(&folds).collect();
        fold_answers::write(path, &loaded.all, &folds, &device)?;
    }
    let evaluations: Vec<_> = series.runs().iter().map(|fold| Some(&fold.evaluation)).collect();
    let figures = FigureMeans::new(&evaluations);
    series.close(json!(figures))?;
    let all = CrossValidation { folds: series.runs().to_vec(), figures };
    let title = request.out.file_name().unwrap_or_default().to_string_lossy();
    write_file(&request.out.join("folds.html"), html::series::folds(&title, &all)?.as_bytes())?;
    Ok(Some(all))
}
