//! [`score`] answers the texts of a file of any size with a [`Pipeline`](assort_pipeline::Pipeline), and
//! [`score_shards`] those of many files into a folder.
//!
//! Reading, scoring and writing go on at once, some rows at a time, in the order of the file: the memory that
//! it takes grows neither with the file nor with the number of files. Answers are those of
//! [`Pipeline::probabilities`](assort_pipeline::Pipeline::probabilities), to the bit. A folder remembers
//! which of its files are whole, so that a run that was killed goes on with the others. The price is that a
//! fault in a file is met on the way, when its rows before are scored; nothing half-written is left of them.
//!
#![doc = include_str!("../README.md")]

mod answers;
mod condition;
mod error;
mod ledger;
mod question;
mod run;
mod shards;
mod stream;

pub use answers::{Answers, NONE};
pub use condition::Condition;
pub use error::{Advice, Error, Result};
pub use question::{AnswerKind, Question};
pub use run::{Event, Job, Summary, score_shards};
pub use shards::{Shard, find, name};
pub use stream::{Scored, answer, score};
