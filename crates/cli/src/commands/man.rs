//! `assort man`.

use anyhow::Result;
use clap::CommandFactory;

use crate::arguments::{Arguments, ManArguments};
use crate::exit::Exit;
use crate::screen::print;

/// Prints a page in the form that `man` reads.
pub fn run(arguments: &ManArguments) -> Result<Exit> {
    let mut program = Arguments::command();
    program.build();
    let command = arguments.command.as_deref().and_then(|name| program.find_subcommand(name));
    let page = clap_mangen::Man::new(command.unwrap_or(&program).clone());
    let mut text = Vec::new();
    page.render(&mut text)?;
    print(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Fine)
}
