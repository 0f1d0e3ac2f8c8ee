//! The search for the best model within limits.
//!
//! Trials go from cheap to dear, all on the same rows; the best so far is always a whole model folder at its
//! place, so that a stop at any time keeps it. A limit of time cuts the list of trials short and changes
//! nothing else. Test rows are judged once, by the model that was chosen.

mod proposals;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use assort_datasets::Dataset;
use assort_files::Bytes;
use assort_pipeline::{Existing, Integrity, ModelFolder, Pipeline, Staging, Unfinished, write_file};
use assort_report::{AutoTable, AutoTrial, Metrics, Trial, html};
use assort_settings::{Checked, Source};
use assort_tensor::DeviceChoice;
use assort_train::{Monitor, StopFlag};
use candle_core::Device;
use serde_json::{Map, json};

use crate::context::Context;
use crate::evaluate::Evaluated;
use crate::hints::hints;
use crate::prepare::{Rows, load};
use crate::run::run_on;
use crate::series::Series;
use crate::{Advice, Error, Event, Files, Finished, Listener, Request, Result, Resume, choice, written};

pub use proposals::{Given, proposals};

/// What a model and the search for it may take; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// Time of the whole search.
    pub time: Option<Duration>,
    /// Bytes of the files that predict.
    pub bytes: Option<u64>,
    /// Milliseconds to sort one text, on one thread.
    pub milliseconds: Option<f64>,
}

impl Limits {
    /// Whether a trial came to its end within them.
    fn allow(&self, one: &AutoTrial) -> bool {
        one.trial.failure.is_none()
            && self.bytes.is_none_or(|most| one.bytes <= most)
            && self.milliseconds.is_none_or(|most| one.milliseconds <= most)
    }
}

/// A search to run.
#[derive(Clone, Debug)]
pub struct AutoRequest {
    /// The files; test rows among them judge the chosen model alone.
    pub files: Files,
    /// The configurations to try, in this order; their data settings and seeds are the same.
    pub proposals: Vec<Checked>,
    /// What the model and the search may take.
    pub limits: Limits,
    /// The validation figure that decides.
    pub by: Monitor,
    /// The model folder to write; beside it, in `NAME.trials`, are the trials until the search is over.
    pub out: PathBuf,
    /// The choice if it is there already.
    pub existing: Existing,
    /// [`Resume::Continue`] keeps the trials that are done.
    pub resume: Resume,
    /// Where to compute.
    pub device: DeviceChoice,
    /// Set from anywhere, it stops the search after the current step, or ends it there as if the time were
    /// over; the best so far is kept.
    pub stop: StopFlag,
}

/// A search that is over.
#[derive(Clone, Debug)]
pub struct Auto {
    /// The trials in their order.
    pub trials: Vec<AutoTrial>,
    /// What was left out, with the reason.
    pub left_out: Vec<String>,
    /// Whether a stop was asked for; the trials stay, and the search can go on.
    pub is_interrupted: bool,
    /// The figures of the chosen model; `None` where none fits.
    pub metrics: Option<Box<Metrics>>,
}

/// Texts that are sorted one by one to measure the time.
const TIMED: usize = 50;

/// Searches for the best model. Each trial is told as [`Event::Trial`].
///
/// # Errors
/// As [`run`](crate::run); a training that fails is a trial that failed. [`Error::Request`] if there is
/// nothing to try within the limits, or all trials failed.
pub fn auto(request: &AutoRequest, listener: &mut dyn Listener) -> Result<Auto> {
    let clock = Instant::now();
    let is_going_on = request.resume == Resume::Continue;
    let existing = if is_going_on { Existing::Replace } else { request.existing };
    Staging::check(&request.out, existing)?;
    let device = request.device.open()?;
    let Some(first) = request.proposals.first() else {
        return Err(Error::Request("there is no model to try".into()));
    };
    let loaded = load(&request.files, listener)?;
    let split = request.files.split.as_ref();
    let mut common = Map::from_iter([("seed".into(), json!(first.seed))]);
    common.insert("data".into(), json!(loaded.digest()));
    common.insert("split".into(), json!(split.map(|ratios| ratios.shares().to_vec())));
    let folder = trials_of(&request.out);
    let mut series: Series<AutoTrial> = Series::open(&folder, "auto.json", request.resume, common)?;
    let mut rows = loaded.divide(split, &first.data, first.seed, listener)?;
    let test = rows.test.take();
    let (wanted, left_out) =
        proposals::within(&request.proposals, &request.files, &rows.train, request.limits.time)?;
    let by = request.by.for_task(rows.train.task());
    let mut search = Search { request, by, device: &device, published: None, rows: &rows };
    let mut trials = Vec::new();
    for (at, config) in wanted.iter().enumerate() {
        let values = values(config);
        // What time has cut short is done anew.
        let is_it = |one: &&AutoTrial| {
            one.trial.seed == config.seed && one.trial.values == values && !one.trial.cut_short
        };
        let kept = series.runs().iter().find(is_it).cloned();
        let one = match kept {
            Some(trial) => trial,
            None if request.stop.is_set() => break,
            // The first one stands, whatever the time.
            None if at > 0 && is_over(clock, request.limits.time) => break,
            None => {
                let name = format!("trial-{:03}", series.runs().len() + 1);
                let place = series.one(&name);
                let time = request.limits.time.filter(|_| at > 0);
                let mut watch = Deadline { inner: listener, stop: StopFlag::default(), clock, time, request };
                match search.trial(config, place, &mut watch).map_err(|error| series.give_up(error))? {
                    Some(trial) => series.push(trial.clone()).map(|()| trial)?,
                    None => break,
                }
            }
        };
        listener.tell(&Event::Trial { number: at + 1, trials: wanted.len(), trial: &one.trial });
        trials.push(AutoTrial { fits: request.limits.allow(&one), ..one });
        search.publish(&folder, &trials, existing)?;
    }
    let is_interrupted = request.stop.is_set() && !request.stop.is_end();
    let mut metrics = None;
    if !is_interrupted {
        metrics = search.finish(&folder, &trials, (&left_out, test), listener)?.map(Box::new);
        fs::remove_dir_all(&folder).map_err(|e| Error::File { path: folder, reason: e.to_string() })?;
    }
    Ok(Auto { trials, left_out, is_interrupted, metrics })
}

/// The folder of the trials of a search that writes to `out`.
fn trials_of(out: &Path) -> PathBuf {
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(".trials");
    out.with_file_name(name)
}

fn is_over(clock: Instant, time: Option<Duration>) -> bool {
    time.is_some_and(|time| clock.elapsed() >= time)
}

/// The settings that are not the defaults, and the model.
fn values(config: &Checked) -> Map<String, serde_json::Value> {
    let mut values = Map::from_iter([("model".into(), json!(config.model.name()))]);
    let given = config.settings().iter();
    let given = given.filter(|setting| setting.source != Source::Default && setting.key != "seed");
    values.extend(given.map(|setting| (setting.key.clone(), setting.value.clone())));
    values
}

/// Ends a trial when the time is over, with the best of its epochs, and stops it if the search is to stop.
struct Deadline<'l> {
    inner: &'l mut dyn Listener,
    stop: StopFlag,
    clock: Instant,
    time: Option<Duration>,
    request: &'l AutoRequest,
}

impl Listener for Deadline<'_> {
    fn tell(&mut self, event: &Event) {
        let (is_end, is_set) = (self.request.stop.is_end(), self.request.stop.is_set());
        if is_end || is_over(self.clock, self.time) {
            self.stop.end();
        }
        if is_set && !is_end {
            self.stop.set();
        }
        // Trials end in a stop that is none of the user's.
        if !matches!(event, Event::Interrupted { .. }) {
            self.inner.tell(event);
        }
    }

    fn advise(&self, advice: &Advice) -> Option<String> {
        self.inner.advise(advice)
    }
}

/// A search under way.
struct Search<'s> {
    request: &'s AutoRequest,
    /// The validation figure that decides.
    by: Monitor,
    device: &'s Device,
    /// The place of the trial whose copy is the model folder.
    published: Option<usize>,
    /// Without test rows.
    rows: &'s Rows,
}

impl Search<'_> {
    /// Trains one model and measures it; `None` if it was stopped, or ended without a whole epoch.
    fn trial(
        &self,
        config: &Checked,
        (out, resume): (PathBuf, Resume),
        watch: &mut Deadline,
    ) -> Result<Option<AutoTrial>> {
        let clock = Instant::now();
        let one = Request {
            files: self.request.files.clone(),
            config: config.clone(),
            out,
            existing: Existing::Replace,
            resume,
            device: self.request.device,
            stop: watch.stop.clone(),
        };
        let mut trial = Trial {
            folder: one.out.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            values: values(config),
            seed: config.seed,
            validation: None,
            failure: None,
            best_epoch: None,
            cut_short: false,
            parameters: 0,
            seconds: 0.0,
            history: Vec::new(),
        };
        let (mut bytes, mut milliseconds) = (0, 0.0);
        match run_on(&one, &[], self.rows, self.device, watch) {
            Ok(Finished::Interrupted { .. }) => return Ok(None),
            Ok(Finished::Done { folder, metrics }) => {
                trial.validation = Some(metrics.validation);
                trial.best_epoch = metrics.train.best_epoch;
                trial.cut_short = metrics.train.cut_short;
                trial.parameters = metrics.parameters.total;
                (bytes, milliseconds) = self.measure(&folder)?;
            }
            // The next one would find no room either.
            Err(error) if error.is_full_disk() => return Err(error),
            // The others may do: what is wrong with the rows is found before the first trial.
            Err(error) => trial.failure = Some(error.to_string()),
        }
        trial.seconds = clock.elapsed().as_secs_f64();
        Ok(Some(AutoTrial { trial, bytes, milliseconds, fits: true }))
    }

    /// Bytes of the files that predict, and the median milliseconds of a text on one thread.
    fn measure(&self, folder: &Path) -> Result<(u64, f64)> {
        let pipeline = Pipeline::open(folder, Integrity::Unchecked, self.device)?;
        let size = |name: &String| fs::metadata(folder.join(name)).map_or(0, |file| file.len());
        let bytes = pipeline.manifest().files.keys().map(size).sum();
        let texts = self.rows.validation.texts().slices();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
        let pool = pool.map_err(|error| Error::Request(format!("cannot start a thread: {error}")))?;
        let mut times = pool.install(|| {
            let time = |text: &&str| {
                let clock = Instant::now();
                pipeline.predict(&[text], 1).map(|_| clock.elapsed().as_secs_f64() * 1e3)
            };
            texts.iter().take(TIMED).map(time).collect::<Result<Vec<f64>, _>>()
        })?;
        times.sort_by(f64::total_cmp);
        Ok((bytes, times.get(times.len() / 2).copied().unwrap_or_default()))
    }

    /// Puts a copy of the best trial that fits in the search's place, unless it is there.
    fn publish(&mut self, folder: &Path, trials: &[AutoTrial], existing: Existing) -> Result<()> {
        let best = AutoTable::new(trials, self.by.kind(), &[], String::new()).chosen;
        let Some(at) = best.filter(|_| best != self.published) else { return Ok(()) };
        let existing = if self.published.is_some() { Existing::Replace } else { existing };
        self.copy(folder, trials, at, existing)?.commit()?;
        self.published = Some(at);
        Ok(())
    }

    /// A copy of a trial's folder, not yet in its place.
    fn copy(&self, folder: &Path, trials: &[AutoTrial], at: usize, existing: Existing) -> Result<Staging> {
        let name = trials.get(at).map(|trial| trial.trial.folder.clone()).unwrap_or_default();
        let staging = Staging::begin(&self.request.out, existing, Unfinished::Remove)?;
        copy_all(&folder.join(name), staging.path())?;
        Ok(staging)
    }

    /// Judges the chosen model on the test rows and writes report and table; its figures.
    fn finish(
        &self,
        folder: &Path,
        trials: &[AutoTrial],
        (left_out, test): (&[String], Option<Dataset>),
        listener: &mut dyn Listener,
    ) -> Result<Option<Metrics>> {
        let table = AutoTable::new(trials, self.by.kind(), left_out, self.request.files.arguments());
        let Some(at) = table.chosen else { return Err(nothing_fits(trials, &self.request.limits)) };
        let staging = self.copy(folder, trials, at, Existing::Replace)?;
        let place = ModelFolder::at(staging.path());
        let text = assort_files::read_plain_text(&place.metrics());
        let fail = |reason: String| Error::File { path: place.metrics(), reason };
        let mut metrics: Metrics = text
            .map_err(|e| e.to_string())
            .and_then(|text| serde_json::from_str(&text).map_err(|e| e.to_string()))
            .map_err(fail)?;
        let trial_values = trials.get(at).map(|trial| &trial.trial.values);
        let own = self.request.proposals.iter().find(|config| Some(&values(config)) == trial_values);
        let config = own.unwrap_or(&self.request.proposals[0]).clone();
        let config = match &metrics.search {
            Some(search) => choice::with_best(config, search)?,
            None => config,
        };
        let pipeline = Pipeline::open(staging.path(), Integrity::Unchecked, self.device)?;
        let validation = Evaluated::new(&pipeline, &self.rows.validation)?;
        let rows = Rows { test, ..self.rows.clone() };
        let judged = rows.test.as_ref().map(|test| Evaluated::new(&pipeline, test)).transpose()?;
        metrics.test = judged.as_ref().map(|judged| judged.evaluation.clone());
        metrics.data.splits.test = rows.test.as_ref().map_or(0, Dataset::len);
        let one = Request {
            files: self.request.files.clone(),
            config,
            out: self.request.out.clone(),
            existing: Existing::Replace,
            resume: Resume::Fresh,
            device: self.request.device,
            stop: StopFlag::default(),
        };
        let run = Context::new(&one, self.device, listener);
        let hints = hints(&run.config, &metrics).into_iter();
        let hints: Vec<String> = hints.map(|hint| run.advised(hint.message, &hint.advice)).collect();
        written::write_report(
            &run,
            &rows,
            (&metrics, &hints),
            &pipeline,
            (&validation, judged.as_ref()),
            &place,
        )?;
        let name = self.request.out.file_name().unwrap_or_default().to_string_lossy();
        write_file(&place.search_page(), html::auto::page(&table, &name)?.as_bytes())?;
        let lines = serde_json::to_string_pretty(&json!({
            "by": table.by.name, "chosen": table.chosen, "trials": trials, "left_out": left_out,
        }));
        let lines = lines.map_err(|e| Error::File { path: place.search(), reason: e.to_string() })?;
        write_file(&place.search(), format!("{lines}\n").as_bytes())?;
        staging.commit()?;
        Ok(Some(metrics))
    }
}

/// Why there is no model to choose, with the smallest need.
fn nothing_fits(trials: &[AutoTrial], limits: &Limits) -> Error {
    let whole: Vec<&AutoTrial> = trials.iter().filter(|trial| trial.trial.failure.is_none()).collect();
    if whole.is_empty() {
        let first = trials.iter().find_map(|trial| trial.trial.failure.clone());
        let reason = first.unwrap_or_else(|| "the time is over before the first model stands".into());
        return Error::Request(format!("no trial came to its end: {reason}"));
    }
    let bytes = whole.iter().map(|trial| trial.bytes).min().unwrap_or_default();
    let time = whole.iter().map(|trial| trial.milliseconds).fold(f64::INFINITY, f64::min);
    let wanted = [
        limits.bytes.map(|most| format!("{} allowed, the smallest has {}", Bytes(most), Bytes(bytes))),
        limits.milliseconds.map(|most| format!("{most} ms a text allowed, the fastest takes {time:.3} ms")),
    ];
    let wanted: Vec<String> = wanted.into_iter().flatten().collect();
    Error::Request(format!("no model fits the limits: {}", wanted.join("; ")))
}

fn copy_all(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from).map_err(|e| Error::io(from, e))? {
        let entry = entry.map_err(|e| Error::io(from, e))?;
        let (path, place) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            fs::create_dir_all(&place).map_err(|e| Error::io(&place, e))?;
            copy_all(&path, &place)?;
        } else {
            fs::copy(&path, &place).map_err(|e| Error::io(&path, e))?;
        }
    }
    Ok(())
}
