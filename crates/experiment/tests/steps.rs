//! Ten steps of a bag from the same weights on the same batches as in PyTorch.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::HashMap;

use assort_classifier::Classifier;
use assort_models::{Bag, BagConfig, Initial, Pooling, Shape};
use assort_random::Seed;
use assort_tensor::{Ragged, Targets};
use assort_train::{Batch, Examples, FineTuning, OptimizerKind, Stepper, TrainConfig};
use candle_core::{Device, Tensor};
use serde::Deserialize;

/// `fixtures/bag-steps/golden.json`, made by `make.py` beside it.
#[derive(Deserialize)]
struct Golden {
    vocabulary: usize,
    embedding: usize,
    hidden: usize,
    classes: usize,
    batches: Vec<GoldenBatch>,
    parameters: HashMap<String, Vec<f32>>,
    runs: Vec<GoldenRun>,
}

#[derive(Deserialize)]
struct GoldenBatch {
    rows: Vec<Vec<u32>>,
    labels: Vec<u32>,
}

#[derive(Deserialize)]
struct GoldenRun {
    optimizer: OptimizerKind,
    learning_rate: f64,
    losses: Vec<f64>,
    parameters: HashMap<String, Vec<f32>>,
}

/// The golden's bag with its first weights.
fn bag(golden: &Golden) -> Bag {
    let config = BagConfig {
        embedding: golden.embedding,
        hidden: golden.hidden,
        pooling: Pooling::Sum,
        dropout: 0.0,
        ..BagConfig::default()
    };
    let shape = Shape { vocabulary: golden.vocabulary, classes: golden.classes };
    let bag = Bag::new(&config, shape, Initial::Zeros, &Device::Cpu).unwrap();
    let state = bag.parameters().iter().map(|parameter| {
        let values = golden.parameters[&parameter.name].as_slice();
        (parameter.name.clone(), Tensor::from_slice(values, parameter.var.dims(), &Device::Cpu).unwrap())
    });
    bag.parameters().load(&state.collect()).unwrap();
    bag
}

fn largest_difference(found: &[f32], expect: &[f32]) -> f32 {
    assert_eq!(found.len(), expect.len());
    found.iter().zip(expect).map(|(found, expect)| (found - expect).abs()).fold(0.0, f32::max)
}

#[test]
fn losses_and_weights_of_ten_steps_equal_golden() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/bag-steps/golden.json");
    let golden: Golden = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!((golden.batches.len(), golden.runs.len()), (10, 3));
    for run in &golden.runs {
        let name = format!("{:?} at {}", run.optimizer, run.learning_rate);
        let bag = bag(&golden);
        let config = TrainConfig {
            optimizer: run.optimizer,
            learning_rate: run.learning_rate,
            ..TrainConfig::default()
        };
        let train = Examples::new(Ragged::from_rows([[1]]), Targets::Hard(vec![0])).unwrap();
        let plan = config.plan(&train, &FineTuning::default()).unwrap();
        let mut stepper = Stepper::new(&plan, &bag, &train).unwrap();
        for (number, (batch, expect)) in golden.batches.iter().zip(&run.losses).enumerate() {
            let rows = Ragged::from_rows(&batch.rows);
            let examples = Examples::new(rows, Targets::Hard(batch.labels.clone())).unwrap();
            let part = Batch { examples, lower: None };
            let step = stepper.gradients(&bag, &[part], Seed::new(number as u64)).unwrap();
            let found = step.loss_sum / step.rows as f64;
            assert!((found - expect).abs() < 1e-5, "{name}, step {number}: {found}, expected {expect}");
            stepper.apply(&bag, &step, run.learning_rate).unwrap();
        }
        for parameter in bag.parameters().iter() {
            let found = parameter.var.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            let difference = largest_difference(&found, &run.parameters[&parameter.name]);
            assert!(difference < 1e-5, "{name}: {} is off by {difference}", parameter.name);
        }
    }
}
