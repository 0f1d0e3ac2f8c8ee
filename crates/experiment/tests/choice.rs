//! Settings that a linear model chooses, and models that compete.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

use assort_experiment::{Event, Files, Finished, Request, Resume, run_best};
use assort_pipeline::{Existing, ModelFolder, Pipeline};
use assort_report::Metrics;
use assort_settings::{Checked, Settings, Source};
use assort_tensor::DeviceChoice;
use assort_train::StopFlag;
use candle_core::Device;

const SET: Source = Source::Flag("set");

fn config(model: &str, sets: &[&str]) -> Checked {
    let mut settings = Settings::defaults(model).unwrap();
    sets.iter().for_each(|set| settings.assign(set, SET).unwrap());
    settings.resolve().unwrap()
}

/// Rows of two words each, one of which decides, but for every ninth row.
fn write_rows(path: &Path, rows: usize) {
    let mut text = String::from("text,label\n");
    for row in 0..rows {
        let (label, word) = if row % 3 == 0 { ("sour", "lemon") } else { ("sweet", "honey") };
        let word = if row % 9 == 4 { "water" } else { word };
        text.push_str(&format!("{word}{} day{},{label}\n", row % 5, row % 37));
    }
    fs::write(path, text).unwrap();
}

fn train(room: &Path, out: &str, rows: usize, configs: &[Checked]) -> (PathBuf, Metrics) {
    let file = room.join(format!("{rows}.csv"));
    write_rows(&file, rows);
    let request = Request {
        files: Files { train: file.clone(), test: Some(file), ..Files::default() },
        config: configs[0].clone(),
        out: room.join(out),
        existing: Existing::Keep,
        resume: Resume::Fresh,
        device: DeviceChoice::Cpu,
        stop: StopFlag::default(),
    };
    match run_best(&request, &configs[1..], &mut |_: &Event| ()).unwrap() {
        Finished::Done { folder, metrics } => (folder, *metrics),
        Finished::Interrupted { .. } => panic!("nobody asked for a stop"),
    }
}

#[test]
fn what_is_chosen_is_what_naming_it_gives() {
    let room = tempfile::tempdir().unwrap();
    for (rows, folds) in [(300, Some(5)), (2_600, None)] {
        let (folder, metrics) = train(room.path(), &format!("auto{rows}"), rows, &[config("linear", &[])]);
        let search = metrics.search.unwrap();
        assert_eq!(search.folds, folds);
        // Of folds every training row judges once; else the validation rows do.
        let judges = if folds.is_some() { metrics.data.splits.train } else { metrics.data.splits.validation };
        assert_eq!(search.rows, judges);
        assert!(search.tried.iter().any(|tried| tried.features.has_characters()) && search.tried.len() > 5);
        let best = search.best().unwrap();
        assert!(search.tried.iter().all(|tried| tried.loss * 1.03 >= best.loss));
        let written = serde_json::to_value(best).unwrap();
        let sets = [
            format!("inverse_penalty={}", best.inverse_penalty),
            format!("scaling={}", written["scaling"].as_str().unwrap()),
            format!("character_ngrams={}", if best.features.has_characters() { "[2,5]" } else { "none" }),
        ];
        let sets: Vec<&str> = sets.iter().map(String::as_str).collect();
        let (named, own) = train(room.path(), &format!("named{rows}"), rows, &[config("linear", &sets)]);
        assert!(own.search.is_none());
        let weights = |folder: &Path| fs::read(ModelFolder::at(folder).weights()).unwrap();
        assert_eq!(weights(&folder), weights(&named));
        assert!(
            folder.join("pictures/penalty.svg").is_file() && !named.join("pictures/penalty.svg").exists()
        );
        let pipeline = Pipeline::load(&folder, &Device::Cpu).unwrap();
        let architecture = serde_json::to_value(&pipeline.manifest().architecture).unwrap();
        assert_eq!(architecture["inverse_penalty"], best.inverse_penalty);
    }
}

#[test]
fn what_the_user_gives_is_not_chosen() {
    let room = tempfile::tempdir().unwrap();
    let tried = |out: &str, sets: &[&str]| {
        let metrics = train(room.path(), out, 300, &[config("linear", sets)]).1;
        metrics.search.map(|search| search.tried).unwrap_or_default()
    };
    let plain = tried("a", &["scaling=none", "character_ngrams=none"]);
    assert!(!plain.is_empty() && plain.iter().all(|tried| tried.kind() == "words"));
    let words = tried("b", &["word_ngrams=[1,1]"]);
    assert!(words.iter().any(|tried| tried.kind() == "words, naive Bayes"));
    assert!(words.iter().all(|tried| !tried.features.has_characters()));
    let characters = tried("c", &["character_ngrams=[2,3]", "word_ngrams=none"]);
    assert!(!characters.is_empty() && characters.iter().all(|tried| tried.features.has_characters()));
    assert!(tried("d", &["inverse_penalty=3"]).is_empty());
}

#[test]
fn the_better_of_two_models_is_kept_whole() {
    let room = tempfile::tempdir().unwrap();
    // A bag that cannot learn in one epoch at this rate, and one that can.
    let idle = config("bag", &["epochs=1", "learning_rate=1e-9"]);
    let (folder, metrics) = train(room.path(), "linear", 300, &[idle, config("linear", &[])]);
    let names = |metrics: &Metrics| metrics.rivals.iter().map(|one| one.model.clone()).collect::<Vec<_>>();
    assert_eq!((metrics.model.as_str(), names(&metrics)), ("linear", vec!["linear".into(), "bag".into()]));
    assert!(metrics.rivals[0].accuracy > metrics.rivals[1].accuracy && metrics.search.is_some());
    // Nothing of the other is left.
    assert!(!folder.join("state.safetensors").exists() && folder.join("features.txt").is_file());
    let alone = train(room.path(), "alone", 300, &[config("linear", &[])]).0;
    let weights = |folder: &Path| fs::read(ModelFolder::at(folder).weights()).unwrap();
    assert_eq!(weights(&folder), weights(&alone));
    assert_eq!(Pipeline::load(&folder, &Device::Cpu).unwrap().manifest().architecture.name(), "linear");

    let idle = config("linear", &["inverse_penalty=1e-6"]);
    let (folder, metrics) = train(room.path(), "bag", 300, &[config("bag", &["learning_rate=0.05"]), idle]);
    assert_eq!((metrics.model.as_str(), names(&metrics)), ("bag", vec!["bag".into(), "linear".into()]));
    assert!(folder.join("vocab.txt").is_file() && metrics.test.is_some());
}

/// A model that has seen its validation rows is judged by what it was before.
#[test]
fn a_model_is_fitted_once_more_to_the_rows_that_judged_it() {
    let room = tempfile::tempdir().unwrap();
    let sets = ["inverse_penalty=3", "refit=on"];
    let (before, plain) = train(room.path(), "before", 300, &[config("linear", &sets[..1])]);
    let (after, refitted) = train(room.path(), "after", 300, &[config("linear", &sets)]);
    let same = |metrics: &Metrics| (metrics.validation.figures.clone(), metrics.validation.rows);
    assert_eq!(same(&plain), same(&refitted));
    let record = |folder: &Path| Pipeline::load(folder, &Device::Cpu).unwrap().manifest().data.rows;
    assert_eq!((record(&before), record(&after)), (255, 300));
    let weights = |folder: &Path| fs::read(ModelFolder::at(folder).weights()).unwrap();
    assert_ne!(weights(&before), weights(&after));
    assert_eq!(refitted.test.unwrap().rows, 300);
}
