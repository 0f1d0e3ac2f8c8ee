use super::room::{Room, TINY, kitchen, names};

#[test]
fn a_run_that_still_improves_is_told_with_the_flag() {
    let room = Room::kitchen();
    let line = format!("train --model bag --train kitchen.csv --out m {TINY} --set learning_rate=0.02");
    let told = room.run(&line).exits(0);
    let remedy = "more would help, as in --set epochs=4";
    assert_eq!(told.err, "");
    told.says(&["advice       the validation loss still improved in the last of 2 epochs", remedy]);
    let page = String::from_utf8(room.read("m/report.html")).unwrap();
    assert!(page.contains("still improved in the last of 2 epochs") && page.contains(remedy));
    // Whoever reads the events has the same page.
    room.run(&format!("{line} --overwrite --json")).exits(0);
    assert!(String::from_utf8(room.read("m/report.html")).unwrap().contains(remedy));
}

#[test]
fn a_run_that_diverged_ends_with_a_warning() {
    let room = Room::kitchen();
    let line = format!("train --model bag --train kitchen.csv --out m {TINY} --set learning_rate=1000");
    let told = room.run(&line).exits(0);
    assert!(told.err.starts_with("warning: the loss of the last epoch is "), "{}", told.err);
    assert!(told.err.contains("has diverged, as in --set learning_rate=0.003"), "{}", told.err);
    assert!(!told.out.contains("advice"), "{}", told.out);
}

/// Three labels, one of which is rare and told by nothing.
#[test]
fn labels_that_are_never_predicted_are_told() {
    let room = Room::empty();
    let mut text = kitchen(300);
    text.push_str(&(0..12).map(|row| format!("plum and leek number {row},other\n")).collect::<String>());
    room.file("three.csv", text.as_bytes());
    let line = format!("train --train three.csv --split 0.6,0.2,0.2 --model bag --out m {TINY}");
    let remedy = "1 of 3 labels is never predicted (other): weights that make up for rare labels find more \
                  of them, at the cost of accuracy, as in --set class_weights=balanced";
    room.run(&format!("{line} --set epochs=30")).exits(0).says(&[remedy]);
    let balanced = room.run(&format!("{line} --overwrite --set class_weights=balanced")).exits(0);
    assert!(!balanced.out.contains("never predicted"), "{}", balanced.out);
}

#[test]
fn a_quiet_run_says_how_good_the_model_is() {
    let room = Room::kitchen();
    let line = format!("train --train kitchen.csv --split 0.5,0.25,0.25 --out m {TINY} --set epochs=30 -q");
    let told = room.run(&line).exits(0);
    assert_eq!((told.out.lines().count(), told.err.as_str()), (1, ""), "{}", told.out);
    told.says(&["m: accuracy 100.0 %", "12 rows"]);
    let folds = room.run("train --train kitchen.csv --folds 2 --out f --model linear --quiet").exits(0);
    assert!(!folds.out.contains("fold 1 of 2") && folds.out.contains("2 folds"), "{}", folds.out);
}

#[test]
fn a_file_becomes_a_judged_model_folder() {
    let room = Room::kitchen();
    let line = format!("train --train kitchen.csv --split 0.5,0.25,0.25 --model bag --out m {TINY}");
    let outcome = room.run(&line).exits(0);
    assert_eq!(outcome.err, "");
    outcome.says(&[
        "read         kitchen.csv: 48 rows (csv, ",
        "text column: text (guessed; --text names another)",
        "label column: label (guessed; --label names another)",
        "split                     training  validation  test",
        "             rows               24          12    12",
        "               fruit            12           6     6",
        "different tokens among",
        "most common: and 24",
        "bag on cpu",
        "embedding.weight",
        "24 rows, 3 steps an epoch, at most 2 epochs",
        "             epoch      loss",
        "                 1",
        "                 2",
        "validation   accuracy",
        "test         accuracy",
        "macro average",
        "saved        m",
        "report.html",
    ]);
    let files = names(&room.path("m"));
    for file in ["README.md", "assort.json", "metrics.json", "model.safetensors", "report.html", "vocab.txt"]
    {
        assert!(files.iter().any(|name| name == file), "{file} is not in {files:?}");
    }
    assert_eq!(room.names(), ["kitchen.csv", "m"]);
}

#[test]
fn gradients_are_shown_by_name() {
    let room = Room::kitchen();
    let line = |flags: &str| format!("train --train kitchen.csv --out m --overwrite {TINY} {flags}");
    let told = room.run(&line("--gradients")).exits(0).out;
    let block = told.split("\ngradients").nth(1).unwrap().split("epoch").next().unwrap();
    let norms: Vec<f64> =
        block.lines().filter_map(|line| line.split_whitespace().nth(1)?.parse().ok()).collect();
    assert!(norms.len() >= 2 && norms.iter().all(|norm| *norm > 0.0), "{told}");
    assert!(block.contains("embedding.weight"), "{told}");
    assert!(!room.run(&line("")).exits(0).out.contains("gradients"));
    let none = room.run("train --train kitchen.csv --out l --model linear --gradients").exits(2).err;
    assert!(none.contains("the model linear is not trained by gradients: leave --gradients away"), "{none}");
    assert_eq!(none.lines().count(), 1);
}

#[test]
fn json_lines_tell_the_same_run() {
    let room = Room::kitchen();
    room.file("test.csv", kitchen(10).as_bytes());
    let line = format!("train --train kitchen.csv --test test.csv --out m --json {TINY}");
    let events = room.run(&line).exits(0).json();
    let of = |kind: &str| events.iter().filter(|event| event["event"] == kind).collect::<Vec<_>>();
    let roles: Vec<&str> = of("read").iter().filter_map(|event| event["role"].as_str()).collect();
    assert_eq!(roles, ["train", "test"]);
    assert_eq!(of("epoch").len(), 2);
    assert_eq!(of("epoch")[1]["record"]["epoch"], 2);
    let steps = of("start")[0]["steps_per_epoch"].as_u64();
    let last_steps = of("step").iter().filter(|event| event["step"].as_u64() == steps).count();
    assert_eq!(last_steps, 2, "the last step of each epoch is told");
    assert_eq!(of("model")[0]["total"], of("saved")[0]["metrics"]["parameters"]["total"]);
    let test = of("judged").into_iter().find(|event| event["role"] == "test").unwrap();
    assert_eq!(test["judgement"]["rows"], 10);
    let metrics: serde_json::Value = serde_json::from_slice(&room.read("m/metrics.json")).unwrap();
    assert_eq!(of("saved")[0]["metrics"]["weights_digest"], metrics["weights_digest"]);
}

#[test]
fn test_rows_that_were_trained_on_are_told() {
    let room = Room::kitchen();
    room.file("test.csv", kitchen(10).as_bytes());
    let outcome = room.run(&format!("train --train kitchen.csv --test test.csv --out m {TINY}")).exits(0);
    let expect =
        "warning: 10 of 10 test rows repeat a text of the training file, which flatters the test figures";
    assert!(outcome.err.starts_with(expect), "{}", outcome.err);
}

#[test]
fn the_same_command_gives_the_same_bytes() {
    let room = Room::kitchen();
    for out in ["a", "b"] {
        room.run(&format!("train --train kitchen.csv --out {out} {TINY}")).exits(0);
    }
    assert_eq!(room.read("a/model.safetensors"), room.read("b/model.safetensors"));
    room.run(&format!("train --train kitchen.csv --out c {TINY} --seed 1")).exits(0);
    assert_ne!(room.read("a/model.safetensors"), room.read("c/model.safetensors"));
}

#[test]
fn terms_of_the_loss_change_what_is_learned() {
    let room = Room::kitchen();
    let weights = |out: &str, set: &str| {
        room.run(&format!("train --train kitchen.csv --out {out} {TINY} {set}")).exits(0);
        room.read(&format!("{out}/model.safetensors"))
    };
    let plain = weights("plain", "--set contrastive_temperature=0.5");
    assert_eq!(plain, weights("zero", "--set contrastive_weight=0 --set entropy_weight=0"));
    let contrastive = weights("contrastive", "--set contrastive_weight=0.5");
    let entropy = weights("entropy", "--set entropy_weight=0.1");
    assert!(plain != contrastive && plain != entropy && contrastive != entropy);
    let cnn = "--model cnn --set contrastive_weight=0.5";
    room.run(&format!("train --train kitchen.csv --out cnn {TINY} {cnn}")).exits(0);
}

#[test]
fn a_model_is_replaced_only_if_asked() {
    let room = Room::kitchen();
    let line = format!("train --train kitchen.csv --out m {TINY}");
    room.run(&line).exits(0);
    let before = room.read("m/model.safetensors");
    let refused = room.run(&format!("{line} --seed 5")).exits(2);
    assert!(
        refused.err.contains("m is there already") && refused.err.contains("--overwrite"),
        "{}",
        refused.err
    );
    assert_eq!(room.read("m/model.safetensors"), before);
    room.run(&format!("{line} --seed 5 --overwrite")).exits(0);
    assert_ne!(room.read("m/model.safetensors"), before);
    assert_eq!(room.names(), ["kitchen.csv", "m"]);
}

#[test]
fn what_is_left_out_is_told() {
    let room = Room::empty();
    let rows = "text,label\n,fruit\nno label,\nblue paint,other\n";
    room.file("a.csv", format!("{rows}{}", kitchen(20).trim_start_matches("text,label\n")).as_bytes());
    let line = format!("train --train a.csv --keep fruit,vegetable --out m {TINY}");
    room.run(&line).exits(0).says(&[
        "a.csv: 20 of 23 rows (csv, ",
        "left out: 1 row without a label, 1 row without a text (rows 1, 2), 1 row with labels not kept",
    ]);
}

#[test]
fn help_and_version() {
    let room = Room::empty();
    room.run("--version").exits(0).says(&["assort 0."]);
    room.run("train --help").exits(0).says(&[
        "Input:",
        "Output:",
        "Model:",
        "Run:",
        "Examples:",
        "[default:",
    ]);
    assert!(room.run("").exits(2).err.contains("Usage: assort"));
}
