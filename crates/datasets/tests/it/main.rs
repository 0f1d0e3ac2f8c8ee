//! One test program, so that the table library is linked once.

mod audit;
mod errors;
mod formats;
mod recipes;
mod split;
mod table;
