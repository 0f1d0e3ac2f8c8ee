use super::*;
use crate::{Method, Pipeline};
use assort_models::Initial;
use assort_random::Seed;
use serde_json::Value;
use std::path::PathBuf;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/fasttext").join(name)
}

fn golden() -> Value {
    serde_json::from_slice(&std::fs::read(fixture("golden.json")).unwrap()).unwrap()
}

fn texts() -> Vec<String> {
    serde_json::from_value(golden()["texts"].clone()).unwrap()
}

fn imported(path: &Path, room: &Path) -> Pipeline {
    import_fasttext(path, room, Existing::Replace).unwrap();
    Pipeline::load(room, &Device::Cpu).unwrap()
}

/// What fastText adds to a probability before its logarithm: once, or at each node of a tree.
const ADDED: f64 = 1e-5;

#[test]
fn answers_are_those_of_fasttext() {
    let room = tempfile::tempdir().unwrap();
    let out = room.path().join("m");
    let (golden, texts) = (golden(), texts());
    for (name, answers) in golden["models"].as_object().unwrap() {
        let pipeline = imported(&fixture(name), &out);
        let is_tree = ["tree.bin", "output.ftz"].contains(&name.as_str());
        let probabilities = pipeline.probabilities(&texts).unwrap();
        for ((row, answer), text) in
            probabilities.rows().into_iter().zip(answers.as_array().unwrap()).zip(&texts)
        {
            let answer = answer.as_object().unwrap();
            // Of a tree, fastText leaves out what is below its 0.00001.
            assert!(answer.len() >= 4 || is_tree && !answer.is_empty(), "{name}");
            for (label, theirs) in answer {
                let theirs = theirs.as_f64().unwrap();
                let place = pipeline.labels().iter().position(|known| format!("__label__{known}") == *label);
                let ours = row[place.unwrap()];
                // Of a tree, nodes near certainty add no more than that each; others by their share.
                let (added, near) =
                    if is_tree { (0.0, ADDED + 12.0 * ADDED * theirs.max(1e-2)) } else { (ADDED, ADDED) };
                assert!((ours + added - theirs).abs() < near, "{name} {text:?} {label}: {ours} {theirs}");
            }
            let best = answer.iter().max_by(|a, b| a.1.as_f64().unwrap().total_cmp(&b.1.as_f64().unwrap()));
            let ours = (0..row.len()).max_by(|a, b| row[*a].total_cmp(&row[*b])).unwrap();
            assert_eq!(format!("__label__{}", pipeline.labels()[ours]), *best.unwrap().0, "{name} {text:?}");
        }
    }
}

#[test]
fn explained_and_laid_out() {
    let room = tempfile::tempdir().unwrap();
    let out = room.path().join("m");
    for (name, methods) in [
        ("ngrams.bin", &[Method::Exact, Method::IntegratedGradients, Method::Occlusion][..]),
        ("independent.bin", &[Method::Exact]),
        ("tree.bin", &[Method::IntegratedGradients, Method::Occlusion]),
    ] {
        let pipeline = imported(&fixture(name), &out);
        assert_eq!(pipeline.methods(), methods);
        for method in methods {
            let found = pipeline.explain("the raw leek", *method).unwrap();
            // The end of the line is a piece without a place.
            let words = found.words();
            let words = words.iter().map(|word| &found.text()[word.range.clone()]);
            let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
            assert_eq!(words, ["the", "raw", "leek"], "{name} {method}");
            let logits = found.logits();
            let best = (0..4).max_by(|a, b| logits[*a].total_cmp(&logits[*b])).unwrap();
            assert_eq!(pipeline.labels()[best], "vegetable", "{name} {method} {logits:?}");
        }
        assert_eq!(pipeline.row_states(&["ripe pear"]).unwrap().1, 5);
    }
}

#[test]
fn what_comes_from_fasttext_goes_back_as_it_was() {
    let room = tempfile::tempdir().unwrap();
    let (out, file) = (room.path().join("m"), room.path().join("m.bin"));
    for name in ["softmax.bin", "independent.bin", "tree.bin", "ngrams.bin", "plain.ftz", "output.ftz"] {
        let first = imported(&fixture(name), &out).probabilities(&texts()).unwrap();
        assert_eq!(export_fasttext(&out, &file).unwrap(), []);
        let (mut before, mut after) =
            (FasttextModel::open(&fixture(name)).unwrap(), FasttextModel::open(&file).unwrap());
        if before.loss != FasttextLoss::Tree {
            before.labels.iter_mut().chain(&mut after.labels).for_each(|(_, count)| *count = 1);
        }
        assert!(before == after, "{name}");
        assert_eq!(imported(&file, &out).probabilities(&texts()).unwrap(), first);
    }
    imported(&fixture("pruned.ftz"), &out);
    let refused = export_fasttext(&out, &file).unwrap_err().to_string();
    assert!(refused.contains("rows for some buckets alone"), "{refused}");
}

/// A folder with a bag of words between blanks.
fn bag_folder(room: &Path, config: BagConfig, task: Task) -> Pipeline {
    let text = TextConfig {
        tokenizer: TokenizerKind::Whitespace,
        lowercase: Lowercase::Off,
        ..TextConfig::default()
    };
    let features = FeatureConfig::Tokens { text, hasher: None };
    let (featurizer, _) = Featurizer::fit(&["ripe pear", "raw leek", "a pear"], &features).unwrap();
    let shape = Shape { vocabulary: featurizer.width(), classes: 3 };
    let architecture = ModelConfig::Bag(config);
    let network = architecture.network(shape, Initial::Drawn(Seed::new(5)), &Device::Cpu).unwrap();
    let labels = ["fruit", "vegetable", "other"].map(String::from).to_vec();
    let mut manifest = Manifest::new(architecture, shape, labels, features, 0, DataRecord::default());
    manifest.task = task;
    ModelFolder::at(room).write(&manifest, &featurizer, &Model::Network(network)).unwrap();
    Pipeline::load(room, &Device::Cpu).unwrap()
}

#[test]
fn a_bag_keeps_its_bias() {
    let room = tempfile::tempdir().unwrap();
    let file = room.path().join("m.bin");
    let config = || BagConfig { embedding: 4, embedding_deviation: 1.0, ..BagConfig::default() };
    let texts = ["ripe pear", "leek", "a raw pear a"];
    for (task, near, expect) in [
        (Task::OneOf, 1e-6, vec![FasttextDifference::UnknownWords]),
        (Task::AnyOf, 0.01, vec![FasttextDifference::UnknownWords, FasttextDifference::Table]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let before = bag_folder(folder.path(), config(), task).probabilities(&texts).unwrap();
        assert_eq!(export_fasttext(folder.path(), &file).unwrap(), expect);
        let after = imported(&file, &room.path().join("again"));
        assert_eq!((after.task(), after.labels()[1].as_str()), (task, "vegetable"));
        let after = after.probabilities(&texts).unwrap();
        assert!(before.iter().zip(&after).all(|(a, b)| (a - b).abs() < near), "{before} {after}");
    }
    let refused = |config, expect: &str| {
        let folder = tempfile::tempdir().unwrap();
        bag_folder(folder.path(), config, Task::OneOf);
        let error = export_fasttext(folder.path(), &file).unwrap_err().to_string();
        assert!(error.contains(expect) && error.lines().count() == 1, "{error}");
    };
    refused(BagConfig { hidden: 3, ..config() }, "fastText has no hidden layer");
    refused(BagConfig { pooling: Pooling::Max, ..config() }, "the mean of embeddings alone");
}

#[test]
fn other_files_are_refused() {
    let room = tempfile::tempdir().unwrap();
    let refused = |path: &Path| {
        let error = import_fasttext(path, &room.path().join("m"), Existing::Keep).unwrap_err().to_string();
        assert!(!room.path().join("m").exists());
        error
    };
    assert!(refused(&fixture("golden.json")).contains("no model of fastText"));
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/vectors/fasttext.bin");
    assert!(refused(&vectors).contains("word vectors of fastText, which sort nothing"));
}
