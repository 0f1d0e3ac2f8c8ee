//! One experiment from its files to its folder.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use assort_models::Shape;
use assort_pipeline::{DataRecord, Manifest, ModelFolder, Pipeline, Staging};
use assort_random::Seed;
use assort_train::{Checkpoints, Fit, Outcome, TrainState, Trainer};

use crate::judge::Judged;
use crate::prepare::{Rows, Tokenized, rows, tokenize};
use crate::save::{Written, place_files, sha256};
use crate::watch::{Watch, parameter_lines};
use crate::{Error, Event, ExperimentConfig, Listener, Metrics, Request, Result, Resume, Role, metrics};

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
    let existing = match request.resume {
        Resume::Fresh => request.existing,
        Resume::Continue => assort_pipeline::Existing::Replace,
    };
    Staging::check(&request.out, existing)?;
    let device = request.device.open()?;
    let resumed = load_state(request, &device)?;
    let seed = Seed::new(config.seed);
    let rows = rows(&request.files, &config.data, seed, listener)?;
    let plan = config.train.check(rows.train.len())?;

    let clock = Instant::now();
    let Tokenized { tokenizer, train, validation } = tokenize(&rows, &config.text, listener)?;
    let shape = Shape { vocabulary: tokenizer.vocab().len(), classes: rows.train.names().len() };
    let mut model = config.model.build(shape, seed.stream("model"), &device)?;
    listener.tell(&Event::Model {
        name: config.model.name(),
        parameters: parameter_lines(model.parameters()),
        total: model.parameters().total(),
        trainable: model.parameters().trainable(),
        device: format!("{:?}", device.location()).to_lowercase(),
    });
    let fingerprint = fingerprint(&config, &rows, plan.total_steps);
    if let Some(state) = &resumed {
        state.check(&fingerprint)?;
    }

    // From here on there is something to keep.
    let staging = Staging::begin(&request.out, existing)?;
    let folder = ModelFolder::at(staging.path());
    let trainer = Trainer { plan, seed: seed.stream("train"), stop: request.stop.clone(), fingerprint };
    let mut watch = Watch::new(listener, folder.clone(), config.train.checkpoints);
    let outcome = trainer.fit(&mut *model, &train, &validation, resumed, &mut watch);
    let padding = watch.padding;
    let Fit { history, state, steps } = match outcome {
        Ok(Outcome::Finished(fit)) => fit,
        Ok(Outcome::Interrupted(state)) => {
            state.save(&folder.state())?;
            listener.tell(&Event::Interrupted { partial: staging.path() });
            return Ok(Finished::Interrupted { partial: staging.path().into() });
        }
        Err(error) => {
            staging.discard_if_empty();
            return Err(error.into());
        }
    };
    let train_seconds = clock.elapsed().as_secs_f64();

    let labels = rows.train.names().names().to_vec();
    let record = DataRecord {
        digest: rows.train.digest(),
        rows: rows.train.len(),
        text_column: column(&rows.report.text),
        label_column: column(&rows.report.label),
    };
    let manifest =
        Manifest::new(config.model.clone(), shape, labels, config.text.clone(), config.seed, record);
    folder.write(&manifest, &tokenizer, model.parameters())?;
    keep_state(&config, &folder, &state)?;
    let weights = std::fs::read(folder.weights());
    let weights = weights.map_err(|e| Error::File { path: folder.weights(), reason: e.to_string() })?;
    // What is judged is what was written.
    let pipeline = Pipeline::load(staging.path(), &device)?;
    let chosen_by = Judged::new(&pipeline, &rows.validation)?;
    listener.tell(&Event::Judged { role: Role::Validation, judgement: &chosen_by.judgement });
    let test = rows.test.as_ref().map(|test| Judged::new(&pipeline, test)).transpose()?;
    if let Some(test) = &test {
        listener.tell(&Event::Judged { role: Role::Test, judgement: &test.judgement });
    }
    let timed = metrics::Timed { train_seconds, padding, steps, tokens: train.inputs().tokens() };
    let parameters = (model.parameters().total(), model.parameters().trainable());
    let digest = sha256(&weights);
    let metrics =
        Metrics::new(&config, &rows, &history, timed, parameters, digest, (&chosen_by, test.as_ref()));
    let written = Written { request, rows: &rows, metrics: &metrics };
    place_files(&folder, &written, &chosen_by, test.as_ref())?;
    let place = staging.commit()?;
    let report = ModelFolder::at(&place).report();
    listener.tell(&Event::Saved { folder: &place, report: &report, metrics: &metrics });
    Ok(Finished::Done { folder: place, metrics: Box::new(metrics) })
}

/// The state to go on from: of an interrupted run, else of the finished folder.
fn load_state(request: &Request, device: &candle_core::Device) -> Result<Option<TrainState>> {
    if request.resume == Resume::Fresh {
        return Ok(None);
    }
    let partial = Staging::partial_of(&request.out);
    let states = [partial, request.out.clone()].map(|folder| ModelFolder::at(&folder).state());
    match states.iter().find(|path| path.is_file()) {
        Some(path) => Ok(Some(TrainState::load(path, device)?)),
        None => Err(Error::Request(format!(
            "nothing to resume: there is no {}; start without --resume (a run with checkpoints = \"best\" keeps no state)",
            states[1].display()
        ))),
    }
}

fn keep_state(config: &ExperimentConfig, folder: &ModelFolder, state: &TrainState) -> Result<()> {
    if config.train.checkpoints != Checkpoints::Best {
        state.save(&folder.state())?;
    } else if folder.state().is_file() {
        let path = folder.state();
        std::fs::remove_file(&path).map_err(|e| Error::File { path, reason: e.to_string() })?;
    }
    Ok(())
}

fn column(chosen: &Option<assort_datasets::ChosenColumn>) -> String {
    chosen.as_ref().map(|column| column.name.clone()).unwrap_or_default()
}

/// What must be the same for a run to go on. How long it runs may change, unless the schedule depends on it.
fn fingerprint(config: &ExperimentConfig, rows: &Rows, total_steps: usize) -> BTreeMap<String, String> {
    const FREE: [&str; 4] = ["epochs", "max_steps", "patience", "checkpoints"];
    let mut print: BTreeMap<String, String> = crate::settings::flatten(config)
        .into_iter()
        .filter(|(key, _)| !FREE.contains(&key.as_str()))
        .map(|(key, value)| (key, value.to_string()))
        .collect();
    print.insert("the data's digest".into(), rows.digest.clone());
    print.insert("model".into(), config.model.name().into());
    if config.train.schedule != assort_train::ScheduleKind::Constant || config.train.warmup > 0.0 {
        print.insert(
            "steps of the learning-rate schedule (from epochs and max_steps)".into(),
            total_steps.to_string(),
        );
    }
    print
}
