//! Flags of `assort compare`.

use std::path::PathBuf;

use clap::Args;

use super::{LoadArguments, ReadArguments, values};

/// Judge several trained models on the same labelled file, and show where they differ.
///
/// The models must have the same labels. Each pair is tested by McNemar's test, and the difference in
/// accuracy has a bootstrap interval.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct CompareArguments {
    /// Folders of the models, two or more
    #[arg(value_name = "FOLDER", required = true, help_heading = "Input")]
    pub folders: Vec<PathBuf>,
    /// Labelled rows to judge by
    #[arg(long, value_name = "FILE", help_heading = "Input", value_parser = values::input())]
    pub data: PathBuf,
    #[command(flatten)]
    pub read: ReadArguments,
    /// Rows to show that the models predict differently, those first where all are sure
    #[arg(long, value_name = "N", help_heading = "Output", default_value_t = 10)]
    pub show: usize,
    /// File for all such rows: .csv, .tsv, .jsonl or .parquet [default: none]
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub disagreements: Option<PathBuf>,
    /// Replace the file that is at --disagreements
    #[arg(long, help_heading = "Output", requires = "disagreements")]
    pub overwrite: bool,
    /// Print one JSON object, for programs
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    /// Decides the bootstrap's resamples
    #[arg(long, value_name = "N", help_heading = "Run", value_parser = values::seed, default_value = "0")]
    pub seed: u64,
    #[command(flatten)]
    pub model: LoadArguments,
}

const EXAMPLES: &str = "\
Examples:
  assort compare bag linear rules --data test.csv
  assort compare old new --data test.csv --show 30 --disagreements rows.csv";
