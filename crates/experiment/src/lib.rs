//! [`run`] leads one experiment from files to a judged model folder: read, split, tokenize, fit, evaluate,
//! report, save. What is asked for is a [`Request`] with a [`Checked`](assort_settings::Checked)
//! configuration; progress is told as [`Event`]s to a [`Listener`], so that a terminal, a program that reads
//! JSON lines and a test see the same run. Test rows are used once, when training is over, and what is judged
//! is what was written, read back; the price is that validation texts are tokenized twice. [`sweep`] trains
//! over lists of values, [`cross_validate`] once for each fold.
//!
#![doc = include_str!("../README.md")]

mod audit;
mod auto;
mod calibrate;
mod checkpoint;
mod choice;
mod compare;
mod context;
mod costs;
mod error;
mod evaluate;
mod event;
mod fold_answers;
mod folds;
mod frozen;
mod hints;
mod memory;
mod metrics;
mod network;
mod observer;
mod outcome;
mod peak_memory;
mod penalty;
mod prepare;
mod ranking;
mod request;
mod rules;
mod run;
mod series;
mod slices;
mod solver;
mod state;
mod strongest;
mod sweep;
mod synonyms;
mod threshold;
mod tokens;
mod truth;
mod word_vectors;
mod written;

pub use assort_datasets::Role;
pub use assort_metrics::Goal;
pub use audit::audit_labels;
pub use auto::{Auto, AutoRequest, Given, Limits, auto, proposals};
pub use compare::{check_comparable, compare};
pub use costs::read_costs;
pub use error::{Advice, Error, Result};
pub use evaluate::{evaluate, evaluate_rows};
pub use event::{Event, Listener};
pub use folds::cross_validate;
pub use prepare::split_seed;
pub use request::{Fetched, Files, Request, Resume};
pub use run::{Finished, run, run_best};
pub use slices::slices;
pub use sweep::{Grid, Sweep, SweepRequest, sweep};
pub use threshold::{DecisionGoal, choose_decision};

/// The documentation's page on programs in Rust, whose code is run as a test.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/rust.md")]
struct RustPage;
