//! Flags of `assort help`.

use clap::Args;

/// Show what a command, a setting or a model is for.
///
/// Without a topic it lists the commands. `settings` lists all settings, `models` says which model suits
/// which rows.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct HelpArguments {
    /// Command, setting, `settings` or `models`
    #[arg(value_name = "TOPIC", help_heading = "Input")]
    pub topic: Vec<String>,
    /// Print `settings` or `models` as a page in Markdown
    #[arg(long, help_heading = "Output")]
    pub markdown: bool,
}

const EXAMPLES: &str = "\
Examples:
  assort help train
  assort help learning_rate
  assort help models";
