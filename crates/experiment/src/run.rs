//! One experiment from its files to its folder.

use std::path::PathBuf;

use assort_datasets::ChosenColumn;
use assort_models::ModelConfig;
use assort_models::rules::RulesConfig;
use assort_pipeline::{
    Adapter, DataRecord, Existing, FeatureConfig, Manifest, ModelFolder, Pipeline, Staging,
};
use assort_train::{Checkpoints, TrainState};
use candle_core::Device;

use crate::embedding;
use crate::fit::{Ended, Fitted, network, rules, solver};
use crate::judge::Judged;
use crate::prepare::{self, Rows};
use crate::save::{Written, place_files, sha256};
use crate::{Error, Event, ExperimentConfig, Listener, Metrics, Request, Result, Resume, Role};

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
    let config = request.settings.resolve()?;
    config.check()?;
    Staging::check(&request.out, existing(request))?;
    let partial = Staging::partial_of(&request.out);
    let is_new = request.resume == Resume::Fresh && request.existing == Existing::Keep;
    if is_new && ModelFolder::at(&partial).state().is_file() {
        let (partial, why) = (partial.display(), "go on with --resume, or start anew with --overwrite");
        return Err(Error::Request(format!("{partial} holds an interrupted run: {why}")));
    }
    let device = request.device.open()?;
    config.check_device(&device)?;
    if request.resume == Resume::Continue {
        if config.train.is_none() {
            let model = config.model.name();
            let why = format!("the model {model} is made in one go, so there is no state to go on from");
            return Err(Error::Request(format!("{why}: start without --resume")));
        }
        // A missing state, or a folder of another version, is told before the files are read.
        state_path(request)?;
        if ModelFolder::is_one(&request.out) {
            ModelFolder::at(&request.out).read_manifest()?;
        }
    }
    let rows = prepare::rows(&request.files, &config.data, config.seed, listener)?;
    run_on(request, &rows, &device, listener)
}

/// The rest of an experiment, from its rows.
pub fn run_on(
    request: &Request,
    rows: &Rows,
    device: &Device,
    listener: &mut dyn Listener,
) -> Result<Finished> {
    let (request, vectors) = embedding::open(request, listener)?;
    let (request, config) = (&request, &request.settings.resolve()?);
    let (ended, staging) = match (&config.model, &config.train) {
        (ModelConfig::Linear(linear), _) => solver(request, config, linear, rows, listener)?,
        (ModelConfig::Rules(file), _) => rules(request, config, file, rows, listener)?,
        (_, Some(train)) => network(request, config, train, vectors.as_ref(), rows, device, listener)?,
        (model, None) => return Err(Error::Request(format!("the model {} cannot be trained", model.name()))),
    };
    match ended {
        Ended::Finished(fitted) => finish(request, config, rows, *fitted, staging, device, listener),
        Ended::Interrupted => {
            listener.tell(&Event::Interrupted { partial: staging.path() });
            Ok(Finished::Interrupted { partial: staging.path().into() })
        }
    }
}

/// Writes the model, judges what was written, and puts the folder in its place.
fn finish(
    request: &Request,
    config: &ExperimentConfig,
    rows: &Rows,
    fitted: Fitted,
    staging: Staging,
    device: &Device,
    listener: &mut dyn Listener,
) -> Result<Finished> {
    let folder = ModelFolder::at(staging.path());
    folder.write(&manifest(config, rows, &fitted), &fitted.featurizer, &fitted.model)?;
    match &fitted.adapter {
        Some(adapter) => adapter.write(&folder)?,
        None => Adapter::remove(&folder)?,
    }
    keep_state(config, &folder, fitted.state.as_ref())?;
    let path = folder.knowledge(&config.model);
    let weights = std::fs::read(&path).map_err(|e| Error::File { path, reason: e.to_string() })?;
    let pipeline = Pipeline::load(staging.path(), device)?;
    let validation = Judged::new(&pipeline, &rows.validation)?;
    listener.tell(&Event::Judged { role: Role::Validation, judgement: &validation.judgement });
    let test = rows.test.as_ref().map(|test| Judged::new(&pipeline, test)).transpose()?;
    if let Some(test) = &test {
        listener.tell(&Event::Judged { role: Role::Test, judgement: &test.judgement });
    }
    let metrics = Metrics::new(config, rows, &fitted, sha256(&weights), (&validation, test.as_ref()));
    let written = Written { request, rows, metrics: &metrics };
    place_files(&folder, &written, &validation, test.as_ref())?;
    let place = staging.commit()?;
    let report = ModelFolder::at(&place).report();
    listener.tell(&Event::Saved { folder: &place, report: &report, metrics: &metrics });
    Ok(Finished::Done { folder: place, metrics: Box::new(metrics) })
}

fn manifest(config: &ExperimentConfig, rows: &Rows, fitted: &Fitted) -> Manifest {
    let column = |chosen: &Option<ChosenColumn>| chosen.as_ref().map(|c| c.name.clone()).unwrap_or_default();
    let record = DataRecord {
        digest: rows.train.digest(),
        rows: rows.train.len(),
        text_column: column(&rows.report.text),
        label_column: column(&rows.report.label),
    };
    let labels = rows.train.names().names().to_vec();
    let model = match &fitted.architecture {
        // The folder has its own copy.
        ModelConfig::Rules(_) => ModelConfig::Rules(RulesConfig { rules: Some("rules.toml".into()) }),
        model => model.clone(),
    };
    let mut features = fitted.features.clone();
    if let (FeatureConfig::Tokens { text, .. }, Some(_)) = (&mut features, &fitted.pretrained) {
        // As well here: where it was read is of no use elsewhere.
        text.tokenizer_file = None;
    }
    let mut manifest = Manifest::new(model, fitted.shape, labels, features, config.seed, record);
    manifest.pretrained = fitted.pretrained.clone();
    manifest
}

fn existing(request: &Request) -> Existing {
    match request.resume {
        Resume::Fresh => request.existing,
        Resume::Continue => Existing::Replace,
    }
}

/// The partial folder of a request.
pub fn begin(request: &Request) -> Result<Staging> {
    Ok(Staging::begin(&request.out, existing(request))?)
}

/// The state to go on from, if the request wants to: of an interrupted run, else of the finished folder.
pub fn load_state(request: &Request, device: &Device) -> Result<Option<TrainState>> {
    match request.resume {
        Resume::Fresh => Ok(None),
        Resume::Continue => Ok(Some(TrainState::load(&state_path(request)?, device)?)),
    }
}

fn state_path(request: &Request) -> Result<PathBuf> {
    let partial = Staging::partial_of(&request.out);
    let states = [partial, request.out.clone()].map(|folder| ModelFolder::at(&folder).state());
    states.iter().find(|path| path.is_file()).cloned().ok_or_else(|| {
        let place = states[1].display();
        let why = "start without --resume (a run with checkpoints = \"best\" keeps no state)";
        Error::Request(format!("nothing to resume: there is no {place}; {why}"))
    })
}

fn keep_state(config: &ExperimentConfig, folder: &ModelFolder, state: Option<&TrainState>) -> Result<()> {
    let checkpoints = config.train.as_ref().map_or(Checkpoints::Best, |train| train.checkpoints);
    match state {
        Some(state) if checkpoints != Checkpoints::Best => Ok(state.save(&folder.state())?),
        _ if folder.state().is_file() => {
            let path = folder.state();
            std::fs::remove_file(&path).map_err(|e| Error::File { path, reason: e.to_string() })
        }
        _ => Ok(()),
    }
}
