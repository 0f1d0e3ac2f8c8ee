use super::room::{Room, TINY, kitchen};
use serde_json::Value;

/// Dishes that have fruit, a vegetable, both or neither.
fn dishes(rows: usize) -> Vec<(String, Vec<&'static str>)> {
    let (fruit, greens, plain) =
        (["plum", "pear", "apple"], ["leek", "kale", "beet"], ["rice", "bread", "soup"]);
    let dish = |row: usize| {
        let (mut words, mut labels) = (vec![plain[row / 6 % 3]], Vec::new());
        if row.is_multiple_of(2) {
            words.push(fruit[row % 5 % 3]);
            labels.push("fruit");
        }
        if !row.is_multiple_of(3) {
            words.push(greens[row % 7 % 3]);
            labels.push("vegetable");
        }
        (format!("{} number {row}", words.join(" with ")), labels)
    };
    (0..rows).map(dish).collect()
}

fn csv(rows: usize) -> String {
    let lines = dishes(rows).into_iter().map(|(text, labels)| format!("{text},{}\n", labels.join("|")));
    std::iter::once("text,label\n".to_owned()).chain(lines).collect()
}

fn lists(rows: usize) -> String {
    let line = |(text, labels): (String, Vec<&str>)| {
        format!("{}\n", serde_json::json!({"text": text, "label": labels}))
    };
    dishes(rows).into_iter().map(line).collect()
}

fn flags(rows: usize) -> String {
    let has = |labels: &[&str], label| u8::from(labels.contains(&label));
    let line = |(text, labels): (String, Vec<&str>)| {
        format!("{text},{},{}\n", has(&labels, "fruit"), has(&labels, "vegetable"))
    };
    std::iter::once("text,fruit,vegetable\n".to_owned()).chain(dishes(rows).into_iter().map(line)).collect()
}

fn names(line: &Value) -> Vec<&str> {
    line["predictions"].as_array().unwrap().iter().map(|one| one["label"].as_str().unwrap()).collect()
}

fn metrics(room: &Room) -> Value {
    serde_json::from_slice(&room.read("m/metrics.json")).unwrap()
}

#[test]
fn a_linear_model_from_the_file_to_the_answer() {
    let room = Room::empty();
    room.file("a.csv", csv(120).as_bytes());
    let line =
        "train --train a.csv --label-separator | --model linear --split 0.6,0.2,0.2 --out m --threads 1";
    room.run(line).exits(0).says(&[
        "any number of labels a row",
        "micro F1 1.0000",
        "all labels right 100.0 %",
    ]);
    let found = metrics(&room);
    for figure in ["micro_f1", "macro_f1", "samples_f1", "subset_accuracy", "label_ranking_average_precision"]
    {
        assert!(found["test"][figure].as_f64().unwrap() > 0.8, "{figure}: {}", found["test"]);
    }
    assert_eq!(found["test"]["hamming_loss"], 0.0);
    assert!(found["test"]["co_occurrence"].is_array() && found["test"].get("confusion").is_none());
    assert!(room.path("m/pictures/co-occurrence.svg").is_file());
    let page = String::from_utf8(room.read("m/report.html")).unwrap();
    assert!(page.contains("Which labels go together") && page.contains("All labels right on 100.0 %"));

    let texts =
        ["predict", "m", "--json", "--text", "pear with kale", "--text", "bread", "--text", "rice with plum"];
    let lines = room.run_words(&texts).exits(0).json();
    assert_eq!(
        lines
            .iter()
            .map(names)
            .map(|mut names| {
                names.sort();
                names
            })
            .collect::<Vec<_>>(),
        [vec!["fruit", "vegetable"], vec![], vec!["fruit"]]
    );
    let told = room.run_words(&["predict", "m", "--text", "bread", "--text", "plum with leek"]).exits(0);
    assert!(told.out.starts_with("(no label)  bread\n"), "{}", told.out);

    // The separator is that of the training; the file needs no flag.
    room.run("evaluate m --data a.csv").exits(0).says(&["micro F1 1.0000", "micro average", "together"]);
    room.run("predict m --data a.csv --out p.csv").exits(0);
    let written = String::from_utf8(room.read("p.csv")).unwrap();
    assert!(written.starts_with("row,text,label,labels,probabilities\n1,"), "{written}");
    assert!(
        written.lines().nth(3).unwrap().contains("fruit|vegetable") || written.contains("vegetable|fruit")
    );
    room.run_words(&["explain", "m", "--text", "pear with kale"]).exits(0);
}

#[test]
fn every_form_of_labels_gives_the_same_model() {
    let room = Room::empty();
    room.file("a.csv", csv(90).as_bytes());
    room.file("a.jsonl", lists(90).as_bytes());
    room.file("flags.csv", flags(90).as_bytes());
    let fast: String = dishes(90)
        .into_iter()
        .filter(|(_, labels)| !labels.is_empty())
        .map(|(text, labels)| format!("__label__{} {text}\n", labels.join(" __label__")))
        .collect();
    room.file("a.txt", fast.as_bytes());
    for (out, input) in [
        ("m1", "a.csv --label-separator |"),
        ("m2", "a.jsonl --multi-label"),
        ("m3", "flags.csv --labels fruit,vegetable"),
    ] {
        room.run(&format!("train --train {input} --model linear --out {out} --threads 1")).exits(0);
        assert_eq!(
            room.read(&format!("{out}/model.safetensors")),
            room.read("m1/model.safetensors"),
            "{out}"
        );
    }
    room.run("evaluate m3 --data flags.csv").exits(0).says(&["micro F1 1.0000"]);
    room.run("compare m1 m2 --data a.csv --label-separator |").exits(0).says(&["accuracy"]);
    room.run("inspect a.jsonl --multi-label").exits(0).says(&["any number of labels"]);
    room.run("inspect a.txt --multi-label").exits(0).says(&["with several labels"]);
}

#[test]
fn every_model_learns_label_sets() {
    let room = Room::empty();
    room.file("a.csv", csv(240).as_bytes());
    room.file(
        "rules.toml",
        b"[labels.fruit]\npatterns = ['plum', 'pear', 'apple']\n[labels.vegetable]\n\
        patterns = ['leek', 'kale', 'beet']\n",
    );
    let quick =
        "--set embedding=16 --set batch_size=8 --set learning_rate=0.02 --set epochs=12 --set patience=none";
    for model in [
        "bag --set dropout=0",
        "cnn --set filters=8 --set dropout=0",
        "lstm --set hidden=12 --set dropout=0",
        "gru --set hidden=12 --set dropout=0",
        "rules --set rules=rules.toml",
    ] {
        let own = if model.starts_with("rules") { "" } else { quick };
        let line = format!(
            "train --train a.csv --label-separator | --overwrite --out m --threads 1 --model {model} {own}"
        );
        room.run(&line).exits(0);
        let micro = metrics(&room)["validation"]["micro_f1"].as_f64().unwrap();
        assert!(micro > 0.9, "{model}: {micro}");
    }
    room.run("train --train a.csv --label-separator | --overwrite --out m --threads 1")
        .exits(0)
        .says(&["compared"]);
    room.run(&format!(
        "train --train a.csv --label-separator | --folds 3 --out f --model linear {}",
        "--threads 1"
    ))
    .exits(0);
    room.run(&format!(
        "sweep --train a.csv --label-separator | --over epochs=1,2 --by accuracy --out s {TINY}"
    ))
    .exits(0)
    .says(&["subset accuracy *"]);
}

#[test]
fn bad_input() {
    let room = Room::empty();
    room.file("a.csv", csv(60).as_bytes());
    room.file("a.jsonl", lists(60).as_bytes());
    room.file("one.csv", b"text,label\na,x\nb,y\nc,x\nd,y\n");
    let check = |line: &str, expect: &str| {
        let outcome = room.run(line).exits(2);
        assert!(outcome.err.contains(expect), "{line}: {}", outcome.err);
        assert_eq!(
            outcome.err.lines().filter(|line| line.starts_with("error")).count(),
            1,
            "{}",
            outcome.err
        );
    };
    check(
        "train --train a.jsonl --out m",
        "line 1 has a list in place of a label ('fruit'): leave one, or read rows with any number of labels, \
         with --multi-label",
    );
    check("train --train one.csv --label-separator ; --out m", "';' parts the labels of no row");
    check(
        "train --train a.csv --label-separator | --out m --model linear --set multiclass=softmax",
        "multiclass = softmax: it gives a row one label",
    );
    check(
        "train --train a.csv --label-separator | --out m --model lstm --set head=one-logit",
        "head = one-logit: it tells one label of two",
    );
    check(
        "train --train a.csv --label-separator | --out m --model bag --set resample=oversample",
        "its rows have any number of labels",
    );
    check(
        "train --train one.csv --out m --model linear --set multiclass=independent",
        "multiclass = independent",
    );
    room.run("train --train a.csv --label-separator | --out m --model linear --threads 1").exits(0);
    room.file("kitchen.csv", kitchen(48).as_bytes());
    room.run("train --train kitchen.csv --out n --model linear --threads 1").exits(0);
    check("evaluate n --data a.jsonl --multi-label", "any number of labels");
    assert!(!room.path("m.partial").exists());
}
