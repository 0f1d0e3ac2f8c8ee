//! Flags of `assort train`.

use std::path::PathBuf;

use clap::Args;

use super::{MachineArguments, ReadArguments, SettingsArguments, values};

/// Train a classifier on a labelled file, judge it and save it.
///
/// Without --model, bag and linear are trained and the better one on the validation rows is kept.
/// Hyper-parameters come from the defaults, then from --config, then from --set; --print-config shows them
/// all.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct TrainArguments {
    /// Rows to train on: a file, or a folder with a folder for each label
    #[arg(long, value_name = "FILE", help_heading = "Input",
        required_unless_present_any = ["print_config", "help_settings"], value_parser = values::input())]
    pub train: Option<PathBuf>,
    /// Rows to choose the best epoch by [default: 15 % of --train]
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub validation: Option<PathBuf>,
    /// Rows to judge by, used once at the end [default: none]
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub test: Option<PathBuf>,
    /// Divides --train by shares: train,validation,test or train,test
    #[arg(long, value_name = "SHARES", help_heading = "Input", conflicts_with_all = ["validation", "test"])]
    pub split: Option<String>,
    /// Cross-validates: K trainings, each judged on another part of --train [default: none]
    #[arg(long, value_name = "K", help_heading = "Input",
        conflicts_with_all = ["split", "test", "overwrite"])]
    pub folds: Option<usize>,
    /// Column that names what rows belong to, as an author: no group lies in two parts
    #[arg(long, value_name = "COLUMN", help_heading = "Input")]
    pub group: Option<String>,
    /// Write what the model of each fold answers to the fold's rows to predictions.csv in --out
    #[arg(long, help_heading = "Output", requires = "folds")]
    pub keep_predictions: bool,
    #[command(flatten)]
    pub read: ReadArguments,
    #[command(flatten)]
    pub settings: SettingsArguments,
    /// Show the hyper-parameters that hold and their sources, then stop
    #[arg(long, help_heading = "Model")]
    pub print_config: bool,
    /// List the settings, or those of --model, with their meaning, then stop
    #[arg(long, help_heading = "Model")]
    pub help_settings: bool,
    /// Folder that the model is saved in
    #[arg(long, value_name = "FOLDER", help_heading = "Output",
        required_unless_present_any = ["print_config", "help_settings"])]
    pub out: Option<PathBuf>,
    /// Replace the model that is in --out
    #[arg(long, help_heading = "Output")]
    pub overwrite: bool,
    /// Go on with an interrupted run, or add epochs to a finished one
    #[arg(long, help_heading = "Output")]
    pub resume: bool,
    /// Leave the last state in the finished folder, so that --resume can add epochs
    #[arg(long, help_heading = "Output")]
    pub keep_state: bool,
    /// Go on from the state after this epoch, which --set checkpoints=states keeps
    #[arg(long, value_name = "N", help_heading = "Output", requires = "resume", conflicts_with = "folds")]
    pub from_epoch: Option<usize>,
    /// Show the norm of each parameter's gradient at the first step
    #[arg(long, help_heading = "Output", conflicts_with_all = ["json", "folds"])]
    pub gradients: bool,
    /// Print nothing but warnings, errors and, at the end, how good the model is
    #[arg(long, short, help_heading = "Output", conflicts_with_all = ["json", "gradients"])]
    pub quiet: bool,
    /// Print one JSON object a line, for programs
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    #[command(flatten)]
    pub machine: MachineArguments,
}

const EXAMPLES: &str = "\
Examples:
  assort train --train reviews.csv --out reviews
  assort train --train all.csv --split 0.7,0.15,0.15 --text content --set epochs=5 --out first
  assort train --train reviews.csv --folds 5 --out folds
  assort train --print-config --set hidden=64 > mine.toml";
