use super::bad_input::refused;
use super::room::{Room, TINY, names};

fn figures(room: &Room, file: &str) -> serde_json::Value {
    serde_json::from_slice(&room.read(file)).unwrap()
}

#[test]
fn a_sweep_leaves_a_table_curves_and_models() {
    let room = Room::kitchen();
    let line = format!(
        "sweep --train kitchen.csv --split 0.5,0.25,0.25 {TINY} --over hidden=0,4 --over \
         learning_rate=1e-3,1e-1 --out s"
    );
    let first = room.run(&line).exits(0);
    first.says(&["4 of 4", "best first", "loss *", "the best: hidden", "curves: s/curves.svg"]);
    let expect = [
        "curves.png",
        "curves.svg",
        "sweep.html",
        "sweep.json",
        "trial-001",
        "trial-002",
        "trial-003",
        "trial-004",
    ];
    assert_eq!(names(&room.path("s")), expect);
    let sweep = figures(&room, "s/sweep.json");
    let losses: Vec<f64> = sweep["together"]["standings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["loss"]["mean"].as_f64().unwrap())
        .collect();
    assert!(losses.len() == 4 && losses.is_sorted(), "{losses:?}");
    let metrics = figures(&room, "s/trial-001/metrics.json");
    assert!(metrics["test"].is_null(), "test rows are not used");
    assert_eq!(sweep["runs"][0]["validation"]["loss"], metrics["validation"]["loss"]);

    let page = String::from_utf8(room.read("s/sweep.html")).unwrap();
    assert!(page.contains("Of 4 combinations with 4 trials, ") && page.contains("trial-004"), "{page}");

    // The trial is what train gives with the same values.
    let values = "--set hidden=0 --set learning_rate=1e-3";
    room.run(&format!("train --train kitchen.csv --split 0.5,0.25,0.25 {TINY} {values} --out m")).exits(0);
    assert_eq!(room.read("m/model.safetensors"), room.read("s/trial-001/model.safetensors"));
    room.run("predict s/trial-002 --text plum").exits(0);
}

#[test]
fn a_sweep_goes_on_and_grows() {
    let room = Room::kitchen();
    let line = |over: &str| format!("sweep --train kitchen.csv {TINY} --over {over} --seeds 0,1 --out s");
    room.run(&line("hidden=0,4")).exits(0).says(&["±"]);
    let before = room.read("s/trial-002/model.safetensors");
    refused(&room, &line("hidden=0,4"), &["s is there already", "--resume"]);
    let grown = room.run(&format!("{} --resume --json", line("hidden=0,4,8"))).exits(0).json();
    let swept = grown.last().unwrap();
    assert_eq!((&swept["event"], swept["standings"].as_array().unwrap().len()), (&"swept".into(), 3));
    assert_eq!(grown.iter().filter(|event| event["event"] == "trial").count(), 6);
    assert_eq!(room.read("s/trial-002/model.safetensors"), before);
    let other = format!("{} --resume --set epochs=3", line("hidden=0,4"));
    refused(&room, &other, &["epochs is 3 now and was 2 before"]);
}

#[test]
fn a_training_that_diverges_is_a_failed_trial() {
    let room = Room::kitchen();
    let line =
        format!("sweep --train kitchen.csv {TINY} --set optimizer=sgd --over learning_rate=1e30,0.1 --out s");
    room.run(&line).exits(0).says(&["failed: the loss is", "the best: learning_rate 0.1"]);
}

#[test]
fn a_linear_model_is_swept_by_accuracy() {
    let room = Room::kitchen();
    let line = "sweep --train kitchen.csv --model linear --over word_ngrams=[1,1],[1,2] --trials 1 --out s";
    room.run(line).exits(0).says(&["1 of 1", "accuracy *"]);
    assert_eq!(names(&room.path("s")), ["sweep.html", "sweep.json", "trial-001"]);
}

#[test]
fn what_cannot_be_swept() {
    let room = Room::kitchen();
    let check = |flags: &str, words: &[&str]| {
        refused(&room, &format!("sweep --train kitchen.csv {TINY} --out s {flags}"), words);
    };
    check("--over hiden=1,2", &["`hiden` is no setting", "did you mean `hidden`?"]);
    check("--over hidden=", &["hidden = : give values"]);
    check("--over hidden=1,-1", &["hidden = -1"]);
    check("--over epochs=1,0", &["epochs = 0", "at least 1"]);
    check("--over hidden=1,1", &["1 is there twice"]);
    check("--over seed=1,2", &["--seeds"]);
    check("--seeds 1,1", &["the seed 1 is named twice"]);
    check("", &["--over <KEY=A,B,…>"]);
    check("--over hidden=1 --resume", &["nothing to resume"]);
    std::fs::create_dir(room.path("thesis")).unwrap();
    std::fs::write(room.path("thesis/a.txt"), b"precious").unwrap();
    let line = format!("sweep --train kitchen.csv {TINY} --over hidden=1 --out thesis");
    refused(&room, &line, &["thesis is there already"]);
}
