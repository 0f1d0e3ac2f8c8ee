//! Flags of `assort threshold`.

use std::path::PathBuf;

use assort_datasets::{Format, ReadOptions};
use clap::{ArgGroup, Args};

use super::{LoadArguments, values};

/// Choose when a model answers, and what, on labelled rows that it was not trained on.
///
/// The choice is kept in the model's folder, and predict, evaluate and serve heed it.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
#[command(group(ArgGroup::new("goal").required(true).args(
    ["precision", "recall", "f1", "costs", "coverage", "reset"]
)))]
pub struct ThresholdArguments {
    /// Folder of the model
    #[arg(value_name = "FOLDER", help_heading = "Input")]
    pub folder: PathBuf,
    /// Labelled rows to choose by
    #[arg(long, value_name = "FILE", help_heading = "Input", value_parser = values::input(),
        required_unless_present = "reset")]
    pub data: Option<PathBuf>,
    /// Column of --data with the texts [default: as in training, else guessed]
    #[arg(long, value_name = "COLUMN", help_heading = "Input", requires = "data")]
    pub text_column: Option<String>,
    /// Column of --data with the labels [default: as in training, else guessed]
    #[arg(long, value_name = "COLUMN", help_heading = "Input", requires = "data")]
    pub label_column: Option<String>,
    /// Format [default: told from the ending and the content]
    #[arg(long, help_heading = "Input", requires = "data", value_parser = values::format())]
    pub format: Option<Format>,
    /// Take the first line for a row: columns are named 1, 2, …
    #[arg(long, help_heading = "Input", requires = "data")]
    pub no_header: bool,
    /// Let this share of the answers be right, for the most answers
    #[arg(long, value_name = "SHARE", help_heading = "Goal", value_parser = values::share)]
    pub precision: Option<f64>,
    /// Find this share of the label's rows, for the most precision
    #[arg(long, value_name = "SHARE", help_heading = "Goal", value_parser = values::share)]
    pub recall: Option<f64>,
    /// Make the label's F1 as large as it can be
    #[arg(long, help_heading = "Goal")]
    pub f1: bool,
    /// Make answers cost the least, by a TOML file with a table of each true label
    #[arg(long, value_name = "FILE", help_heading = "Goal")]
    pub costs: Option<PathBuf>,
    /// Answer with sets of labels that hold the true one in this share of texts
    #[arg(long, value_name = "SHARE", help_heading = "Goal", value_parser = values::open_share)]
    pub coverage: Option<f64>,
    /// Forget every choice: answer the most probable label again
    #[arg(long, help_heading = "Goal", conflicts_with = "label")]
    pub reset: bool,
    /// The label that the goal is for [default: all]
    #[arg(long, value_name = "LABEL", help_heading = "Goal", conflicts_with_all = ["costs", "coverage"])]
    pub label: Option<String>,
    /// Print what was chosen as one JSON object, for programs
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    #[command(flatten)]
    pub model: LoadArguments,
}

impl ThresholdArguments {
    /// The options of the reader.
    pub fn options(&self) -> ReadOptions {
        ReadOptions {
            text: self.text_column.clone(),
            label: self.label_column.clone(),
            format: self.format,
            no_header: self.no_header,
            ..ReadOptions::default()
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  assort threshold reviews --data validation.csv --precision 0.95
  assort threshold reviews --data validation.csv --recall 0.9 --label spam
  assort threshold reviews --data validation.csv --coverage 0.9
  assort predict reviews --data new.csv --abstain";
