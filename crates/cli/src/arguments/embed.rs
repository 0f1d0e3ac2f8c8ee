//! Flags of `assort embed`.

use clap::{Args, ValueEnum};

use super::MachineArguments;

/// Show the vectors that a pretrained encoder gives texts and their tokens.
///
/// A token's static vector is its row of the embedding table; its contextual vector depends on the whole
/// text.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct EmbedArguments {
    /// Folder of a checkpoint or of a model made of one, or a name on the hub
    #[arg(value_name = "FOLDER|OWNER/NAME", help_heading = "Input")]
    pub checkpoint: String,
    /// A text; may be given again
    #[arg(long, help_heading = "Input", required = true, allow_hyphen_values = true)]
    pub text: Vec<String>,
    /// Compare the places of this token in the texts
    #[arg(long, value_name = "TOKEN", help_heading = "Output")]
    pub word: Option<String>,
    /// Vector of a whole text: mean of its tokens, or cls
    #[arg(long, value_name = "HOW", help_heading = "Output", default_value = "mean")]
    pub pool: Pool,
    /// Print one JSON object a text with all vectors, for programs
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    #[command(flatten)]
    pub machine: MachineArguments,
}

/// The vector of a whole text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Pool {
    /// The mean of the contextual vectors.
    Mean,
    /// The contextual vector of the first token.
    Cls,
}

const EXAMPLES: &str = "\
Examples:
  assort embed minilm --text \"the bat flew\" --text \"he swung the bat\" --word bat
  assort embed minilm --text \"never again\" --json > vectors.jsonl";
