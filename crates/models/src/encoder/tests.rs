use std::collections::HashMap;

use assort_classifier::{Classifier, Mode, Step, Task};
use assort_kernels::optim::Rule;
use assort_kernels::{CrossEntropy, cross_entropy};
use assort_random::Seed;
use assort_tensor::{Gradient, GradientReport, Gradients, Ragged, Targets, Tracking};
use candle_core::{DType, safetensors};
use serde::Deserialize;

use super::*;
use crate::{BertConfig, DistilbertConfig};

mod candle;
mod lora;
mod states;

/// `fixtures/encoder/KIND.json`, made by `fixtures/encoder/make.py`.
#[derive(Deserialize)]
struct Golden {
    rows: Vec<Vec<u32>>,
    labels: Vec<u32>,
    logits: Vec<Vec<f32>>,
    loss: f32,
    hidden: Vec<Vec<Vec<f32>>>,
    gradients: HashMap<String, GoldenGradient>,
    losses: Vec<f32>,
}

#[derive(Deserialize)]
struct GoldenGradient {
    norm: f64,
    values: [f32; 3],
}

fn fixture(name: &str) -> std::path::PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../../fixtures/encoder", name].iter().collect()
}

fn json<T: serde::de::DeserializeOwned>(path: &std::path::Path) -> T {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn golden(kind: &str) -> Golden {
    json(&fixture(&format!("{kind}.json")))
}

fn tensors(kind: &str) -> HashMap<String, Tensor> {
    safetensors::load(fixture(&format!("{kind}.safetensors")), &Device::Cpu).unwrap()
}

fn load(kind: &str, tensors: &HashMap<String, Tensor>, classes: usize) -> Result<Loaded> {
    let (seed, cpu, path) = (Seed::new(4), &Device::Cpu, fixture(&format!("{kind}-config.json")));
    let kept = ClassifierWeights::Kept;
    match kind {
        "bert" => Encoder::from_checkpoint(&json::<BertConfig>(&path), classes, tensors, kept, seed, cpu),
        _ => Encoder::from_checkpoint(&json::<DistilbertConfig>(&path), classes, tensors, kept, seed, cpu),
    }
}

fn model(kind: &str) -> Encoder {
    let loaded = load(kind, &tensors(kind), 3).unwrap();
    assert!(loaded.fresh.is_empty() && loaded.unused.is_empty(), "{:?} {:?}", loaded.fresh, loaded.unused);
    loaded.model
}

const KINDS: [&str; 2] = ["distilbert", "bert"];

fn flat(tensor: &Tensor) -> Vec<f32> {
    tensor.to_dtype(DType::F32).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

#[track_caller]
fn near(found: &[f32], expect: &[f32], allowed: f32) {
    assert_eq!(found.len(), expect.len());
    for (i, (f, e)) in found.iter().zip(expect).enumerate() {
        assert!((f - e).abs() <= allowed, "value {i}: {f}, expected {e}");
    }
}

fn step(seed: u64) -> Step {
    Step::new(Seed::new(seed))
}

fn gradients(model: &Encoder, golden: &Golden, step: &Step) -> (f32, Gradients) {
    let rows = Ragged::from_rows(&golden.rows);
    let logits = model.forward(&rows, Mode::Train(step)).unwrap();
    let targets = Targets::Hard(golden.labels.clone());
    let loss = cross_entropy(&logits, &targets, &CrossEntropy::default()).unwrap();
    let mut store = loss.backward().unwrap();
    let gradients = Gradients::collect(model.parameters(), &mut store, &step.rows).unwrap();
    GradientReport::new(model.parameters(), &gradients).unwrap().verify().unwrap();
    (loss.to_scalar().unwrap(), gradients)
}

fn dense(gradient: &Gradient, like: &Tensor) -> Tensor {
    match gradient {
        Gradient::Dense(tensor) => tensor.clone(),
        Gradient::Rows(rows) => rows.to_dense(like.dims()[0], like.device()).unwrap(),
    }
}

#[test]
fn logits_and_hidden_states_equal_transformers() -> Result<()> {
    for kind in KINDS {
        let (model, golden) = (model(kind), golden(kind));
        let rows = Ragged::from_rows(&golden.rows);
        near(&flat(&model.forward(&rows, Mode::Eval)?), &golden.logits.concat(), 1e-5);
        let hidden = model.states(&rows, model.layers(), Mode::Eval)?;
        near(&flat(&hidden), &golden.hidden.concat().concat(), 1e-5);
    }
    Ok(())
}

#[test]
fn every_gradient_equals_transformers() {
    for kind in KINDS {
        let (model, golden) = (model(kind), golden(kind));
        let (loss, gradients) = gradients(&model, &golden, &step(0));
        assert!((loss - golden.loss).abs() < 1e-5, "{loss}");
        assert_eq!(golden.gradients.len(), model.parameters().iter().len());
        for (parameter, gradient) in model.parameters().iter().zip(gradients.iter()) {
            let found = flat(&dense(gradient.unwrap(), &parameter.var));
            let expect = &golden.gradients[&parameter.name];
            // The keys' biases have no influence on a softmax: their gradient is rounding alone.
            let norm = found.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
            assert!((norm - expect.norm).abs() < 1e-5 + 1e-4 * expect.norm, "{} {norm}", parameter.name);
            let three = [found[0], found[found.len() / 2], found[found.len() - 1]];
            near(&three, &expect.values, 1e-5 + 1e-4 * expect.norm as f32);
        }
    }
}

#[test]
fn ten_steps_lose_as_transformers_do() {
    for kind in KINDS {
        let (model, golden) = (model(kind), golden(kind));
        near(&ten_losses(&model, &golden), &golden.losses, 1e-3);
    }
}

/// The losses of ten steps of AdamW, each before its step.
fn ten_losses(model: &Encoder, golden: &Golden) -> Vec<f32> {
    let rule = Rule::adam_w().check().unwrap();
    let mut states: Vec<_> = model.parameters().iter().map(|p| rule.state(&p.var)).collect();
    let mut losses = Vec::new();
    for number in 0..10 {
        let (loss, gradients) = gradients(model, golden, &step(number));
        losses.push(loss);
        for ((parameter, gradient), state) in model.parameters().iter().zip(gradients.iter()).zip(&mut states)
        {
            if let Some(gradient) = gradient {
                let gradient = Gradient::Dense(dense(gradient, &parameter.var));
                rule.step(&parameter.var, &gradient, state, 5e-3).unwrap();
            }
        }
    }
    losses
}

/// sin(i step) / 10.
fn wave(shape: &[usize], step: f64) -> Tensor {
    let count = shape.iter().product::<usize>();
    let values: Vec<f32> = (0..count).map(|i| ((i as f64 * step).sin() / 10.0) as f32).collect();
    Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
}

#[test]
fn frozen_layers_leave_no_gradient_and_drop_nothing() -> Result<()> {
    for kind in KINDS {
        let golden = golden(kind);
        let rows = Ragged::from_rows(&golden.rows);
        let mut model = model(kind);
        model.plan.dropouts = Dropouts { hidden: 0.4, attention: 0.4, attention_out: 0.4, classifier: 0.4 };
        assert_eq!(model.frozen_layers(), None);
        for frozen in 0..=3 {
            let lowest = if frozen == 3 { Part::Head } else { Part::Layer(frozen) };
            model.parameters_mut().freeze(|parameter| parameter.part < lowest);
            assert_eq!(model.frozen_layers(), Some(frozen));
            gradients(&model, &golden, &step(1));
            let step = step(1);
            let lower = model.states(&rows, frozen, Mode::Train(&step))?;
            assert!(!lower.track_op());
            let Some(staged) = model.staged() else {
                assert_eq!(frozen, 0);
                continue;
            };
            assert_eq!(flat(&lower), flat(&staged.lower(&rows)?));
            let upper = staged.upper(&rows, &lower, Mode::Train(&step))?;
            near(&flat(&upper), &flat(&model.forward(&rows, Mode::Train(&step))?), 5e-6);
        }
        model.parameters_mut().freeze(|_| false);
        assert!(model.staged().is_none());
        assert_ne!(
            flat(&model.forward(&rows, Mode::Train(&step(1)))?),
            flat(&model.forward(&rows, Mode::Eval)?)
        );
    }
    Ok(())
}

#[test]
fn cutting_anywhere_gives_the_same() -> Result<()> {
    for kind in KINDS {
        let (model, golden) = (model(kind), golden(kind));
        let rows = Ragged::from_rows(&golden.rows);
        let whole = flat(&model.forward(&rows, Mode::Eval)?);
        for layers in 0..=model.layers() {
            let lower = model.states(&rows, layers, Mode::Eval)?;
            near(&flat(&model.logits(&rows, &lower, layers, Mode::Eval)?), &whole, 2e-6);
        }
        let words = model.embed(&rows, Mode::Eval)?;
        let words = candle_core::Var::from_tensor(&words)?;
        let logits = model.forward_embedded(&rows, &words, Mode::Eval)?;
        near(&flat(&logits), &whole, 0.0);
        assert_eq!(logits.sum_all()?.backward()?.get(&words).unwrap().dims(), words.dims());
        let padded = model.embed(&Ragged::from_rows([[2, 0, 0, 0, 3]]), Mode::Eval)?;
        assert_eq!(flat(&model.baseline(&Ragged::from_rows([&golden.rows[0]]))?), flat(&padded));
        assert_eq!(model.baseline(&Ragged::from_rows([&[][..], &[2], &[2, 3]]))?.dims(), [3, 16]);
    }
    Ok(())
}

#[test]
fn each_row_is_computed_by_itself() -> Result<()> {
    for kind in KINDS {
        let (model, golden) = (model(kind), golden(kind));
        let rows = Ragged::from_rows([&[][..], &golden.rows[0], &[], &golden.rows[2]]);
        let logits = model.forward(&rows, Mode::Eval)?.to_vec2::<f32>()?;
        near(&logits[1], &golden.logits[0], 1e-5);
        near(&logits[3], &golden.logits[2], 1e-5);
        assert!(logits[0].iter().all(|x| x.is_finite()) && logits[0] == logits[2]);
        assert_eq!(model.forward(&Ragged::default(), Mode::Eval)?.dims(), [0, 3]);
    }
    Ok(())
}

/// Changes the tensors of a checkpoint, loads it and gives the error, or what was fresh and unused.
#[track_caller]
fn check(kind: &str, classes: usize, change: impl Fn(&mut HashMap<String, Tensor>), expect: &str) {
    let mut tensors = tensors(kind);
    change(&mut tensors);
    let found = match load(kind, &tensors, classes) {
        Ok(Loaded { fresh, unused, .. }) => format!("fresh {fresh:?}, unused {unused:?}"),
        Err(error) => error.to_string(),
    };
    assert_eq!(found, expect);
}

fn renamed(tensors: &mut HashMap<String, Tensor>, new: impl Fn(&str) -> String) {
    *tensors = tensors.drain().map(|(name, tensor)| (new(&name), tensor)).collect();
}

#[test]
fn checkpoints_of_every_make_load() -> Result<()> {
    let whole = "fresh [], unused []";
    check("bert", 3, |_| (), whole);
    check("bert", 3, |t| renamed(t, |name| name.replace("bert.", "")), whole);
    let old = |name: &str| {
        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
    };
    check("bert", 3, |t| renamed(t, old), whole);
    check("distilbert", 3, |t| renamed(t, |name| old(&name.replace("distilbert.", ""))), whole);
    let masked = |t: &mut HashMap<String, Tensor>| {
        t.retain(|name, _| !name.starts_with("pre_classifier") && !name.starts_with("classifier"));
        t.insert("vocab_transform.weight".into(), Tensor::zeros(3, DType::F32, &Device::Cpu).unwrap());
        t.insert(
            "distilbert.embeddings.position_ids".into(),
            Tensor::zeros(3, DType::U32, &Device::Cpu).unwrap(),
        );
    };
    let head = r#"["pre_classifier.weight", "pre_classifier.bias", "classifier.weight", "classifier.bias"]"#;
    check("distilbert", 3, masked, &format!(r#"fresh {head}, unused ["vocab_transform.weight"]"#));
    for dtype in [DType::F16, DType::BF16] {
        let mut half = tensors("bert");
        half.values_mut().for_each(|tensor| *tensor = tensor.to_dtype(dtype).unwrap());
        let (model, golden) = (load("bert", &half, 3)?.model, golden("bert"));
        assert!(model.parameters().iter().all(|p| p.var.dtype() == DType::F32));
        let logits = model.forward(&Ragged::from_rows(&golden.rows), Mode::Eval)?;
        near(&flat(&logits), &golden.logits.concat(), 0.1);
    }
    Ok(())
}

#[test]
fn what_does_not_fit_is_named() {
    let name = "bert.encoder.layer.1.output.dense.weight";
    let told = "settings and weights are not of one model";
    let lacking = format!(
        "the parameter {name} (shape [16, 40]) is missing, which the setting num_hidden_layers asks for; the \
         nearest is bert.encoder.layer.1.output.dense.bias of the shape [16]: {told}"
    );
    check("bert", 3, |t| drop(t.remove(name)), &lacking);
    let short =
        |t: &mut HashMap<String, Tensor>| drop(t.insert(name.into(), t["bert.pooler.dense.weight"].clone()));
    let unfit = format!(
        "the parameter {name} has the shape [16, 16], expected [16, 40] by the setting intermediate_size: \
         {told}"
    );
    check("bert", 3, short, &unfit);
    let nan = |t: &mut HashMap<String, Tensor>| {
        drop(t.insert("classifier.bias".into(), Tensor::new(&[0.0, f32::NAN, 1.0], &Device::Cpu).unwrap()));
    };
    let message =
        "the parameter classifier.bias holds values that are not finite: copy the file again, or train again";
    check("bert", 3, nan, message);
    let other = "classifier.weight of the checkpoint sorts into 3 labels, the data have 5: choose another \
                 checkpoint, or ask for a fresh classifier";
    check("bert", 5, |_| (), other);
    let config: BertConfig = json(&fixture("bert-config.json"));
    let fresh = ClassifierWeights::FreshIfOther;
    let loaded =
        Encoder::from_checkpoint(&config, 5, &tensors("bert"), fresh, Seed::new(1), &Device::Cpu).unwrap();
    assert_eq!(loaded.fresh, ["classifier.weight", "classifier.bias"]);
}

#[test]
fn a_fresh_head_leaves_the_rest_as_it_was() -> Result<()> {
    let mut tensors = tensors("distilbert");
    tensors.retain(|name, _| name.starts_with("distilbert."));
    let model = load("distilbert", &tensors, 4)?.model;
    for parameter in model.parameters().iter() {
        if let Some(tensor) = tensors.get(&parameter.name) {
            assert_eq!(flat(&parameter.var), flat(tensor), "{}", parameter.name);
        }
    }
    let classifier = flat(&model.parameters().value("classifier.weight", Tracking::Detached)?);
    assert!(classifier.len() == 4 * 16 && classifier.iter().all(|x| *x != 0.0 && x.abs() < 1.8));
    Ok(())
}

#[test]
fn inputs_that_no_model_can_read() {
    let model = model("bert");
    let message =
        |rows: &[&[u32]]| model.forward(&Ragged::from_rows(rows), Mode::Eval).unwrap_err().to_string();
    assert_eq!(
        message(&[&[1], &[2, 50]]),
        "token 1 of row 1 has the id 50, but the model has 50 embeddings: use its own tokenizer"
    );
    assert_eq!(
        message(&[&[1], &[7; 17]]),
        "row 1 has 17 tokens, but the model has 16 positions: cut texts to that length"
    );
    let shape = Shape { vocabulary: 51, classes: 2 };
    let config: BertConfig = json(&fixture("bert-config.json"));
    let error = Encoder::new(&config, shape, Initial::Zeros, &Device::Cpu).err().unwrap().to_string();
    assert!(
        error.starts_with("the vocabulary has 51 tokens, but the model has embeddings for 50 (vocab_size)"),
        "{error}"
    );
}

#[test]
fn sizes_of_the_published_models() -> Result<()> {
    let distilbert = DistilbertConfig::default().plan()?;
    let total = |plan: &Plan| -> usize {
        plan.slots(2).iter().map(|slot| slot.shape().iter().product::<usize>()).sum()
    };
    assert_eq!(total(&distilbert), 66_955_010);
    assert_eq!(total(&BertConfig::default().plan()?), 109_483_778);
    Ok(())
}

#[test]
fn first_values_follow_the_configuration() -> Result<()> {
    let config = DistilbertConfig {
        vocab_size: 300,
        dim: 64,
        n_heads: 4,
        n_layers: 1,
        hidden_dim: 32,
        sinusoidal_pos_embds: true,
        ..DistilbertConfig::default()
    };
    let make = |initial| Encoder::new(&config, Shape { vocabulary: 300, classes: 2 }, initial, &Device::Cpu);
    let model = make(Initial::Drawn(Seed::new(3)))?;
    let value = |name: &str| flat(&model.parameters().get(name).unwrap().var);
    let words = value("distilbert.embeddings.word_embeddings.weight");
    assert!(words[..64].iter().all(|x| *x == 0.0));
    let deviation = (words[64..].iter().map(|x| x * x).sum::<f32>() / (words.len() - 64) as f32).sqrt();
    assert!((deviation - 0.02).abs() < 1e-3, "{deviation}");
    let positions = value("distilbert.embeddings.position_embeddings.weight");
    near(&positions[64..67], &[0.841_471, 0.540_302_3, 0.681_561_35], 1e-6);
    assert!(value("distilbert.transformer.layer.0.sa_layer_norm.weight").iter().all(|x| *x == 1.0));
    assert!(value("classifier.bias").iter().all(|x| *x == 0.0));
    let again = make(Initial::Drawn(Seed::new(3)))?;
    for (one, other) in model.parameters().iter().zip(again.parameters().iter()) {
        assert_eq!(flat(&one.var), flat(&other.var), "{}", one.name);
    }
    Ok(())
}

#[test]
fn configurations_keep_what_they_do_not_read() {
    let text = std::fs::read_to_string(fixture("distilbert-config.json")).unwrap();
    let before: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut config: DistilbertConfig = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_value(&config).unwrap(), before);
    assert_eq!(config.labels().unwrap().unwrap(), ["LABEL_0", "LABEL_1", "LABEL_2"]);
    config.set_labels(&["no".into(), "yes".into()], Task::OneOf);
    assert_eq!(config.labels().unwrap().unwrap(), ["no", "yes"]);
    let after = serde_json::to_value(&config).unwrap();
    assert_eq!(after["label2id"], serde_json::json!({"no": 0, "yes": 1}));
    assert_eq!(after["architectures"], serde_json::json!(["DistilBertForSequenceClassification"]));
    assert_eq!(after["problem_type"], "single_label_classification");
    config.set_labels(&["no".into(), "yes".into()], Task::AnyOf);
    assert_eq!(serde_json::to_value(&config).unwrap()["problem_type"], "multi_label_classification");
}

#[track_caller]
fn refuse(change: impl Fn(&mut BertConfig), expect: &str) {
    let mut config = BertConfig::default();
    change(&mut config);
    let found = config.plan().and_then(|plan| plan.check()).unwrap_err().to_string();
    assert_eq!(found, expect);
}

#[test]
fn configurations_are_checked() {
    refuse(|c| c.hidden_size = 0, "hidden_size = 0: a number of at least 1");
    refuse(
        |c| c.num_attention_heads = 5,
        "num_attention_heads = 5: a number that divides the width of a hidden state",
    );
    refuse(|c| c.num_hidden_layers = 9_999_999, "num_hidden_layers = 9999999: at most 1,000");
    refuse(|c| c.hidden_dropout_prob = 1.0, "hidden_dropout_prob = 1: a share from 0 to below 1");
    refuse(|c| c.classifier_dropout = Some(-0.1), "classifier_dropout = -0.1: a share from 0 to below 1");
    refuse(
        |c| c.hidden_act = "gelu_new".into(),
        "hidden_act = gelu_new: only gelu (in its exact form) and relu are there: choose another checkpoint",
    );
    refuse(
        |c| c.position_embedding_type = Some("relative_key".into()),
        "position_embedding_type = relative_key: only absolute positions are there: choose another \
         checkpoint",
    );
    refuse(
        |c| c.is_decoder = true,
        "is_decoder = true: only encoders can sort whole sequences: choose another checkpoint",
    );
}

/// `fixtures/encoder/pretrained.json`, made by `fixtures/encoder/make.py` from the folder that this test
/// reads, too.
#[derive(Deserialize)]
struct Pretrained {
    rows: Vec<Vec<u32>>,
    distilbert: Vec<Vec<f32>>,
    bert: Vec<Vec<f32>>,
}

#[test]
#[allow(clippy::print_stderr)]
fn pretrained_logits_equal_transformers() -> Result<()> {
    let shared: std::path::PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../../shared/models"].iter().collect();
    let golden: Pretrained = json(&fixture("pretrained.json"));
    for (kind, expect) in [("distilbert", &golden.distilbert), ("bert", &golden.bert)] {
        let folder = shared.join(format!("minilm-{kind}"));
        if !folder.is_dir() {
            eprintln!("not compared: there is no {}", folder.display());
            continue;
        }
        let mut tensors = safetensors::load(folder.join("model.safetensors"), &Device::Cpu)?;
        for (name, shape) in [
            ("pre_classifier.weight", &[384, 384][..]),
            ("pre_classifier.bias", &[384]),
            ("classifier.weight", &[3, 384]),
            ("classifier.bias", &[3]),
        ] {
            tensors.insert(name.into(), wave(shape, 0.7));
        }
        let (path, kept) = (folder.join("config.json"), ClassifierWeights::Kept);
        let seed = Seed::new(0);
        let loaded = match kind {
            "bert" => {
                Encoder::from_checkpoint(&json::<BertConfig>(&path), 3, &tensors, kept, seed, &Device::Cpu)?
            }
            _ => Encoder::from_checkpoint(
                &json::<DistilbertConfig>(&path),
                3,
                &tensors,
                kept,
                seed,
                &Device::Cpu,
            )?,
        };
        assert!(loaded.fresh.is_empty(), "{:?}", loaded.fresh);
        let logits = loaded.model.forward(&Ragged::from_rows(&golden.rows), Mode::Eval)?;
        near(&flat(&logits), &expect.concat(), 1e-4);
    }
    Ok(())
}
