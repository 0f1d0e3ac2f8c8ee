//! Flags of `assort export`.

use std::path::PathBuf;

use clap::Args;

/// Write a trained model as a file of another program.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ExportArguments {
    /// Folder of the model
    #[arg(value_name = "FOLDER", help_heading = "Input")]
    pub folder: PathBuf,
    /// File for fastText: of a bag, or of a model that came from fastText
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub fasttext: PathBuf,
    /// Replace the file if it is there
    #[arg(long, help_heading = "Output")]
    pub overwrite: bool,
}

const EXAMPLES: &str = "\
Examples:
  assort export topics --fasttext topics.bin
  fasttext predict-prob topics.bin texts.txt 3";
