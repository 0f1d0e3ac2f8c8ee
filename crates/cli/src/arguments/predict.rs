//! Flags of `assort predict`.

use std::path::PathBuf;

use assort_datasets::{Format, ReadOptions};
use clap::Args;

use super::{LoadArguments, values};

/// Sort texts with a trained model.
///
/// Texts come from --text, from --data, or from standard input, one a line.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct PredictArguments {
    /// Folder of the model
    #[arg(value_name = "FOLDER", help_heading = "Input")]
    pub folder: PathBuf,
    /// A text to sort; may be given again
    #[arg(long, help_heading = "Input", conflicts_with = "data", allow_hyphen_values = true)]
    pub text: Vec<String>,
    /// File with texts to sort; - reads standard input as a file
    #[arg(long, value_name = "FILE", help_heading = "Input", value_parser = values::input())]
    pub data: Option<PathBuf>,
    /// Column of --data with the texts [default: as in training, else guessed]
    #[arg(long, value_name = "COLUMN", help_heading = "Input", requires = "data")]
    pub text_column: Option<String>,
    /// Format [default: told from the ending and the content]
    #[arg(long, help_heading = "Input", requires = "data", value_parser = values::format())]
    pub format: Option<Format>,
    /// Take the first line for a row: columns are named 1, 2, …
    #[arg(long, help_heading = "Input", requires = "data")]
    pub no_header: bool,
    /// Labels for each text [default: 5 for one text, 1 for many, all with --json]
    #[arg(long, value_name = "K", help_heading = "Output", value_parser = values::top)]
    pub top: Option<usize>,
    /// File to write: .csv, .tsv, .jsonl or .parquet [default: standard output]
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub out: Option<PathBuf>,
    /// Replace the file that is at --out
    #[arg(long, help_heading = "Output", requires = "out")]
    pub overwrite: bool,
    /// Print one JSON object a text, for programs
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    #[command(flatten)]
    pub model: LoadArguments,
}

impl PredictArguments {
    /// The options of the reader.
    pub fn options(&self) -> ReadOptions {
        ReadOptions {
            text: self.text_column.clone(),
            format: self.format,
            no_header: self.no_header,
            ..ReadOptions::default()
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  assort predict reviews --text \"never again\"
  assort predict reviews --data new.csv --top 3 --out sorted.csv
  cat lines.txt | assort predict reviews --json";
