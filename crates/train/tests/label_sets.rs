//! The loop on rows with any number of labels.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use assort_classifier::{Classifier, Mode, Result as ModelResult};
use assort_metrics::figures::{LOSS, MICRO_F1, SUBSET_ACCURACY};
use assort_random::Seed;
use assort_tensor::{Parameters, Part, Ragged, Targets};
use assort_train::{
    Alone, Batch, Examples, FineTuning, Monitor, Outcome, Result, Silent, Stepper, StopFlag, TrainConfig,
    Trainer, evaluate,
};
use candle_core::{DType, Device, Tensor};

const LABELS: usize = 3;
const WORDS: usize = 16;

/// Adds up what each word says for each label, and a bias.
struct Votes(Parameters);

impl Votes {
    fn new() -> Self {
        let mut parameters = Parameters::default();
        for (name, rows) in [("words", WORDS), ("bias", 1)] {
            let zeros = Tensor::zeros((rows, LABELS), DType::F32, &Device::Cpu).unwrap();
            parameters.declare(name, Part::Head, &zeros).unwrap();
        }
        Self(parameters)
    }
}

impl Classifier for Votes {
    fn forward(&self, rows: &Ragged, mode: Mode) -> ModelResult<Tensor> {
        let mut counts = vec![0f32; rows.rows() * WORDS];
        for (row, ids) in rows.iter().enumerate() {
            ids.iter().for_each(|&id| counts[row * WORDS + id as usize] += 1.0);
        }
        let counts = Tensor::from_vec(counts, (rows.rows(), WORDS), &Device::Cpu)?;
        let value = |name| self.0.value(name, mode.tracking());
        Ok(counts.matmul(&value("words")?)?.broadcast_add(&value("bias")?)?)
    }

    fn parameters(&self) -> &Parameters {
        &self.0
    }

    fn parameters_mut(&mut self) -> &mut Parameters {
        &mut self.0
    }

    fn classes(&self) -> usize {
        LABELS
    }

    fn device(&self) -> &Device {
        &Device::Cpu
    }
}

/// Rows of different words, each of which brings the label of its remainder by 4, the last remainder none.
fn examples(rows: usize, seed: u64) -> Examples {
    let mut chance = Seed::new(seed).generator();
    let (mut ids, mut sets) = (Ragged::default(), Ragged::default());
    for _ in 0..rows {
        let words: Vec<u32> = (0..WORDS as u32).filter(|_| chance.uniform() < 0.15).collect();
        let holds = |label: &u32| words.iter().any(|word| word % 4 == *label);
        sets.push(&(0..LABELS as u32).filter(holds).collect::<Vec<_>>());
        ids.push(&words);
    }
    Examples::new(ids, Targets::Sets(sets)).unwrap()
}

fn config() -> TrainConfig {
    let monitor = Monitor::named("subset-accuracy").unwrap();
    TrainConfig { epochs: 12, learning_rate: 0.1, monitor, patience: None, ..TrainConfig::default() }
}

fn trainer(train: &Examples) -> Trainer {
    Trainer {
        plan: config().plan(train, &FineTuning::default()).unwrap(),
        seed: Seed::new(3),
        frozen_first: None,
        cache: None,
        stop: StopFlag::default(),
        fingerprint: BTreeMap::new(),
        reduce: Box::new(Alone),
    }
}

#[test]
fn label_sets_are_learned() -> Result<()> {
    let (train, validation) = (examples(300, 1), examples(100, 2));
    let counts: Vec<usize> =
        train.sets(LABELS)?.rows().into_iter().map(|row| row.iter().filter(|x| **x).count()).collect();
    assert!((0..=3).all(|count| counts.contains(&count)), "rows with no label, one, two and three");
    let mut model = Votes::new();
    let kinds = [&LOSS, &SUBSET_ACCURACY, &MICRO_F1];
    let before = evaluate(&model, &validation, &kinds)?.figures;
    let Outcome::Finished(fit) = trainer(&train).fit(&mut model, &train, &validation, None, &mut Silent)?
    else {
        panic!("nobody asked to stop")
    };
    let epochs = fit.history.epochs();
    let (first, last) = (&epochs[0], &epochs[epochs.len() - 1]);
    assert!(last.train_loss < first.train_loss / 3.0, "{first:?} {last:?}");
    assert!(last.train_accuracy > 0.95 && first.train_accuracy < 0.8, "{first:?} {last:?}");
    let after = evaluate(&model, &validation, &kinds)?;
    let best = epochs.iter().filter_map(|epoch| epoch.validation.value(&SUBSET_ACCURACY)).fold(0.0, f64::max);
    assert_eq!(after.figures.value(&SUBSET_ACCURACY), Some(best), "the best epoch is kept");
    for kind in [&SUBSET_ACCURACY, &MICRO_F1] {
        let (before, after) = (before.value(kind).unwrap(), after.figures.value(kind).unwrap());
        assert!(before < 0.7 && after > 0.95, "{kind:?} {before} {after}");
    }
    assert!(after.figures.value(&LOSS) < before.value(&LOSS));
    Ok(())
}

#[test]
fn a_step_counts_whole_sets() -> Result<()> {
    let train = examples(40, 1);
    let model = Votes::new();
    let stepper = Stepper::new(&config().plan(&train, &FineTuning::default())?, &model, &train)?;
    let batch = Batch { examples: train.clone(), lower: None };
    let step = stepper.gradients(&model, &[batch], Seed::new(1))?;
    // All logits are 0, so each label holds at one half.
    let right = train.sets(LABELS)?.rows().into_iter().filter(|row| row.iter().all(|holds| *holds)).count();
    assert!(right > 0);
    assert_eq!((step.rows, step.correct), (40, right));
    assert!((step.loss_sum / 40.0 - std::f64::consts::LN_2).abs() < 1e-6);
    Ok(())
}

#[test]
fn rows_of_another_task_are_refused() {
    let train = examples(20, 1);
    let other = Examples::new(train.inputs().clone(), Targets::Hard(vec![0; 20])).unwrap();
    for (train, validation) in [(&train, &other), (&other, &train)] {
        let trainer = trainer(&examples(20, 1));
        let refused = trainer.fit(&mut Votes::new(), train, validation, None, &mut Silent).err().unwrap();
        assert_eq!(refused.to_string(), "the rows are of OneOf, the plan is of AnyOf");
    }
}
