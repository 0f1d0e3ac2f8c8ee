//! Flags of `assort inspect`.

use std::path::PathBuf;

use clap::Args;

use super::{ReadArguments, values};

/// Show what is in labelled files before training on them.
///
/// Several files are compared: texts that they share are told.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct InspectArguments {
    /// Labelled files; several are taken for splits of one data set
    #[arg(value_name = "FILE", required = true, help_heading = "Input", value_parser = values::input())]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub read: ReadArguments,
    /// Show how training would divide the file by these shares
    #[arg(long, value_name = "SHARES", help_heading = "Input")]
    pub split: Option<String>,
    /// Seed of --split
    #[arg(long, value_name = "N", help_heading = "Input", value_parser = values::seed, default_value = "0")]
    pub seed: u64,
    /// Folder for pictures of labels and lengths, as SVG and PNG [default: none]
    #[arg(long, value_name = "FOLDER", help_heading = "Output")]
    pub pictures: Option<PathBuf>,
    /// Replace pictures that are in --pictures
    #[arg(long, help_heading = "Output", requires = "pictures")]
    pub overwrite: bool,
    /// Print one JSON object, for programs
    #[arg(long, help_heading = "Output")]
    pub json: bool,
}

const EXAMPLES: &str = "\
Examples:
  assort inspect reviews.csv
  assort inspect train.csv test.csv --pictures pictures";
