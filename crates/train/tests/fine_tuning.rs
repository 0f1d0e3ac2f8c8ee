//! Frozen layers, kept outputs, parts of a step, on a small tower of plain candle ops.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::Path;

use assort_classifier::{Classifier, Mode, Result as ModelResult, Staged};
use assort_random::{Seed, fill_uniform};
use assort_tensor::{Parameters, Part, Ragged, Targets, Training};
use assort_train::{
    Alone, Batches, CachePlace, DecayOn, Examples, FineTuning, History, Observer, OptimizerKind, Outcome,
    Plan, Sampler, StopFlag, TrainConfig, Trainer,
};
use candle_core::{Device, Tensor};

const LAYERS: usize = 3;
const WIDTH: usize = 4;
const NOISE: f32 = 0.1;

/// An embedding, three layers of tanh(x·W) with noise, the mean of the tokens, and a head. The layers below
/// the first trained parameter are the lower part.
struct Tower {
    parameters: Parameters,
    noise: f32,
}

impl Tower {
    fn new(fine_tuning: &FineTuning, noise: f32) -> Self {
        let mut parameters = Parameters::default();
        let layers = (0..LAYERS).map(|layer| (format!("layer {layer}"), Part::Layer(layer), (WIDTH, WIDTH)));
        let all = std::iter::once(("words".to_owned(), Part::Words, (20, WIDTH))).chain(layers).chain([(
            "head".to_owned(),
            Part::Classifier,
            (WIDTH, 2),
        )]);
        for (name, part, shape) in all {
            let mut values = vec![0f32; shape.0 * shape.1];
            fill_uniform(&mut values, -1.0, 1.0, Seed::new(1).stream(&name));
            let value = Tensor::from_vec(values, shape, &Device::Cpu).unwrap();
            parameters.declare(&name, part, &value).unwrap();
        }
        fine_tuning.freeze(&mut parameters).unwrap();
        Self { parameters, noise }
    }

    /// Whether the embeddings are frozen, and so many layers above them.
    fn frozen(&self) -> Option<usize> {
        let is_frozen = |name: &str| self.parameters.get(name).unwrap().training == Training::Frozen;
        let layer = |layer: &usize| is_frozen(&format!("layer {layer}"));
        is_frozen("words").then(|| (0..LAYERS).take_while(layer).count())
    }

    fn embed(&self, inputs: &Ragged, mode: Mode) -> ModelResult<Tensor> {
        let ids = Tensor::from_vec(inputs.ids().to_vec(), inputs.tokens(), &Device::Cpu)?;
        Ok(self.parameters.value("words", mode.tracking())?.index_select(&ids, 0)?)
    }

    fn layer(&self, layer: usize, hidden: &Tensor, mode: Mode) -> ModelResult<Tensor> {
        let weight = self.parameters.value(&format!("layer {layer}"), mode.tracking())?;
        let out = hidden.matmul(&weight)?.tanh()?;
        let Mode::Train(step) = mode else { return Ok(out) };
        let mut noise = vec![0f32; out.elem_count()];
        fill_uniform(
            &mut noise,
            1.0 - self.noise,
            1.0 + self.noise,
            step.seed.stream("noise").at(layer as u64),
        );
        Ok((&out * Tensor::from_vec(noise, out.shape(), &Device::Cpu)?)?)
    }
}

impl Staged for Tower {
    fn lower(&self, inputs: &Ragged) -> ModelResult<Tensor> {
        let mut hidden = self.embed(inputs, Mode::Eval)?;
        for layer in 0..self.frozen().unwrap_or(0) {
            hidden = self.layer(layer, &hidden, Mode::Eval)?;
        }
        Ok(hidden)
    }

    fn upper(&self, inputs: &Ragged, lower: &Tensor, mode: Mode) -> ModelResult<Tensor> {
        let mut hidden = lower.clone();
        for layer in self.frozen().unwrap_or(0)..LAYERS {
            hidden = self.layer(layer, &hidden, mode)?;
        }
        let (mut rows, mut start) = (Vec::new(), 0);
        for length in inputs.lengths() {
            rows.push(hidden.narrow(0, start, length)?.mean_keepdim(0)?);
            start += length;
        }
        Ok(Tensor::cat(&rows, 0)?.matmul(&self.parameters.value("head", mode.tracking())?)?)
    }
}

impl Classifier for Tower {
    fn forward(&self, inputs: &Ragged, mode: Mode) -> ModelResult<Tensor> {
        match self.frozen() {
            Some(_) => self.upper(inputs, &self.lower(inputs)?, mode),
            None => self.upper(inputs, &self.embed(inputs, mode)?, mode),
        }
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn parameters_mut(&mut self) -> &mut Parameters {
        &mut self.parameters
    }

    fn classes(&self) -> usize {
        2
    }

    fn device(&self) -> &Device {
        &Device::Cpu
    }

    fn staged(&self) -> Option<&dyn Staged> {
        self.frozen().map(|_| self as &dyn Staged)
    }
}

/// Rows that hold the word 1 or do not.
fn examples(rows: usize, seed: u64) -> Examples {
    let mut chance = Seed::new(seed).generator();
    let (mut texts, mut labels) = (Vec::new(), Vec::new());
    for row in 0..rows {
        let mut ids: Vec<u32> = (0..1 + chance.below(5)).map(|_| 2 + chance.below(18) as u32).collect();
        if row % 2 == 0 {
            ids[0] = 1;
        }
        texts.push(ids);
        labels.push((row % 2) as u32);
    }
    Examples::new(Ragged::from_rows(texts), Targets::Hard(labels)).unwrap()
}

#[derive(Default)]
struct Prepared(Vec<(usize, usize)>);

impl Observer for Prepared {
    fn prepare(&mut self, done: usize, rows: usize) {
        self.0.push((done, rows));
    }
}

type Weights = Vec<(String, Vec<f32>)>;

fn weights(tower: &Tower) -> Weights {
    let tensors = tower.parameters.snapshot().unwrap().into_iter();
    tensors.map(|(name, tensor)| (name, tensor.flatten_all().unwrap().to_vec1().unwrap())).collect()
}

fn config() -> TrainConfig {
    TrainConfig {
        epochs: 3,
        batch_size: 8,
        optimizer: OptimizerKind::Adamw,
        learning_rate: 1e-2,
        weight_decay: 0.1,
        decay_on: DecayOn::Matrices,
        patience: None,
        ..TrainConfig::default()
    }
}

fn fit(
    config: &TrainConfig,
    tuning: &FineTuning,
    spill: Option<(&Path, usize)>,
) -> (Weights, History, Prepared) {
    fit_noisy(config, tuning, spill, NOISE)
}

fn fit_noisy(
    config: &TrainConfig,
    tuning: &FineTuning,
    spill: Option<(&Path, usize)>,
    noise: f32,
) -> (Weights, History, Prepared) {
    let train = examples(60, 1);
    fit_plan(config.plan(&train, tuning).unwrap(), &train, spill, noise).unwrap()
}

fn fit_plan(
    plan: Plan,
    train: &Examples,
    spill: Option<(&Path, usize)>,
    noise: f32,
) -> assort_train::Result<(Weights, History, Prepared)> {
    let validation = examples(20, 2);
    let tuning = plan.fine_tuning().clone();
    let cache = spill.map(|(folder, bytes)| CachePlace { bytes, spill: folder.join("lower") });
    let fingerprint = BTreeMap::new();
    let trainer = Trainer {
        plan,
        seed: Seed::new(3),
        frozen_first: None,
        cache,
        stop: StopFlag::default(),
        fingerprint,
        reduce: Box::new(Alone),
    };
    let mut tower = Tower::new(&tuning, noise);
    let mut observer = Prepared::default();
    let outcome = trainer.fit(&mut tower, train, &validation, None, &mut observer)?;
    let Outcome::Finished(fit) = outcome else { panic!("nobody asked to stop") };
    Ok((weights(&tower), fit.history, observer))
}

fn last(trained_layers: usize) -> FineTuning {
    FineTuning { trained_layers: Some(trained_layers), ..FineTuning::default() }
}

#[test]
fn what_is_frozen_stays_bit_for_bit_and_the_rest_moves() {
    for (tuning, frozen) in [(FineTuning::default(), 0), (last(3), 1), (last(2), 2), (last(0), 4)] {
        let before = weights(&Tower::new(&tuning, NOISE));
        let (after, history, _) = fit(&config(), &tuning, None);
        for (number, (old, new)) in before.iter().zip(&after).enumerate() {
            assert_eq!(old == new, number < frozen, "{}", new.0);
        }
        let loss = |epoch: usize| history.epochs()[epoch].train_loss;
        assert!(loss(2) < loss(0), "{} {}", loss(0), loss(2));
    }
}

#[test]
fn kept_outputs_change_nothing() {
    let room = tempfile::tempdir().unwrap();
    let (expect, history, nobody) = fit(&config(), &last(2), None);
    assert!(nobody.0.is_empty());
    for bytes in [1 << 20, 100, 0] {
        let (found, kept, told) = fit(&config(), &last(2), Some((room.path(), bytes)));
        assert_eq!(found, expect);
        let losses = |h: &History| {
            h.epochs()
                .iter()
                .map(|e| (e.train_loss, e.validation.value(&assort_metrics::figures::LOSS)))
                .collect::<Vec<_>>()
        };
        assert_eq!(losses(&kept), losses(&history));
        assert_eq!(told.0.last(), Some(&(80, 80)));
        assert_eq!(std::fs::read_dir(room.path()).unwrap().count(), 0, "nothing is left on disk");
    }
}

#[test]
fn a_short_run_keeps_the_outputs_of_its_own_rows() {
    let room = tempfile::tempdir().unwrap();
    let train = examples(300, 1);
    let fit = |config: &TrainConfig, spill| {
        fit_plan(config.plan(&train, &last(2)).unwrap(), &train, spill, NOISE).unwrap()
    };
    // Eight steps use up the first batch of what is kept.
    for (steps, accumulate, kept) in [(3, 1, 64), (8, 1, 64), (4, 3, 128), (37, 1, 300), (38, 1, 300)] {
        let config = TrainConfig { max_steps: Some(steps), accumulate, ..config() };
        let (found, _, told) = fit(&config, Some((room.path(), 1 << 20)));
        assert_eq!(found, fit(&config, None).0, "{steps} steps");
        assert_eq!(told.0.last(), Some(&(kept + 20, kept + 20)), "{steps} steps");
    }
}

/// Batches of the rows 0, 1, …, in this order; in the epochs that a seed marks as odd, one of them more.
#[derive(Debug)]
struct InOrder(usize, bool);

impl Sampler for InOrder {
    fn batches(&self, lengths: &[usize], seed: Seed) -> Batches {
        let more = usize::from(self.1 && seed.generator().below(2) == 1);
        let rows: Vec<u32> = (0..lengths.len() as u32).collect();
        Batches::new(rows.chunks(4).take(self.0 + more))
    }
}

#[test]
fn batches_come_from_a_sampler_of_ones_own() {
    let (train, config) = (examples(60, 1), TrainConfig { epochs: 8, ..config() });
    let plan = |sampler| config.plan(&train, &last(2))?.with_sampler(sampler, &train);
    let plain = plan(InOrder(5, false)).unwrap();
    assert_eq!((plain.steps_per_epoch(), plain.total_steps()), (5, 40));
    let room = tempfile::tempdir().unwrap();
    let (expect, history, _) = fit_plan(plain.clone(), &train, None, NOISE).unwrap();
    assert_eq!(history.epochs()[7].rows, 20);
    let kept = fit_plan(plain, &train, Some((room.path(), 1 << 20)), NOISE).unwrap();
    assert_eq!(kept.0, expect);
    let uneven = fit_plan(plan(InOrder(5, true)).unwrap(), &train, None, NOISE).err().unwrap().to_string();
    assert!(uneven.contains("every epoch needs as many batches"), "{uneven}");
    let none = plan(InOrder(0, false)).unwrap_err().to_string();
    assert_eq!(none, "the sampler makes no batches");
}

#[test]
fn parts_of_a_step_equal_one_large_batch() {
    let whole = TrainConfig { batch_size: 60, ..config() };
    let parts = TrainConfig { batch_size: 7, accumulate: 9, ..whole.clone() };
    let plain = |config: &TrainConfig| fit_noisy(config, &FineTuning::default(), None, 0.0);
    let ((expect, history, _), (found, in_parts, _)) = (plain(&whole), plain(&parts));
    for (a, b) in expect.iter().zip(&found) {
        assert!(a.1.iter().zip(&b.1).all(|(a, b)| (a - b).abs() < 1e-5), "{}", a.0);
    }
    let loss = |history: &History| history.epochs()[2].train_loss;
    assert!((loss(&history) - loss(&in_parts)).abs() < 1e-6);
}

#[test]
fn batches_by_tokens_train_every_row() {
    let config = TrainConfig { batch_size: 100, batch_tokens: Some(16), ..config() };
    let train = examples(60, 1);
    let plan = config.plan(&train, &FineTuning::default()).unwrap();
    assert!(plan.steps_per_epoch() >= train.inputs().tokens().div_ceil(16));
    let (_, history, _) = fit(&config, &last(2), None);
    assert_eq!(history.epochs().len(), 3);
}

#[test]
fn lower_layers_move_less_with_layer_decay() {
    let one = TrainConfig { epochs: 1, max_steps: Some(1), weight_decay: 0.0, ..config() };
    let step = |layer_decay: f64| {
        let tuning = FineTuning { layer_decay, ..FineTuning::default() };
        let before = weights(&Tower::new(&tuning, NOISE));
        let (after, ..) = fit(&one, &tuning, None);
        let largest = |(old, new): (&Vec<f32>, &Vec<f32>)| {
            old.iter().zip(new).map(|(a, b)| (a - b).abs()).fold(0f32, f32::max)
        };
        let values = |all: Vec<(String, Vec<f32>)>| all.into_iter().map(|(_, values)| values);
        let pairs: Vec<_> = values(before).zip(values(after)).collect();
        pairs.iter().map(|(old, new)| largest((old, new))).collect::<Vec<_>>()
    };
    // Adam's first step is the learning rate, whatever the gradient.
    for (found, rate) in step(0.5).iter().zip([1. / 16., 1. / 8., 1. / 4., 1. / 2., 1.]) {
        assert!((found - 1e-2 * rate).abs() < 1e-4, "{found} {rate}");
    }
}

#[test]
fn a_clipped_step_is_as_long_as_it_may_be() {
    let one = TrainConfig {
        optimizer: OptimizerKind::Sgd,
        learning_rate: 1.0,
        weight_decay: 0.0,
        epochs: 1,
        max_steps: Some(1),
        ..config()
    };
    let length = |clip_norm: Option<f64>| {
        let (tuning, config) = (FineTuning::default(), TrainConfig { clip_norm, ..one.clone() });
        let before = weights(&Tower::new(&tuning, NOISE)).into_iter().flat_map(|(_, values)| values);
        let after = fit(&config, &tuning, None).0.into_iter().flat_map(|(_, values)| values);
        before.zip(after).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt()
    };
    let free = length(None);
    assert!((length(Some(free / 4.0)) - free / 4.0).abs() < 1e-4 * free);
    assert_eq!(length(Some(free * 4.0)), free);
}
