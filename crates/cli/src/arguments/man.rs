//! Flags of `assort man`.

use clap::{Args, CommandFactory};

use super::Arguments;

/// Print a page of the manual.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ManArguments {
    /// Command [default: the program with all of them]
    #[arg(value_name = "COMMAND", help_heading = "Input", value_parser = command)]
    pub command: Option<String>,
}

/// The name of a command.
fn command(name: &str) -> Result<String, String> {
    match Arguments::command().find_subcommand(name) {
        Some(_) => Ok(name.to_owned()),
        None => Err("there is no command of this name".into()),
    }
}

const EXAMPLES: &str = "\
Examples:
  assort man train | man -l -
  assort man > /usr/local/share/man/man1/assort.1";
