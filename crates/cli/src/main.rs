//! The program `assort`: the one crate that reads flags and the environment, prints and exits.
//!
//! [`arguments`] says what may be written on the command line and checks no more than its syntax;
//! [`commands`] turns it into requests to the libraries. [`progress`] tells of a training while it runs, and
//! [`advice`] names the flags that would mend an error; all other looks are those of `report`. So the flags
//! can be read without knowing what they do, and the libraries without knowing of flags. [`exit`] alone knows
//! exit codes.

mod advice;
mod arguments;
mod commands;
mod exit;
mod interrupt;
mod progress;
mod screen;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    interrupt::outlive_file_limits();
    assort_kernels::use_one_thread_pool();
    exit::report_bugs();
    let run = || match arguments::Arguments::try_parse() {
        Ok(arguments) => exit::report(commands::run(&arguments), &arguments.command),
        Err(error) => exit::misused(&error),
    };
    std::panic::catch_unwind(run).unwrap_or(exit::Exit::Failed).into()
}
