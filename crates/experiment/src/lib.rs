//! [`run`] leads one experiment from files to a judged model folder: read, split, tokenize, fit, evaluate,
//! report, save. What is asked for is a [`Request`] with a [`Checked`](assort_settings::Checked)
//! configuration; progress is told as [`Event`]s to a [`Listener`], so that a terminal, a program that reads
//! JSON lines and a test see the same run. Test rows are used once, when training is over, and what is judged
//! is what was written, read back; the price is that validation texts are tokenized twice. [`sweep`] trains
//! over lists of values, [`cross_validate`] once for each fold.
//!
//! ```
//! use assort_experiment::{Event, Files, Finished, Request, Resume, run};
//! use assort_pipeline::Existing;
//! use assort_settings::{Settings, Source};
//! # use std::path::Path;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let recipes = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/recipes/recipes.csv");
//! let mut settings = Settings::defaults("bag")?;
//! settings.assign("epochs=2", Source::Flag("set"))?;
//! let request = Request {
//!     files: Files { train: recipes, ..Files::default() },
//!     config: settings.resolve()?,
//!     out: folder.path().join("recipes"),
//!     existing: Existing::Keep,
//!     resume: Resume::Fresh,
//!     device: Default::default(),
//!     stop: Default::default(),
//! };
//! let Finished::Done { metrics, .. } = run(&request, &mut |_: &Event| ())? else { unreachable!() };
//! assert_eq!(metrics.train.epochs, 2);
//! # Ok(()) }
//! ```

mod auto;
mod calibrate;
mod checkpoint;
mod choice;
mod compare;
mod context;
mod error;
mod evaluate;
mod event;
mod fold_answers;
mod folds;
mod frozen;
mod memory;
mod metrics;
mod network;
mod observer;
mod outcome;
mod peak_memory;
mod penalty;
mod prepare;
mod request;
mod rules;
mod run;
mod series;
mod solver;
mod state;
mod sweep;
mod synonyms;
mod tokens;
mod truth;
mod word_vectors;
mod written;

pub use assort_datasets::Role;
pub use auto::{Auto, AutoRequest, Given, Limits, auto, proposals};
pub use compare::{check_comparable, compare};
pub use error::{Advice, Error, Result};
pub use evaluate::{evaluate, evaluate_rows};
pub use event::{Event, Listener};
pub use folds::cross_validate;
pub use prepare::split_seed;
pub use request::{Fetched, Files, Request, Resume};
pub use run::{Finished, run, run_best};
pub use sweep::{Grid, Sweep, SweepRequest, sweep};
