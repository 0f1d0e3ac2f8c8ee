//! Flags that choose hyper-parameters.

use std::path::PathBuf;

use clap::Args;

use super::values;

/// The layers of settings.
#[derive(Args, Debug)]
#[command(next_help_heading = "Model")]
pub struct SettingsArguments {
    /// bag, bert, cnn, distilbert, frozen, gru, linear, lstm, rnn, rules [default: bag, linear]
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// Word vectors to begin with: GloVe, word2vec or fastText, a file or a name on the hub
    #[arg(long, value_name = "FILE|OWNER/NAME:FILE")]
    pub vectors: Option<PathBuf>,
    /// Weights that a bert, distilbert or frozen begins with: a folder, or a name on the hub
    #[arg(long, value_name = "FOLDER|OWNER/NAME")]
    pub pretrained: Option<String>,
    /// Hyper-parameters in TOML, one key = value a line
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// One hyper-parameter; may be given again
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Decides splits, first weights, shuffling and dropout [default: 0]
    #[arg(long, value_name = "N", value_parser = values::seed)]
    pub seed: Option<u64>,
}
