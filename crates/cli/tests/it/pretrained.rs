//! Encoders that somebody trained before: fine-tuned, imported, looked into. The checkpoints are tiny ones
//! that transformers wrote.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::room::{Room, names};

const TINY: &str = "--set epochs=2 --set batch_size=8 --set learning_rate=1e-3 --device cpu --threads 1";

/// A checkpoint of the fixtures.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/transformers").join(name)
}

/// `kitchen.csv`, and the checkpoints `classifier` (a DistilBERT for vegetable and fruit) and `encoder` (a
/// BERT).
pub fn room() -> Room {
    let room = Room::kitchen();
    for name in ["classifier", "encoder"] {
        fs::create_dir(room.path(name)).unwrap();
        for file in names(&fixture(name)) {
            fs::copy(fixture(name).join(&file), room.path(name).join(&file)).unwrap();
        }
    }
    room
}

pub fn json(bytes: &[u8]) -> serde_json::Value {
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn an_imported_classifier_predicts_as_in_transformers() {
    let room = room();
    let line = room.run("import classifier --out m --json").exits(0).json()[0].clone();
    assert_eq!((&line["model"], &line["labels"][0]), (&"distilbert".into(), &"vegetable".into()));
    assert_eq!(line["pretrained"]["name"], "classifier");
    assert_eq!(line["pretrained"]["files"]["model.safetensors"].as_str().unwrap().len(), 64);
    let golden = json(&fs::read(fixture("golden.json")).unwrap());
    for row in golden["rows"].as_array().unwrap() {
        let text = row["text"].as_str().unwrap().replace('\0', " ");
        let found = room.run_words(&["predict", "m", "--json", "--text", &text]).exits(0).json()[0].clone();
        for one in found["predictions"].as_array().unwrap() {
            let label = golden["labels"].as_array().unwrap().iter().position(|label| *label == one["label"]);
            let expect = row["probabilities"][label.unwrap()].as_f64().unwrap();
            assert!((one["probability"].as_f64().unwrap() - expect).abs() < 1e-4, "{text}: {found}");
        }
    }
    // It can be judged, explained and imported again.
    room.run("evaluate m --data kitchen.csv").exits(0);
    room.run("explain m --text plum").exits(0);
    room.run("import m --out again").exits(0);
    assert_eq!(room.read("m/model.safetensors"), room.read("again/model.safetensors"));
    assert_eq!(room.read("m/config.json"), room.read("again/config.json"));
}

/// Hugging Face's `multi_label_classification`, both ways.
#[test]
fn label_sets_come_and_go_as_in_transformers() {
    let room = room();
    let mut config = json(&room.read("classifier/config.json"));
    config["problem_type"] = "multi_label_classification".into();
    room.file("classifier/config.json", config.to_string().as_bytes());
    room.run("import classifier --out m").exits(0);
    assert_eq!(json(&room.read("m/assort.json"))["task"], "any-of");
    let rows: String = (0..40)
        .map(|row| {
            ["plum,fruit\n", "leek,vegetable\n", "plum and leek,fruit|vegetable\n", "stone,\n"][row % 4]
        })
        .collect();
    room.file("sets.csv", format!("text,label\n{rows}").as_bytes());
    let line = format!(
        "train --model distilbert --pretrained classifier --train sets.csv --label-separator | --out n {TINY}"
    );
    room.run(&line.replace(" --set embedding=4", "")).exits(0).says(&["micro F1"]);
    let config = json(&room.read("n/config.json"));
    assert_eq!(config["problem_type"], "multi_label_classification");
    room.run("import n --out again").exits(0);
    assert_eq!(room.read("n/model.safetensors"), room.read("again/model.safetensors"));
    assert_eq!(room.read("n/config.json"), room.read("again/config.json"));
    let predictions = |folder: &str| room.run(&format!("predict {folder} --json --text plum")).exits(0).out;
    assert_eq!(predictions("n"), predictions("again"));
    let line =
        "train --model frozen --pretrained encoder --train sets.csv --label-separator | --out f --threads 1";
    room.run(line).exits(0).says(&["micro F1"]);
    room.run("evaluate f --data sets.csv").exits(0).says(&["micro average"]);
}

#[test]
fn a_checkpoint_becomes_a_classifier_that_transformers_can_load() {
    let room = room();
    let line = format!("train --model distilbert --pretrained classifier --train kitchen.csv --out m {TINY}");
    let outcome = room.run(&line).exits(0);
    outcome.says(&[
        "checkpoint   classifier (",
        "distilbert on cpu",
        "distilbert.embeddings.word_embeddings.weight",
    ]);
    let config = json(&room.read("m/config.json"));
    assert_eq!(config["architectures"][0], "DistilBertForSequenceClassification");
    assert_eq!(config["id2label"], serde_json::json!({"0": "fruit", "1": "vegetable"}));
    assert_eq!(config["label2id"], serde_json::json!({"fruit": 0, "vegetable": 1}));
    assert_eq!(config["dim"], 16);
    let tokenizer = json(&room.read("m/tokenizer_config.json"));
    assert_eq!((&tokenizer["cls_token"], &tokenizer["model_max_length"]), (&"[CLS]".into(), &32.into()));
    let manifest = json(&room.read("m/assort.json"));
    assert_eq!(manifest["pretrained"]["name"], "classifier");
    for command in ["predict m --text plum", "evaluate m --data kitchen.csv", "explain m --text plum"] {
        room.run(command).exits(0);
    }
    room.run("import m --out copy").exits(0);
    room.run("compare m copy --data kitchen.csv").exits(0);
    room.run(&format!("{line} --overwrite")).exits(0);
    let again = room.read("m/model.safetensors");
    room.run(&format!("{line} --overwrite --threads 2").replace("--threads 1", "")).exits(0);
    assert_eq!(room.read("m/model.safetensors"), again, "the same bytes on any number of threads");
}

#[test]
fn a_head_that_is_missing_is_drawn_and_said() {
    let room = room();
    let line = format!("train --model bert --pretrained encoder --train kitchen.csv --out m {TINY}");
    room.run(&line)
        .exits(0)
        .says(&["drawn, because it has none that fits: classifier.weight, classifier.bias"]);
    assert!(names(&room.path("m")).contains(&"tokenizer.json".to_owned()));
    room.run("predict m --text plum").exits(0);
}

#[test]
fn the_last_layers_alone() {
    let room = room();
    let line = format!("train --model distilbert --pretrained classifier --train kitchen.csv {TINY}");
    room.run(&format!("{line} --set trained_layers=1 --out kept")).exits(0).says(&["frozen"]);
    room.run(&format!("{line} --set trained_layers=1 --set cache_megabytes=none --out plain")).exits(0);
    room.run(&format!("{line} --set trained_layers=1 --set cache_megabytes=0 --out spilled")).exits(0);
    let weights = room.read("kept/model.safetensors");
    assert_eq!(weights, room.read("plain/model.safetensors"), "kept outputs change nothing");
    assert_eq!(weights, room.read("spilled/model.safetensors"));
    assert!(!names(&room.path("spilled")).iter().any(|name| name.starts_with("frozen")));
    room.run("import classifier --out before").exits(0);
    let (before, after) = (tensors(&room.read("before/model.safetensors")), tensors(&weights));
    assert!(before.keys().eq(after.keys()));
    for (name, values) in &before {
        let frozen = name.contains("embeddings.") || name.contains("layer.0.");
        assert_eq!(*values == after[name], frozen, "{name}");
    }
}

#[test]
fn low_rank_matrices_learn_in_place_of_the_weights() {
    let room = room();
    let line = format!(
        "train --model distilbert --pretrained classifier --train kitchen.csv {TINY} --set lora_rank=2 \
         --set checkpoints=last --set schedule=constant --set warmup=0"
    );
    room.run(&format!("{line} --out m")).exits(0).says(&["lora_A.weight", "frozen"]);
    room.run("import classifier --out before").exits(0);
    let (before, after) =
        (tensors(&room.read("before/model.safetensors")), tensors(&room.read("m/model.safetensors")));
    assert!(before.keys().eq(after.keys()), "the low-rank matrices are within the weights");
    for (name, values) in &before {
        let moves = ["q_lin.weight", "v_lin.weight", "classifier"].iter().any(|part| name.contains(part));
        assert_eq!(*values != after[name], moves, "{name}");
    }
    let adapter = tensors(&room.read("m/adapter/adapter_model.safetensors"));
    let first = "base_model.model.distilbert.transformer.layer.0.attention.q_lin";
    assert!(adapter.contains_key(&format!("{first}.lora_A.weight")));
    assert!(adapter.contains_key("base_model.model.pre_classifier.bias"));
    let config = json(&room.read("m/adapter/adapter_config.json"));
    assert_eq!((&config["r"], &config["lora_alpha"]), (&2.into(), &16.0.into()));
    assert_eq!(config["target_modules"].as_array().unwrap().len(), 4);
    assert_eq!(config["modules_to_save"], serde_json::json!(["pre_classifier", "classifier"]));
    room.run("predict m --text plum").exits(0);
    room.run(&format!("{line} --out parts --set epochs=1")).exits(0);
    room.run(&format!("{line} --out parts --resume")).exits(0);
    assert_eq!(room.read("m/model.safetensors"), room.read("parts/model.safetensors"));
    room.run(&format!("{line} --out m --overwrite")).exits(0);
    assert_eq!(tensors(&room.read("parts/model.safetensors")), tensors(&room.read("m/model.safetensors")));
    let line = format!("{line} --out other");
    let some = |name: &str, flags: &str| {
        room.run(&format!("{line}{name} --set trained_layers=1 --set layer_decay=0.5 {flags}")).exits(0);
        room.read(&format!("other{name}/model.safetensors"))
    };
    let kept = some("-kept", "");
    assert_eq!(kept, some("-plain", "--set cache_megabytes=none"));
    for (name, values) in &tensors(&kept) {
        assert!(*values == before[name] || !name.contains("layer.0."), "{name}");
    }
    let with = |flags: &str, word: &str| refused(&room, &format!("{line} {flags}"), &[word]);
    with("--set checkpoints=every", "checkpoints = every: the weights of an epoch would lack");
    with("--set average_best=2", "average_best = 2: products of mean matrices");
    with("--set trained_layers=0", "trained_layers = 0: lora_rank adapts layers");
    with(
        "--set lora_rank=none --set lora_targets=all",
        "lora_rank = none: lora_alpha and lora_targets need one",
    );
    refused(&room, &format!("{line} --set lora_rank=0"), &["lora_rank = 0: a number from 1 on"]);
    refused(&room, &format!("{line} --set lora_rank=99"), &["lora_rank = 99: at most the width"]);
    refused(&room, &format!("{line} --set lora_alpha=0"), &["lora_alpha = 0: a number above 0"]);
    refused(&room, &format!("{line} --set lora_targets=some"), &["query-value, attention or all"]);
}

/// The bytes of each tensor of a safetensors file.
pub fn tensors(file: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let (length, rest) = file.split_at(8);
    let (header, data) = rest.split_at(u64::from_le_bytes(length.try_into().unwrap()) as usize);
    let header = json(header);
    let entries = header.as_object().unwrap().iter().filter(|(name, _)| *name != "__metadata__");
    let place = |entry: &serde_json::Value, end: usize| entry["data_offsets"][end].as_u64().unwrap() as usize;
    entries.map(|(name, entry)| (name.clone(), data[place(entry, 0)..place(entry, 1)].to_vec())).collect()
}

#[test]
fn an_interrupted_fine_tuning_goes_on_bit_for_bit() {
    let room = room();
    let line = |epochs: usize| {
        let keep = "--set checkpoints=last --set schedule=constant --set warmup=0";
        let layers = "--set trained_layers=1";
        format!(
            "train --model distilbert --pretrained classifier --train kitchen.csv {TINY} {keep} {layers} \
             --set epochs={epochs}"
        )
    };
    room.run(&format!("{} --out whole", line(4))).exits(0);
    room.run(&format!("{} --out parts", line(2))).exits(0);
    room.run(&format!("{} --out parts --resume", line(4))).exits(0);
    assert_eq!(room.read("whole/model.safetensors"), room.read("parts/model.safetensors"));
}

#[test]
fn texts_longer_than_the_model_reads() {
    let room = room();
    let long = "plum ".repeat(60) + &"leek ".repeat(60);
    for how in ["truncate", "windows"] {
        let line = format!(
            "train --model distilbert --pretrained classifier --train kitchen.csv --out {how} {TINY}"
        );
        room.run(&format!("{line} --set long_texts={how}")).exits(0);
        room.run_words(&["predict", how, "--text", &long]).exits(0);
    }
    let predict =
        |model, text: &str| room.run_words(&["predict", model, "--json", "--text", text]).exits(0).out;
    let head = "plum ".repeat(60);
    let probability = |model, text: &str| json(predict(model, text).as_bytes())["predictions"].clone();
    assert_eq!(probability("truncate", &long), probability("truncate", &head), "the tail is not read");
    assert_ne!(probability("windows", &long), probability("windows", &head));
    assert_eq!(probability("windows", "plum"), probability("truncate", "plum"));
    room.file("long.csv", format!("text,label\n{long},fruit\n{head},fruit\nleek,vegetable\n").as_bytes());
    let places = |model: &str| {
        let told = room.run(&format!("map {model} --data long.csv --json")).exits(0).json();
        let points = told[0]["points"].as_array().unwrap().iter();
        points.map(|point| [point["x"].clone(), point["y"].clone()]).collect::<Vec<_>>()
    };
    let (cut, whole) = (places("truncate"), places("windows"));
    assert_eq!(cut[0], cut[1]);
    assert_ne!(whole[0], whole[1]);
}

#[test]
fn vectors_of_tokens_and_texts() {
    let room = room();
    let words = ["embed", "encoder", "--json", "--text", "I love my dog", "--text", "a dog sleeps"];
    let lines = room.run_words(&words).exits(0).json();
    let dog = |line: &serde_json::Value| {
        line["tokens"].as_array().unwrap().iter().find(|token| token["token"] == "dog").unwrap().clone()
    };
    let (one, other) = (dog(&lines[0]), dog(&lines[1]));
    assert_eq!(one["static"], other["static"]);
    assert_ne!(one["contextual"], other["contextual"]);
    assert_eq!(one["range"], serde_json::json!({"start": 10, "end": 13}));
    assert_eq!(lines[0]["cls"], lines[0]["tokens"][0]["contextual"]);
    assert_eq!(lines[0]["mean"].as_array().unwrap().len(), 16);
    room.run_words(&["embed", "encoder", "--text", "I love my dog"]).exits(0).says(&[
        "[CLS]",
        "dog",
        "contextual",
    ]);
    let words = ["embed", "encoder", "--text", "my dog", "--text", "a dog", "--word", "dog", "--pool", "cls"];
    room.run_words(&words).exits(0).says(&["dog", "1.0000", "cosines"]);
    let words = ["embed", "encoder", "--text", "my dog", "--word", "bat"];
    assert!(room.run_words(&words).exits(2).err.contains("'bat' is a token of the texts 0 times"));
}

/// Course B: one word, two meanings. Skipped where the checkpoint is not there.
#[test]
fn the_bat_flies_and_the_bat_is_swung() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/models/minilm-bert");
    if !folder.is_dir() {
        println!("skipped: there is no {}", folder.display());
        return;
    }
    let texts = ["The bat flew out of the cave at night.", "He swung the bat and hit the ball."];
    let room = Room::empty();
    let folder = folder.to_str().unwrap();
    let lines =
        room.run_words(&["embed", folder, "--json", "--text", texts[0], "--text", texts[1]]).exits(0).json();
    let bat = |line: &serde_json::Value| {
        line["tokens"].as_array().unwrap().iter().find(|token| token["token"] == "bat").unwrap().clone()
    };
    let (animal, club) = (bat(&lines[0]), bat(&lines[1]));
    assert_eq!(animal["static"], club["static"]);
    let values = |token: &serde_json::Value| -> Vec<f64> {
        token["contextual"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
    };
    let (a, b) = (values(&animal), values(&club));
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let cosine = dot(&a, &b) / (dot(&a, &a) * dot(&b, &b)).sqrt();
    assert!(cosine < 0.9, "{cosine}");
}

/// Refused: exit code 2, one line with these words, nothing written.
#[track_caller]
pub fn refused(room: &Room, line: &str, words: &[&str]) {
    let before = room.names();
    let outcome = room.run(line).exits(2);
    let message = &outcome.err;
    assert!(message.starts_with("error: ") && message.lines().count() == 1, "not one line: {message}");
    words.iter().for_each(|word| assert!(message.contains(word), "{word:?} is missing in {message}"));
    assert_eq!(room.names(), before, "something was written");
}

#[test]
fn bad_checkpoints() {
    let room = room();
    let train = |flags: &str| {
        format!("train --model distilbert --pretrained classifier --train kitchen.csv --out m {TINY} {flags}")
    };
    let check = |words: &[&str]| {
        refused(&room, &train(""), words);
        refused(&room, "import classifier --out m", words);
    };
    let whole = room.read("classifier/model.safetensors");
    room.file("classifier/model.safetensors", &whole[..whole.len() / 2]);
    check(&["classifier/model.safetensors: not a whole safetensors file", "copy or download it again"]);
    fs::remove_file(room.path("classifier/model.safetensors")).unwrap();
    check(&["classifier: it has no weights", "model.safetensors"]);
    room.file("classifier/model.safetensors", &whole);

    let config = String::from_utf8(room.read("classifier/config.json")).unwrap();
    let with = |from: &str, to: &str| {
        assert!(config.contains(from));
        room.file("classifier/config.json", config.replace(from, to).as_bytes());
    };
    with("\"vocab_size\": 153", "\"vocab_size\": 100");
    let differ = ["word_embeddings.weight", "[153, 16]", "[100, 16]", "the setting vocab_size"];
    refused(&room, "import classifier --out m", &differ);
    let tokens = "classifier: its tokenizer has 153 tokens, but there are 100 word embeddings";
    refused(&room, &train(""), &[tokens]);
    with("\"vocab_size\": 153", "\"vocab_size\": 200");
    check(&["word_embeddings.weight", "[153, 16]", "[200, 16]"]);
    with("\"model_type\": \"distilbert\"", "\"model_type\": \"gpt2\"");
    check(&["config.json: model_type is gpt2, but only distilbert or bert is read"]);
    let mut named: serde_json::Value = serde_json::from_str(&config).unwrap();
    named["id2label"] = serde_json::json!({"0": "pos", "1": " pos"});
    room.file("classifier/config.json", named.to_string().as_bytes());
    refused(&room, "import classifier --out m", &["id2label has the name 'pos' for the labels 0 and 1"]);
    room.file("classifier/config.json", b"{");
    check(&["classifier/config.json: not a whole configuration"]);
    room.file("classifier/config.json", config.as_bytes());

    refused(&room, &train("--set longest=33"), &["longest = 33: the model has 32 positions"]);
    // Before the rows are read, which are too few.
    room.file("few.csv", b"text,label\nplum,fruit\nleek,vegetable\n");
    let few = train("--set longest=33").replace("kitchen.csv", "few.csv");
    refused(&room, &few, &["longest = 33: the model has 32 positions"]);
    refused(&room, &train("--set trained_layers=3"), &["trained_layers = 3: the network has 2 layers"]);
    refused(&room, &train("--set dropout=1"), &["dropout = 1: a share from 0 to below 1"]);
    refused(&room, &train("--set layer_decay=0"), &["layer_decay = 0"]);
    for flags in ["", "--folds 2"] {
        let line = train(&format!("--set precision=bf16 {flags}"));
        refused(&room, &line, &["precision = bf16: only CUDA multiplies in bf16"]);
    }
    let sweep = "sweep --model distilbert --pretrained classifier --train kitchen.csv --out m --device cpu";
    let words = ["precision = bf16: only CUDA multiplies in bf16"];
    refused(&room, &format!("{sweep} --over precision=bf16,f32"), &words);
    refused(&room, "import encoder --out m", &["encoder: it has no classifier", "assort train --pretrained"]);
    refused(&room, "import nowhere --out m", &["`nowhere` is neither a folder nor a name on the hub"]);
    refused(&room, "embed kitchen.csv --text a", &["kitchen.csv: there is no such folder"]);
    let line = |flags: &str| format!("train --train kitchen.csv --out m {flags}");
    refused(&room, &line("--model distilbert"), &["pretrained = none: name the folder of a distilbert"]);
    refused(
        &room,
        &line("--pretrained classifier"),
        &["--pretrained is for --model bert, distilbert or frozen", "not for bag"],
    );
    refused(&room, &line("--model bert --pretrained classifier"), &["it is a distilbert, not a bert"]);
}

#[test]
fn a_classifier_for_other_labels_is_replaced_only_if_asked() {
    let room = room();
    let mut rows = String::from_utf8(room.read("kitchen.csv")).unwrap();
    (0..24).for_each(|row| rows.push_str(&format!("bread and butter number {row},bakery\n")));
    room.file("three.csv", rows.as_bytes());
    let line = format!("train --model distilbert --pretrained classifier --train three.csv --out m {TINY}");
    let words =
        ["sorts into 2 labels (vegetable, fruit), the data have 3", "--set classifier=fresh-if-other"];
    refused(&room, &line, &words);
    let outcome = room.run(&format!("{line} --set classifier=fresh-if-other")).exits(0);
    outcome.says(&["drawn, because it has none that fits: classifier.weight, classifier.bias"]);
    room.run("predict m --text bread").exits(0);
}

#[test]
fn texts_of_unknown_bytes_and_empty_ones_are_sorted() {
    let room = room();
    room.run("import classifier --out m").exits(0);
    for text in ["", " ", "\u{10fffd}\u{10fffd}", "Ω", "\u{feff}"] {
        let found = room.run_words(&["predict", "m", "--json", "--text", text]).exits(0).json()[0].clone();
        let sum: f64 =
            found["predictions"].as_array().unwrap().iter().map(|p| p["probability"].as_f64().unwrap()).sum();
        assert!((sum - 1.0).abs() < 1e-9, "{found}");
    }
}
