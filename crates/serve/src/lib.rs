//! [`Server`] answers HTTP with trained models: it predicts, explains and embeds, and shows a page to people.
//!
//! Requests are read by an asynchronous runtime, where a slow client costs some memory and no thread.
//! Each model computes on a thread of its own: whatever texts wait when it is free are one batch, so batches
//! grow with the load and nobody waits for one to fill. A text's answer does not depend on the others of its
//! batch, to the last bit, unless [`Products`] says otherwise. The price is a hand-over between threads, some
//! microseconds each.
//!
//! A model is read from its folder again when that is replaced. Requests keep the model that they began with,
//! and a folder that cannot be loaded leaves the old one in place; so none is lost. Everything that a client
//! can take much of has a limit in [`Limits`], and what is refused says so as data, for programs.
//!
#![doc = include_str!("../README.md")]

mod answers;
mod ask;
mod batcher;
mod config;
mod connections;
mod error;
mod failure;
mod key;
mod limits;
mod metrics;
mod model;
mod page;
mod requests;
mod routes;
mod server;
mod shared;
mod status;
mod tls;
mod watch;

pub use config::{Products, ServeConfig};
pub use error::{Advice, Error, Result};
pub use key::Keys;
pub use limits::Limits;
pub use server::{Server, Stopper};
pub use tls::Certificate;
