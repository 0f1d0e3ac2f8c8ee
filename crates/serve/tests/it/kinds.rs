//! Each kind of model answers as its pipeline does, whatever else is in the batch.

use std::path::Path;

use assort_models::rules::Rules;
use assort_models::{CnnConfig, Model, ModelConfig, RnnConfig};
use assort_pipeline::{Checkpoint, Existing, FeatureConfig, PretrainedRecord, import};
use assort_serve::Products;
use serde_json::json;

use super::client::{Client, texts};
use super::room::{Room, Running, put, put_network};

const RULES: &str = "default = 'fruit'\n[labels.vegetable]\npatterns = ['leek|kale']\n";

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/transformers");

/// One model of each kind that needs no training.
fn all(room: &Room) -> Vec<&'static str> {
    let cnn = CnnConfig { filters: 20, ..CnnConfig::default() };
    put_network(&room.path("cnn"), &ModelConfig::Cnn(cnn), 2);
    let recurrent = || RnnConfig { hidden: 40, ..RnnConfig::default() };
    put_network(&room.path("lstm"), &ModelConfig::Lstm(recurrent()), 3);
    put_network(&room.path("gru"), &ModelConfig::Gru(recurrent()), 4);
    let labels = ["fruit", "vegetable", "<b>\"other\"</b>"].map(String::from);
    let parse = || Rules::parse(RULES, Path::new("rules.toml"), &labels, Default::default());
    let rules = |_| Model::Rules(parse().unwrap());
    put(&room.path("rules"), ModelConfig::named("rules").unwrap(), FeatureConfig::Texts, rules);
    let checkpoint = Checkpoint::open(&Path::new(FIXTURES).join("classifier")).unwrap();
    import(&checkpoint, PretrainedRecord::default(), &room.path("encoder"), Existing::Keep).unwrap();
    vec!["bag", "cnn", "lstm", "gru", "rules", "encoder"]
}

#[test]
fn the_same_bits_as_the_pipeline_alone_or_among_others() {
    let room = Room::new();
    let names = all(&room);
    let server = Running::start(room.config(&names));
    let words = ["pear", "leek", "ripe", "raw", "kale", "plum", "", "Ärger", "pear\u{0}", "🍐"];
    let text =
        |n: usize| (0..n % 13).map(|at| words[(n * 7 + at * at) % words.len()]).collect::<Vec<_>>().join(" ");
    std::thread::scope(|scope| {
        for client in 0..4 {
            let (room, names, text, address) = (&room, &names, &text, server.address);
            scope.spawn(move || {
                let mut connection = Client::new(address);
                for (at, name) in names.iter().cycle().take(8 * names.len()).enumerate() {
                    let asked: Vec<String> =
                        (0..1 + (at * 5 + client) % 9).map(|n| text(at + n * client)).collect();
                    let body = json!({ "texts": asked, "model": name }).to_string();
                    let reply = connection.post("/predict", &body).is(200);
                    let pipeline = room.pipeline(name);
                    // Each text by itself: the server's batches were others.
                    let alone =
                        asked.iter().map(|text| pipeline.predict(&[text], usize::MAX).unwrap().remove(0));
                    let expect = json!(alone.collect::<Vec<_>>()).to_string();
                    assert!(
                        reply.body.ends_with(&format!("\"predictions\":{expect}}}")),
                        "{name}: {expect} {reply:?}"
                    );
                }
            });
        }
    });
}

#[test]
fn together_the_answers_are_those_of_the_pipeline_for_the_batch() {
    let room = Room::new();
    let names = all(&room);
    let mut config = room.config(&names);
    config.products = Products::Together;
    let server = Running::start(config);
    let asked = ["ripe pear and raw kale", "plum", "", "leek leek pear"];
    for name in names {
        let body = json!({ "texts": asked, "model": name }).to_string();
        let found = server.post("/predict", &body).is(200);
        let expect = json!(room.pipeline(name).predict(&asked, usize::MAX).unwrap()).to_string();
        assert!(found.body.ends_with(&format!("\"predictions\":{expect}}}")), "{name}: {expect} {found:?}");
    }
}

#[test]
fn states_and_explanations_are_those_of_the_pipeline() {
    let room = Room::new();
    let names = all(&room);
    let server = Running::start(room.config(&names));
    let asked = ["ripe pear and raw kale", "plum"];
    for name in names {
        let pipeline = room.pipeline(name);
        let body = json!({ "texts": asked, "model": name }).to_string();
        let reply = server.post("/embed", &body);
        if name == "rules" {
            let refused = reply.is(422).json();
            assert!(refused["error"]["message"].as_str().unwrap().contains("has no state"), "{refused}");
            assert_eq!(refused["error"]["field"], "model");
        } else {
            let expect = asked.map(|text| pipeline.row_states(&[text]).unwrap().0);
            assert_eq!(reply.is(200).json()["embeddings"], json!(expect), "{name}");
        }
        let found = server.post("/explain", &body).is(200).json();
        for ((row, explained), text) in
            found["explanations"].as_array().unwrap().iter().enumerate().zip(asked)
        {
            let attribution = pipeline.explain(text, pipeline.methods()[0]).unwrap();
            assert_eq!(explained["logits"], json!(attribution.logits()), "{name}");
            assert_eq!(
                explained["probabilities"],
                json!(pipeline.probabilities(&[text]).unwrap().row(0).to_vec()),
                "{name}"
            );
            assert_eq!((&explained["row"], &explained["text"]), (&json!(row + 1), &json!(text)));
        }
    }
    let none = server.post("/predict", &texts::<&str>(&[])).is(422).json();
    assert_eq!(none["error"]["advice"]["from"].as_array().unwrap().len(), 6, "{none}");
}
