//! A published encoder that stays, with a linear head on its states. The checkpoints are tiny ones that
//! transformers wrote.

use std::fs;

use super::pretrained::{json, refused, room, tensors};
use super::room::{Room, kitchen, names};

const LINE: &str = "train --model frozen --device cpu --train kitchen.csv";

#[test]
fn a_frozen_model_is_whole() {
    let room = room();
    room.file("test.csv", kitchen(12).as_bytes());
    room.run("train --model linear --train kitchen.csv --out linear --threads 1").exits(0);
    for (checkpoint, kind) in [("encoder", "bert"), ("classifier", "distilbert")] {
        let line = format!("{LINE} --pretrained {checkpoint} --test test.csv --out m --overwrite");
        room.run(&format!("{line} --threads 1")).exits(0).says(&[
            &format!("checkpoint   {checkpoint} ("),
            "mean of states",
            "first token's states, each scaled",
            "frozen on cpu",
            "test         accuracy",
        ]);
        let weights = room.read("m/model.safetensors");
        room.run(&format!("{line} --threads 2")).exits(0);
        assert_eq!(room.read("m/model.safetensors"), weights, "the same bytes on any number of threads");

        let manifest = json(&room.read("m/assort.json"));
        let architecture = &manifest["architecture"];
        assert_eq!(
            (&architecture["model"], &architecture["encoder"]["model"]),
            (&"frozen".into(), &kind.into())
        );
        assert!(architecture["inverse_penalty"].is_number() && architecture["pooling"] != "auto");
        assert_eq!(manifest["pretrained"]["name"], checkpoint);
        if kind == "distilbert" {
            // The encoder is that of the checkpoint, bit for bit.
            room.run("import classifier --out before").exits(0);
            let before = tensors(&room.read("before/model.safetensors"));
            for (name, values) in tensors(&weights) {
                assert_eq!(before[&name] == values, !name.starts_with("classifier."), "{name}");
            }
        }
        // Hugging Face's programs find it alone.
        let config = json(&room.read("m/config.json"));
        let class = if kind == "bert" { "BertModel" } else { "DistilBertModel" };
        assert_eq!((&config["architectures"][0], config.get("id2label")), (&class.into(), None));
        for command in [
            "predict m --text plum",
            "evaluate m --data test.csv",
            "explain m --text plum",
            "explain m --text plum --method occlusion",
            "embed m --text plum",
            "compare m linear --data test.csv",
            "map m --data test.csv --out map.html --overwrite",
        ] {
            room.run(command).exits(0);
        }
        fs::remove_dir_all(room.path("m")).unwrap();
        let again = room.run(&format!("{line} --resume")).exits(2).err;
        assert!(again.contains("made in one go"), "{again}");
    }
}

#[test]
fn what_is_chosen_is_what_naming_it_gives() {
    let room = room();
    let line = format!("{LINE} --pretrained encoder --threads 1");
    room.run(&format!("{line} --out auto")).exits(0);
    let chosen = json(&room.read("auto/assort.json"))["architecture"].clone();
    let search = json(&room.read("auto/metrics.json"))["search"].clone();
    assert!(search["tried"].as_array().unwrap().len() > 7 && search["folds"] == 5);
    let sets: Vec<String> = ["pooling", "scaling", "inverse_penalty"]
        .map(|key| format!("--set {key}={}", chosen[key].to_string().trim_matches('"')))
        .into();
    room.run(&format!("{line} --out named {}", sets.join(" "))).exits(0);
    assert_eq!(room.read("auto/model.safetensors"), room.read("named/model.safetensors"));
    assert!(json(&room.read("named/metrics.json"))["search"].is_null());
    assert!(names(&room.path("auto/pictures")).contains(&"penalty.svg".to_owned()));
    // A penalty that is given leaves the rest open.
    let told = room.run(&format!("{line} --out some --set inverse_penalty=3")).exits(0).out;
    assert!(told.contains("Of 4 settings that were tried"), "{told}");
    // The rows that judge are learned from in the end, if that is wanted, and the figures stay.
    room.run(&format!("{line} --out all --set refit=on")).exits(0);
    let figures =
        |name: &str| json(&room.read(&format!("{name}/metrics.json")))["validation"]["accuracy"].clone();
    assert_eq!(figures("all"), figures("auto"));
    assert_ne!(room.read("all/model.safetensors"), room.read("auto/model.safetensors"));
    assert_eq!(json(&room.read("all/assort.json"))["data"]["rows"], 48);
}

#[test]
fn series_of_frozen_models() {
    let room = room();
    let common = "--train kitchen.csv --pretrained encoder --threads 1";
    room.run(&format!("sweep --model frozen {common} --over pooling=first,mean --out s")).exits(0).says(&[
        "pooling first",
        "pooling mean",
        "best first",
    ]);
    room.run(&format!("train --model frozen {common} --folds 2 --out f")).exits(0);
    room.run(&format!("train --config f/missing.toml {common} --out x")).exits(2);
    room.file("frozen.toml", b"model = \"frozen\"\npretrained = \"encoder\"\nscaling = \"each\"\n");
    room.run("train --config frozen.toml --train kitchen.csv --out t --threads 1").exits(0);
}

#[test]
fn what_cannot_be_frozen_is_told() {
    let room = room();
    let line = format!("{LINE} --out m");
    refused(&room, &line, &["pretrained = none: name the folder of a bert or distilbert"]);
    refused(&room, &format!("{line} --pretrained nowhere"), &["nowhere"]);
    refused(&room, &format!("{line} --pretrained ."), &["no config.json"]);
    let with =
        |flags: &str, words: &[&str]| refused(&room, &format!("{line} --pretrained encoder {flags}"), words);
    with("--set pooling=last", &["pooling = last: choose auto, first or mean"]);
    with("--set encoder=x", &["`encoder` is no setting"]);
    with("--set lora_rank=8", &["`lora_rank` is a setting of bert and distilbert"]);
    with("--set epochs=3", &["`epochs` is a setting of bag, "]);
    with("--set longest=600", &["longest = 600: the model has 32 positions"]);
    fs::create_dir(room.path("other")).unwrap();
    for file in names(&room.path("encoder")) {
        fs::copy(room.path("encoder").join(&file), room.path("other").join(&file)).unwrap();
    }
    room.file("other/config.json", br#"{"model_type": "gpt2"}"#);
    refused(
        &room,
        &format!("{line} --pretrained other"),
        &["model_type is gpt2, but only distilbert or bert"],
    );
    let config = String::from_utf8(room.read("encoder/config.json")).unwrap();
    let wide = config.replace("\"hidden_size\": 16", "\"hidden_size\": 32");
    assert_ne!(wide, config);
    room.file("other/config.json", wide.as_bytes());
    refused(&room, &format!("{line} --pretrained other"), &["by the setting hidden_size"]);
    room.file("one.csv", b"text,label\nplum,fruit\npear,fruit\n");
    refused(&room, &line.replace("kitchen", "one"), &["pretrained = none"]);
    let one = format!("{} --pretrained encoder", line.replace("kitchen", "one"));
    refused(&room, &one, &["one.csv"]);
    room.file("one.csv", b"text,label\n");
    refused(&room, &one, &["one.csv"]);
    assert!(!room.path("m").exists());
}

/// Models that need no validation rows learn from all there are.
#[test]
fn no_validation_rows() {
    let room = room();
    room.file("test.csv", kitchen(12).as_bytes());
    let share = "--train kitchen.csv --set validation_share=0 --threads 1";
    for model in ["linear", "frozen --pretrained encoder", "linear --set inverse_penalty=3"] {
        let line = format!("train --model {model} {share} --overwrite --out m");
        let told = room.run(&format!("{line} --test test.csv")).exits(0).out;
        assert!(told.contains("test         accuracy") && !told.contains("validation   accuracy"), "{told}");
        assert_eq!(json(&room.read("m/assort.json"))["data"]["rows"], 48);
        room.run(&line).exits(0);
        let page = String::from_utf8(room.read("m/report.html")).unwrap();
        assert!(page.contains("No rows were left to judge the model by"));
        assert!(json(&room.read("m/metrics.json"))["validation"]["accuracy"].is_null());
        room.run("evaluate m --data test.csv").exits(0);
    }
    room.run(&format!("train --model linear {share} --folds 3 --out f")).exits(0);
    let line = format!("train {share} --out n");
    refused(
        &room,
        &format!("{line} --model lstm"),
        &["validation_share = 0: the model lstm chooses its epoch"],
    );
    refused(
        &room,
        &format!("{line} --model linear --set refit=on"),
        &["refit = on: with validation_share = 0"],
    );
    let line = format!("sweep {share} --model linear --over inverse_penalty=1,3 --out n");
    refused(&room, &line, &["a sweep compares its trials on validation rows"]);
    room.file("rare.csv", b"text,label\nplum pear,a\nplum kale,a\nplum leek,b\n");
    let line = share.replace("kitchen", "rare");
    let refused_line = format!("train --model linear {line} --out n");
    refused(&room, &refused_line, &["no rows are left to choose settings by"]);
    room.run(&format!("{refused_line} --set inverse_penalty=1")).exits(0);
}

/// Texts without a word and labels of one row each have states too.
#[test]
fn rows_of_little_use() {
    let room: Room = room();
    let mut rows = String::from("text,label\n");
    for row in 0..30 {
        rows.push_str(&format!("{},label {}\n", if row % 5 == 0 { "" } else { "plum and kale" }, row % 3));
    }
    rows.push_str("only,rare\n");
    room.file("odd.csv", rows.as_bytes());
    let line = format!("{} --pretrained encoder --out m --threads 1", LINE.replace("kitchen", "odd"));
    room.run(&format!("{line} --validation odd.csv")).exits(0);
    room.run_words(&["predict", "m", "--text", ""]).exits(0);
}
