//! Flags of `assort completions`.

use clap::Args;
use clap_complete::Shell;

/// Print what lets a shell complete commands and flags.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct CompletionsArguments {
    /// bash, elvish, fish, powershell or zsh
    #[arg(value_name = "SHELL", help_heading = "Input", hide_possible_values = true)]
    pub shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  assort completions bash > ~/.local/share/bash-completion/completions/assort
  assort completions fish > ~/.config/fish/completions/assort.fish";
