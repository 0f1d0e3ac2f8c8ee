//! Flags of `assort import`.

use std::path::PathBuf;

use clap::Args;

/// Make a model folder of a classifier of fastText or of Hugging Face's programs.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ImportArguments {
    /// fastText's .bin or .ftz, folder of a fine-tuned DistilBERT or BERT, or a name on the hub
    #[arg(value_name = "FILE|FOLDER|OWNER/NAME", help_heading = "Input")]
    pub checkpoint: String,
    /// Folder that the model is saved in
    #[arg(long, value_name = "FOLDER", help_heading = "Output")]
    pub out: PathBuf,
    /// Replace the model that is in --out
    #[arg(long, help_heading = "Output")]
    pub overwrite: bool,
    /// Print one JSON object, for programs
    #[arg(long, help_heading = "Output")]
    pub json: bool,
}

const EXAMPLES: &str = "\
Examples:
  assort import model.bin --out topics
  assort import distilbert-sst2 --out feelings
  assort import distilbert/distilbert-base-uncased-finetuned-sst-2-english --out feelings
  assort predict feelings --text \"a waste of time\"";
