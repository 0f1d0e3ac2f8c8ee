//! What one client, and all of them together, may take.

use std::time::Duration;

/// Limits of a server. What goes beyond one is refused with a status that says so; nothing waits without end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body: usize,
    /// Texts of a request.
    pub texts: usize,
    /// Texts of a request for explanations, each of which costs a network as much as many predictions.
    pub explained: usize,
    /// Characters of a text.
    pub characters: usize,
    /// Connections that are open at a time; further ones wait to be accepted.
    pub connections: usize,
    /// Requests that wait for each model.
    pub queue: usize,
    /// Texts that are predicted at a time; a request with more is a batch of its own.
    pub batch: usize,
    /// Time that a batch waits to grow after its first text. At 0 it takes what is there.
    pub batch_time: Duration,
    /// Time from a connection to the head of its first request, TLS included.
    pub head_time: Duration,
    /// Time for the body of a request.
    pub body_time: Duration,
    /// Time from a whole request to its answer.
    pub answer_time: Duration,
    /// Time for which a client takes none of its answer.
    pub send_time: Duration,
    /// Time for which a connection that has been used waits for the next request.
    pub idle_time: Duration,
    /// Time for running requests when the server stops.
    pub stop_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 4 << 20,
            texts: 1000,
            explained: 16,
            characters: 100_000,
            connections: 8192,
            queue: 512,
            batch: 256,
            batch_time: Duration::ZERO,
            head_time: Duration::from_secs(10),
            body_time: Duration::from_secs(10),
            answer_time: Duration::from_secs(30),
            send_time: Duration::from_secs(30),
            idle_time: Duration::from_secs(75),
            stop_time: Duration::from_secs(20),
        }
    }
}
