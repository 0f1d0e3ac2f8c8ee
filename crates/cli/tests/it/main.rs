//! The program as users run it: the real binary on small files in a folder of its own.

mod bad_input;
mod evaluate;
mod inspect;
mod predict;
mod resume;
mod room;
mod settings;
mod train;
