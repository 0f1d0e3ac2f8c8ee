//! Flags of `assort explain`.

use std::path::PathBuf;

use assort_datasets::{Format, ReadOptions};
use assort_pipeline::Method;
use clap::Args;

use super::{LoadArguments, values};

/// Show which words of a text speak for a label, and which against it.
///
/// A word's number is what it adds to the label's logit. The numbers of all words and a constant rest sum to
/// the logit; from the logits of all labels come the probabilities. Of networks the numbers are an estimate:
/// what it leaves over is listed as the gap.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ExplainArguments {
    /// Folder of the model
    #[arg(value_name = "FOLDER", help_heading = "Input")]
    pub folder: PathBuf,
    /// A text to explain; may be given again
    #[arg(
        long,
        help_heading = "Input",
        conflicts_with = "data",
        allow_hyphen_values = true,
        required_unless_present = "data"
    )]
    pub text: Vec<String>,
    /// File with texts to explain
    #[arg(long, value_name = "FILE", help_heading = "Input", value_parser = values::input())]
    pub data: Option<PathBuf>,
    /// Row of --data to explain; may be given again [default: all]
    #[arg(long, value_name = "N", help_heading = "Input", requires = "data", conflicts_with = "text")]
    pub row: Vec<u64>,
    /// Column of --data with the texts [default: as in training, else guessed]
    #[arg(long, value_name = "COLUMN", help_heading = "Input", requires = "data", conflicts_with = "text")]
    pub text_column: Option<String>,
    /// Format [default: told from the ending and the content]
    #[arg(long, help_heading = "Input", requires = "data", conflicts_with = "text",
        value_parser = values::format())]
    pub format: Option<Format>,
    /// Take the first line for a row: columns are named 1, 2, …
    #[arg(long, help_heading = "Input", requires = "data", conflicts_with = "text")]
    pub no_header: bool,
    /// exact, integrated-gradients or occlusion [default: the first of them that the model has]
    #[arg(long, help_heading = "Model", hide_possible_values = true, value_parser = values::method())]
    pub method: Option<Method>,
    /// Also test it: take the words that speak for the label out, and others at random
    #[arg(long, help_heading = "Output")]
    pub check: bool,
    /// Label to explain [default: the one that is predicted]
    #[arg(long, help_heading = "Output")]
    pub label: Option<String>,
    /// Pieces listed for and against the label
    #[arg(long, value_name = "N", help_heading = "Output", value_parser = values::top, default_value = "8")]
    pub top: usize,
    /// File to write as a page with the coloured texts [default: none]
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub html: Option<PathBuf>,
    /// Replace the file that is at --html
    #[arg(long, help_heading = "Output", requires = "html")]
    pub overwrite: bool,
    /// Print one JSON object a text with all pieces and labels, for programs
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    #[command(flatten)]
    pub model: LoadArguments,
}

impl ExplainArguments {
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
  assort explain reviews --text \"never again\"
  assort explain reviews --text \"never again\" --label positive --html why.html
  assort explain reviews --data test.csv --row 17 --row 40
  assort explain network --data test.csv --method occlusion --check";
