//! Flags of `assort evaluate`.

use std::path::PathBuf;

use clap::Args;

use super::{LoadArguments, ReadArguments, values};

/// Judge a trained model on a labelled file.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct EvaluateArguments {
    /// Folder of the model
    #[arg(value_name = "FOLDER", help_heading = "Input")]
    pub folder: PathBuf,
    /// Labelled rows to judge by
    #[arg(long, value_name = "FILE", help_heading = "Input", value_parser = values::input())]
    pub data: PathBuf,
    #[command(flatten)]
    pub read: ReadArguments,
    /// File: .json for figures; .csv, .tsv, .jsonl, .parquet for each row and its answer
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub out: Vec<PathBuf>,
    /// Replace the files that are at --out
    #[arg(long, help_heading = "Output", requires = "out")]
    pub overwrite: bool,
    /// Print the figures as one JSON object, for programs
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    /// Show how good it is by text length, and by the values of these columns
    #[arg(long, value_name = "COLUMN,…", help_heading = "Output", num_args = 0..=1,
        default_missing_value = "")]
    pub slice: Option<String>,
    #[command(flatten)]
    pub model: LoadArguments,
}

const EXAMPLES: &str = "\
Examples:
  assort evaluate reviews --data test.csv
  assort evaluate reviews --data test.csv --json --out figures.json
  assort evaluate reviews --data test.csv --slice channel,language
  assort evaluate reviews --data test.csv --out figures.json --out rows.csv";
