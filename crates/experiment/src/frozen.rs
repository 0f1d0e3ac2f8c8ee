//! A frozen model's training: states of a published encoder, and a linear head that is fitted to them.
//!
//! States of training and validation rows are computed once, whatever is tried on them. They are not kept on
//! disk: their bits depend on the processor and on this program's version as well as on texts and weights, so
//! that a copy could be stale without a sign of it.

use std::time::Instant;

use assort_classifier::Classifier;
use assort_datasets::{Dataset, Fold, Task};
use assort_models::encoder::{Encoder, TokenPooling};
use assort_models::frozen::classifier;
use assort_models::linear::{
    InversePenalty, LinearConfig, LinearModel, Multiclass, Refit, Standard, StandardScale, fit,
};
use assort_models::{FrozenConfig, Model, ModelConfig, Shape};
use assort_report::{Search, TriedFeatures};
use assort_rows::{DenseRows, TokenRows};
use assort_tensor::Part;
use candle_core::{DType, Device};
use ndarray::Array2;

use crate::checkpoint::Opened;
use crate::context::Context;
use crate::evaluate::Evaluated;
use crate::observer::parameter_lines;
use crate::outcome::{Outcome, Refitted, Training};
use crate::penalty::{self, Division, FIRST};
use crate::prepare::Rows;
use crate::truth::{self, Truth};
use crate::{Error, Event, Result, choice, memory, solver, tokens};

/// The inverse penalties: those of n-grams, and two beyond. States have a mean length of 1, as rows of
/// n-grams have, but far fewer dimensions that could be learned by heart.
const PENALTIES: [f64; 9] = [0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0];
/// Tokens whose states are computed at a time.
const BATCH_TOKENS: usize = 4096;

/// Computes the states, chooses what is left open, and fits the head.
pub fn solve(run: &mut Context, rows: &Rows) -> Result<Outcome> {
    let clock = Instant::now();
    let none = || Error::Request(format!("the model {} has no encoder", run.config.model.name()));
    let mut opened = Opened::new(run)?.ok_or_else(none)?;
    let features = opened.features.clone();
    let (featurizer, train, validation) = tokens::features(run, &features, rows)?;
    let (train, validation) = (train.into_ragged()?, validation.into_ragged()?);
    let names = rows.train.names().names();
    let shape = Shape { vocabulary: featurizer.width(), classes: names.len() };
    let mut encoder = opened.encoder(shape.classes, shape.vocabulary, run)?;
    encoder.parameters_mut().freeze(|parameter| parameter.part != Part::Classifier);
    let total = (encoder.parameters().total(), encoder.parameters().trainable());

    let poolings = frozen(run)?.poolings();
    let width = encoder.plan().width;
    memory::check_states(train.rows() + validation.rows(), width, poolings.len())?;
    let mut progress = Progress { done: 0, rows: train.rows() + validation.rows() };
    let train_states = states(run, &encoder, &train, poolings, &mut progress)?;
    let validation_states = states(run, &encoder, &validation, poolings, &mut progress)?;
    let all = States { poolings, train: train_states, validation: validation_states };
    let search = settle(run, &all, rows)?;

    let frozen = frozen(run)?;
    let (linear, scale) = (fit_of(&frozen, rows), frozen.scales()[0]);
    let pooling = frozen.poolings()[0];
    let (states, held) = all.of(pooling)?;
    memory::check_linear(&linear, (states.rows(), width, shape.classes))?;
    let solving = Instant::now();
    let mut head = head(&states, &rows.train, (&linear, scale))?;
    let training = Training::Solved {
        steps: head.convergence().iter().map(|end| end.iterations).sum(),
        seconds: solving.elapsed().as_secs_f64(),
        search,
    };
    let refitted = match linear.refit {
        Refit::Off => None,
        Refit::On => {
            let cut = featurizer.count_cut(
                &rows.validation.texts().slices(),
                &assort_classifier::Inputs::Ragged(validation),
            )?;
            let judged = judge(&head, &held, rows, cut)?;
            let both = DenseRows::new([states.values(), held.values()].concat(), width)?;
            let joined = rows.train.joined(&rows.validation)?;
            head = self::head(&both, &joined, (&linear, scale))?;
            Some(Box::new(Refitted { validation: judged, digest: joined.digest(), rows: joined.len() }))
        }
    };
    encoder.set_head(pooling, &classifier(&head, run.device)?)?;
    let seconds = clock.elapsed().as_secs_f64();
    run.tell(&Event::Model {
        name: run.config.model.name(),
        parameters: parameter_lines(encoder.parameters()),
        total: total.0,
        trainable: total.1,
        device: assort_tensor::device_name(run.device),
    });
    solver::warn_if_unfinished(run, &head);
    let architecture = FrozenConfig { encoder: Some(opened.architecture.clone()), ..frozen };
    Ok(Outcome {
        features: featurizer.settled(features),
        featurizer,
        model: Model::Network(Box::new(encoder)),
        architecture: ModelConfig::Frozen(Box::new(architecture)),
        shape,
        parameters: total,
        tokens: train.tokens(),
        seconds,
        training,
        pretrained: Some(opened.record().clone()),
        refitted,
    })
}

/// The model's own settings, as they stand.
fn frozen(run: &Context) -> Result<FrozenConfig> {
    match &run.config.model {
        ModelConfig::Frozen(frozen) => Ok((**frozen).clone()),
        other => Err(Error::Request(format!("the model {} has no frozen encoder", other.name()))),
    }
}

/// The settings of the fit to these rows.
fn fit_of(frozen: &FrozenConfig, rows: &Rows) -> LinearConfig {
    let linear = frozen.linear();
    match rows.train.task() {
        Task::OneOf => linear,
        Task::AnyOf => LinearConfig { multiclass: Multiclass::Independent, ..linear },
    }
}

/// Rows whose states are known, of all.
struct Progress {
    done: usize,
    rows: usize,
}

/// States by the way of pooling.
struct States {
    poolings: &'static [TokenPooling],
    train: Vec<DenseRows>,
    validation: Vec<DenseRows>,
}

impl States {
    /// Those of training and validation rows.
    fn of(&self, pooling: TokenPooling) -> Result<(DenseRows, DenseRows)> {
        let place = self.poolings.iter().position(|own| *own == pooling);
        let both = place.and_then(|at| Some((self.train.get(at)?.clone(), self.validation.get(at)?.clone())));
        both.ok_or_else(|| Error::Request(format!("no states were computed for the pooling {pooling:?}")))
    }
}

/// The states of the rows for each way of pooling. Rows of like length are computed together, so many that
/// their tokens are about as many each time.
fn states(
    run: &mut Context,
    encoder: &Encoder,
    rows: &TokenRows,
    poolings: &[TokenPooling],
    progress: &mut Progress,
) -> Result<Vec<DenseRows>> {
    let width = encoder.plan().width;
    let lengths: Vec<usize> = rows.lengths().collect();
    let mut order: Vec<u32> = (0..rows.rows() as u32).collect();
    order.sort_by_key(|row| lengths[*row as usize]);
    let mut all = vec![vec![0f32; rows.rows() * width]; poolings.len()];
    let mut left = order.as_slice();
    while !left.is_empty() {
        if run.request.stop.is_set() {
            return Err(Error::Stopped);
        }
        let mut tokens = 0;
        let count = left.iter().take_while(|row| {
            tokens += lengths[**row as usize];
            tokens <= BATCH_TOKENS
        });
        let (picks, rest) = left.split_at(count.count().max(1));
        let pooled = encoder.pooled(&rows.select(picks), poolings)?;
        for (all, pooled) in all.iter_mut().zip(pooled) {
            let values: Vec<f32> = pooled
                .to_device(&Device::Cpu)
                .and_then(|pooled| pooled.to_dtype(DType::F32)?.flatten_all()?.to_vec1())
                .map_err(assort_tensor::Error::from)?;
            for (line, place) in values.chunks_exact(width).zip(picks) {
                all[*place as usize * width..][..width].copy_from_slice(line);
            }
        }
        left = rest;
        progress.done += picks.len();
        run.tell(&Event::Prepare { done: progress.done, rows: progress.rows });
    }
    Ok(all.into_iter().map(|values| DenseRows::new(values, width)).collect::<Result<_, _>>()?)
}

/// Settles what is left open in the run's configuration by the loss on rows that heads are not fitted to;
/// `None` where nothing is.
fn settle(run: &mut Context, states: &States, rows: &Rows) -> Result<Option<Search>> {
    let frozen = frozen(run)?;
    let linear = fit_of(&frozen, rows);
    let given;
    let (penalties, first): (&[f64], usize) = match linear.inverse_penalty {
        InversePenalty::Auto => (&PENALTIES, FIRST),
        InversePenalty::Fixed(penalty) => {
            given = [penalty];
            (&given, 0)
        }
    };
    if penalties.len() * frozen.poolings().len() * frozen.scales().len() == 1 {
        return Ok(None);
    }
    let folds = penalty::folds(rows, run.config.seed, run.config.data.resample)?;
    let classes = rows.train.names().len();
    let mut search: Option<Search> = None;
    for &pooling in frozen.poolings() {
        let (train, held) = states.of(pooling)?;
        for &scaling in frozen.scales() {
            let division = |(states, data): (DenseRows, &Dataset), (held, judges): (DenseRows, &Dataset)| {
                let standard = Standard::new(&states, scaling);
                let (rows, held) = (standard.apply(states), standard.apply(held));
                Division { rows, targets: truth::targets(data), held, truth: Truth::new(judges), classes }
            };
            let divisions: Vec<Division<DenseRows>> = match &folds {
                None => vec![division((train.clone(), &rows.train), (held.clone(), &rows.validation))],
                Some(folds) => {
                    let of_fold = |fold: &Fold| {
                        let data = &rows.train;
                        let (own, judges) = (data.select(&fold.train)?, data.select(&fold.validation)?);
                        let states = (train.select(&fold.train), train.select(&fold.validation));
                        Ok(division((states.0, &own), (states.1, &judges)))
                    };
                    folds.iter().map(of_fold).collect::<Result<_>>()?
                }
            };
            for division in &divisions {
                memory::check_linear(&linear, (division.rows.rows(), division.rows.width(), classes))?;
            }
            let search = search.get_or_insert_with(|| penalty::search(&divisions, classes));
            let features = TriedFeatures::States { pooling, scaling };
            penalty::walk(run, search, &divisions, (features, &linear), (penalties, first))?;
        }
    }
    if let Some(search) = &search {
        run.config = choice::with_best(run.config.clone(), search)?;
        run.tell(&Event::Chosen { search });
    }
    Ok(search)
}

/// A head for states as the encoder gives them, fitted to these on their common scale.
fn head(
    states: &DenseRows,
    data: &Dataset,
    (linear, scale): (&LinearConfig, StandardScale),
) -> Result<LinearModel> {
    let standard = Standard::new(states, scale);
    let rows = standard.apply(states.clone());
    let targets = truth::targets(data);
    Ok(standard.fold(&fit(&rows, truth::labels(&targets)?, data.names().len(), linear)?)?)
}

/// The figures of a head that has not seen the validation rows.
fn judge(head: &LinearModel, held: &DenseRows, rows: &Rows, cut: usize) -> Result<Evaluated> {
    let clock = Instant::now();
    let probabilities = head.probabilities(&head.scores(held)?).into_iter().map(f64::from).collect();
    let probabilities = Array2::from_shape_vec((held.rows(), head.classes()), probabilities)
        .map_err(|error| Error::Request(error.to_string()))?;
    let seconds = clock.elapsed().as_secs_f64();
    Evaluated::of(rows.train.names().names(), &rows.validation, probabilities, (cut, seconds))
}
