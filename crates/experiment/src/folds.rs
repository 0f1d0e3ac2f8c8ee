//! Stratified k-fold cross-validation: k trainings, each judged on the rows that it has not seen.
//!
//! A fold's rows are its test rows: neither trained on nor used to choose an epoch. For that, validation rows are cut off
//! the other folds, as in any run. So each row is judged once, by a model that nothing of it has shaped.

use std::collections::BTreeMap;

use assort_pipeline::Existing;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::flat::flatten;
use crate::prepare::{load, split_seed};
use crate::run::run_on;
use crate::series::Series;
use crate::{Error, Event, Finished, Judgement, Listener, Request, Result, Spread};

/// One finished fold.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FoldResult {
    /// Its number, from 1.
    pub fold: usize,
    /// The name of its model folder.
    pub folder: String,
    /// How good its model is on its rows.
    pub judgement: Judgement,
    /// Seconds of the training.
    pub seconds: f64,
}

/// What the folds come to together.
#[derive(Clone, Debug)]
pub struct CrossValidation {
    /// The folds.
    pub folds: Vec<FoldResult>,
    /// Mean and deviation over the folds of each figure; `None` where it is undefined in one of them.
    pub figures: BTreeMap<&'static str, Option<Spread>>,
}

/// Runs the request once for each fold of its training rows; `None` if it was stopped. The request's folder gets
/// `folds.json` and a model folder for each fold. Folds that are there are kept if the request resumes.
///
/// # Errors
/// As [`run`](crate::run); [`Error::Request`] if there are test rows besides the folds' own; if there are fewer than two
/// folds, or a label has fewer rows than there are folds.
pub fn cross_validate(
    request: &Request,
    count: usize,
    listener: &mut dyn Listener,
) -> Result<Option<CrossValidation>> {
    if request.files.split.is_some() || request.files.test.is_some() {
        let why = "--folds judges on the rows of --train in turn: leave --split and --test away";
        return Err(Error::Request(why.into()));
    }
    let config = request.settings.resolve()?;
    config.check()?;
    let device = request.device.open()?;
    config.check_device(&device)?;
    let loaded = load(&request.files, listener)?;
    let folds = loaded.all.folds(count, split_seed(config.seed))?;
    let mut common: Map<String, Value> = Map::from_iter([("model".into(), json!(request.settings.model()))]);
    common.extend(flatten(&config));
    common.extend([("folds".into(), json!(count)), ("data".into(), json!(loaded.digest()))]);
    let mut series: Series<FoldResult> = Series::open(&request.out, "folds.json", request.resume, common)?;
    for (at, fold) in folds.iter().enumerate() {
        if series.runs().len() <= at {
            if request.stop.is_set() {
                return Ok(None);
            }
            let folder = format!("fold-{}", at + 1);
            let one = Request {
                out: request.out.join(&folder),
                existing: Existing::Replace,
                resume: crate::Resume::Fresh,
                ..request.clone()
            };
            let rows = loaded.fold(fold, &config.data, config.seed, listener)?;
            let Finished::Done { metrics, .. } = run_on(&one, &rows, &device, listener)? else {
                return Ok(None);
            };
            let Some(judgement) = metrics.test else { continue };
            series.push(FoldResult { fold: at + 1, folder, judgement, seconds: metrics.train.seconds })?;
        }
        if let Some(fold) = series.runs().get(at) {
            listener.tell(&Event::Fold { fold, folds: count });
        }
    }
    let figures = figures(series.runs());
    series.close(json!(figures))?;
    Ok(Some(CrossValidation { folds: series.runs().to_vec(), figures }))
}

fn figures(folds: &[FoldResult]) -> BTreeMap<&'static str, Option<Spread>> {
    let of =
        |figure: fn(&Judgement) -> Option<f64>| Spread::of(folds.iter().map(|fold| figure(&fold.judgement)));
    BTreeMap::from([
        ("accuracy", of(|judged| judged.accuracy)),
        ("loss", of(|judged| judged.loss)),
        ("macro_f1", of(|judged| judged.macro_f1)),
        ("macro_precision", of(|judged| judged.macro_precision)),
        ("macro_recall", of(|judged| judged.macro_recall)),
        ("weighted_f1", of(|judged| judged.weighted_f1)),
        ("weighted_precision", of(|judged| judged.weighted_precision)),
        ("weighted_recall", of(|judged| judged.weighted_recall)),
    ])
}
