use assort_kernels::{CrossEntropy, cross_entropy};
use assort_random::Seed;
use assort_tensor::{GradientReport, Targets};
use serde::Deserialize;

use super::*;
use crate::testing::{GoldenParameter, flat, gradients, load, near, near_gradients, rows, step};

/// `fixtures/models/cnn.json`, made by `fixtures/models/cnn.py`.
#[derive(Deserialize)]
struct Golden {
    vocabulary: usize,
    embedding: usize,
    filters: usize,
    filter_heights: Vec<usize>,
    rows: Vec<Vec<u32>>,
    labels: Vec<u32>,
    logits: Vec<f64>,
    loss: f64,
    parameters: Vec<GoldenParameter>,
}

fn small(config: CnnConfig) -> Cnn {
    Cnn::new(&config, Shape { vocabulary: 9, classes: 3 }, Initial::Drawn(Seed::new(5)), &Device::Cpu)
        .unwrap()
}

#[test]
fn logits_loss_and_gradients_equal_golden() -> Result<()> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/models/cnn.json");
    let golden: Golden = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let config = CnnConfig {
        embedding: golden.embedding,
        filters: golden.filters,
        filter_heights: golden.filter_heights,
        dropout: 0.0,
        ..CnnConfig::default()
    };
    let shape = Shape { vocabulary: golden.vocabulary, classes: 3 };
    let cnn = Cnn::new(&config, shape, Initial::Zeros, &Device::Cpu)?;
    load(cnn.parameters(), &golden.parameters)?;

    let rows = Ragged::from_rows(&golden.rows);
    near("logits", &flat(&cnn.forward(&rows, Mode::Eval)?), &golden.logits, 2e-6);
    let step = step(1);
    let logits = cnn.forward(&rows, Mode::Train(&step))?;
    let loss = cross_entropy(&logits, &Targets::Hard(golden.labels), &CrossEntropy::default()).unwrap();
    near("loss", &flat(&loss), &[golden.loss], 2e-6);
    near_gradients("", &gradients(&cnn, &loss, &step)?, &golden.parameters, golden.vocabulary, 2e-6);
    Ok(())
}

#[test]
fn every_parameter_gets_a_gradient() -> Result<()> {
    let cnn =
        small(CnnConfig { embedding: 6, filters: 4, filter_heights: vec![1, 3], ..CnnConfig::default() });
    assert_eq!(cnn.parameters().total(), 9 * 6 + 4 * 6 + 4 + 4 * 18 + 4 + 3 * 8 + 3);
    let step = step(1);
    let loss = cnn.forward(&rows(), Mode::Train(&step))?.sqr()?.sum_all()?;
    let report = GradientReport::new(cnn.parameters(), &gradients(&cnn, &loss, &step)?)?;
    report.verify()?;
    assert!(report.entries().iter().all(|e| e.gradient.is_some_and(|(_, norm)| norm > 0.0)), "{report:?}");
    Ok(())
}

#[test]
fn rows_do_not_know_each_other() -> Result<()> {
    let cnn = small(CnnConfig { embedding: 6, filters: 4, ..CnnConfig::default() });
    let together: Vec<Vec<f32>> = cnn.forward(&rows(), Mode::Eval)?.to_vec2()?;
    for (row, expect) in rows().iter().zip(together) {
        let alone = cnn.forward(&Ragged::from_rows([row]), Mode::Eval)?.to_vec2::<f32>()?;
        assert_eq!(alone, [expect]);
    }
    assert_eq!(cnn.forward(&Ragged::default(), Mode::Eval)?.dims(), [0, 3]);
    Ok(())
}

#[test]
fn dropout_follows_the_seed() -> Result<()> {
    let cnn = small(CnnConfig { embedding: 8, ..CnnConfig::default() });
    let train = |seed| -> Result<Vec<f64>> { Ok(flat(&cnn.forward(&rows(), Mode::Train(&step(seed)))?)) };
    assert_eq!(train(1)?, train(1)?);
    assert_ne!(train(1)?, train(2)?);
    assert_ne!(train(1)?, flat(&cnn.forward(&rows(), Mode::Eval)?));
    Ok(())
}

fn check(change: impl Fn(&mut CnnConfig), expect: &str) {
    let mut config = CnnConfig::default();
    change(&mut config);
    let found = Cnn::new(&config, Shape { vocabulary: 4, classes: 2 }, Initial::Zeros, &Device::Cpu);
    assert_eq!(found.err().map(|e| e.to_string()).unwrap_or_default(), expect);
}

#[test]
fn hyper_parameters_are_checked() {
    check(|_| (), "");
    check(|c| c.embedding = 0, "embedding = 0: must be at least 1");
    check(|c| c.filters = 0, "filters = 0: must be at least 1");
    check(|c| c.filter_heights.clear(), "filter_heights = []: a list of numbers from 1 on, as [3, 4, 5]");
    check(
        |c| c.filter_heights = vec![3, 0],
        "filter_heights = [3, 0]: a list of numbers from 1 on, as [3, 4, 5]",
    );
    check(|c| c.dropout = 1.0, "dropout = 1: a share from 0 to below 1");
    check(|c| c.embedding_deviation = f64::NAN, "embedding_deviation = NaN: a number from 0 on");
    let huge = format!(
        "a parameter of 100 x {} values does not fit in memory: choose smaller sizes for the model",
        usize::MAX
    );
    check(|c| c.filter_heights = vec![usize::MAX], &huge);
}
