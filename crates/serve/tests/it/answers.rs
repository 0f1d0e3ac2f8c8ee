//! What is answered to requests that can be met.

use assort_serve::ServeConfig;
use serde_json::{Value, json};

use super::client::{Client, texts};
use super::room::{Room, Running, TEXTS, put_bag};

#[test]
fn predictions_have_as_many_labels_as_are_asked_for() {
    let room = Room::new();
    let server = Running::start(room.config(&["bag"]));
    let labels = |body: &str| {
        let found = server.post("/predict", body).is(200).json();
        let rows = found["predictions"].as_array().unwrap().clone();
        rows.iter().map(|row| row.as_array().unwrap().len()).collect::<Vec<_>>()
    };
    assert_eq!(labels(&texts(&TEXTS)), [3, 3, 3, 3]);
    assert_eq!(labels(r#"{"texts": ["plum", ""], "top": 2, "model": "bag"}"#), [2, 2]);
    assert_eq!(labels(r#"{"texts": ["plum"], "top": 99}"#), [3]);
    assert_eq!(labels(r#"{"texts": []}"#), [0; 0]);
}

#[test]
fn a_label_can_be_chosen_for_an_explanation() {
    let room = Room::new();
    let server = Running::start(room.config(&["bag"]));
    let explained = |body: &str| server.post("/explain", body).is(200).json()["explanations"][0].clone();
    let found = explained(r#"{"texts": ["raw leek"], "label": "<b>\"other\"</b>"}"#);
    assert_eq!((&found["label"], &found["method"]), (&json!("<b>\"other\"</b>"), &json!("exact")));
    let found = explained(r#"{"texts": ["raw leek"], "method": "occlusion"}"#);
    assert_eq!((&found["label"], &found["method"]), (&found["predicted"], &json!("occlusion")));
    let words: Vec<&Value> = found["words"].as_array().unwrap().iter().map(|word| &word["text"]).collect();
    assert_eq!(words, ["raw", "leek"]);
}

#[test]
fn the_server_tells_of_itself() {
    let room = Room::new();
    put_bag(&room.path("second"), 7);
    let server = Running::start(room.config(&["bag", "second"]));
    assert_eq!(server.get("/health").is(200).json(), json!({ "status": "alive" }));
    assert_eq!(server.get("/ready").is(200).json(), json!({ "status": "ready" }));
    let models = server.get("/models").is(200).json()["models"].clone();
    assert_eq!((&models[0]["name"], &models[1]["name"]), (&json!("bag"), &json!("second")));
    assert_eq!(models[0]["labels"], json!(room.pipeline("bag").labels()));
    assert_eq!((&models[0]["architecture"], &models[0]["task"]), (&json!("bag"), &json!("one-of")));
    assert!(models[0]["digest"] != models[1]["digest"] && models[0]["generation"] == 1);
    let reply = server.post("/predict", r#"{"texts": ["plum"], "model": "second"}"#).is(200);
    assert_eq!(reply.json()["digest"], models[1]["digest"]);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));

    server.get("/nowhere").is(404);
    let metrics = server.get("/metrics").is(200);
    assert!(metrics.header("content-type").unwrap().starts_with("application/openmetrics-text"));
    for line in [
        "assort_requests_total{path=\"/predict\",status=\"200\"} 1",
        "assort_requests_total{path=\"other\",status=\"404\"} 1",
        "assort_texts_total{model=\"second\"} 1",
        "assort_texts_total{model=\"bag\"} 0",
        "assort_model_generation{model=\"bag\"} 1",
    ] {
        assert!(metrics.body.lines().any(|found| found == line), "{line} is missing in {}", metrics.body);
    }
    let openapi = server.get("/openapi.json").is(200).json();
    assert_eq!(openapi["openapi"], "3.1.0");
    let page = server.get("/").is(200);
    assert!(
        page.header("content-security-policy")
            .unwrap()
            .starts_with("default-src 'none'; script-src 'sha256-")
    );
}

/// Each answer has the fields that the description requires, and no others.
#[test]
fn answers_have_the_form_that_is_described() {
    let room = Room::new();
    let server = Running::start(room.config(&["bag"]));
    let openapi = server.get("/openapi.json").json();
    let schemas = &openapi["components"]["schemas"];
    let body = texts(&["raw leek"]);
    for (path, schema, reply) in [
        ("/predict", "Predictions", server.post("/predict", &body)),
        ("/explain", "Explanations", server.post("/explain", &body)),
        ("/embed", "Embeddings", server.post("/embed", &body)),
        ("/models", "Models", server.get("/models")),
        ("/ready", "Status", server.get("/ready")),
        ("/predict", "Error", server.post("/predict", "{}")),
        ("/predict", "Error", server.post("/predict", "{\"texts\": [], \"model\": \"none\"}")),
    ] {
        assert_eq!(fault(&reply.json(), &schemas[schema], schemas), None, "{path}: {reply:?}");
    }
    let wrong = fault(&json!({ "status": 3 }), &schemas["Status"], schemas);
    assert_eq!(wrong.as_deref(), Some("status is no string"));
}

/// Where a value does not have the form of a schema, of the few words that the description uses.
fn fault(value: &Value, schema: &Value, schemas: &Value) -> Option<String> {
    if let Some(name) = schema["$ref"].as_str() {
        return fault(value, &schemas[name.rsplit('/').next().unwrap()], schemas);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let fits = choices.iter().filter(|choice| fault(value, choice, schemas).is_none()).count();
        return (fits != 1).then(|| format!("{value} is {fits} of the choices"));
    }
    if let Some(fixed) = schema.get("const") {
        return (value != fixed).then(|| format!("{value} is not {fixed}"));
    }
    if let Some(choices) = schema["enum"].as_array() {
        return (!choices.contains(value)).then(|| format!("{value} is none of {choices:?}"));
    }
    match schema["type"].as_str() {
        Some("object") => {
            let fields = value.as_object()?;
            let required = schema["required"].as_array().unwrap();
            let missing = required.iter().find(|name| !fields.contains_key(name.as_str().unwrap()));
            if let Some(missing) = missing {
                return Some(format!("{missing} is missing"));
            }
            fields.iter().find_map(|(name, value)| match schema["properties"].get(name) {
                None => Some(format!("{name} is not described")),
                Some(schema) => fault(value, schema, schemas).map(|fault| format!("{name} {fault}")),
            })
        }
        Some("array") => match value.as_array() {
            None => Some("is no array".into()),
            Some(items) => items.iter().find_map(|item| fault(item, &schema["items"], schemas)),
        },
        Some("string") => (!value.is_string()).then(|| "is no string".into()),
        Some("number" | "integer") => (!value.is_number()).then(|| "is no number".into()),
        Some("boolean") => (!value.is_boolean()).then(|| "is no boolean".into()),
        _ => None,
    }
}

#[test]
fn thresholds_say_nothing_where_that_is_asked_for() {
    let room = Room::new();
    let all = room.pipeline("bag").probabilities(&TEXTS).unwrap();
    let most = |row: usize| all.row(row).fold(0.0, |a: f64, b| a.max(*b));
    // Between the surest and the others.
    let surest = (0..TEXTS.len()).map(most).fold(0.0, f64::max);
    let below = (0..TEXTS.len()).map(most).filter(|p| *p < surest).fold(0.0, f64::max);
    let folder = assort_pipeline::ModelFolder::at(&room.path("bag"));
    folder
        .change(|manifest| manifest.decision.thresholds = vec![(surest + below) / 2.0; all.ncols()])
        .unwrap();
    let server = Running::start(room.config(&["bag"]));
    let asked = |abstain: bool| {
        let found = Client::new(server.address)
            .post("/predict", &json!({ "texts": TEXTS, "abstain": abstain }).to_string())
            .is(200)
            .json();
        found["predictions"].as_array().unwrap().iter().filter(|row| row == &&json!([])).count()
    };
    let unsure = (0..TEXTS.len()).filter(|row| most(*row) < surest).count();
    assert_eq!((asked(false), asked(true)), (0, unsure));
    assert!(unsure > 0);
}

#[test]
fn texts_of_several_requests_are_one_batch() {
    let room = Room::new();
    let mut config: ServeConfig = room.config(&["bag"]);
    config.limits.batch = 8;
    config.limits.batch_time = std::time::Duration::from_secs(3600);
    let server = Running::start(config);
    let pipeline = room.pipeline("bag");
    std::thread::scope(|scope| {
        for client in 0..4 {
            let (pipeline, address) = (&pipeline, server.address);
            scope.spawn(move || {
                let asked = [TEXTS[client], TEXTS[(client + 1) % 4]];
                let found = Client::new(address).post("/predict", &texts(&asked)).is(200).json();
                assert_eq!(found["predictions"], json!(pipeline.predict(&asked, 3).unwrap()));
            });
        }
    });
    // No request was answered before all had come.
    server.wait_for_metric("assort_batch_texts_count{model=\"bag\"}", |count| count == 1.0);
    server.wait_for_metric("assort_texts_total{model=\"bag\"}", |count| count == 8.0);
}
