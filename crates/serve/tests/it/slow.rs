//! Clients that are slow, many, or gone.

use std::time::Duration;

use super::client::{Client, post, texts};
use super::room::{Room, Running};

/// Longer than any test.
const EVER: Duration = Duration::from_secs(3600);

#[test]
fn half_open_connections_cost_no_worker() {
    let room = Room::new();
    let mut config = room.config(&["bag"]);
    config.limits.head_time = EVER;
    config.limits.body_time = EVER;
    let server = Running::start(config);
    let request = post("/predict", &texts(&["plum"]));
    // Some say nothing, some stop within the head, some within the body.
    let cuts = [0, 1, 20, request.len() - 5];
    let mut halves: Vec<(Client, &str)> = (0..400)
        .map(|number| {
            let (sent, rest) = request.split_at(cuts[number % cuts.len()]);
            let mut client = Client::new(server.address);
            client.send(sent.as_bytes()).unwrap();
            (client, rest)
        })
        .collect();
    server.wait_for_metric("assort_connections", |open| open >= 401.0);
    for _ in 0..20 {
        server.post("/predict", &texts(&["plum"])).is(200);
    }
    // Those that go on are answered.
    for (client, rest) in halves.iter_mut().step_by(7) {
        client.send(rest.as_bytes()).unwrap();
        client.receive().unwrap().is(200);
    }
    drop(halves);
    server.wait_for_metric("assort_connections", |open| open == 1.0);
}

#[test]
fn connections_beyond_the_limit_wait_for_a_place() {
    let room = Room::new();
    let mut config = room.config(&["bag"]);
    config.limits.connections = 3;
    let server = Running::start(config);
    let mut open: Vec<Client> = (0..3).map(|_| Client::new(server.address)).collect();
    open.iter_mut().for_each(|client| drop(client.get("/health").is(200)));
    let mut waiting = Client::new(server.address);
    waiting.send(post("/predict", &texts(&["plum"])).as_bytes()).unwrap();
    open.iter_mut().for_each(|client| drop(client.get("/health").is(200)));
    open.pop();
    waiting.receive().unwrap().is(200);
}

#[test]
fn whoever_is_too_slow_is_told_or_cut_off() {
    let room = Room::new();
    let mut config = room.config(&["bag"]);
    let short = Duration::from_millis(50);
    config.limits.head_time = short;
    config.limits.body_time = short;
    let server = Running::start(config);
    let request = post("/predict", &texts(&["plum"]));
    for sent in [0, 1, 40] {
        let mut client = Client::new(server.address);
        client.send(&request.as_bytes()[..sent]).unwrap();
        assert!(client.receive().is_none(), "{sent} bytes of a head");
    }
    let mut client = Client::new(server.address);
    client.send(&request.as_bytes()[..request.len() - 5]).unwrap();
    let refused = client.receive().unwrap().is(408);
    assert!(refused.body.contains("took too long"), "{refused:?}");
}

#[test]
fn used_connections_are_closed_when_they_are_idle() {
    let room = Room::new();
    let mut config = room.config(&["bag"]);
    config.limits.idle_time = Duration::from_millis(50);
    let server = Running::start(config);
    let mut client = Client::new(server.address);
    client.get("/health").is(200);
    assert!(client.receive().is_none());
}

#[test]
fn whoever_takes_no_answer_is_cut_off() {
    let room = Room::new();
    let mut config = room.config(&["bag"]);
    config.limits.send_time = Duration::from_millis(50);
    let server = Running::start(config);
    let mut client = Client::new(server.address);
    // More than the system keeps for a client that does not read.
    client.send("GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(2000).as_bytes()).unwrap();
    server
        .wait_for_metric("assort_requests_total{path=\"/openapi.json\",status=\"200\"}", |count| count > 1.0);
    server.wait_for_metric("assort_connections", |open| open == 1.0);
    drop(client);
}

#[test]
fn answers_that_take_too_long_and_full_queues_are_unavailable() {
    let room = Room::new();
    let mut config = room.config(&["bag"]);
    config.limits.batch_time = EVER;
    config.limits.answer_time = Duration::from_millis(50);
    let server = Running::start(config);
    let late = server.post("/predict", &texts(&["plum"])).is(503);
    assert_eq!(late.header("retry-after"), Some("1"));
    assert!(late.body.contains("took too long") && late.body.contains("\"kind\":\"wait\""), "{late:?}");
    drop(server);

    let mut config = room.config(&["bag"]);
    config.limits.queue = 1;
    let server = Running::start(config);
    // Each takes a while: many words, each of which is left out once.
    let long = texts(&[vec!["plum"; 2000].join(" ")]).replacen('{', r#"{"method": "occlusion","#, 1);
    loop {
        let mut clients: Vec<Client> = (0..8).map(|_| Client::new(server.address)).collect();
        clients.iter_mut().for_each(|client| client.send(post("/explain", &long).as_bytes()).unwrap());
        let replies: Vec<_> = clients.iter_mut().map(|client| client.receive().unwrap()).collect();
        assert!(replies.iter().all(|reply| [200, 503].contains(&reply.status)), "{replies:?}");
        // Predictions have a queue of their own.
        server.post("/predict", &texts(&["plum"])).is(200);
        if let Some(full) = replies.iter().find(|reply| reply.status == 503) {
            assert!(full.body.contains("too many requests wait") && full.header("retry-after").is_some());
            return;
        }
    }
}
