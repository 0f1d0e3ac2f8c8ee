//! Properties of every network that reads tokens in their order.

use super::room::{Room, TINY};

/// Each network with settings that make it small.
const NETWORKS: [(&str, &str); 4] = [
    ("cnn", "--set filters=3 --set filter_heights=[1,2,3]"),
    ("gru", "--set hidden=5 --set layers=2 --set directions=one --set pooling=attention"),
    ("lstm", "--set hidden=4 --set word_dropout=0.1 --set backward_steps=2"),
    ("rnn", "--set hidden=5 --set pooling=last --set head=one-logit"),
];

fn line(model: &str, small: &str, out: &str) -> String {
    format!(
        "train --train kitchen.csv --model {model} --out {out} {TINY} {small} --set patience=none --set \
         min_delta=0 \
         --set learning_rate=0.02 --set schedule=constant --set warmup=0"
    )
}

#[test]
fn from_a_file_to_predictions() {
    for (model, small) in NETWORKS {
        let room = Room::kitchen();
        let trained = room.run(&format!("{} --set epochs=40", line(model, small, "m")));
        let trained =
            trained.exits(0).says(&[&format!("model        {model} on cpu"), "validation   accuracy 100"]);
        assert!(trained.err.is_empty(), "{}", trained.err);
        let card = String::from_utf8(room.read("m/README.md")).unwrap();
        assert_eq!(card.contains("the mean of the weights of epochs "), model != "cnn", "{card}");
        let found = room.run("evaluate m --data kitchen.csv --json").exits(0).json();
        assert_eq!(found[0]["accuracy"], 1.0, "{model}");
        // One text, an empty one among them, and many give the same.
        let many = room.run_with_input("predict m --json", b"plum\n?\nleek and kale\n").exits(0).json();
        let one = room.run("predict m --json --text plum").exits(0).json();
        assert_eq!((many.len(), &many[0]["predictions"]), (3, &one[0]["predictions"]));
        assert_eq!(one[0]["predictions"][0]["label"], "fruit");
    }
}

#[test]
fn the_same_bits_again_for_any_threads_and_after_a_pause() {
    for (model, small) in NETWORKS {
        let room = Room::kitchen();
        let weights = |out: &str, flags: &str| {
            room.run(&format!("{} {flags}", line(model, small, out))).exits(0);
            room.read(&format!("{out}/model.safetensors"))
        };
        let whole = weights("whole", "--set epochs=4");
        assert!(whole == weights("again", "--set epochs=4"), "{model}");
        let three = line(model, small, "three").replace("--threads 1", "--threads 3");
        room.run(&format!("{three} --set epochs=4")).exits(0);
        assert!(whole == room.read("three/model.safetensors"), "{model} on three threads");
        let half = weights("parts", "--set epochs=2 --keep-state");
        assert!(half != whole, "{model}");
        assert!(whole == weights("parts", "--set epochs=4 --resume"), "{model} after a pause");
        assert!(whole != weights("other", "--set epochs=4 --seed 1"), "{model}");
    }
}

#[test]
fn bad_settings() {
    let room = Room::kitchen();
    let check = |flags: &str, expect: &str| {
        let before = room.names();
        // The file is not there: settings are looked at first.
        let outcome = room.run(&format!("train --train missing.csv --out m {flags}")).exits(2);
        assert!(outcome.err.contains(expect), "{flags}: {}", outcome.err);
        assert_eq!(room.names(), before);
    };
    check("--model cnn --set dropout=1.0", "dropout = 1: a share from 0 to below 1");
    check("--model cnn --set filters=0", "filters = 0: must be at least 1");
    check("--model cnn --set filter_heights=3", "filter_heights = 3: give a list, as [3, 4, 5]");
    check("--model cnn --set filter_heights=[]", "filter_heights = []: a list of numbers from 1 on");
    check("--model cnn --set embedding=wide", "embedding = wide: give a whole number");
    check("--model cnn --set word_ngrams=2", "`word_ngrams` is a setting of bag and linear, not of cnn");
    check("--model lstm --set hidden=0", "hidden = 0: must be at least 1");
    check("--model gru --set layer_dropout=1.0", "layer_dropout = 1: a share from 0 to below 1");
    check("--model rnn --set pooling=sum", "pooling = sum: choose last, mean, max or attention");
    check("--set longest=0", "longest = 0: give at least 1");
    check("--set learning_rate=0", "learning_rate = 0: a number above 0");
    check("--model linear --set tolerance=0", "tolerance is 0: give a number above 0");
}

#[test]
fn texts_that_are_cut_are_told() {
    let room = Room::kitchen();
    let cut = |longest| {
        format!("{} --set longest={longest}", line("lstm", "--set hidden=4", &format!("m{longest}")))
    };
    room.run(&cut(4)).exits(0).says(&["longest = 4 cuts ", " training texts (100.0 %)"]);
    let whole = room.run(&cut(5)).exits(0);
    assert!(!whole.out.contains("cuts"), "{}", whole.out);
}

/// Models that were trained when combining marks stood apart from letters go on to cut so.
#[test]
fn a_folder_that_does_not_tell_of_marks() {
    let room = Room::kitchen();
    for flags in
        [line("lstm", "--set hidden=4", "m"), "train --train kitchen.csv --out l --model linear".into()]
    {
        room.run(&flags).exits(0);
    }
    let pieces = |folder: &str| {
        let outcome = room.run_words(&["explain", folder, "--text", "plum cafe\u{301}s", "--json"]).exits(0);
        outcome.json()[0]["pieces"].as_array().unwrap().len()
    };
    assert_eq!(pieces("m"), 2);
    let manifest = String::from_utf8(room.read("m/assort.json")).unwrap();
    let older: String = manifest.lines().filter(|line| !line.contains("\"marks\": \"joined\"")).collect();
    assert!(older.len() < manifest.len());
    room.file("m/assort.json", older.as_bytes());
    assert_eq!(pieces("m"), 4);
    let (features, manifest) = (room.read("l/features.txt"), room.read("l/assort.json"));
    assert!([features, manifest].iter().all(|file| String::from_utf8_lossy(file).contains("marks")));
}

#[test]
fn weights_of_another_cell_are_told() {
    let room = Room::kitchen();
    let line = |model: &str| line(model, "--set hidden=4", "m");
    room.run(&format!("{} --keep-state", line("lstm"))).exits(0);
    let refused = room.run(&format!("{} --set epochs=4 --resume", line("gru"))).exits(2);
    assert!(refused.err.contains("model was lstm, is gru"), "{}", refused.err);
    let manifest = String::from_utf8(room.read("m/assort.json")).unwrap();
    room.file("m/assort.json", manifest.replace("\"model\": \"lstm\"", "\"model\": \"gru\"").as_bytes());
    let refused = room.run("predict m --text plum").exits(2);
    let expect = "the parameter rnn.weight_ih_l0 has the shape [16, 4], expected [12, 4]";
    assert!(refused.err.contains(expect), "{}", refused.err);
}

/// The number that a field of all pieces or words adds for a label.
fn sum(values: &serde_json::Value, label: usize) -> f64 {
    values.as_array().unwrap().iter().map(|one| one["contributions"][label].as_f64().unwrap()).sum()
}

#[test]
fn explanations_sum_to_the_logits() {
    for (model, small) in NETWORKS {
        let room = Room::kitchen();
        room.run(&line(model, small, "m")).exits(0);
        let predicted = room.run("predict m --json --text plum-leek --text ?").exits(0).json();
        for method in ["integrated-gradients", "occlusion"] {
            let flags = format!("explain m --json --method {method} --text plum-leek --text ?");
            let found = room.run(&flags).exits(0).json();
            assert_eq!(found, room.run(&flags).exits(0).json(), "the same numbers again");
            for (found, predicted) in found.iter().zip(&predicted) {
                assert_eq!(found["method"], method);
                for label in 0..2 {
                    let at = |key: &str| found[key][label].as_f64().unwrap();
                    let rest = at("rest") + at("gap");
                    assert!((sum(&found["pieces"], label) + rest - at("logits")).abs() < 1e-6, "{found}");
                    assert!((sum(&found["words"], label) + rest - at("logits")).abs() < 1e-6, "{found}");
                }
                let best = &predicted["predictions"][0];
                assert_eq!(found["predicted"], best["label"]);
                let label =
                    found["labels"].as_array().unwrap().iter().position(|name| *name == best["label"]);
                assert_eq!(found["probabilities"][label.unwrap()], best["probability"]);
            }
        }
        // Without a flag it is integrated gradients; the gap is told.
        let told = room.run("explain m --text plum --html why.html").exits(0);
        told.says(&["integrated-gradients, an estimate", "gap", "constant rest"]);
        assert!(String::from_utf8(room.read("why.html")).unwrap().contains("a gap, which the estimate"));
        let refused = room.run("explain m --text plum --method exact").exits(2);
        assert!(refused.err.contains("choose integrated-gradients or occlusion"), "{}", refused.err);
    }
}

/// The attribution finds what the model goes by: without the words that it names, the probability falls
/// further than without as many others.
#[test]
fn attributions_beat_a_random_order() {
    let recipes = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/recipes/recipes.csv");
    for (model, small) in [("cnn", "--set filters=16 --set embedding=16"), ("bag", "--set embedding=16")] {
        let room = Room::empty();
        let train =
            format!("train --train {recipes} --model {model} --out m --threads 1 --set epochs=6 {small}");
        room.run(&train).exits(0);
        let rows: String = (1..=40).map(|row| format!(" --row {}", row * 7)).collect();
        for method in ["integrated-gradients", "occlusion"] {
            let flags = format!("explain m --data {recipes} --check --method {method}{rows}");
            let found = room.run(&format!("{flags} --json")).exits(0).json();
            let mean = |key: &str| {
                let each = found.iter().map(|line| line["deletion"][key].as_f64().unwrap());
                each.sum::<f64>() / found.len() as f64
            };
            let (attributed, random) = (mean("attributed"), mean("random"));
            assert!(
                attributed > 1.5 * random && attributed > 0.05,
                "{model} {method}: {attributed} {random}"
            );
            room.run(&flags).exits(0).says(&["check        without the words that speak most for it"]);
        }
    }
}
