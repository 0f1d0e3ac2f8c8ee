//! Flags of `assort predict`.

use std::path::PathBuf;

use assort_datasets::{Carry, Format, ReadOptions, split_names};
use clap::Args;

use super::{LoadArguments, values};

/// Sort texts with a trained model.
///
/// Texts come from --text, from --data, or from standard input, one a line. Several files of --data are
/// written into the folder --out, each as one; the same command goes on where it was stopped.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct PredictArguments {
    /// Folder of the model
    #[arg(value_name = "FOLDER", help_heading = "Input")]
    pub folder: PathBuf,
    /// A text to sort; may be given again
    #[arg(long, help_heading = "Input", conflicts_with = "data", allow_hyphen_values = true)]
    pub text: Vec<String>,
    /// Files, folders or patterns as 'shards/*.parquet'; - reads standard input as a file
    #[arg(long, value_name = "FILE", num_args = 1.., help_heading = "Input", value_parser = values::input())]
    pub data: Vec<PathBuf>,
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
    /// Say none where the thresholds that `assort threshold` chose are not reached
    #[arg(long, help_heading = "Output")]
    pub abstain: bool,
    /// Answer with sets of labels that hold the true one as often as `assort threshold` promised
    #[arg(long, help_heading = "Output", conflicts_with_all = ["abstain", "top"])]
    pub sets: bool,
    /// File (.csv, .tsv, .jsonl, .parquet), or folder for several [default: standard output]
    #[arg(long, value_name = "PATH", help_heading = "Output")]
    pub out: Option<PathBuf>,
    /// Format of the files in the folder --out [default: as the files of --data, else csv]
    #[arg(long, value_name = "FORMAT", help_heading = "Output", requires = "out",
        value_parser = values::table())]
    pub to: Option<Format>,
    /// Columns of --data that stay beside the answers in --out: all, none, or their names
    #[arg(long, value_name = "COLUMN,…", default_value = "all", help_heading = "Output")]
    pub columns: String,
    /// Rows to keep, as 'label == spam and probability > 0.9' [default: all]
    #[arg(long = "where", value_name = "CONDITION", help_heading = "Output")]
    pub condition: Option<String>,
    /// Replace what is at --out
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

    /// The columns that stay beside the answers.
    pub fn carry(&self) -> Carry {
        match (self.columns.trim(), self.out.is_some()) {
            ("none", _) | (_, false) => Carry::None,
            ("all", _) => Carry::All,
            (names, _) => Carry::Named(split_names(names)),
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  assort predict reviews --text \"never again\"
  assort predict reviews --data new.csv --top 3 --out sorted.csv
  assort predict reviews --data 'shards/*.parquet' --out scored/ --where 'probability > 0.9'
  cat lines.txt | assort predict reviews --json";
