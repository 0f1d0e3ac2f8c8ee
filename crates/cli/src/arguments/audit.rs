//! Flags of `assort audit`.

use std::path::PathBuf;

use clap::Args;

use super::{MachineArguments, ReadArguments, SettingsArguments, values};

/// Find labels that are probably wrong, nearly equal texts with different labels, and leaks.
///
/// Each row is judged by a model that was trained on others; without --model that is linear. The folder gets
/// a page to read and a table to work through.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct AuditArguments {
    /// Labelled rows to audit
    #[arg(long, value_name = "FILE", help_heading = "Input", value_parser = values::input())]
    pub train: PathBuf,
    /// Rows that --train should share no text with
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub validation: Option<PathBuf>,
    /// Rows that --train should share no text with
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub test: Option<PathBuf>,
    /// Trainings, each asked about another part of the rows
    #[arg(long, value_name = "K", help_heading = "Input", default_value = "5", value_parser = values::folds)]
    pub folds: usize,
    #[command(flatten)]
    pub read: ReadArguments,
    #[command(flatten)]
    pub settings: SettingsArguments,
    /// Folder for audit.html and audit.csv
    #[arg(long, value_name = "FOLDER", help_heading = "Output")]
    pub out: PathBuf,
    /// Replace the audit that is in --out
    #[arg(long, help_heading = "Output")]
    pub overwrite: bool,
    /// Print one JSON object a line, for programs
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    /// Print nothing but warnings and what was found
    #[arg(long, help_heading = "Output", conflicts_with = "json")]
    pub quiet: bool,
    #[command(flatten)]
    pub machine: MachineArguments,
}

const EXAMPLES: &str = "\
Examples:
  assort audit --train reviews.csv --out audit
  assort audit --train train.csv --test test.csv --out audit --model bag";
