//! Flags of `assort sweep`.

use std::path::PathBuf;

use assort_train::Monitor;
use clap::Args;

use super::{MachineArguments, ReadArguments, SettingsArguments, values};

/// Train over lists of values, and show which do best on the validation rows.
///
/// Every combination of the lists is trained and kept as a model folder; --trials draws some of them. All are
/// judged on the same validation rows. Test rows that --split puts aside stay unused: judge the winner by
/// them, once, with train.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct SweepArguments {
    /// Rows to train on: a file, or a folder with a folder for each label
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub train: PathBuf,
    /// Rows to judge the trials by [default: 15 % of --train]
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub validation: Option<PathBuf>,
    /// Divides --train by shares: train,validation,test or train,test
    #[arg(long, value_name = "SHARES", help_heading = "Input", conflicts_with = "validation")]
    pub split: Option<String>,
    /// Column that names what rows belong to, as an author: no group lies in two parts
    #[arg(long, value_name = "COLUMN", help_heading = "Input")]
    pub group: Option<String>,
    #[command(flatten)]
    pub read: ReadArguments,
    /// Values to try of one hyper-parameter; may be given again for another
    #[arg(long, value_name = "KEY=A,B,…", help_heading = "Model", required_unless_present = "seeds")]
    pub over: Vec<String>,
    /// Try so many combinations, drawn by the seed [default: all]
    #[arg(long, value_name = "N", help_heading = "Model", value_parser = values::at_least_one)]
    pub trials: Option<usize>,
    /// Train each combination with each of these seeds; the rows are divided by --seed
    #[arg(long, value_name = "N,…", help_heading = "Model", value_delimiter = ',',
        value_parser = values::seed)]
    pub seeds: Vec<u64>,
    /// Validation figure that decides: loss, accuracy or macro-f1 [default: that of monitor]
    #[arg(long, value_name = "FIGURE", help_heading = "Model", hide_possible_values = true,
        value_parser = values::monitor())]
    pub by: Option<Monitor>,
    #[command(flatten)]
    pub settings: SettingsArguments,
    /// Folder for the table, the curves and a model folder for each trial
    #[arg(long, value_name = "FOLDER", help_heading = "Output")]
    pub out: PathBuf,
    /// Keep the trials that are in --out and do the others
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
  assort sweep --train reviews.csv --over learning_rate=1e-3,3e-3 --over hidden=0,32,64 --out sweep
  assort sweep --train all.csv --split 0.7,0.15,0.15 --over dropout=0,0.3,0.6 --seeds 0,1,2 --out sweep";
