//! [`run`] leads one experiment from files to a judged model folder: read, split, tokenize, fit, judge, report, save.
//! [`Settings`] are the hyper-parameters as users write them, in layers, each value with its source; they resolve into a
//! checked [`ExperimentConfig`]. Progress is told as [`Event`]s to a [`Listener`], so that a terminal, a program that
//! reads JSON lines and a test see the same run. Test rows are used once, when training is over. [`sweep`] trains over lists
//! of values, [`cross_validate`] once for each fold.
//!
//! ```
//! use assort_experiment::{Settings, Source};
//!
//! let mut settings = Settings::defaults("bag")?;
//! settings.assign("epochs=5", Source::Set)?;
//! assert_eq!(settings.resolve()?.train.map(|train| train.epochs), Some(5));
//! let refused = settings.assign("epoch=5", Source::Set).unwrap_err();
//! assert!(refused.to_string().contains("did you mean `epochs`?"));
//! # Ok::<(), assort_experiment::Error>(())
//! ```

mod card;
mod check;
mod compare;
mod config;
mod embedding;
mod error;
mod event;
mod fit;
mod flat;
mod folds;
mod judge;
mod memory;
mod metrics;
mod prepare;
mod pretrained;
mod report;
mod request;
mod run;
mod save;
mod series;
mod settings;
mod spread;
mod sweep;
mod watch;
mod wording;

pub use compare::{Answer, Candidate, Comparison, Disagreement, Pair, check_comparable, compare};
pub use config::{DataConfig, ExperimentConfig, Resample};
pub use embedding::{EmbeddingConfig, FirstVectors};
pub use error::{Advice, Error, Result};
pub use event::{Event, Listener, ParameterLine, Role};
pub use folds::{CrossValidation, FoldResult, cross_validate};
pub use judge::judge;
pub use metrics::{
    DataFigures, Judgement, LabelFigures, Metrics, ParameterFigures, PredictFigures, SplitRows, TrainFigures,
    VectorFigures,
};
pub use prepare::split_seed;
pub use pretrained::{Fetched, Precision, PretrainedConfig};
pub use report::{Mistake, ReportInput};
pub use request::{Files, Request, Resume};
pub use run::{Finished, run};
pub use settings::{Setting, Settings, Source};
pub use spread::Spread;
pub use sweep::{Grid, Standing, Sweep, SweepRequest, Trial, sweep, word, words};
