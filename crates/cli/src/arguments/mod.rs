//! The command line: what may be written, checked for syntax alone. [`commands`](crate::commands) resolves
//! it.

mod audit;
mod auto;
mod compare;
mod completions;
mod embed;
mod evaluate;
mod explain;
mod export;
mod features;
mod help;
mod import;
mod inspect;
mod man;
mod map;
mod predict;
mod serve;
mod settings;
mod shrink;
mod sweep;
mod threshold;
mod tokenizer;
mod train;
mod values;
mod vectors;

use std::path::Path;
use std::sync::LazyLock;

use assort_datasets::{Format, ReadOptions, Task};
use assort_pipeline::{Integrity, Pipeline};
use assort_report::terminal::reading::{By, Naming};
use assort_tensor::DeviceChoice;
use clap::{Args, Parser, Subcommand};

pub use audit::AuditArguments;
pub use auto::AutoArguments;
pub use compare::CompareArguments;
pub use completions::CompletionsArguments;
pub use embed::{EmbedArguments, Pool};
pub use evaluate::EvaluateArguments;
pub use explain::ExplainArguments;
pub use export::ExportArguments;
pub use features::{FeatureKind, FeaturesArguments};
pub use help::HelpArguments;
pub use import::ImportArguments;
pub use inspect::InspectArguments;
pub use man::ManArguments;
pub use map::{MapArguments, MapMethod};
pub use predict::PredictArguments;
pub use serve::{LogForm, LogLevel, ServeArguments};
pub use settings::SettingsArguments;
pub use shrink::ShrinkArguments;
pub use sweep::SweepArguments;
pub use threshold::ThresholdArguments;
pub use tokenizer::{TokenizeArguments, TokenizerArguments, TokenizerCommand, TokenizerTrainArguments};
pub use train::TrainArguments;
pub use vectors::{VectorsArguments, VectorsQuery, VectorsTrainArguments};

/// Sorts texts into classes: trains a classifier on a labelled file, judges it, and uses it.
#[derive(Debug, Parser)]
#[command(name = "assort", version, long_version = LONG_VERSION.as_str(), disable_help_subcommand = true,
    after_help = EXAMPLES)]
pub struct Arguments {
    /// The task.
    #[command(subcommand)]
    pub command: Command,
}

/// The version with what this program was built with, and from: its commit, where the build was told it by
/// the variable `ASSORT_COMMIT`.
static LONG_VERSION: LazyLock<String> = LazyLock::new(|| {
    let features = [
        ("hub", cfg!(feature = "hub")),
        ("cuda", cfg!(feature = "cuda")),
        ("metal", cfg!(feature = "metal")),
    ];
    let built: Vec<&str> = features.iter().filter(|(_, is_built)| *is_built).map(|(name, _)| *name).collect();
    let built = if built.is_empty() { "none".to_owned() } else { built.join(", ") };
    let target = format!("{} on {}", std::env::consts::ARCH, std::env::consts::OS);
    let commit = option_env!("ASSORT_COMMIT").map(|commit| format!("\ncommit: {commit}")).unwrap_or_default();
    let kernels = assort_kernels::vector_instructions();
    format!("{}\nfeatures: {built}\ntarget: {target}\nkernels: {kernels}{commit}", env!("CARGO_PKG_VERSION"))
});

const EXAMPLES: &str = "\
Examples:
  assort train --train reviews.csv --out reviews      train, judge and save a model
  assort predict reviews --text \"never again\"         sort a text
  assort help COMMAND                                 flags and their defaults
  assort help models                                  which model suits which rows
  assort help settings                                what can be set, and what it means

Exit codes: 0 done, 1 failed on the way, 2 a mistake in flags or files, 130 interrupted";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train a classifier on a labelled file, judge it and save it
    Train(Box<TrainArguments>),
    /// Find the best model within limits of time, size and speed
    Auto(Box<AutoArguments>),
    /// Train over lists of values, and show which do best
    Sweep(Box<SweepArguments>),
    /// Sort texts with a trained model
    Predict(PredictArguments),
    /// Show which words of a text speak for a label, and which against it
    Explain(ExplainArguments),
    /// Answer over HTTP with trained models, and show a page to try them
    Serve(Box<ServeArguments>),
    /// Judge a trained model on a labelled file
    Evaluate(EvaluateArguments),
    /// Choose when a model answers, and what: by precision, recall, cost or coverage
    Threshold(ThresholdArguments),
    /// Judge several models on the same file, and show where they differ
    Compare(CompareArguments),
    /// Show what is in labelled files before training on them
    Inspect(InspectArguments),
    /// Find labels that are probably wrong, and nearly equal texts with different labels
    Audit(Box<AuditArguments>),
    /// Ask word vectors: nearest words, analogies, similarity
    Vectors(VectorsArguments),
    /// Show the vectors that a pretrained encoder gives texts and their tokens
    Embed(EmbedArguments),
    /// Make a model folder of a classifier of fastText or of Hugging Face's programs
    Import(ImportArguments),
    /// Write a trained model as a file of another program
    Export(ExportArguments),
    /// Make a small copy of a bag or a linear model
    Shrink(Box<ShrinkArguments>),
    /// Draw words or texts in the plane, coloured by group or label
    Map(Box<MapArguments>),
    /// Show texts as counts, ones or TF-IDF, or what marks the texts of each label
    Features(Box<FeaturesArguments>),
    /// Learn sub-words from texts
    Tokenizer(TokenizerArguments),
    /// Show how a tokenizer cuts texts
    Tokenize(TokenizeArguments),
    /// Show what a command, a setting or a model is for
    Help(HelpArguments),
    /// Print what lets a shell complete commands and flags
    Completions(CompletionsArguments),
    /// Print a page of the manual
    Man(ManArguments),
}

/// The flags that name the columns of a labelled file.
pub const LABELLED: Naming = Naming { text: By::Flag("--text"), label: By::Flag("--label") };

/// How labelled files are read.
#[derive(Args, Debug)]
#[command(next_help_heading = "Input")]
pub struct ReadArguments {
    /// Column with the texts, or several that are joined [default: guessed from its name]
    #[arg(long, value_name = "COLUMN,…")]
    pub text: Option<String>,
    /// Column with the labels [default: guessed from its name]
    #[arg(long, value_name = "COLUMN")]
    pub label: Option<String>,
    /// Columns that stand for a label each and say 1 or 0: a row may have any number
    #[arg(long, value_name = "COLUMN,…", value_parser = values::labels, conflicts_with = "label")]
    pub labels: Vec<String>,
    /// What parts the labels of a cell: a row may have any number
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub label_separator: Option<String>,
    /// Rows have any number of labels, in lists or several __label__ of a line
    #[arg(long)]
    pub multi_label: bool,
    /// Labels whose rows are kept, one with a comma in double quotes [default: all]
    #[arg(long, value_name = "LABEL,…", value_parser = values::labels)]
    pub keep: Vec<String>,
    /// Leave out labels that have fewer rows
    #[arg(long, value_name = "N", default_value_t = 1, hide_default_value = true)]
    pub at_least: u64,
    /// Format [default: told from the ending and the content]
    #[arg(long, value_parser = values::format())]
    pub format: Option<Format>,
    /// Take the first line for a row: columns are named 1, 2, …
    #[arg(long)]
    pub no_header: bool,
}

impl ReadArguments {
    /// The options of the reader.
    pub fn options(&self) -> ReadOptions {
        ReadOptions {
            text: self.text.clone(),
            label: self.label.clone(),
            label_columns: labels(&self.labels),
            label_separator: self.label_separator.clone(),
            task: if self.multi_label { Task::AnyOf } else { Task::OneOf },
            keep: labels(&self.keep),
            at_least: self.at_least,
            no_header: self.no_header,
            format: self.format,
        }
    }
}

/// The labels of lists that may be given more than once.
fn labels(lists: &[String]) -> Vec<String> {
    lists.iter().flat_map(|list| assort_datasets::split_names(list)).collect()
}

/// Where to compute.
#[derive(Args, Debug)]
#[command(next_help_heading = "Run")]
pub struct MachineArguments {
    /// auto, cpu, cuda, cuda:N or metal
    #[arg(long, default_value = "auto", value_parser = clap::value_parser!(DeviceChoice))]
    pub device: DeviceChoice,
    /// Threads to compute with [default: one for each core]
    #[arg(long, value_name = "N", value_parser = values::threads)]
    pub threads: Option<usize>,
}

/// How a model is loaded.
#[derive(Args, Debug)]
#[command(next_help_heading = "Run")]
pub struct LoadArguments {
    #[command(flatten)]
    pub machine: MachineArguments,
    /// Load the model without comparing its files with their digests
    #[arg(long)]
    pub no_check: bool,
}

impl LoadArguments {
    /// Loads the model of a folder.
    pub fn load(&self, folder: &Path) -> assort_pipeline::Result<Pipeline> {
        let integrity = if self.no_check { Integrity::Unchecked } else { Integrity::Checked };
        Pipeline::open(folder, integrity, &self.machine.device.open()?)
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::Arguments;

    #[test]
    fn the_flags_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_flag_has_a_heading_and_words_of_help() {
        for command in Arguments::command().get_subcommands() {
            for flag in command.get_arguments().filter(|flag| flag.get_id() != "help") {
                let name = format!("{} {}", command.get_name(), flag.get_id());
                let heading = flag.get_help_heading().unwrap_or_default();
                assert!(
                    ["Input", "Output", "Model", "Network", "Limits", "Run", "Goal"].contains(&heading),
                    "{name}: {heading}"
                );
                let help = flag.get_help().map(ToString::to_string).unwrap_or_default();
                assert!(!help.is_empty() && help.chars().count() < 90, "{name}: {help}");
            }
        }
    }

    fn check(line: &str, expect: &str) {
        let message = match Arguments::try_parse_from(line.split(' ')) {
            Ok(_) => "fine".to_owned(),
            Err(error) => error.to_string(),
        };
        assert!(message.contains(expect), "{line}: {message}");
    }

    #[test]
    fn syntax() {
        check("assort train --train a.csv --out m", "fine");
        check("assort train --train a.csv", "--out <FOLDER>");
        check("assort train --print-config", "fine");
        check("assort train --out m", "--train <FILE>");
        check("assort train --train a --split 0.7,0.3 --test b --out m", "cannot be used with");
        check("assort train --train a --split 0.7,0.3 --validation b --out m", "cannot be used with");
        check("assort train --train a --out m --format xls", "possible values: csv");
        check("assort train --train a --out m --device gpu", "`gpu` is no device");
        check("assort train --train a --out m --threads 0", "at least 1");
        check("assort train --train a --folds 5 --out m", "fine");
        check("assort train --train a --folds 5 --split 0.7,0.3 --out m", "cannot be used with");
        check("assort train --train a --folds 5 --test b --out m", "cannot be used with");
        check("assort train --train a --out m --keep ,", "it names no label");
        check("assort features --data a --by-label --keep=", "it names no label");
        check("assort inspect a --keep x,,y", "fine");
        check("assort sweep --train a --out s", "--over <KEY=A,B,…>");
        check("assort sweep --train a --seeds 0,18446744073709551615 --out s", "fine");
        let any = "give a whole number from 0 to 18446744073709551615";
        check("assort sweep --train a --seeds 0,18446744073709551616 --out s", any);
        check("assort train --train a --out m --seed 1.5", any);
        check("assort map v.txt --out a.png --method tsne --perplexity nan", "give a finite number");
        check("assort sweep --train a --over epochs=1,2 --by f1 --out s", "possible values: loss");
        check("assort sweep --train a --over epochs=1,2 --trials 0 --out s", "at least 1");
        check("assort predict m --text a --text b", "fine");
        check("assort predict m --text a --data b", "cannot be used with");
        check("assort predict m --top 0", "at least 1");
        check("assort predict", "<FOLDER>");
        check("assort explain m --text a --label x --top 3", "fine");
        check("assort explain m", "--text <TEXT>");
        check("assort explain m --text a --data b", "cannot be used with");
        check("assort explain m --text a --row 2", "cannot be used with");
        check("assort explain m --text a --overwrite", "--html <FILE>");
        check("assort evaluate m", "--data <FILE>");
        check("assort completions", "<SHELL>");
        check("assort completions csh", "possible values: bash");
        check("assort man predcit", "there is no command");
        check("assort serve", "[NAME=]FOLDER");
        check("assort serve m --address 8080", "as 127.0.0.1:8080");
        check("assort serve m --certificate c.pem", "--key <FILE>");
        check("assort serve m --max-waiting 9999999", "at most 1000000");
        check("assort serve m --batch-time 0 --head-time 0.5", "fine");
        check("assort serve m --head-time 0", "above 0");
        check("assort serve m --stop-time 1e300", "at most");
        check("assort serve m --log xml", "possible values: text, json");
        check("assort compare a b", "--data <FILE>");
        check("assort compare --data a", "<FOLDER>...");
        check("assort compare a b c --data d --show 0", "fine");
        check("assort compare a b --data c --overwrite", "--disagreements <FILE>");
        check("assort embed m", "--text <TEXT>");
        check("assort embed m --text a --text b --word c --pool cls", "fine");
        check("assort embed m --text a --pool max", "possible values: mean, cls");
        check("assort import m", "--out <FOLDER>");
        check("assort import owner/name --out m --overwrite", "fine");
        check("assort inspect", "<FILE>...");
        check("assort features --text a --ngrams 2,1", "the shorter one first");
        check("assort features --text a --ngrams 0", "a number from 1 to 64");
        check("assort features --text a --by-label", "cannot be used with");
        check("assort features", "--text <TEXT>");
        check("assort tokenizer train --data a --out b --kind word", "possible values: bpe");
        check("assort tokenizer train --data a", "--out <FILE>");
        check("assort tokenize --text a", "--with <PATH>");
        check("assort inspect a b --split 0.5,0.5", "fine");
        check("assort map v.txt --out a.png --out a.html", "fine");
        check("assort map v.txt --json", "fine");
        check("assort map v.txt", "--out <FILE>");
        check("assort map v.txt --words w --top 5 --out a.png", "cannot be used with");
        check("assort map v.txt --method umap --out a.png", "possible values: pca, tsne");
        check("assort vectors v.txt nearest king --count 3", "fine");
        check("assort vectors v.txt nearest", "<WORD>");
        check("assort vectors v.txt analogy king man", "<C>");
        check("assort vectors v.txt --json similarity king man", "fine");
        check("assort vectors v.txt nearest king --count 0", "at least 1");
    }
}
