//! Flags of `assort shrink`.

use std::path::PathBuf;

use clap::Args;

use super::{LoadArguments, ReadArguments, values};

/// Make a small copy of a bag or a linear model.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ShrinkArguments {
    /// Folder of the model
    #[arg(value_name = "FOLDER", help_heading = "Input")]
    pub folder: PathBuf,
    /// Labelled rows to judge both by [default: none]
    #[arg(long, value_name = "FILE", help_heading = "Input", value_parser = values::input())]
    pub data: Option<PathBuf>,
    #[command(flatten)]
    pub read: ReadArguments,
    /// The most that the copy's files take, in millions of bytes
    #[arg(long, value_name = "MB", help_heading = "Limits", value_parser = megabytes)]
    pub megabytes: f64,
    /// Folder that the copy is saved in
    #[arg(long, value_name = "FOLDER", help_heading = "Output")]
    pub out: PathBuf,
    /// Replace the model that is in --out
    #[arg(long, help_heading = "Output")]
    pub overwrite: bool,
    #[command(flatten)]
    pub model: LoadArguments,
}

fn megabytes(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| "give a number above 0, as 0.5".into())
}

const EXAMPLES: &str = "\
Examples:
  assort shrink reviews --megabytes 2 --out small
  assort shrink reviews --megabytes 0.5 --data test.csv --out small";
