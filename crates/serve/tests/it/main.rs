//! Servers on ports of their own, asked as clients ask them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod answers;
mod bad_requests;
mod browser;
mod client;
mod encrypted;
mod folders;
mod kinds;
mod room;
mod slow;
mod stop;
