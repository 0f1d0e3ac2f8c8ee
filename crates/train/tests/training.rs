//! The loop on a small model of plain candle ops: stops, restarts, early ends, faults.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::sync::{Arc, Barrier, Mutex};

use assort_classifier::{Classifier, Mode, Result as ModelResult};
use assort_metrics::figures::{ACCURACY, LOSS};
use assort_random::{Seed, fill_uniform};
use assort_tensor::{Padded, PaddingSide, Parameters, Part, Ragged, Targets, Tracking};
use assort_train::{
    Alone, Batch, Examples, FineTuning, Fit, FrozenFirst, Monitor, Observer, OptimizerKind, Outcome, Reduce,
    Result, ScheduleKind, StepGradients, StepReport, Stepper, StopFlag, TrainConfig, TrainState, Trainer,
};
use candle_core::{DType, Device, Tensor};

const CLASSES: usize = 3;
const WORDS: usize = 30;

/// Mean embeddings and one layer, with noise in training; `cut` leaves the bias out of the graph.
struct Mean {
    parameters: Parameters,
    cut: bool,
    noise: bool,
}

impl Mean {
    fn new(cut: bool) -> Self {
        let mut parameters = Parameters::default();
        for (name, shape) in [("embedding", (WORDS, 4)), ("weight", (4, CLASSES)), ("bias", (1, CLASSES))] {
            let mut values = vec![0f32; shape.0 * shape.1];
            fill_uniform(&mut values, -0.5, 0.5, Seed::new(1).stream(name));
            let value = Tensor::from_vec(values, shape, &Device::Cpu).unwrap();
            parameters.declare(name, Part::Head, &value).unwrap();
        }
        Self { parameters, cut, noise: true }
    }
}

impl Classifier for Mean {
    fn forward(&self, inputs: &Ragged, mode: Mode) -> ModelResult<Tensor> {
        let value = |name: &str| self.parameters.value(name, mode.tracking());
        let padded = Padded::new(inputs, 0, PaddingSide::Behind, &Device::Cpu)?;
        let (rows, longest) = padded.ids.dims2()?;
        let embedded =
            value("embedding")?.index_select(&padded.ids.flatten_all()?, 0)?.reshape((rows, longest, 4))?;
        let mut state = embedded.broadcast_mul(&padded.keep.as_type(DType::F32)?.unsqueeze(2)?)?.sum(1)?;
        if let (Mode::Train(step), true) = (mode, self.noise) {
            let mut noise = vec![0f32; rows * 4];
            fill_uniform(&mut noise, 0.5, 1.5, step.seed.stream("noise"));
            state = (state * Tensor::from_vec(noise, (rows, 4), &Device::Cpu)?)?;
        }
        let bias = match self.cut {
            true => self.parameters.value("bias", Tracking::Detached)?,
            false => value("bias")?,
        };
        Ok(state.matmul(&value("weight")?)?.broadcast_add(&bias)?)
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn parameters_mut(&mut self) -> &mut Parameters {
        &mut self.parameters
    }

    fn classes(&self) -> usize {
        CLASSES
    }

    fn device(&self) -> &Device {
        &Device::Cpu
    }
}

/// Rows whose label is the most frequent word modulo 3, nearly always.
fn examples(rows: usize, seed: u64) -> Examples {
    let mut chance = Seed::new(seed).generator();
    let (mut ids, mut labels) = (Ragged::default(), Vec::new());
    for _ in 0..rows {
        let word = 1 + chance.below(WORDS as u64 - 1) as u32;
        let mut row = vec![word; 1 + chance.below(4) as usize];
        row.push(1 + chance.below(WORDS as u64 - 1) as u32);
        ids.push(&row);
        labels.push(if chance.uniform() < 0.1 { 0 } else { word % 3 });
    }
    Examples::new(ids, Targets::Hard(labels)).unwrap()
}

fn config() -> TrainConfig {
    TrainConfig { epochs: 4, batch_size: 16, learning_rate: 0.01, patience: None, ..TrainConfig::default() }
}

fn trainer(config: &TrainConfig) -> Trainer {
    let plan = config.plan(&examples(100, 1), &FineTuning::default()).unwrap();
    Trainer {
        plan,
        seed: Seed::new(9),
        frozen_first: None,
        cache: None,
        stop: StopFlag::default(),
        fingerprint: BTreeMap::new(),
        reduce: Box::new(Alone),
    }
}

/// Calls after each step.
struct AtStep<'c>(&'c mut (dyn FnMut() + Send));

impl Observer for AtStep<'_> {
    fn step(&mut self, _: &StepReport) {
        (self.0)();
    }
}

fn run(
    model: &mut Mean,
    config: &TrainConfig,
    resume: Option<TrainState>,
    stop_after: usize,
) -> Result<Outcome> {
    let trainer = trainer(config);
    let (flag, mut left) = (trainer.stop.clone(), stop_after);
    let mut observer = AtStep(&mut || {
        left -= 1;
        if left == 0 {
            flag.set();
        }
    });
    trainer.fit(model, &examples(100, 1), &examples(40, 2), resume, &mut observer)
}

fn finish(model: &mut Mean, config: &TrainConfig, resume: Option<TrainState>) -> Fit {
    match run(model, config, resume, usize::MAX).unwrap() {
        Outcome::Finished(fit) => fit,
        Outcome::Interrupted(_) => panic!("nobody asked for a stop"),
    }
}

fn bits(model: &Mean) -> Vec<u32> {
    let values = |p: &assort_tensor::Parameter| p.var.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    model.parameters.iter().flat_map(values).map(f32::to_bits).collect()
}

/// Stops after so many steps, goes through a file, goes on with a fresh model, and compares with an unbroken
/// run.
fn check_resume(config: &TrainConfig, stops: &[usize]) {
    let mut unbroken = Mean::new(false);
    let fit = finish(&mut unbroken, config, None);
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("state.safetensors");
    let mut state = None;
    for &stop in stops {
        let Outcome::Interrupted(stopped) = run(&mut Mean::new(false), config, state, stop).unwrap() else {
            panic!("the run ended before step {stop}");
        };
        stopped.save(&path).unwrap();
        state = Some(TrainState::load(&path, &Device::Cpu).unwrap());
    }
    let mut broken = Mean::new(false);
    let other = finish(&mut broken, config, state);
    assert_eq!(bits(&unbroken), bits(&broken), "{stops:?}");
    let losses = |fit: &Fit| {
        fit.history
            .epochs()
            .iter()
            .map(|e| (e.train_loss, e.train_accuracy, e.validation.value(&LOSS), e.best))
            .collect::<Vec<_>>()
    };
    assert_eq!(losses(&fit), losses(&other));
    assert_eq!(fit.steps, other.steps);
}

/// Asked to come to an end, a run makes do with its whole epochs: its model is that of the best of them.
#[test]
fn a_run_that_is_to_end_keeps_its_best_whole_epoch() {
    let config = TrainConfig { epochs: 5, batch_size: 10, patience: None, ..TrainConfig::default() };
    let end = |step: usize, is_stopped: bool| {
        let (trainer, mut model) = (trainer(&config), Mean::new(false));
        let flag = trainer.stop.clone();
        let mut left = step;
        let mut observer = AtStep(&mut || {
            left -= 1;
            if left == 0 {
                flag.end();
                is_stopped.then(|| flag.set());
            }
        });
        let outcome = trainer.fit(&mut model, &examples(100, 1), &examples(40, 2), None, &mut observer);
        (outcome.unwrap(), bits(&model))
    };
    // Ten steps an epoch.
    let (Outcome::Finished(fit), model) = end(27, false) else { panic!("there were whole epochs") };
    assert_eq!((fit.history.epochs().len(), fit.steps, fit.is_cut), (2, 27, true));
    let mut whole = Mean::new(false);
    let short = TrainConfig { max_steps: Some(20), ..config.clone() };
    let fit = finish(&mut whole, &short, None);
    assert_eq!((fit.is_cut, model), (false, bits(&whole)));
    assert!(matches!(end(7, false).0, Outcome::Interrupted(_)), "there was no whole epoch");
    assert!(matches!(end(27, true).0, Outcome::Interrupted(_)), "a stop stays a stop");
}

#[test]
fn a_stopped_run_goes_on_bit_for_bit() {
    for optimizer in [
        OptimizerKind::Sgd,
        OptimizerKind::Adam,
        OptimizerKind::SparseAdam,
        OptimizerKind::Adamw,
        OptimizerKind::Rmsprop,
        OptimizerKind::Adagrad,
    ] {
        let momentum =
            if matches!(optimizer, OptimizerKind::Sgd | OptimizerKind::Rmsprop) { 0.5 } else { 0.0 };
        check_resume(&TrainConfig { optimizer, momentum, ..config() }, &[10]);
    }
    for stops in [&[1][..], &[7], &[6, 1, 2, 9], &[27]] {
        check_resume(
            &TrainConfig { schedule: ScheduleKind::Cosine, warmup: 0.2, clip_norm: Some(0.5), ..config() },
            stops,
        );
    }
}

/// Keeps the last weights of every epoch.
#[derive(Default)]
struct Every(Vec<Vec<(String, Tensor)>>);

impl Observer for Every {
    fn wants_checkpoint(&mut self) -> bool {
        true
    }

    fn checkpoint(&mut self, state: &TrainState) -> Result<()> {
        self.0.push(state.last().to_vec());
        Ok(())
    }
}

#[test]
fn the_model_is_the_mean_of_the_best_checkpoints() {
    for (average_best, frozen) in [(3, ""), (2, "bias"), (6, "")] {
        let config = TrainConfig { epochs: 6, learning_rate: 0.3, average_best, ..config() };
        let mut model = Mean::new(!frozen.is_empty());
        model.parameters.freeze(|parameter| parameter.name == frozen);
        let mut every = Every::default();
        let (train, validation) = (examples(100, 1), examples(40, 2));
        let outcome = trainer(&config).fit(&mut model, &train, &validation, None, &mut every).unwrap();
        let Outcome::Finished(fit) = outcome else { panic!("nobody asked for a stop") };
        let mut ranked: Vec<(f64, usize)> =
            fit.history.epochs().iter().map(|e| (e.validation.value(&LOSS).unwrap(), e.epoch - 1)).collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
        for parameter in model.parameters.iter() {
            let saved = |at: usize| -> Vec<f32> {
                let (_, tensor) = every.0[at].iter().find(|(name, _)| *name == parameter.name).unwrap();
                tensor.flatten_all().unwrap().to_vec1().unwrap()
            };
            let best: Vec<Vec<f32>> = ranked[..average_best].iter().map(|&(_, at)| saved(at)).collect();
            let mean =
                |i: usize| best.iter().map(|values| f64::from(values[i])).sum::<f64>() / average_best as f64;
            let expect: Vec<f32> = (0..best[0].len()).map(|i| mean(i) as f32).collect();
            let found: Vec<f32> = parameter.var.flatten_all().unwrap().to_vec1().unwrap();
            let close = |(f, e): (&f32, &f32)| (f - e).abs() <= f32::EPSILON * e.abs();
            assert!(
                found.iter().zip(&expect).all(close),
                "{}: {found:?}, expected {expect:?}",
                parameter.name
            );
            assert!(parameter.name != frozen || found == saved(0));
        }
    }
}

#[test]
fn averages_go_on_bit_for_bit() {
    for stops in [&[1][..], &[27], &[7, 7, 10]] {
        check_resume(&TrainConfig { average_best: 2, learning_rate: 0.3, ..config() }, stops);
    }
}

#[test]
fn without_validation_rows_there_is_no_average() {
    let trainer = trainer(&TrainConfig { average_best: 2, ..config() });
    let (train, none) = (examples(100, 1), examples(0, 2));
    let outcome = trainer.fit(&mut Mean::new(false), &train, &none, None, &mut assort_train::Silent);
    let expect = "average_best = 2: there are no validation rows to choose epochs by: leave it at 1";
    assert_eq!(outcome.err().map(|error| error.to_string()).unwrap_or_default(), expect);
}

#[test]
fn a_longer_run_goes_on_from_a_finished_one() {
    let mut straight = Mean::new(false);
    finish(&mut straight, &config(), None);
    for first in [TrainConfig { epochs: 2, ..config() }, TrainConfig { max_steps: Some(10), ..config() }] {
        let fit = finish(&mut Mean::new(false), &first, None);
        let mut longer = Mean::new(false);
        finish(&mut longer, &config(), Some(fit.state));
        assert_eq!(bits(&straight), bits(&longer));
    }
}

#[test]
fn the_same_seed_gives_the_same_bits() {
    let (mut a, mut b) = (Mean::new(false), Mean::new(false));
    finish(&mut a, &config(), None);
    finish(&mut b, &config(), None);
    assert_eq!(bits(&a), bits(&b));
}

#[test]
fn training_learns_and_keeps_the_best_epoch() {
    let mut model = Mean::new(false);
    let fit = finish(&mut model, &TrainConfig { epochs: 60, learning_rate: 0.05, ..config() }, None);
    let (first, best) = (fit.history.epochs()[0].clone(), fit.history.best().unwrap().clone());
    let (loss, accuracy) = (best.validation.value(&LOSS), best.validation.value(&ACCURACY));
    assert!(loss < first.validation.value(&LOSS) && accuracy > Some(0.5), "{best:?}");
    let judged = assort_train::evaluate(&model, &examples(40, 2), &[&LOSS]).unwrap();
    assert_eq!(judged.figures.value(&LOSS), loss, "the model holds the best epoch's weights");
}

#[test]
fn patience_ends_a_run_that_gets_no_better() {
    let stuck = TrainConfig {
        epochs: 50,
        learning_rate: 1e-9,
        patience: Some(2),
        monitor: Monitor::LOSS,
        ..config()
    };
    assert_eq!(finish(&mut Mean::new(false), &stuck, None).history.epochs().len(), 3);
}

#[test]
fn any_figure_may_decide() {
    let kappa = Monitor::named("cohen-kappa").unwrap();
    let mut model = Mean::new(false);
    let fit = finish(&mut model, &TrainConfig { monitor: kappa, learning_rate: 0.3, ..config() }, None);
    let figures = fit.history.epochs().iter().map(|epoch| epoch.validation.value(kappa.kind()).unwrap());
    let best = fit.history.best().unwrap().validation.value(kappa.kind()).unwrap();
    assert!(figures.clone().all(|figure| figure <= best + config().min_delta));
    assert!(figures.clone().any(|figure| figure < best), "{:?}", figures.collect::<Vec<_>>());
    let judged = assort_train::evaluate(&model, &examples(40, 2), &[kappa.kind()]).unwrap();
    assert_eq!(judged.figures.value(kappa.kind()), Some(best));
}

/// Two workers in one process: each hands in its step and takes both, joined in the order of their numbers.
struct Worker {
    number: usize,
    meeting: Arc<(Barrier, Mutex<[StepGradients; 2]>)>,
}

impl Reduce for Worker {
    fn reduce(&self, step: StepGradients) -> Result<StepGradients> {
        let (barrier, steps) = &*self.meeting;
        steps.lock().unwrap()[self.number] = step;
        barrier.wait();
        let both = steps.lock().unwrap().clone();
        barrier.wait();
        StepGradients::joined(both)
    }
}

#[test]
fn two_workers_take_the_step_of_the_whole_batch() {
    let whole = examples(30, 5);
    let plan = config().plan(&whole, &FineTuning::default()).unwrap();
    let rows = |picks: std::ops::Range<u32>| {
        let examples = whole.select(&picks.collect::<Vec<_>>()).unwrap();
        vec![Batch { examples, lower: None }]
    };
    let train = |parts: Vec<Batch>, reduce: &dyn Reduce| {
        // Chance is off: the noise of a row depends on its place in the batch.
        let model = Mean { noise: false, ..Mean::new(false) };
        let mut stepper = Stepper::new(&plan, &model, &whole).unwrap();
        let mut seen = (0, 0, 0.0);
        for number in 0..10 {
            let step = stepper.gradients(&model, &parts, Seed::new(number)).unwrap();
            let step = reduce.reduce(step).unwrap();
            stepper.apply(&model, &step, 0.1).unwrap();
            seen = (step.rows, step.correct, step.loss_sum);
        }
        (bits(&model), seen)
    };
    let (expect, seen) = train(rows(0..30), &Alone);
    let meeting =
        Arc::new((Barrier::new(2), Mutex::new([StepGradients::default(), StepGradients::default()])));
    let work = |number, parts| train(parts, &Worker { number, meeting: meeting.clone() });
    let (first, second) = std::thread::scope(|scope| {
        // The halves are unequal, so a mean of the two means would be wrong.
        let second = scope.spawn(|| work(1, rows(7..30)));
        (work(0, rows(0..7)), second.join().unwrap())
    });
    assert_eq!(first.0, second.0, "the same bits in both");
    for (found, expect) in first.0.iter().zip(&expect) {
        let (found, expect) = (f32::from_bits(*found), f32::from_bits(*expect));
        assert!((found - expect).abs() < 1e-4, "{found}, expected {expect}");
    }
    assert_eq!((first.1.0, first.1.1), (seen.0, seen.1));
    assert!((first.1.2 - seen.2).abs() < 1e-4);
}

#[test]
fn max_steps_ends_inside_an_epoch() {
    let fit = finish(&mut Mean::new(false), &TrainConfig { max_steps: Some(9), ..config() }, None);
    assert_eq!((fit.steps, fit.history.epochs().len(), fit.state.epochs()), (9, 2, 1));
}

#[test]
fn a_cut_gradient_is_found_at_the_first_step() {
    let error = run(&mut Mean::new(true), &config(), None, usize::MAX).err().unwrap().to_string();
    assert_eq!(error, "the gradient report found: bias is trained but got no gradient");
    let mut frozen = Mean::new(true);
    frozen.parameters.freeze(|parameter| parameter.name == "bias");
    let before = bits(&frozen);
    finish(&mut frozen, &config(), None);
    let after = bits(&frozen);
    assert_eq!(before[before.len() - CLASSES..], after[after.len() - CLASSES..], "frozen bits stay");
    assert_ne!(before, after);
}

#[test]
fn a_parameter_frozen_first_is_thawed_later() {
    let frozen = |epochs, config: &TrainConfig, resume| {
        let mut model = Mean::new(false);
        let frozen_first = Some(FrozenFirst { parameter: "bias".into(), epochs });
        let trainer = Trainer { frozen_first, ..trainer(config) };
        let (train, validation) = (examples(100, 1), examples(40, 2));
        match trainer.fit(&mut model, &train, &validation, resume, &mut assort_train::Silent).unwrap() {
            Outcome::Finished(fit) => (fit, bits(&model)),
            Outcome::Interrupted(_) => panic!("nobody asked for a stop"),
        }
    };
    let bias = |bits: &[u32]| bits[bits.len() - CLASSES..].to_vec();
    let (fresh, three) = (bits(&Mean::new(false)), TrainConfig { epochs: 3, ..config() });
    assert_eq!(bias(&frozen(3, &three, None).1), bias(&fresh));
    let (_, whole) = frozen(2, &three, None);
    assert_ne!(bias(&whole), bias(&fresh));
    // A run that goes on after the frozen epochs comes to the same.
    let (first, _) = frozen(2, &TrainConfig { epochs: 2, ..config() }, None);
    assert_eq!(frozen(2, &three, Some(first.state)).1, whole);
}

#[test]
fn a_loss_that_leaves_the_numbers_ends_the_run() {
    let wild = TrainConfig { optimizer: OptimizerKind::Sgd, learning_rate: 1e30, ..config() };
    let error = run(&mut Mean::new(false), &wild, None, usize::MAX).err().unwrap().to_string();
    assert!(error.contains("lower learning_rate"), "{error}");
}

#[test]
fn states_that_do_not_fit_are_refused() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("state.safetensors");
    let fit = finish(&mut Mean::new(false), &config(), None);
    fit.state.save(&path).unwrap();
    let whole = std::fs::read(&path).unwrap();
    for keep in [0, 5, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&path, &whole[..keep]).unwrap();
        let error = TrainState::load(&path, &Device::Cpu).unwrap_err().to_string();
        assert!(
            error.contains("state.safetensors") && error.contains("not a whole training state"),
            "{error}"
        );
    }
    // One byte of the header, and one of each third of the tensors.
    let header = whole.windows(8).position(|bytes| bytes == b"position").unwrap();
    for at in [header + 1, whole.len() / 3, whole.len() / 3 * 2, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[at] ^= 4;
        std::fs::write(&path, &changed).unwrap();
        let error = TrainState::load(&path, &Device::Cpu).unwrap_err().to_string();
        assert!(error.contains("not a whole training state"), "byte {at}: {error}");
    }
    for (key, value, expect) in [
        ("adam_beta1", "0.9", ""),
        ("adam_beta1", "0.8", "adam_beta1 was 0.9, is 0.8"),
        ("rmsprop_variance", "\"uncentered\"", ""),
        ("adagrad_epsilon", "1e-9", "adagrad_epsilon was 1e-10, is 1e-9"),
    ] {
        // States of the time before the setting had its default.
        let refused = fit.state.check(&BTreeMap::from([(key.into(), value.into())])).err();
        let message = refused.map_or_else(String::new, |error| error.to_string());
        assert!(message.contains(expect) && message.is_empty() == expect.is_empty(), "{message}");
    }
    let mut other = trainer(&config());
    other.fingerprint.insert("the data's digest".into(), "ab".into());
    let error = other
        .fit(
            &mut Mean::new(false),
            &examples(100, 1),
            &examples(40, 2),
            Some(fit.state),
            &mut assort_train::Silent,
        )
        .err()
        .unwrap();
    assert!(error.to_string().contains("the data's digest was not there, is ab"), "{error}");
}
