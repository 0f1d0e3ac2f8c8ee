//! Flags of `assort auto`.

use std::path::PathBuf;

use assort_train::Monitor;
use clap::Args;

use super::{MachineArguments, ReadArguments, values};

/// Find the best model for a labelled file, within limits of time, size and speed.
///
/// Models of all families are trained from cheap to dear and compared on the same validation rows; the best
/// so far is always in --out. Test rows are used once, by the model that was chosen. auto.html in the folder
/// shows every trial with the command that makes it again.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct AutoArguments {
    /// Rows to train on: a file, or a folder with a folder for each label
    #[arg(long, value_name = "FILE", help_heading = "Input", value_parser = values::input())]
    pub train: PathBuf,
    /// Rows to choose by [default: 15 % of --train]
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub validation: Option<PathBuf>,
    /// Rows to judge the chosen model by [default: none]
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub test: Option<PathBuf>,
    /// Divides --train by shares: train,validation,test or train,test
    #[arg(long, value_name = "SHARES", help_heading = "Input", conflicts_with_all = ["validation", "test"])]
    pub split: Option<String>,
    /// Column that names what rows belong to, as an author: no group lies in two parts
    #[arg(long, value_name = "COLUMN", help_heading = "Input")]
    pub group: Option<String>,
    #[command(flatten)]
    pub read: ReadArguments,
    /// An encoder to try too: a folder, or a name on the hub
    #[arg(long, value_name = "FOLDER|OWNER/NAME", help_heading = "Model")]
    pub pretrained: Option<String>,
    /// Rules to try too
    #[arg(long, value_name = "FILE", help_heading = "Model")]
    pub rules: Option<PathBuf>,
    /// Minutes that the search may take
    #[arg(long, value_name = "N", help_heading = "Model", default_value_t = 10.0,
        value_parser = values::above_zero)]
    pub minutes: f64,
    /// Megabytes that the model may have [default: no limit]
    #[arg(long, value_name = "N", help_heading = "Model", value_parser = values::above_zero)]
    pub megabytes: Option<f64>,
    /// Milliseconds that a text may take, on one thread [default: no limit]
    #[arg(long, value_name = "N", help_heading = "Model", value_parser = values::above_zero)]
    pub milliseconds: Option<f64>,
    /// Validation figure that decides: accuracy, loss or macro-f1
    #[arg(long, value_name = "FIGURE", help_heading = "Model", default_value = "accuracy",
        hide_possible_values = true, value_parser = values::monitor())]
    pub metric: Monitor,
    /// Decides splits, first weights, shuffling and dropout
    #[arg(long, value_name = "N", help_heading = "Model", default_value_t = 0, value_parser = values::seed)]
    pub seed: u64,
    /// Folder that the best model is saved in
    #[arg(long, value_name = "FOLDER", help_heading = "Output")]
    pub out: PathBuf,
    /// Replace the model that is in --out
    #[arg(long, help_heading = "Output")]
    pub overwrite: bool,
    /// Keep the trials of an interrupted search and do the others
    #[arg(long, help_heading = "Output")]
    pub resume: bool,
    /// Print nothing but warnings, errors and what came of it at the end
    #[arg(long, short, help_heading = "Output", conflicts_with = "json")]
    pub quiet: bool,
    /// Print one JSON object a line, for programs
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    #[command(flatten)]
    pub machine: MachineArguments,
}

const EXAMPLES: &str = "\
Examples:
  assort auto --train reviews.csv --out reviews
  assort auto --train all.csv --split 0.7,0.15,0.15 --minutes 60 --pretrained minilm --out best
  assort auto --train reviews.csv --megabytes 5 --milliseconds 1 --out small";
