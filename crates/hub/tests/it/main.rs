//! The hub against a small server on the loopback that speaks its paths.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod fetching;
mod server;
