//! [`Trainer`] is the one training loop: forward, loss, backward, step, evaluate, keep the best. It takes
//! training and validation [`Examples`] and a [`Classifier`](assort_classifier::Classifier), and knows no
//! architecture, no file and no terminal: an [`Observer`] shows progress and stores the [`TrainState`] from
//! which a run goes on as if it had never stopped. The test split has no way in.
//!
//! Everything that chance decides follows from the seed and a position (epoch, step), so a state holds
//! numbers and no generators. The price: an epoch's plan is made anew when a run goes on in its middle.
//!
//! A single step is a [`Stepper`]'s, in two halves, and [`Reduce`] stands between them: there the steps of
//! several processes can be joined.
//!
#![doc = include_str!("../README.md")]

mod average;
mod base_rates;
mod config;
mod early;
mod error;
mod evaluate;
mod examples;
mod fine_tuning;
mod history;
mod loader;
mod lower_cache;
mod monitor;
mod objective;
mod observer;
mod optimizer;
mod plan;
mod sampler;
mod schedule;
mod state;
mod step;
mod trainer;

pub use assort_classifier::ClassWeights;
pub use base_rates::start_at_base_rates;
pub use config::{Checkpoints, DecayOn, MOST_EPOCHS, OptimizerKind, TrainConfig};
pub use early::{EarlyStopping, Verdict};
pub use error::{Advice, Error, Result};
pub use evaluate::{Evaluation, evaluate};
pub use examples::Examples;
pub use fine_tuning::FineTuning;
pub use history::{EpochRecord, History};
pub use loader::{Batch, DataLoader};
pub use lower_cache::{CachePlace, LowerCache};
pub use monitor::Monitor;
pub use observer::{Observer, Silent, Start, StepReport, StopFlag};
pub use optimizer::{Group, Optimizer};
pub use plan::Plan;
pub use sampler::{Batches, LikeLengths, Sampler};
pub use schedule::{LrSchedule, ScheduleKind};
pub use state::TrainState;
pub use step::{Alone, Reduce, StepGradients, Stepper};
pub use trainer::{Fit, FrozenFirst, Outcome, Trainer};
