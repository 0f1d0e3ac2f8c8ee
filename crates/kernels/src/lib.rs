//! Fused forward passes with hand-written backward passes, and one-pass optimizer steps.
#![allow(unsafe_code)] // Loops compiled for wider vectors than the target's baseline; see `dispatch`.

mod cpu;
mod dispatch;
mod error;
pub mod optim;

pub use error::{Error, Result};
