//! Folders that change while they are served.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use assort_serve::{Advice, Error, Server};
use serde_json::{Value, json};

use super::client::{Client, texts};
use super::room::{Room, Running, TEXTS, put_bag};

#[test]
fn a_model_is_replaced_under_load_without_a_failed_request() {
    let room = Room::new();
    let server = Running::start(room.config(&["bag"]));
    let answers = Mutex::new(BTreeMap::<String, Value>::new());
    let (is_over, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    let known = || {
        let digest = server.get("/models").json()["models"][0]["digest"].as_str().unwrap().to_owned();
        let expect = json!(room.pipeline("bag").predict(&TEXTS, 3).unwrap());
        answers.lock().unwrap().insert(digest, expect);
    };
    known();
    let seen = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut connection = Client::new(server.address);
                    let mut seen = Vec::new();
                    while !is_over.load(Ordering::Relaxed) {
                        let found = connection.post("/predict", &texts(&TEXTS)).is(200).json();
                        asked.fetch_add(1, Ordering::Relaxed);
                        let digest = found["digest"].as_str().unwrap().to_owned();
                        if seen.last().is_none_or(|(last, _)| *last != digest) {
                            seen.push((digest, found["predictions"].clone()));
                        }
                    }
                    seen
                })
            })
            .collect();
        for generation in 2..=6 {
            put_bag(&room.path("bag"), generation);
            let line = "assort_model_generation{model=\"bag\"}";
            server.wait_for_metric(line, |found| found >= generation as f64);
            known();
            let before = asked.load(Ordering::Relaxed);
            while asked.load(Ordering::Relaxed) < before + 20 {
                std::thread::yield_now();
            }
        }
        is_over.store(true, Ordering::Relaxed);
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect::<Vec<_>>()
    });
    // Every answer is that of the model that it names, and every model has answered.
    let answers = answers.into_inner().unwrap();
    assert_eq!(answers.len(), 6);
    let expected = |digest: &String| answers.get(digest).unwrap_or_else(|| panic!("{digest} is unknown"));
    seen.iter().for_each(|(digest, found)| assert_eq!(found, expected(digest)));
    answers.keys().for_each(|digest| assert!(seen.iter().any(|(found, _)| found == digest)));
}

#[test]
fn the_old_model_goes_on_while_the_folder_is_torn() {
    let room = Room::new();
    let server = Running::start(room.config(&["bag"]));
    let before = server.post("/predict", &texts(&TEXTS)).is(200).body;
    let (weights, manifest) = (room.path("bag/model.safetensors"), room.path("bag/assort.json"));
    let (whole, written) = (fs::read(&weights).unwrap(), fs::read(&manifest).unwrap());
    let refused = |times: f64| {
        server.wait_for_metric("assort_model_refused_total{model=\"bag\"}", |found| found >= times);
        assert_eq!(server.post("/predict", &texts(&TEXTS)).is(200).body, before);
        server.get("/ready").is(200);
    };
    fs::write(&weights, &whole[..whole.len() / 2]).unwrap();
    refused(1.0);
    fs::write(&manifest, "{").unwrap();
    refused(2.0);
    fs::remove_file(&manifest).unwrap();
    refused(3.0);
    fs::write(&weights, &whole).unwrap();
    fs::write(&manifest, &written).unwrap();
    server.wait_for_metric("assort_model_generation{model=\"bag\"}", |found| found >= 2.0);
    assert_eq!(server.post("/predict", &texts(&TEXTS)).is(200).body, before);
    put_bag(&room.path("bag"), 9);
    let changed = server.wait_for("/models", |reply| !reply.body.contains(&digest(&before)));
    assert!(changed.json()["models"][0]["generation"].as_u64() > Some(1));
}

fn digest(body: &str) -> String {
    serde_json::from_str::<Value>(body).unwrap()["digest"].as_str().unwrap().to_owned()
}

#[test]
fn a_server_needs_models_that_load() {
    let room = Room::new();
    fs::create_dir(room.path("empty")).unwrap();
    let address = "127.0.0.1:0".parse().unwrap();
    let bind = |names: &[&str]| Server::bind(address, room.config(names));
    assert!(matches!(bind(&[]).err().unwrap(), Error::NoModels));
    let same = bind(&["bag", "bag"]).err().unwrap();
    assert_eq!(same.advice(), Some(Advice::NameModel("bag".into())));
    let missing = bind(&["bag", "empty"]).unwrap().run().unwrap_err().to_string();
    assert!(missing.contains("empty is no model folder"), "{missing}");
    fs::write(room.path("bag/vocab.txt"), "plum").unwrap();
    let torn = bind(&["bag"]).unwrap().run().unwrap_err();
    assert!(torn.to_string().contains("vocab.txt has changed"), "{torn}");
    assert_eq!(torn.advice(), Some(Advice::Folder(assort_pipeline::Advice::TrustFiles)));
}
