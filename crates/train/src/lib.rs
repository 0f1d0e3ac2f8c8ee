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
//! ```
//! use assort_classifier::{Classifier, Mode};
//! use assort_metrics::figures::ACCURACY;
//! use assort_random::Seed;
//! use assort_tensor::{Parameters, Part, Ragged, Targets};
//! use assort_train::{Alone, Examples, FineTuning, Outcome, Silent, StopFlag, TrainConfig, Trainer};
//! use candle_core::{DType, Device, Tensor};
//!
//! /// Scores a row by its first word alone: a table of words by labels.
//! struct FirstWord(Parameters);
//!
//! impl Classifier for FirstWord {
//!     fn forward(&self, rows: &Ragged, mode: Mode) -> assort_classifier::Result<Tensor> {
//!         let first: Vec<u32> = rows.iter().map(|row| row[0]).collect();
//!         let first = Tensor::from_vec(first, rows.rows(), &Device::Cpu)?;
//!         Ok(self.0.value("words", mode.tracking())?.index_select(&first, 0)?)
//!     }
//!     fn parameters(&self) -> &Parameters {
//!         &self.0
//!     }
//!     fn parameters_mut(&mut self) -> &mut Parameters {
//!         &mut self.0
//!     }
//!     fn classes(&self) -> usize {
//!         2
//!     }
//!     fn device(&self) -> &Device {
//!         &Device::Cpu
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut parameters = Parameters::default();
//! parameters.declare("words", Part::Words, &Tensor::zeros((4, 2), DType::F32, &Device::Cpu)?)?;
//! let mut model = FirstWord(parameters);
//!
//! let rows = Ragged::from_rows([&[1u32, 3][..], &[2], &[1], &[2, 2, 3]]);
//! let examples = Examples::new(rows, Targets::Hard(vec![0, 1, 0, 1]))?;
//! let config = TrainConfig { epochs: 5, batch_size: 2, ..TrainConfig::default() };
//! let trainer = Trainer {
//!     plan: config.plan(&examples, &FineTuning::default())?,
//!     seed: Seed::new(1),
//!     frozen_first: None,
//!     stop: StopFlag::default(),
//!     cache: None,
//!     fingerprint: Default::default(),
//!     reduce: Box::new(Alone),
//! };
//! // Real validation rows are others than the training rows.
//! let outcome = trainer.fit(&mut model, &examples, &examples, None, &mut Silent)?;
//! assert!(matches!(outcome, Outcome::Finished(fit) if fit.steps == 10));
//! assert_eq!(assort_train::evaluate(&model, &examples, &[&ACCURACY])?.figures.value(&ACCURACY), Some(1.0));
//! # Ok(()) }
//! ```

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
