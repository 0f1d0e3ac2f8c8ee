//! What runs suggest to do next.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::Path;

use assort_datasets::Ratios;
use assort_experiment::{Advice, Event, Files, Request, Resume, run};
use assort_pipeline::Existing;
use assort_settings::{Settings, Source};
use assort_tensor::DeviceChoice;
use assort_train::StopFlag;

/// Rows that their last words decide, with the labels turned round or not.
fn write_rows(path: &Path, rows: usize, is_turned: bool) {
    let mut text = String::from("text,label\n");
    for row in 0..rows {
        let is_fruit = (row % 2 == 0) != is_turned;
        let (word, label) = (["plum", "leek"][row % 2], if is_fruit { "fruit" } else { "vegetable" });
        text.push_str(&format!("on day number {row} there was some more {word},{label}\n"));
    }
    fs::write(path, text).unwrap();
}

/// The settings that a run suggests to change, and `group` for groups.
fn hints(model: &str, sets: &[&str], test: Option<&Path>, room: &Path) -> Vec<String> {
    let train = room.join("rows.csv");
    write_rows(&train, 200, false);
    let mut settings = Settings::defaults(model).unwrap();
    for set in sets {
        settings.assign(set, Source::Flag("set")).unwrap();
    }
    let split = test.is_none().then(|| Ratios::parse("0.6,0.2,0.2").unwrap());
    let request = Request {
        files: Files { train, split, test: test.map(Into::into), ..Files::default() },
        config: settings.resolve().unwrap(),
        out: room.join("out"),
        existing: Existing::Replace,
        resume: Resume::Fresh,
        device: DeviceChoice::Cpu,
        stop: StopFlag::default(),
    };
    let mut told = Vec::new();
    let mut take = |event: &Event| match event {
        Event::Hint { advice: Advice::Set { key, value }, .. } => told.push(format!("{key}={value}")),
        Event::Hint { advice: Advice::KeepGroups, .. } => told.push("group".into()),
        _ => {}
    };
    run(&request, &mut take).unwrap();
    let page = fs::read_to_string(room.join("out/report.html")).unwrap();
    assert!(page.matches("class=\"caution\"").count() >= told.len(), "{told:?}");
    told
}

#[test]
fn each_hint_has_its_cause() {
    let room = tempfile::tempdir().unwrap();
    let check = |model: &str, sets: &[&str], expect: &[&str]| {
        assert_eq!(hints(model, sets, None, room.path()), expect, "{model} {sets:?}");
    };
    check("linear", &["character_ngrams=none", "inverse_penalty=10"], &[]);
    let small = ["epochs=40", "learning_rate=0.02", "patience=none", "monitor=accuracy", "embedding=8"];
    check("bag", &small, &[]);
    check("bag", &[&small[..], &["embedding=2000"]].concat(), &["embedding=64"]);
    check("bag", &[&small[..], &["longest=3", "truncation=tail"]].concat(), &["longest=6"]);
    check("bag", &["epochs=3", "learning_rate=0.01", "patience=none"], &["epochs=6"]);
}

#[test]
fn rows_of_another_kind_are_told() {
    let room = tempfile::tempdir().unwrap();
    let test = room.path().join("test.csv");
    let sets = ["character_ngrams=none", "inverse_penalty=10"];
    write_rows(&test, 100, false);
    assert!(hints("linear", &sets, Some(&test), room.path()).is_empty());
    write_rows(&test, 100, true);
    assert_eq!(hints("linear", &sets, Some(&test), room.path()), ["group"]);
}
