use assort_kernels::{CrossEntropy, cross_entropy};
use assort_tensor::{GradientReport, Part, Targets};
use serde::Deserialize;

use super::*;
use crate::ModelConfig;
use crate::testing::{GoldenParameter, flat, gradients, load, near, near_gradients, rows, step};

/// `fixtures/recurrent/models.json`, made by `fixtures/recurrent/models.py`.
#[derive(Deserialize)]
struct Golden {
    vocabulary: usize,
    embedding: usize,
    hidden: usize,
    rows: Vec<Vec<u32>>,
    labels: Vec<u32>,
    cases: Vec<GoldenCase>,
}

#[derive(Deserialize)]
struct GoldenCase {
    model: String,
    layers: usize,
    directions: Directions,
    pooling: StatePooling,
    outputs: usize,
    logits: Vec<f64>,
    loss: f64,
    parameters: Vec<GoldenParameter>,
}

const STILL: f64 = 0.0;

/// Without any dropout.
fn plain() -> RnnConfig {
    RnnConfig {
        word_dropout: STILL,
        embedding_dropout: STILL,
        layer_dropout: STILL,
        dropout: STILL,
        ..RnnConfig::default()
    }
}

fn model(cell: RecurrentCell, config: &RnnConfig, vocabulary: usize, classes: usize) -> Rnn {
    let shape = Shape { vocabulary, classes };
    Rnn::new(cell, config, shape, Initial::Drawn(Seed::new(5)), &Device::Cpu).unwrap()
}

impl GoldenCase {
    fn check(&self, golden: &Golden) -> Result<()> {
        let config = RnnConfig {
            embedding: golden.embedding,
            hidden: golden.hidden,
            layers: self.layers,
            directions: self.directions,
            pooling: self.pooling,
            head: if self.outputs == 1 { Head::OneLogit } else { Head::AllLogits },
            ..plain()
        };
        let config = match self.model.as_str() {
            "rnn" => ModelConfig::Rnn(config),
            "lstm" => ModelConfig::Lstm(config),
            _ => ModelConfig::Gru(config),
        };
        let shape = Shape { vocabulary: golden.vocabulary, classes: self.outputs.max(2) };
        let network = config.network(shape, Initial::Zeros, &Device::Cpu)?;
        load(network.parameters(), &self.parameters)?;

        let (step, rows) = (step(1), Ragged::from_rows(&golden.rows));
        let logits = network.forward(&rows, Mode::Train(&step))?;
        match self.outputs {
            1 => near(&self.model, &flat(&logits.narrow(1, 1, 1)?), &self.logits, 4e-6),
            _ => near(&self.model, &flat(&logits), &self.logits, 4e-6),
        }
        let targets = Targets::Hard(golden.labels.clone());
        let loss = op(cross_entropy(&logits, &targets, &CrossEntropy::default()))?;
        near(&self.model, &flat(&loss), &[self.loss], 4e-6);
        let found = gradients(&*network, &loss, &step)?;
        near_gradients(&self.model, &found, &self.parameters, golden.vocabulary, 4e-6);
        Ok(())
    }
}

#[test]
fn logits_loss_and_gradients_equal_golden() -> Result<()> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/recurrent/models.json");
    let golden: Golden = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    golden.cases.iter().try_for_each(|case| case.check(&golden))
}

#[test]
fn parameter_counts_of_course_c() {
    let base = RnnConfig {
        hidden: 256,
        directions: Directions::One,
        pooling: StatePooling::Last,
        head: Head::OneLogit,
        ..RnnConfig::default()
    };
    assert_eq!(model(RecurrentCell::Rnn, &base, 25_002, 2).parameters().total(), 2_592_105);
    let advanced = RnnConfig { layers: 2, directions: Directions::Both, ..base };
    assert_eq!(model(RecurrentCell::Lstm, &advanced, 25_002, 2).parameters().total(), 4_810_857);
}

#[test]
fn every_parameter_gets_a_gradient() -> Result<()> {
    use StatePooling::{Attention, Last, Max, Mean};
    for (cell, pooling) in [
        (RecurrentCell::Rnn, Last),
        (RecurrentCell::Lstm, Attention),
        (RecurrentCell::Gru, Max),
        (RecurrentCell::Lstm, Mean),
    ] {
        let config = RnnConfig { embedding: 6, hidden: 5, layers: 2, pooling, ..RnnConfig::default() };
        let model = model(cell, &config, 9, 3);
        let step = step(1);
        let loss = model.forward(&rows(), Mode::Train(&step))?.sqr()?.sum_all()?;
        let gradients = gradients(&model, &loss, &step)?;
        let report = GradientReport::new(model.parameters(), &gradients)?;
        report.verify()?;
        for entry in report.entries() {
            // A bias that moves all scores moves no softmax.
            let is_bound =
                entry.name == "attention.bias" || entry.gradient.is_some_and(|(_, norm)| norm > 0.0);
            assert!(is_bound, "{entry:?}");
        }
    }
    Ok(())
}

#[test]
fn a_frozen_embedding_gets_no_gradient() -> Result<()> {
    let mut model =
        model(RecurrentCell::Lstm, &RnnConfig { embedding: 6, hidden: 5, ..RnnConfig::default() }, 9, 3);
    model.parameters_mut().freeze(|parameter| parameter.part == Part::Words);
    let step = step(1);
    let loss = model.forward(&rows(), Mode::Train(&step))?.sqr()?.sum_all()?;
    let gradients = gradients(&model, &loss, &step)?;
    GradientReport::new(model.parameters(), &gradients)?.verify()?;
    assert!(gradients.iter().next().unwrap().is_none());
    Ok(())
}

#[test]
fn initial_values_are_pytorchs() -> Result<()> {
    let model =
        model(RecurrentCell::Gru, &RnnConfig { hidden: 64, layers: 2, ..RnnConfig::default() }, 50, 3);
    for parameter in model.parameters().iter() {
        let values = flat(parameter.var.as_tensor());
        let largest = values.iter().fold(0f64, |most, value| most.max(value.abs()));
        if parameter.name.starts_with("rnn.") {
            assert!(largest <= 0.125 && largest > 0.12, "{}: {largest}", parameter.name);
        }
        if parameter.name == "embedding.weight" {
            assert!(values[..100].iter().all(|&value| value == 0.0) && largest > 0.2);
        }
    }
    Ok(())
}

#[test]
fn a_row_without_tokens_says_what_the_bias_says() -> Result<()> {
    for pooling in [StatePooling::Last, StatePooling::Mean, StatePooling::Max, StatePooling::Attention] {
        let model = model(RecurrentCell::Lstm, &RnnConfig { pooling, ..plain() }, 9, 3);
        let bias = flat(&model.parameters().value("fc.bias", Mode::Eval.tracking())?);
        let logits = model.forward(&rows(), Mode::Eval)?;
        assert_eq!(flat(&logits.get(1)?), bias);
        assert_eq!(model.forward(&Ragged::default(), Mode::Eval)?.dims(), [0, 3]);
        assert_eq!(flat(&model.forward(&Ragged::from_rows([&[][..]]), Mode::Eval)?), bias);
    }
    Ok(())
}

#[test]
fn dropout_acts_in_training_alone_and_follows_the_seed() -> Result<()> {
    let share = 0.5;
    let cases = [
        RnnConfig { word_dropout: share, ..plain() },
        RnnConfig { embedding_dropout: share, ..plain() },
        RnnConfig { layer_dropout: share, layers: 2, ..plain() },
        RnnConfig { dropout: share, ..plain() },
    ];
    for config in cases {
        let model = model(RecurrentCell::Gru, &config, 9, 3);
        let train = |seed| Ok::<_, Error>(flat(&model.forward(&rows(), Mode::Train(&step(seed)))?));
        assert_eq!(train(1)?, train(1)?);
        assert_ne!(train(1)?, train(2)?, "{config:?}");
        assert_ne!(train(1)?, flat(&model.forward(&rows(), Mode::Eval)?), "{config:?}");
    }
    Ok(())
}

#[test]
fn dropped_words_are_unknown() -> Result<()> {
    let rows = Ragged::from_rows([(2..20_002).collect::<Vec<u32>>()]);
    let dropped = drop_words(&rows, 0.3, Seed::new(4))?;
    let unknown = dropped.ids().iter().filter(|&&id| id == UNKNOWN).count();
    assert!((5_700..6_300).contains(&unknown), "{unknown}");
    assert!(dropped.ids().iter().zip(rows.ids()).all(|(new, old)| new == old || *new == UNKNOWN));
    Ok(())
}

#[track_caller]
fn refuse(change: impl Fn(&mut RnnConfig), classes: usize, expect: &str) {
    let mut config = RnnConfig::default();
    change(&mut config);
    let shape = Shape { vocabulary: 4, classes };
    let found = Rnn::new(RecurrentCell::Lstm, &config, shape, Initial::Zeros, &Device::Cpu);
    assert_eq!(found.err().map(|e| e.to_string()).unwrap_or_default(), expect);
}

#[test]
fn hyper_parameters_are_checked() {
    refuse(|_| (), 2, "");
    refuse(|c| c.hidden = 0, 2, "hidden = 0: must be at least 1");
    refuse(|c| c.layers = 0, 2, "layers = 0: must be at least 1");
    refuse(|c| c.backward_steps = Some(0), 2, "backward_steps = 0: must be at least 1");
    refuse(|c| c.dropout = 1.0, 2, "dropout = 1: a share from 0 to below 1");
    refuse(|c| c.layer_dropout = 1.0, 2, "layer_dropout = 1: a share from 0 to below 1");
    refuse(|c| c.embedding_dropout = -0.1, 2, "embedding_dropout = -0.1: a share from 0 to below 1");
    refuse(|c| c.word_dropout = f64::NAN, 2, "word_dropout = NaN: a share from 0 to below 1");
    let expect = "head = one-logit with 3 labels: one logit tells two labels apart: use head = all-logits";
    refuse(|c| c.head = Head::OneLogit, 3, expect);
    refuse(
        |c| c.hidden = usize::MAX,
        2,
        &format!(
            "a parameter of {0} x 100 values does not fit in memory: choose smaller sizes for the model",
            usize::MAX
        ),
    );
}
