//! One experiment from its files to its folder.

use std::path::PathBuf;

use assort_datasets::Dataset;
use assort_models::ModelConfig;
use assort_pipeline::{Existing, Integrity, ModelFolder, Pipeline, Staging, Unfinished};
use assort_report::{CalibrationFigures, Metrics, Rival};
use assort_settings::Checked;
use candle_core::Device;

use crate::checkpoint::Opened;
use crate::context::Context;
use crate::evaluate::Evaluated;
use crate::hints::{Hint, hints};
use crate::metrics::metrics;
use crate::network::Network;
use crate::outcome::Outcome;
use crate::prepare::{self, Rows};
use crate::{
    Advice, Error, Event, Listener, Request, Result, Resume, Role, calibrate, frozen, memory, rules, solver,
    state, written,
};

/// How an experiment ended.
pub enum Finished {
    /// The model folder is whole.
    Done {
        /// The folder.
        folder: PathBuf,
        /// The figures.
        metrics: Box<Metrics>,
    },
    /// A stop was asked for; the same request with [`Resume::Continue`] goes on.
    Interrupted {
        /// The folder that holds the state.
        partial: PathBuf,
    },
}

/// Runs an experiment. Bad input is found before anything is written.
///
/// # Errors
/// Whatever is wrong with the request, the files, the settings or the place; the message says what to do.
pub fn run(request: &Request, listener: &mut dyn Listener) -> Result<Finished> {
    run_best(request, &[], listener)
}

/// [`run`] with rivals of the request's model, which are trained on the same rows; of all, the one that is
/// right on most validation rows is kept, of equals the one with the lower loss. Rivals are models that are
/// made in one go: there is no state to go on from.
///
/// # Errors
/// As [`run`].
pub fn run_best(request: &Request, rivals: &[Checked], listener: &mut dyn Listener) -> Result<Finished> {
    check_place(request)?;
    let device = open_device(request)?;
    if request.resume != Resume::Fresh {
        // A missing state, or a folder of another version, is told before the files are read.
        state::check(request)?;
    }
    // So is a checkpoint that does not suit the settings.
    Opened::new(&Context::new(request, &device, listener))?;
    let config = &request.config;
    let rows = prepare::rows(&request.files, &config.data, config.seed, listener)?;
    run_on(request, rivals, &rows, &device, listener)
}

/// Refuses a place that is taken.
fn check_place(request: &Request) -> Result<()> {
    Staging::check(&request.out, existing(request))?;
    let partial = Staging::partial_of(&request.out);
    let is_new = request.resume == Resume::Fresh && request.existing == Existing::Keep;
    if is_new && Staging::is_begun(&request.out) && ModelFolder::at(&partial).state().is_file() {
        let reason = format!("{} holds an interrupted run", partial.display());
        return Err(Error::unfit(reason, Advice::ResumeOrReplace));
    }
    Ok(())
}

/// Opens the device that a request wants, if its settings can be computed there.
pub fn open_device(request: &Request) -> Result<Device> {
    let device = request.device.open()?;
    request.config.check_device(device.is_cuda())?;
    Ok(device)
}

/// Runs the rest of an experiment, from its rows: prepare, train, write, evaluate, put in place.
pub fn run_on(
    request: &Request,
    rivals: &[Checked],
    rows: &Rows,
    device: &Device,
    listener: &mut dyn Listener,
) -> Result<Finished> {
    let mut run = Context::new(request, device, listener);
    let task = rows.train.task();
    run.config = request.config.clone().with_task(task)?;
    if !matches!(run.config.model, ModelConfig::Rules(_)) {
        memory::check_labels(&mut run, rows)?;
    }
    let mut best: Option<Contender> = None;
    for config in rivals {
        run.config = config.clone().with_task(task)?;
        let outcome = made_in_one_go(&mut run, rows)?.ok_or_else(|| {
            Error::Request(format!(
                "the model {} cannot be a rival: it is trained in steps",
                config.model.name()
            ))
        })?;
        best = Some(contend(&mut run, rows, outcome, best)?);
    }
    run.config = request.config.clone().with_task(task)?;
    let prepared = match made_in_one_go(&mut run, rows) {
        Err(Error::Stopped) => {
            return Ok(Finished::Interrupted { partial: Staging::partial_of(&request.out) });
        }
        Err(error) => return Err(error),
        Ok(Some(outcome)) => Prepared::Trained(Box::new(outcome)),
        Ok(None) => Prepared::Network(Box::new(Network::prepare(&mut run, rows)?)),
    };
    // From here on there is something to keep.
    let unfinished = match request.resume {
        Resume::Fresh => Unfinished::Remove,
        Resume::Continue | Resume::Epoch(_) => Unfinished::Keep,
    };
    let staging = Staging::begin(&request.out, existing(request), unfinished)?;
    if !staging.is_locked() {
        let partial = staging.path().display();
        run.warn(format!(
            "{partial}: this file system has no locks, so nothing keeps a second run out of it"
        ));
    }
    let trained = match prepared {
        Prepared::Trained(outcome) => Ok(Some(*outcome)),
        Prepared::Network(network) => network.train(&mut run, &ModelFolder::at(staging.path())),
    };
    match trained {
        Ok(Some(mut outcome)) if rivals.is_empty() => finish(&mut run, rows, (&mut outcome, &[]), staging),
        Ok(Some(outcome)) => {
            let Contender { config, mut outcome, rivals } = contend(&mut run, rows, outcome, best)?;
            run.config = config;
            finish(&mut run, rows, (&mut outcome, &rivals), staging)
        }
        Ok(None) => {
            run.tell(&Event::Interrupted { partial: staging.path() });
            Ok(Finished::Interrupted { partial: staging.path().into() })
        }
        Err(error) => {
            staging.discard_if_empty();
            Err(error)
        }
    }
}

/// The model that did best so far.
struct Contender {
    config: Checked,
    outcome: Outcome,
    /// All that were compared, the best first.
    rivals: Vec<Rival>,
}

/// Compares a model with the best so far on the validation rows.
fn contend(run: &mut Context, rows: &Rows, outcome: Outcome, best: Option<Contender>) -> Result<Contender> {
    let (accuracy, loss) = outcome.judge(&rows.validation, run.config.task)?;
    let own = Rival { model: run.config.model.name().into(), accuracy, loss, seconds: outcome.seconds };
    run.tell(&Event::Rival { rival: &own });
    let config = run.config.clone();
    let Some(mut best) = best else { return Ok(Contender { config, outcome, rivals: vec![own] }) };
    let is_better = match best.rivals.first() {
        Some(first) => own.is_better_than(first),
        None => true,
    };
    if is_better {
        best.rivals.insert(0, own);
        return Ok(Contender { config, outcome, rivals: best.rivals });
    }
    best.rivals.push(own);
    Ok(best)
}

/// The model, if it is made in one go.
fn made_in_one_go(run: &mut Context, rows: &Rows) -> Result<Option<Outcome>> {
    match run.config.model.clone() {
        ModelConfig::Linear(linear) => solver::solve(run, &linear, rows).map(Some),
        ModelConfig::Frozen(_) => frozen::solve(run, rows).map(Some),
        ModelConfig::Rules(rules) => rules::read(run, &rules, rows).map(Some),
        _ => Ok(None),
    }
}

/// A model as it is before anything is written.
enum Prepared {
    /// Still to be trained, which leaves states in the folder.
    Network(Box<Network>),
    /// Made in one go.
    Trained(Box<Outcome>),
}

/// Writes the model, evaluates what was written, and puts the folder in its place.
fn finish(
    run: &mut Context,
    rows: &Rows,
    (outcome, rivals): (&mut Outcome, &[Rival]),
    staging: Staging,
) -> Result<Finished> {
    let folder = ModelFolder::at(staging.path());
    written::write_model(run, rows, outcome, &folder)?;
    // A disk that is full now has room for the rest, which is small: the model is kept, and the error told
    // last.
    let kept = state::keep(run, &folder, outcome);
    // Its digests were made of these files a moment ago.
    let pipeline = Pipeline::open(staging.path(), Integrity::Unchecked, run.device)?;
    let knowledge = folder.knowledge(&run.config.model);
    let name = knowledge.file_name().unwrap_or_default().to_string_lossy();
    let digest = pipeline.manifest().files.get(&*name).cloned().unwrap_or_default();
    let validation = match outcome.refitted.take() {
        // By now it has seen these rows.
        Some(refitted) => refitted.validation,
        None => Evaluated::new(&pipeline, &rows.validation)?,
    };
    let names = pipeline.labels();
    let chosen =
        calibrate::choose(run.config.data.calibration, validation.probabilities.view(), &rows.validation)?;
    let (calibration, figures) =
        chosen.map_or((None, None), |(calibration, figures)| (calibration, Some(figures)));
    if let Some(figures) = &figures {
        run.tell(&Event::Calibrated { figures });
    }
    if calibration.is_some() {
        folder.change(|manifest| manifest.calibration = calibration.clone())?;
    }
    let raw_test = rows.test.as_ref().map(|test| Evaluated::new(&pipeline, test)).transpose()?;
    let calibrated = |raw: &Evaluated, data: &Dataset| match &calibration {
        Some(calibration) => raw.calibrated(names, data, calibration).map(Some),
        None => Ok(None),
    };
    let before = raw_test.as_ref().unwrap_or(&validation);
    let figures = figures.map(|figures| match &calibration {
        Some(_) => CalibrationFigures {
            before: Some(before.evaluation.figures.clone()),
            bins_before: before.evaluation.reliability.clone(),
            ..figures
        },
        None => figures,
    });
    let test = match (raw_test, &rows.test) {
        (Some(raw), Some(data)) => Some(calibrated(&raw, data)?.unwrap_or(raw)),
        _ => None,
    };
    let validation = calibrated(&validation, &rows.validation)?.unwrap_or(validation);
    let full = |evaluated: Evaluated, data: &Dataset| evaluated.in_full(names, data, run.config.seed);
    let (validation, test) = match (test, &rows.test) {
        (Some(test), Some(data)) => (validation, Some(full(test, data)?)),
        _ => (full(validation, &rows.validation)?, None),
    };
    if validation.evaluation.rows > 0 {
        run.tell(&Event::Judged { role: Role::Validation, judgement: &validation.evaluation });
    }
    if let Some(test) = &test {
        run.tell(&Event::Judged { role: Role::Test, judgement: &test.evaluation });
    }
    let mut metrics = metrics(&run.config, rows, outcome, digest, (&validation, test.as_ref()));
    metrics.calibration = figures;
    metrics.rivals = rivals.to_vec();
    let hints = tell_hints(run, &metrics);
    written::write_report(run, rows, (&metrics, &hints), &pipeline, (&validation, test.as_ref()), &folder)?;
    let place = staging.commit()?;
    let report = ModelFolder::at(&place).report();
    run.tell(&Event::Saved { folder: &place, report: &report, metrics: &metrics });
    kept.map_err(|error| Error::NoState { folder: place.clone(), source: Box::new(error) })?;
    Ok(Finished::Done { folder: place, metrics: Box::new(metrics) })
}

/// Tells what the run suggests to do next, and hands it on in the words of the front.
fn tell_hints(run: &mut Context, metrics: &Metrics) -> Vec<String> {
    let mut told = Vec::new();
    for Hint { message, advice, is_warning } in hints(&run.config, metrics) {
        told.push(run.advised(message.clone(), &advice));
        run.tell(&match is_warning {
            true => Event::Warning { message, advice: Some(advice) },
            false => Event::Hint { message, advice },
        });
    }
    told
}

fn existing(request: &Request) -> Existing {
    match request.resume {
        Resume::Fresh => request.existing,
        Resume::Continue | Resume::Epoch(_) => Existing::Replace,
    }
}
