//! Whole runs on a few dozen rows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

use assort_datasets::Ratios;
use assort_experiment::{Error, Event, Files, Finished, Request, Resume, run};
use assort_metrics::figures::ACCURACY;
use assort_pipeline::{Existing, ModelFolder, Pipeline, Staging};
use assort_report::Metrics;
use assort_settings::{Settings, Source};
use assort_tensor::DeviceChoice;
use assort_train::StopFlag;
use candle_core::Device;

/// Rows that one word decides.
fn write_rows(path: &Path, rows: usize) {
    let mut text = String::from("text,label\n");
    for i in 0..rows {
        let (label, word) = if i % 3 == 0 { ("sour", "lemon") } else { ("sweet", "honey") };
        text.push_str(&format!("the {word} of day {i},{label}\n"));
    }
    fs::write(path, text).unwrap();
}

fn request(room: &Path, out: &str, sets: &[&str]) -> Request {
    let train = room.join("rows.csv");
    if !train.exists() {
        write_rows(&train, 90);
    }
    let mut settings = Settings::defaults("bag").unwrap();
    for set in ["epochs=4", "embedding=8", "patience=none", "checkpoints=last"].iter().chain(sets) {
        settings.assign(set, Source::Flag("set")).unwrap();
    }
    Request {
        files: Files { train, split: Some(Ratios::parse("0.6,0.2,0.2").unwrap()), ..Files::default() },
        config: settings.resolve().unwrap(),
        out: room.join(out),
        existing: Existing::Keep,
        resume: Resume::Fresh,
        device: DeviceChoice::Cpu,
        stop: StopFlag::default(),
    }
}

fn done(request: &Request) -> (PathBuf, Metrics) {
    match run(request, &mut |_: &Event| ()).unwrap() {
        Finished::Done { folder, metrics } => (folder, *metrics),
        Finished::Interrupted { .. } => panic!("nobody asked for a stop"),
    }
}

fn weights(folder: &Path) -> Vec<u8> {
    fs::read(ModelFolder::at(folder).weights()).unwrap()
}

#[test]
fn a_run_leaves_a_whole_folder_that_predicts() {
    let room = tempfile::tempdir().unwrap();
    let (folder, metrics) =
        done(&request(room.path(), "out", &["epochs=30", "learning_rate=0.05", "checkpoints=best"]));
    let mut names: Vec<String> =
        fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let expect = [
        "README.md",
        "assort.json",
        "metrics.json",
        "model.safetensors",
        "pictures",
        "report.html",
        "vocab.txt",
    ];
    assert_eq!(names, expect);
    assert!(!Staging::partial_of(&folder).exists());
    assert_eq!((metrics.data.rows, metrics.data.splits.train, metrics.data.splits.test), (90, 54, 18));
    assert_eq!(metrics.test.as_ref().unwrap().value(&ACCURACY), Some(1.0));
    let pipeline = Pipeline::load(&folder, &Device::Cpu).unwrap();
    let found = pipeline.predict(&["honey and bread", "", "lemon"], 1).unwrap();
    assert_eq!((found[0][0].label, found[2][0].label), ("sweet", "sour"));
    assert_eq!(found[1].len(), 1, "an empty text has a prediction too");

    let json: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(folder.join("metrics.json")).unwrap()).unwrap();
    for key in [
        "/model",
        "/seed",
        "/parameters/total",
        "/parameters/trainable",
        "/read_seconds",
        "/train/rows",
        "/train/epochs",
        "/train/seconds",
        "/train/step_seconds",
        "/train/rows_per_second",
        "/train/tokens_per_second",
        "/validation/loss",
        "/validation/accuracy",
        "/validation/macro_f1",
        "/validation/seconds",
        "/test/loss",
        "/test/accuracy",
        "/test/macro_f1",
        "/test/weighted_f1",
        "/test/per_label/0/precision",
        "/test/confusion/1/1",
        "/data/digest",
        "/data/rows",
        "/data/labels/1",
        "/predict/seconds",
        "/predict/rows_per_second",
        "/peak_memory_mb",
    ] {
        assert!(json.pointer(key).is_some_and(|value| !value.is_null()), "{key}");
    }
}

#[test]
fn the_same_request_gives_the_same_weights_and_another_seed_others() {
    let room = tempfile::tempdir().unwrap();
    let (a, _) = done(&request(room.path(), "a", &[]));
    let (b, _) = done(&request(room.path(), "b", &[]));
    let (c, _) = done(&request(room.path(), "c", &["seed=1"]));
    assert_eq!(weights(&a), weights(&b));
    assert_ne!(weights(&a), weights(&c));
}

#[test]
fn a_finished_and_an_interrupted_run_go_on_bit_for_bit() {
    let room = tempfile::tempdir().unwrap();
    let straight = weights(&done(&request(room.path(), "straight", &[])).0);
    done(&request(room.path(), "longer", &["epochs=2"]));
    let longer = Request { resume: Resume::Continue, ..request(room.path(), "longer", &[]) };
    assert_eq!(weights(&done(&longer).0), straight);

    let stopped = request(room.path(), "stopped", &["batch_size=8"]);
    let stop = stopped.stop.clone();
    let mut third_step_of_second_epoch = |event: &Event| {
        if let Event::Step { epoch: 2, step: 3, .. } = event {
            stop.set();
        }
    };
    assert!(matches!(run(&stopped, &mut third_step_of_second_epoch), Ok(Finished::Interrupted { .. })));
    assert!(!stopped.out.exists());
    let stopped = Request { resume: Resume::Continue, stop: StopFlag::default(), ..stopped };
    let (unbroken, _) = done(&request(room.path(), "unbroken", &["batch_size=8"]));
    assert_eq!(weights(&done(&stopped).0), weights(&unbroken));
}

#[test]
fn resampling_changes_training_rows_alone() {
    let room = tempfile::tempdir().unwrap();
    let rows = |sets: &[&str]| {
        let (folder, metrics) = done(&request(room.path(), "out", sets));
        fs::remove_dir_all(folder).unwrap();
        (metrics.data.splits.train, metrics.data.splits.validation, metrics.data.splits.test)
    };
    assert_eq!(rows(&[]), (54, 18, 18));
    assert_eq!(rows(&["resample=oversample"]), (72, 18, 18));
    assert_eq!(rows(&["resample=undersample"]), (36, 18, 18));
}

/// Checks that a request is refused, and that nothing was written.
fn check_refused(change: impl Fn(&mut Request), expect: &str) {
    let room = tempfile::tempdir().unwrap();
    let mut request = request(room.path(), "out", &[]);
    change(&mut request);
    let error: Error = run(&request, &mut |_: &Event| ()).err().expect(expect);
    assert!(error.to_string().contains(expect), "{error}");
    let left: Vec<_> = fs::read_dir(room.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("out")), "{left:?}");
}

#[test]
fn bad_requests_write_nothing() {
    check_refused(|r| r.files.train = r.files.train.with_file_name("none.csv"), "none.csv does not exist");
    check_refused(|r| r.files.test = Some(r.files.train.clone()), "leave validation and test files away");
    check_refused(|r| r.resume = Resume::Continue, "nothing to resume");
}

#[test]
fn another_run_is_not_resumed() {
    let room = tempfile::tempdir().unwrap();
    done(&request(room.path(), "out", &["epochs=1"]));
    let before = weights(&room.path().join("out"));
    let resume = |sets: &[&str]| {
        let request = Request { resume: Resume::Continue, ..request(room.path(), "out", sets) };
        run(&request, &mut |_: &Event| ()).err().unwrap().to_string()
    };
    assert!(resume(&["learning_rate=0.5"]).contains("learning_rate was 0.003, is 0.5"));
    assert!(resume(&["seed=5"]).contains("seed was 0, is 5"));
    let state = ModelFolder::at(&room.path().join("out")).state();
    let whole = fs::read(&state).unwrap();
    fs::write(&state, &whole[..whole.len() / 2]).unwrap();
    assert!(resume(&[]).contains("not a whole training state"));
    assert_eq!(weights(&room.path().join("out")), before);
}
