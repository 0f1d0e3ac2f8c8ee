//! The search for the best model on a few hundred rows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use assort_experiment::{AutoRequest, Event, Files, Given, Limits, Resume, auto, proposals};
use assort_metrics::figures::ACCURACY;
use assort_pipeline::{Existing, ModelFolder, Pipeline};
use assort_settings::{Checked, Settings, Source};
use assort_train::{Monitor, StopFlag};
use candle_core::Device;

fn config(model: &str, sets: &[&str]) -> Checked {
    let mut settings = Settings::defaults(model).unwrap();
    sets.iter().for_each(|set| settings.assign(set, Source::Flag("set")).unwrap());
    settings.resolve().unwrap()
}

fn write_rows(path: &Path, rows: usize) {
    let mut text = String::from("text,label\n");
    for row in 0..rows {
        let (label, word) = if row % 3 == 0 { ("sour", "lemon") } else { ("sweet", "honey") };
        text.push_str(&format!("{word} of day {},{label}\n", row % 37));
    }
    fs::write(path, text).unwrap();
}

/// A bag that learns nothing, then two that can tell the labels.
fn request(room: &Path) -> AutoRequest {
    let train = room.join("rows.csv");
    write_rows(&train, 300);
    let idle = config("bag", &["epochs=1", "learning_rate=1e-9", "embedding=4"]);
    AutoRequest {
        files: Files { train: train.clone(), test: Some(train), ..Files::default() },
        proposals: vec![idle, config("linear", &[]), config("bag", &["epochs=3", "embedding=4"])],
        limits: Limits::default(),
        by: Monitor::ACCURACY,
        out: room.join("best"),
        existing: Existing::Keep,
        resume: Resume::Fresh,
        device: Default::default(),
        stop: StopFlag::default(),
    }
}

fn weights(folder: &Path) -> Vec<u8> {
    fs::read(ModelFolder::at(folder).weights()).unwrap()
}

fn trials_of(request: &AutoRequest) -> PathBuf {
    request.out.with_file_name("best.trials")
}

#[test]
fn the_best_is_kept_with_the_table_and_the_test_rows_judge_it_once() {
    let room = tempfile::tempdir().unwrap();
    let request = request(room.path());
    let mut judged = 0;
    let found = auto(&request, &mut |event: &Event| {
        judged += usize::from(matches!(event, Event::Judged { role: assort_experiment::Role::Test, .. }));
    })
    .unwrap();
    assert_eq!((found.trials.len(), found.is_interrupted, judged), (3, false, 0));
    let metrics = found.metrics.unwrap();
    assert_eq!((metrics.model.as_str(), metrics.test.as_ref().unwrap().rows), ("linear", 300));
    assert_eq!(metrics.test.as_ref().unwrap().value(&ACCURACY), Some(1.0));
    assert!(found.trials.iter().all(|trial| trial.bytes > 0 && trial.milliseconds > 0.0 && trial.fits));
    assert!(!trials_of(&request).exists());
    let pipeline = Pipeline::load(&request.out, &Device::Cpu).unwrap();
    assert_eq!(pipeline.predict(&["honey"], 1).unwrap()[0][0].label, "sweet");
    let table: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(request.out.join("auto.json")).unwrap()).unwrap();
    assert_eq!((&table["chosen"], table["trials"].as_array().unwrap().len()), (&1.into(), 3));
    let page = fs::read_to_string(request.out.join("auto.html")).unwrap();
    assert!(page.contains("2 linear (chosen)") && page.contains("--set epochs=3"));
    // What the page tells makes the same model again.
    let metrics_file = fs::read_to_string(request.out.join("metrics.json")).unwrap();
    assert!(metrics_file.contains("\"test\": {"));
    assert!(auto(&request, &mut |_: &Event| ()).is_err(), "a model is not replaced unasked");
}

#[test]
fn a_stopped_search_keeps_the_best_and_goes_on_to_the_same_end() {
    let room = tempfile::tempdir().unwrap();
    let straight = request(room.path());
    auto(&straight, &mut |_: &Event| ()).unwrap();
    let whole = weights(&straight.out);
    fs::remove_dir_all(&straight.out).unwrap();

    let stopped = request(room.path());
    let stop = stopped.stop.clone();
    let found = auto(&stopped, &mut |event: &Event| {
        if let Event::Trial { number: 1, .. } = event {
            stop.set();
        }
    })
    .unwrap();
    assert!(found.is_interrupted && found.metrics.is_none() && found.trials.len() == 1);
    assert_eq!(Pipeline::load(&stopped.out, &Device::Cpu).unwrap().manifest().architecture.name(), "bag");
    assert!(trials_of(&stopped).is_dir());
    let again = AutoRequest { resume: Resume::Continue, stop: StopFlag::default(), ..stopped };
    let found = auto(&again, &mut |_: &Event| ()).unwrap();
    assert_eq!((found.trials.len(), found.trials[0].trial.folder.as_str()), (3, "trial-001"));
    assert!(weights(&again.out) == whole && !trials_of(&again).exists());
}

#[test]
fn limits_are_kept_and_told() {
    let room = tempfile::tempdir().unwrap();
    let plain = request(room.path());
    let sizes: Vec<u64> =
        auto(&plain, &mut |_: &Event| ()).unwrap().trials.iter().map(|trial| trial.bytes).collect();
    fs::remove_dir_all(&plain.out).unwrap();
    let refused = |limits: Limits| {
        let request = AutoRequest { limits, ..request(room.path()) };
        let error = auto(&request, &mut |_: &Event| ()).unwrap_err().to_string();
        assert!(!request.out.exists());
        fs::remove_dir_all(trials_of(&request)).unwrap();
        error
    };
    let small = refused(Limits { bytes: Some(10), ..Limits::default() });
    assert!(small.starts_with("no model fits the limits: 0 MB allowed, the smallest has "), "{small}");
    let fast = refused(Limits { milliseconds: Some(1e-9), ..Limits::default() });
    assert!(fast.contains("ms a text allowed, the fastest takes "), "{fast}");
    // The first model stands, whatever the time.
    let hasty = Limits { time: Some(Duration::ZERO), ..Limits::default() };
    let request = AutoRequest { limits: hasty, ..request(room.path()) };
    let found = auto(&request, &mut |_: &Event| ()).unwrap();
    assert_eq!((found.trials.len(), found.trials[0].bytes), (1, sizes[0]));
}

/// Time is over after the second model's third epoch: the best of them is a candidate like any other.
#[test]
fn a_trial_that_time_cuts_keeps_its_best_whole_epoch() {
    let room = tempfile::tempdir().unwrap();
    let long = config("bag", &["epochs=50", "patience=none", "embedding=4", "learning_rate=0.1"]);
    let mut request = request(room.path());
    request.proposals = vec![config("bag", &["epochs=1", "learning_rate=1e-9", "embedding=4"]), long];
    let stop = request.stop.clone();
    let found = auto(&request, &mut |event: &Event| match event {
        Event::Epoch { record } if record.epoch == 3 => stop.end(),
        _ => (),
    })
    .unwrap();
    assert_eq!(found.trials.iter().map(|one| one.trial.cut_short).collect::<Vec<_>>(), [false, true]);
    let metrics = found.metrics.unwrap();
    assert!(!found.is_interrupted && metrics.train.cut_short && metrics.train.epochs == 3);
    assert_eq!(metrics.test.as_ref().unwrap().value(&ACCURACY), Some(1.0));
    let page = fs::read_to_string(request.out.join("auto.html")).unwrap();
    assert!(page.contains("2 bag (chosen, cut short)") && page.contains("time was over first"));
    let report = fs::read_to_string(request.out.join("report.html")).unwrap();
    assert!(report.contains("Time was over before the last epoch"));
}

/// A checkpoint's own size decides whether there is time for it.
#[test]
fn the_work_of_an_encoder_is_that_of_its_checkpoint() {
    let room = tempfile::tempdir().unwrap();
    let tiny = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/transformers/encoder");
    let given = |place: &Path| {
        let pretrained = Some(("bert".to_owned(), place.display().to_string()));
        proposals(&Given { pretrained, ..Given::default() }).unwrap()
    };
    let all = given(&tiny);
    let names: Vec<&str> = all.iter().map(|config| config.model.name()).collect();
    assert_eq!(names[5..], ["frozen", "bert", "cnn", "bert", "lstm"]);
    let large = room.path().join("large");
    fs::create_dir(&large).unwrap();
    for entry in fs::read_dir(&tiny).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), large.join(entry.file_name())).unwrap();
    }
    let config_file = fs::read_to_string(tiny.join("config.json")).unwrap();
    let mut wide: serde_json::Value = serde_json::from_str(&config_file).unwrap();
    (wide["hidden_size"], wide["intermediate_size"]) = (4096.into(), 16_384.into());
    fs::write(large.join("config.json"), wide.to_string()).unwrap();
    // Linear first, which the time does not bind; an encoder that is counted as large is left out.
    let left_out = |place: &Path| {
        let mut request = request(room.path());
        let encoders = given(place).into_iter().filter(|config| config.pretrained.is_some());
        request.proposals = std::iter::once(config("linear", &[])).chain(encoders).collect();
        request.limits.time = Some(Duration::from_millis(1));
        let found = auto(&request, &mut |_: &Event| ()).unwrap();
        fs::remove_dir_all(&request.out).unwrap();
        found.left_out.len()
    };
    assert!(left_out(&tiny) < 3, "tiny ones take no millisecond");
    assert_eq!(left_out(&large), 3);
    fs::write(large.join("config.json"), "{").unwrap();
    let mut request = request(room.path());
    request.proposals = given(&large);
    let error = auto(&request, &mut |_: &Event| ()).unwrap_err().to_string();
    assert!(error.contains("config.json: not a whole configuration"), "{error}");
}

#[test]
fn proposals_are_settings_that_hold() {
    let plain = proposals(&Given::default()).unwrap();
    let names = |all: &[Checked]| all.iter().map(|config| config.model.name()).collect::<Vec<_>>();
    assert_eq!(names(&plain), ["linear", "bag", "bag", "bag", "bag", "cnn", "lstm"]);
    let pretrained = Some(("bert".to_owned(), "somewhere".to_owned()));
    let given = Given { seed: 7, rules: Some("rules.toml".into()), pretrained };
    let all = proposals(&given).unwrap();
    assert_eq!(all.len(), plain.len() + 4);
    assert_eq!((names(&all)[0], all.iter().all(|config| config.seed == 7)), ("rules", true));
}
