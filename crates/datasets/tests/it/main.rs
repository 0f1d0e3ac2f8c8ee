//! One test program, so that the table library is linked once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod audit;
mod blocks;
mod errors;
mod formats;
mod label_sets;
mod loose;
mod recipes;
mod roundtrip;
mod split;
mod table;
