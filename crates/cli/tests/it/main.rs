//! The program as users run it: the real binary on small files in a folder of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod audit;
mod auto;
mod bad_input;
mod compare;
mod evaluate;
mod explain;
mod features;
mod folds;
mod frozen;
mod help;
mod hub;
mod inspect;
mod label_sets;
mod limits;
mod map;
mod networks;
mod predict;
mod pretrained;
mod resume;
mod room;
mod rules;
mod serve;
mod settings;
mod shards;
mod sweep;
mod threshold;
mod tokenizers;
mod train;
mod vectors;
