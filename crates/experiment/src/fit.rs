//! Training, whatever the model: from rows to a model that predicts.

use std::collections::BTreeMap;
use std::time::Instant;

use assort_classifier::Inputs;
use assort_datasets::Dataset;
use assort_models::linear::{LinearConfig, Stopped, fit};
use assort_models::rules::{Rules, RulesConfig};
use assort_models::{Initial, Model, ModelConfig, Shape};
use assort_pipeline::{Adapter, FeatureConfig, Featurizer, ModelFolder, PretrainedRecord, Staging};
use assort_random::Seed;
use assort_tensor::Targets;
use assort_text::{Special, TokenId, TokenizerKind, Vocab};
use assort_train::{
    Alone, CachePlace, Examples, Fit, History, Outcome, ScheduleKind, TrainConfig, TrainState, Trainer,
};
use candle_core::Device;

use crate::embedding::{self, Pretrained};
use crate::flat::flatten;
use crate::prepare::Rows;
use crate::pretrained::Opened;
use crate::save::sha256;
use crate::watch::{Watch, parameter_lines};
use crate::{Error, Event, ExperimentConfig, Listener, ParameterLine, Request, Result, VectorFigures};

/// A trained model with what is known of its training.
pub struct Fitted {
    pub featurizer: Featurizer,
    /// What the embedding began with.
    pub vectors: Option<VectorFigures>,
    pub model: Model,
    pub shape: Shape,
    /// The architecture with the sizes that it came to have.
    pub architecture: ModelConfig,
    pub features: FeatureConfig,
    pub pretrained: Option<PretrainedRecord>,
    /// What low-rank matrices learned, before the model took them up.
    pub adapter: Option<Adapter>,
    pub history: History,
    /// Where a longer run goes on from.
    pub state: Option<TrainState>,
    pub steps: usize,
    /// Seconds of the steps alone.
    pub step_seconds: f64,
    /// The rows and tokens that the steps saw.
    pub seen: (usize, usize),
    pub tokens: usize,
    pub padding: f64,
    pub parameters: (usize, usize),
    /// From rows in memory to the final weights.
    pub seconds: f64,
}

/// How training ended.
pub enum Ended {
    Finished(Box<Fitted>),
    Interrupted,
}

/// A network's training by gradient. States go into the staging folder.
pub fn network(
    request: &Request,
    config: &ExperimentConfig,
    train: &TrainConfig,
    vectors: Option<&Pretrained>,
    rows: &Rows,
    device: &Device,
    listener: &mut dyn Listener,
) -> Result<(Ended, Staging)> {
    let resumed = crate::run::load_state(request, device)?;
    let seed = Seed::new(config.seed);
    let clock = Instant::now();
    let mut opened = Opened::new(&request.settings, config)?;
    let wanted = opened.as_ref().map_or(&config.features, |opened| &opened.features).clone();
    let (featurizer, train_inputs, validation_inputs) = features(&wanted, rows, listener)?;
    let (examples, validation) =
        (examples(train_inputs, &rows.train)?, examples(validation_inputs, &rows.validation)?);
    if examples.inputs().tokens() == 0 {
        return Err(Error::Request("no training row has a token: change tokenizer or punctuation".into()));
    }
    if let Featurizer::Tokens(tokenizer, None) = &featurizer
        && tokenizer.vocab().len() == tokenizer.vocab().specials().len()
    {
        let why = "no token of the training rows is in the vocabulary: lower minimum_count";
        return Err(Error::Request(why.into()));
    }
    let shape = Shape { vocabulary: featurizer.width(), classes: rows.train.names().len() };
    let labels = rows.train.names().names();
    let first = seed.stream("model");
    let mut model = match &mut opened {
        Some(opened) => opened.network(labels, shape.vocabulary, first, device, listener)?,
        None => config.model.network(shape, Initial::Drawn(first), device)?,
    };
    let fine_tuning = config.fine_tuning.clone().unwrap_or_default();
    fine_tuning.freeze(model.parameters_mut())?;
    let vectors = match (vectors, &featurizer, &config.embedding) {
        (Some(vectors), Featurizer::Tokens(tokenizer, _), Some(start)) => {
            let seed = seed.stream("vectors");
            Some(vectors.place(&*model, tokenizer.vocab(), start.vectors_missing, seed, listener)?)
        }
        _ => None,
    };
    let frozen_first = embedding::freeze(config, &mut *model)?;
    let parameters = (model.parameters().total(), model.parameters().trainable());
    listener.tell(&Event::Model {
        name: config.model.name(),
        parameters: parameter_lines(model.parameters()),
        total: parameters.0,
        trainable: parameters.1,
        device: assort_tensor::device_name(device),
    });
    let lengths: Vec<usize> = examples.inputs().lengths().collect();
    let plan = train.plan(&lengths, &fine_tuning)?;
    let record = opened.as_ref().map(|opened| opened.record().clone());
    let mut fingerprint =
        fingerprint(config, train, rows, vectors.as_ref(), plan.total_steps(), record.as_ref());
    if let FeatureConfig::Tokens { text, .. } = &wanted
        && text.tokenizer == TokenizerKind::Pretrained
    {
        let ids: Vec<u8> = examples.inputs().ids().iter().flat_map(|id| id.to_le_bytes()).collect();
        fingerprint.insert("what the tokenizer makes of the texts".into(), sha256(&ids));
    }
    if let Some(state) = &resumed {
        state.check(&fingerprint)?;
    }

    // From here on there is something to keep.
    let staging = crate::run::begin(request)?;
    let folder = ModelFolder::at(staging.path());
    let cache = fine_tuning.cache_megabytes.map(|megabytes| CachePlace {
        bytes: megabytes.saturating_mul(1 << 20),
        spill: staging.path().join("frozen-layers"),
    });
    let (seed, stop) = (seed.stream("train"), request.stop.clone());
    let trainer = Trainer { plan, seed, frozen_first, stop, cache, fingerprint, reduce: Box::new(Alone) };
    let mut watch = Watch::new(listener, folder.clone(), train.checkpoints);
    let outcome = trainer.fit(&mut *model, &examples, &validation, resumed, &mut watch);
    let padding = watch.padding;
    match outcome {
        Ok(Outcome::Finished(Fit { history, state, steps })) => {
            let (state, seconds) = (Some(state), clock.elapsed().as_secs_f64());
            let learned = match (model.merge(), &state) {
                (Ok(learned), _) => learned,
                (Err(error), state) => {
                    state.as_ref().map_or(Ok(()), |state| state.save(&folder.state()))?;
                    return Err(error.into());
                }
            };
            let adapter = learned.zip(opened.as_ref()).and_then(|(learned, opened)| opened.adapter(learned));
            let (model, tokens) = (Model::Network(model), examples.inputs().tokens());
            let (step_seconds, seen) = (history.step_seconds(), history.seen());
            let fitted = Fitted {
                features: featurizer.settled(wanted),
                featurizer,
                vectors,
                model,
                shape,
                architecture: opened.map_or_else(|| config.model.clone(), |opened| opened.architecture),
                pretrained: record,
                adapter,
                history,
                state,
                steps,
                step_seconds,
                seen,
                tokens,
                padding,
                parameters,
                seconds,
            };
            Ok((Ended::Finished(Box::new(fitted)), staging))
        }
        Ok(Outcome::Interrupted(state)) => {
            state.save(&folder.state())?;
            Ok((Ended::Interrupted, staging))
        }
        Err(error) => {
            staging.discard_if_empty();
            Err(error.into())
        }
    }
}

/// A linear model's training by its own solver.
pub fn solver(
    request: &Request,
    config: &ExperimentConfig,
    linear: &LinearConfig,
    rows: &Rows,
    listener: &mut dyn Listener,
) -> Result<(Ended, Staging)> {
    let clock = Instant::now();
    let texts = rows.train.texts().slices();
    let (featurizer, inputs) = Featurizer::fit(&texts, &config.features)?;
    let inputs = inputs.sparse()?;
    let (features, weights) = (inputs.width(), inputs.stored());
    listener.tell(&Event::Vectorized { features, weights, seconds: clock.elapsed().as_secs_f64() });
    let labels: Vec<u32> = rows.train.labels().iter().map(|label| label.0).collect();
    let shape = Shape { vocabulary: featurizer.width(), classes: rows.train.names().len() };
    let solving = Instant::now();
    let model = fit(inputs, &labels, shape.classes, linear)?;
    let (solve_seconds, seconds) = (solving.elapsed().as_secs_f64(), clock.elapsed().as_secs_f64());
    let total = model.coefficients().len() + model.intercepts().len();
    let line = |(name, tensor): (String, candle_core::Tensor)| ParameterLine {
        name,
        shape: tensor.dims().to_vec(),
        values: tensor.elem_count(),
        trained: true,
    };
    listener.tell(&Event::Model {
        name: config.model.name(),
        parameters: model.tensors()?.into_iter().map(line).collect(),
        total,
        trainable: total,
        device: "cpu".into(),
    });
    for end in model.convergence() {
        if end.stopped == Stopped::IterationLimit {
            let (steps, share) = (end.iterations, end.gradient_share);
            let message = format!(
                "the solver stopped after {steps} steps before it converged (gradient {share:.1e} of the first): raise iteration_limit or tolerance"
            );
            listener.tell(&Event::Warning { message });
        }
    }
    let steps = model.convergence().iter().map(|end| end.iterations).sum();
    let fitted = Fitted {
        features: featurizer.settled(config.features.clone()),
        featurizer,
        vectors: None,
        model: Model::Linear(model),
        shape,
        architecture: config.model.clone(),
        pretrained: None,
        adapter: None,
        history: History::default(),
        state: None,
        steps,
        step_seconds: solve_seconds,
        seen: (rows.train.len(), weights),
        tokens: weights,
        padding: 0.0,
        parameters: (total, total),
        seconds,
    };
    Ok((Ended::Finished(Box::new(fitted)), crate::run::begin(request)?))
}

/// Rules: they are read, and nothing is learned.
pub fn rules(
    request: &Request,
    config: &ExperimentConfig,
    rules: &RulesConfig,
    rows: &Rows,
    listener: &mut dyn Listener,
) -> Result<(Ended, Staging)> {
    let Some(path) = &rules.rules else {
        let reason = "name the TOML file that has the rules, as in --set rules=FILE.toml".into();
        return Err(Error::Setting { key: "rules".into(), value: "none".into(), reason });
    };
    let clock = Instant::now();
    let text = std::fs::read_to_string(path)
        .map_err(|e| Error::File { path: path.clone(), reason: format!("{e}; `rules` needs a TOML file") })?;
    let names = rows.train.names().names();
    let rules = Rules::parse(&text, path, names)?;
    let seconds = clock.elapsed().as_secs_f64();
    let mut labels: Vec<(String, usize)> = names.iter().map(|name| (name.clone(), 0)).collect();
    for label in rules.labels() {
        if let Some((_, count)) = labels.get_mut(label as usize) {
            *count += 1;
        }
    }
    let default = names.get(rules.default_label() as usize).cloned().unwrap_or_default();
    listener.tell(&Event::Rules { labels, default, seconds });
    let (featurizer, _) = Featurizer::fit::<&str>(&[], &config.features)?;
    let fitted = Fitted {
        featurizer,
        vectors: None,
        model: Model::Rules(rules),
        shape: Shape { vocabulary: 0, classes: names.len() },
        architecture: config.model.clone(),
        features: config.features.clone(),
        pretrained: None,
        adapter: None,
        history: History::default(),
        state: None,
        steps: 0,
        step_seconds: 0.0,
        seen: (0, 0),
        tokens: 0,
        padding: 0.0,
        parameters: (0, 0),
        seconds,
    };
    Ok((Ended::Finished(Box::new(fitted)), crate::run::begin(request)?))
}

/// Learns the features from the training rows, and gives training and validation rows as inputs.
fn features(
    config: &FeatureConfig,
    rows: &Rows,
    listener: &mut dyn Listener,
) -> Result<(Featurizer, Inputs, Inputs)> {
    let clock = Instant::now();
    let (featurizer, train) = Featurizer::fit(&rows.train.texts().slices(), config)?;
    let validation = featurizer.inputs(&rows.validation.texts().slices())?;
    if let (Featurizer::Tokens(tokenizer, _), Inputs::Ragged(ids), Inputs::Ragged(others)) =
        (&featurizer, &train, &validation)
    {
        let vocab = tokenizer.vocab();
        // Behind the vocabulary lie the buckets of n-grams.
        let known = |ids: &[u32]| ids.iter().filter(|&&id| (id as usize) < vocab.len()).count();
        let unk = vocab.special(Special::Unk);
        let unknown = others.ids().iter().filter(|&&id| Some(TokenId(id)) == unk).count();
        let tokens = known(others.ids());
        listener.tell(&Event::Tokenized {
            vocabulary: vocab.len(),
            tokens: known(ids.ids()),
            most_common: most_common(vocab, ids.ids(), 10),
            unknown: (tokens > 0).then(|| unknown as f64 / tokens as f64),
            seconds: clock.elapsed().as_secs_f64(),
        });
    }
    Ok((featurizer, train, validation))
}

/// The `n` most frequent tokens of training ids with their counts, specials left out; of equals the first id.
fn most_common(vocab: &Vocab, ids: &[u32], n: usize) -> Vec<(String, u64)> {
    let mut counts = vec![0u64; vocab.len()];
    for &id in ids {
        // Behind the vocabulary lie the buckets of n-grams.
        if let Some(count) = counts.get_mut(id as usize) {
            *count += 1;
        }
    }
    let special = |id: u32| vocab.specials().iter().any(|(_, special)| special.0 == id);
    let mut ranked: Vec<(u64, u32)> =
        (counts.into_iter().zip(0u32..)).filter(|(count, id)| *count > 0 && !special(*id)).collect();
    ranked.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let named = |(count, id): (u64, u32)| Some((vocab.token(TokenId(id))?.to_owned(), count));
    ranked.into_iter().filter_map(named).take(n).collect()
}

fn examples(inputs: Inputs, data: &Dataset) -> Result<Examples> {
    let labels = data.labels().iter().map(|label| label.0).collect();
    Ok(Examples::new(inputs.ragged()?.clone(), Targets::Hard(labels))?)
}

/// What must be the same for a run to go on. How long it runs may change, unless the schedule depends on it.
fn fingerprint(
    config: &ExperimentConfig,
    train: &TrainConfig,
    rows: &Rows,
    vectors: Option<&VectorFigures>,
    total_steps: usize,
    pretrained: Option<&PretrainedRecord>,
) -> BTreeMap<String, String> {
    // Digests say what vectors and weights are, wherever the files lie.
    const FREE: [&str; 8] = [
        "tokenizer_file",
        "epochs",
        "max_steps",
        "patience",
        "checkpoints",
        "vectors",
        "pretrained",
        "cache_megabytes",
    ];
    let mut print: BTreeMap<String, String> = flatten(config)
        .into_iter()
        .filter(|(key, _)| !FREE.contains(&key.as_str()))
        .map(|(key, value)| (key, value.to_string()))
        .collect();
    print.insert("the data's digest".into(), rows.digest.clone());
    if let Some(vectors) = vectors {
        print.insert("the vectors' digest".into(), vectors.digest.clone());
    }
    print.insert("model".into(), config.model.name().into());
    for (file, digest) in pretrained.iter().flat_map(|record| &record.files) {
        print.insert(format!("the checkpoint's {file}"), digest.clone());
    }
    if train.schedule != ScheduleKind::Constant || train.warmup > 0.0 {
        let key = "steps of the learning-rate schedule (from epochs and max_steps)";
        print.insert(key.into(), total_steps.to_string());
    }
    print
}
