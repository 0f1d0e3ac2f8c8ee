//! What cannot be met is told as JSON, with a status that says whose fault it is.

use serde_json::Value;

use super::client::{Client, texts};
use super::room::{Room, Running};

/// A request that is refused with this status and an error that has these words.
#[track_caller]
fn refused(server: &Running, request: &str, status: u16, words: &[&str]) -> Value {
    let mut client = Client::new(server.address);
    client.send(request.as_bytes()).unwrap();
    let reply = client.receive().expect("the connection was closed").is(status);
    let error = reply.json()["error"].clone();
    assert!(error["message"].is_string(), "{reply:?}");
    words.iter().for_each(|word| assert!(reply.body.contains(word), "{word} is missing in {}", reply.body));
    // The server goes on.
    server.post("/predict", &texts(&["plum"])).is(200);
    error
}

#[test]
fn bodies() {
    let room = Room::new();
    let mut config = room.config(&["bag"]);
    config.limits.texts = 3;
    config.limits.explained = 1;
    config.limits.characters = 10;
    let server = Running::start(config);
    let check = |path: &str, body: &str, status, words: &[&str]| {
        refused(&server, &super::client::post(path, body), status, words);
    };
    check("/predict", "", 400, &["the body is no JSON", "EOF"]);
    check("/predict", "{\"texts\": [\"a\"", 400, &["the body is no JSON"]);
    check("/predict", "texts=a", 400, &["the body is no JSON"]);
    check("/predict", "{}", 422, &["missing field `texts`"]);
    check("/predict", "[1]", 422, &[]);
    check("/predict", r#"{"texts": ["a", 3]}"#, 422, &["\"field\":\"texts[1]\"", "expected a string"]);
    check("/predict", r#"{"texts": [null]}"#, 422, &["\"field\":\"texts[0]\""]);
    check("/predict", r#"{"text": ["a"]}"#, 422, &["unknown field `text`"]);
    check("/predict", r#"{"texts": ["a"], "top": 0}"#, 422, &["\"field\":\"top\"", "at least 1"]);
    check("/predict", r#"{"texts": ["a"], "top": 1e99}"#, 422, &["\"field\":\"top\""]);
    check("/predict", r#"{"texts": ["a"], "model": "bug"}"#, 422, &["no model 'bug'", "\"from\":[\"bag\"]"]);
    check("/predict", &texts(&["a"; 4]), 422, &["4 texts, where 3 are the most", "\"most\":3"]);
    check("/predict", &texts(&["a", "ä".repeat(11).as_str()]), 422, &["texts[1]", "10 characters"]);
    check("/explain", &texts(&["a"; 2]), 422, &["\"most\":1"]);
    check("/explain", &texts(&[" \n"]), 422, &["texts[0]", "at least one word"]);
    check(
        "/explain",
        r#"{"texts": ["a"], "label": "x"}"#,
        422,
        &["no label 'x'", "\"field\":\"label\"", "fruit"],
    );
    check("/explain", r#"{"texts": ["a"], "method": "x"}"#, 422, &["no method 'x'", "occlusion"]);
    check("/embed", r#"{"texts": ["a"], "top": 1}"#, 422, &["unknown field `top`"]);
    let limit = texts(&["ä".repeat(10)]);
    server.post("/predict", &limit).is(200);
}

#[test]
fn heads() {
    let room = Room::new();
    let server = Running::start(room.config(&["bag"]));
    let check = |request: &str, status, words: &[&str]| refused(&server, request, status, words);
    check("GET /predict HTTP/1.1\r\nhost: x\r\n\r\n", 405, &["not asked by GET"]);
    check("DELETE / HTTP/1.1\r\nhost: x\r\n\r\n", 405, &["not asked by DELETE"]);
    check("GET /../etc/passwd HTTP/1.1\r\nhost: x\r\n\r\n", 404, &["no such path"]);
    check("GET /predict/ HTTP/1.1\r\nhost: x\r\n\r\n", 404, &["no such path"]);
    let untyped = "POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 15\r\n\r\n{\"texts\":[\"a\"]}";
    let error = check(untyped, 415, &["must be JSON"]);
    assert_eq!(error["advice"]["value"], "application/json");
    let form = untyped.replace("\r\n\r\n", "\r\ncontent-type: application/x-www-form-urlencoded\r\n\r\n");
    check(&form, 415, &["must be JSON"]);
    let typed = untyped.replace("\r\n\r\n", "\r\nContent-Type: Application/JSON; charset=utf-8\r\n\r\n");
    let mut client = Client::new(server.address);
    client.send(typed.as_bytes()).unwrap();
    client.receive().unwrap().is(200);
    let chunked = "POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: \
                   chunked\r\n\r\n8\r\n{\"texts\"\r\n7\r\n:[\"a\"]}\r\n0\r\n\r\n";
    client.send(chunked.as_bytes()).unwrap();
    client.receive().unwrap().is(200);

    // What is no HTTP gets the plain answer of the library, and the connection is closed.
    let mut client = Client::new(server.address);
    client.send(b"plum\r\n\r\n").unwrap();
    assert!(client.receive().is_none_or(|reply| reply.status == 400));
    server.get("/health").is(200);
}

#[test]
fn bodies_that_are_too_large() {
    let room = Room::new();
    let mut config = room.config(&["bag"]);
    config.limits.body = 1000;
    let server = Running::start(config);
    // The client reads why, though it sends on: by length, and in chunks.
    let body = texts(&["a".repeat(3 << 20)]);
    let reply = server.post("/predict", &body).is(413);
    assert_eq!(reply.json()["error"]["advice"], serde_json::json!({ "kind": "send-less", "most": 1000 }));
    let chunk = format!("10000\r\n{}\r\n", "a".repeat(0x10000));
    let head =
        "POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked";
    let mut client = Client::new(server.address);
    client.send(format!("{head}\r\n\r\n{}0\r\n\r\n", chunk.repeat(40)).as_bytes()).unwrap();
    client.receive().unwrap().is(413);
    // The connection can be used again.
    client.post("/predict", &texts(&["plum"])).is(200);
    let just = texts(&["a".repeat(1000 - texts(&[""]).len())]);
    assert_eq!(just.len(), 1000);
    server.post("/predict", &just).is(200);
}
