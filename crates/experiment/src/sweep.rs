//! Many trainings over lists of values, judged on the same validation rows.
//!
//! All trials share one division of the rows, that of the base settings' seed: `seeds` change first weights,
//! shuffling and dropout alone. A trial with the base settings' seed is, bit for bit, what
//! [`run`](crate::run) gives. Test rows are put aside and never judged.

mod curves;
mod grid;
mod standings;

use std::path::{Path, PathBuf};

use assort_pipeline::{Existing, write_file};
use assort_random::Seed;
use assort_tensor::DeviceChoice;
use assort_train::{Monitor, StopFlag};
use serde_json::{Map, Value, json};

use assort_report::{Standing, Trial, html};
use assort_settings::{Checked, Settings, Source};

use crate::prepare::{Loaded, load};
use crate::run::run_on;
use crate::series::Series;
use crate::{Error, Event, Files, Finished, Listener, Request, Result, Resume};

use grid::Combination;
pub use grid::Grid;

/// A sweep to run.
#[derive(Clone, Debug)]
pub struct SweepRequest {
    /// The files; test rows among them are not used.
    pub files: Files,
    /// The settings that are not swept.
    pub settings: Settings,
    /// The values to try.
    pub grid: Grid,
    /// So many combinations, drawn by the settings' seed; `None` tries all.
    pub draws: Option<usize>,
    /// Each combination is trained with each of these; empty means with the settings' own.
    pub seeds: Vec<u64>,
    /// The validation figure that decides; `None` is the one that the training watches, accuracy for a model
    /// without epochs.
    pub by: Option<Monitor>,
    /// The sweep's folder: `sweep.json`, `sweep.html`, `curves.svg`, `curves.png`, and a model folder for
    /// each trial.
    pub out: PathBuf,
    /// [`Resume::Continue`] keeps the trials that are there, also if the lists have grown.
    pub resume: Resume,
    /// Where to compute.
    pub device: DeviceChoice,
    /// Set from anywhere, it stops the sweep after the current step.
    pub stop: StopFlag,
}

/// A finished sweep.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// The trials in the order of the grid.
    pub trials: Vec<Trial>,
    /// The combinations, the best first.
    pub standings: Vec<Standing>,
    /// The figure that decided.
    pub by: Monitor,
    /// The picture of the validation curves; `None` for a model without epochs.
    pub curves: Option<PathBuf>,
    /// All of it as a page.
    pub page: PathBuf,
}

/// One trial to do.
struct Task {
    values: Map<String, Value>,
    config: Checked,
    seed: u64,
}

/// Runs a sweep; `None` if it was stopped. Each trial is kept as it ends, and told as [`Event::Trial`]. A
/// training that diverges is a trial that failed; any other error ends the sweep.
///
/// # Errors
/// As [`run`](crate::run); if a list names an unknown key or a value that does not fit, before anything is
/// written.
pub fn sweep(request: &SweepRequest, listener: &mut dyn Listener) -> Result<Option<Sweep>> {
    let base = request.settings.resolve()?;
    let combinations = request.grid.combinations(&request.settings, request.draws, Seed::new(base.seed))?;
    let tasks = tasks(request, combinations, base.seed)?;
    // Bad values are found before the first trial.
    let device = request.device.open()?;
    for task in &tasks {
        task.config.check_device(device.is_cuda())?;
    }
    let is_given = request.files.validation.is_some();
    let is_cut = request.files.split.as_ref().is_some_and(|split| split.shares().len() > 2);
    if !is_given && !is_cut && tasks.iter().any(|task| task.config.data.validation_share == 0.0) {
        let reason = "a sweep compares its trials on validation rows: give a share above 0";
        return Err(assort_settings::Error::value("validation_share", "0", reason).into());
    }
    let loaded = load(&request.files, listener)?;
    let common = common(request, &base, &loaded)?;
    let mut series: Series<Trial> = Series::open(&request.out, "sweep.json", request.resume, common)?;
    let mut trials = Vec::new();
    for (at, task) in tasks.iter().enumerate() {
        let is_it = |trial: &&Trial| trial.seed == task.seed && trial.values == task.values;
        let kept = series.runs().iter().find(is_it).cloned();
        let trial = match kept {
            Some(trial) => trial,
            None if request.stop.is_set() => return Ok(None),
            None => {
                let folder = format!("trial-{:03}", series.runs().len() + 1);
                let one = one_request(request, task, series.one(&folder));
                let split = request.files.split.as_ref();
                let mut rows = loaded.clone().divide(split, &one.config.data, base.seed, listener)?;
                rows.test = None;
                let trial = match run_on(&one, &[], &rows, &device, listener) {
                    Ok(Finished::Interrupted { .. }) => return Ok(None),
                    Ok(Finished::Done { metrics, .. }) => Trial {
                        folder,
                        values: task.values.clone(),
                        seed: task.seed,
                        validation: Some(metrics.validation),
                        failure: None,
                        best_epoch: metrics.train.best_epoch,
                        cut_short: metrics.train.cut_short,
                        parameters: metrics.parameters.total,
                        seconds: metrics.train.seconds,
                        history: metrics.history,
                    },
                    Err(error) if error.is_divergence() => failed(task, folder, &error.to_string()),
                    Err(error) => return Err(series.give_up(error)),
                };
                series.push(trial.clone())?;
                trial
            }
        };
        listener.tell(&Event::Trial { number: at + 1, trials: tasks.len(), trial: &trial });
        trials.push(trial);
    }
    let own = base.train.as_ref().map_or(Monitor::ACCURACY, |train| train.monitor);
    let by = request.by.unwrap_or(own).for_task(loaded.all.task());
    let standings = standings::standings(&trials, by.kind());
    series.close(json!({ "by": by, "standings": standings }))?;
    let curves = draw(&trials, &standings, by, &request.out)?;
    let page = request.out.join("sweep.html");
    Ok(Some(Sweep { trials, standings, by, curves, page }))
}

fn tasks(request: &SweepRequest, combinations: Vec<Combination>, own: u64) -> Result<Vec<Task>> {
    let seeds = if request.seeds.is_empty() { &[own][..] } else { &request.seeds };
    if let Some((_, twice)) = seeds.iter().enumerate().find(|(at, seed)| seeds[..*at].contains(seed)) {
        return Err(Error::Request(format!("the seed {twice} is named twice: name each once")));
    }
    let mut tasks = Vec::new();
    for (values, config) in combinations {
        for &seed in seeds {
            let config = config.clone().with_seed(seed, Source::Flag("seeds"));
            tasks.push(Task { values: values.clone(), config, seed });
        }
    }
    Ok(tasks)
}

/// Settings that must be the same for a sweep to go on.
fn common(request: &SweepRequest, base: &Checked, loaded: &Loaded) -> Result<Map<String, Value>> {
    let swept: Vec<&str> = request.grid.keys().collect();
    let mut common: Map<String, Value> = Map::from_iter([("model".into(), json!(base.model.name()))]);
    common.extend(base.keys()?);
    common.retain(|key, _| !swept.contains(&key.as_str()));
    common.insert("split".into(), json!(request.files.split.as_ref().map(|ratios| ratios.shares().to_vec())));
    common.insert("data".into(), json!(loaded.digest()));
    common.extend(request.files.group.iter().map(|group| ("group".into(), json!(group))));
    Ok(common)
}

fn one_request(request: &SweepRequest, task: &Task, (out, resume): (PathBuf, Resume)) -> Request {
    Request {
        files: request.files.clone(),
        config: task.config.clone(),
        out,
        // What lies in its place was left by a sweep that was stopped before it could count it.
        existing: Existing::Replace,
        resume,
        device: request.device,
        stop: request.stop.clone(),
    }
}

fn failed(task: &Task, folder: String, why: &str) -> Trial {
    Trial {
        folder,
        values: task.values.clone(),
        seed: task.seed,
        validation: None,
        failure: Some(why.into()),
        best_epoch: None,
        cut_short: false,
        parameters: 0,
        seconds: 0.0,
        history: Vec::new(),
    }
}

fn draw(trials: &[Trial], standings: &[Standing], by: Monitor, folder: &Path) -> Result<Option<PathBuf>> {
    let chart = curves::curves(trials, standings, by.kind());
    let title = folder.file_name().unwrap_or_default().to_string_lossy();
    let page = html::series::sweep(&title, standings, trials, by.kind(), chart.as_ref())?;
    write_file(&folder.join("sweep.html"), page.as_bytes())?;
    let Some(chart) = chart else { return Ok(None) };
    let path = folder.join("curves.svg");
    write_file(&path, chart.svg()?.as_bytes())?;
    write_file(&folder.join("curves.png"), &chart.png()?)?;
    Ok(Some(path))
}
