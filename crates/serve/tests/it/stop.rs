//! The beginning and the end of a server.

use std::net::TcpStream;
use std::time::Duration;

use assort_serve::{Advice, Error, Server};

use super::client::{Client, post, texts};
use super::room::{Room, Running};

const EVER: Duration = Duration::from_secs(3600);

#[test]
fn what_runs_is_answered_before_the_end() {
    let room = Room::new();
    let mut config = room.config(&["bag"]);
    config.limits.batch = 2;
    config.limits.batch_time = EVER;
    config.limits.answer_time = EVER;
    config.limits.stop_time = EVER;
    let server = Running::start(config);
    let request = post("/predict", &texts(&["plum"]));
    // One waits for its batch to be full, one has not said all, one says nothing after its first request.
    let [mut first, mut second, mut idle] = [(); 3].map(|()| Client::new(server.address));
    idle.get("/health").is(200);
    first.send(request.as_bytes()).unwrap();
    server.wait_for_metric("assort_waiting_requests{model=\"bag\"}", |waiting| waiting == 1.0);
    let expecting = request.replacen("\r\n", "\r\nexpect: 100-continue\r\n", 1);
    let (head, body) = expecting.split_at(expecting.len() - 5);
    second.send(head.as_bytes()).unwrap();
    second.receive().unwrap().is(100);
    server.stopper.stop();
    while TcpStream::connect(server.address).is_ok() {
        std::thread::yield_now();
    }
    assert!(idle.receive().is_none());
    second.send(body.as_bytes()).unwrap();
    first.receive().unwrap().is(200);
    second.receive().unwrap().is(200);
    server.join().unwrap();
}

#[test]
fn the_end_does_not_wait_for_ever() {
    let room = Room::new();
    let mut config = room.config(&["bag"]);
    config.limits.batch_time = EVER;
    config.limits.answer_time = EVER;
    config.limits.stop_time = Duration::from_millis(50);
    let server = Running::start(config);
    let mut hanging = Client::new(server.address);
    hanging.send(post("/predict", &texts(&["plum"])).as_bytes()).unwrap();
    server.wait_for_metric("assort_waiting_requests{model=\"bag\"}", |waiting| waiting == 1.0);
    server.stopper.stop();
    server.join().unwrap();
    assert!(hanging.receive().is_none());
}

#[test]
fn an_address_is_taken_once() {
    let room = Room::new();
    let server = Running::start(room.config(&["bag"]));
    let refused = Server::bind(server.address, room.config(&["bag"])).err().unwrap();
    assert!(matches!(refused, Error::Listen { .. }), "{refused}");
    assert!(refused.to_string().contains(&format!("cannot listen on {}", server.address)));
    assert_eq!(refused.advice(), Some(Advice::OtherAddress));
}
