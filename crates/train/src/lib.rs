//! [`Trainer`] is the one training loop: forward, loss, backward, step, evaluate, keep the best. It takes training and
//! validation [`Examples`] and a [`Classifier`](assort_classifier::Classifier), and knows no architecture, no file and no
//! terminal: an [`Observer`] shows progress and stores the [`TrainState`] from which a run goes on as if it had never
//! stopped. The test split has no way in.
//!
//! Everything that chance decides follows from the seed and a position (epoch, step), so a state holds numbers and no
//! generators. The price: an epoch's plan is made anew when a run goes on in its middle.

mod average;
mod config;
mod early;
mod error;
mod evaluate;
mod examples;
mod fine_tuning;
mod history;
mod loader;
mod lower_cache;
mod objective;
mod observer;
mod optimizer;
mod sampler;
mod schedule;
mod state;
mod trainer;

pub use config::{Checkpoints, ClassWeights, DecayOn, Monitor, OptimizerKind, Plan, TrainConfig};
pub use early::{EarlyStopping, Verdict};
pub use error::{Advice, Error, Result};
pub use evaluate::{Evaluation, evaluate};
pub use examples::Examples;
pub use fine_tuning::FineTuning;
pub use history::{EpochRecord, History};
pub use loader::{Batch, DataLoader};
pub use lower_cache::{CachePlace, LowerCache};
pub use observer::{Observer, Silent, Start, StepReport, StopFlag};
pub use optimizer::{Group, Optimizer};
pub use sampler::{Batches, Sampler};
pub use schedule::{LrSchedule, ScheduleKind};
pub use state::TrainState;
pub use trainer::{Fit, FrozenFirst, Outcome, Trainer};
