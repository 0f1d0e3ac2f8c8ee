//! Flags of `assort tokenizer` and `assort tokenize`.

use std::path::PathBuf;

use assort_datasets::{Format, ReadOptions};
use assort_text::{Lowercase, Special, TokenizerKind, VocabConfig};
use clap::{Args, Subcommand};

use super::values;

/// Learn sub-words from texts.
#[derive(Args, Debug)]
pub struct TokenizerArguments {
    /// The task.
    #[command(subcommand)]
    pub command: TokenizerCommand,
}

/// Tasks with tokenizers.
#[derive(Debug, Subcommand)]
pub enum TokenizerCommand {
    /// Learn sub-words from texts and write them as a tokenizer.json
    Train(TokenizerTrainArguments),
}

/// Learn sub-words from texts and write them as a tokenizer.json, which other programs read too.
///
/// The same texts give the same file. A model takes it by `--set tokenizer=pretrained --set
/// tokenizer_file=FILE`; with `--set tokenizer=bpe` it learns sub-words from its own training rows.
#[derive(Args, Debug)]
#[command(after_help = TRAIN_EXAMPLES)]
pub struct TokenizerTrainArguments {
    /// File with texts
    #[arg(long, value_name = "FILE", help_heading = "Input", value_parser = values::input())]
    pub data: PathBuf,
    /// Column with the texts [default: guessed from its name]
    #[arg(long, value_name = "COLUMN", help_heading = "Input")]
    pub text: Option<String>,
    /// Format [default: told from the ending and the content]
    #[arg(long, help_heading = "Input", value_parser = values::format())]
    pub format: Option<Format>,
    /// Take the first line for a row: columns are named 1, 2, …
    #[arg(long, help_heading = "Input")]
    pub no_header: bool,
    /// bpe, wordpiece or unigram
    #[arg(long, help_heading = "Model", default_value = "bpe", hide_possible_values = true,
        value_parser = values::word::<TokenizerKind>(&["bpe", "wordpiece", "unigram"]))]
    pub kind: TokenizerKind,
    /// Tokens in the vocabulary, special ones counted
    #[arg(long, value_name = "N", help_heading = "Model", default_value_t = VocabConfig::SUBWORDS,
        value_parser = values::at_least_one)]
    pub size: usize,
    /// How often two pieces must stand side by side to become one
    #[arg(long, value_name = "N", help_heading = "Model", default_value_t = 2)]
    pub minimum_count: u32,
    /// on or off: whether 'Dog' and 'dog' are one
    #[arg(long, help_heading = "Model", default_value = "on", hide_possible_values = true,
        value_parser = values::word::<Lowercase>(&["on", "off"]))]
    pub lowercase: Lowercase,
    /// Special tokens besides padding and unknown; cls and sep are put around texts
    #[arg(long, value_name = "NAME,…", help_heading = "Model", value_delimiter = ',',
        hide_possible_values = true,
        value_parser = values::word::<Special>(&["sos", "eos", "cls", "sep", "mask"]))]
    pub specials: Vec<Special>,
    /// File to write
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub out: PathBuf,
    /// Replace the file that is at --out
    #[arg(long, help_heading = "Output")]
    pub overwrite: bool,
    /// Print one JSON object, for programs
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    /// Threads to compute with [default: one for each core]
    #[arg(long, value_name = "N", help_heading = "Run", value_parser = values::threads)]
    pub threads: Option<usize>,
}

impl TokenizerTrainArguments {
    /// The options of the reader.
    pub fn options(&self) -> ReadOptions {
        ReadOptions {
            text: self.text.clone(),
            format: self.format,
            no_header: self.no_header,
            ..ReadOptions::default()
        }
    }
}

/// Show how a tokenizer cuts texts: its tokens, their ids and the bytes that each came from.
#[derive(Args, Debug)]
#[command(after_help = TOKENIZE_EXAMPLES)]
pub struct TokenizeArguments {
    /// tokenizer.json, vocab.txt, a folder, or words, english, whitespace, characters
    #[arg(long, value_name = "PATH", help_heading = "Input")]
    pub with: PathBuf,
    /// A text to cut; may be given again
    #[arg(long, help_heading = "Input", allow_hyphen_values = true, required = true)]
    pub text: Vec<String>,
    /// Print one JSON object a text, for programs
    #[arg(long, help_heading = "Output")]
    pub json: bool,
}

const TRAIN_EXAMPLES: &str = "\
Examples:
  assort tokenizer train --data reviews.csv --size 8000 --out tokenizer.json
  assort tokenizer train --data reviews.csv --kind wordpiece --specials cls,sep,mask --out tokenizer.json";

const TOKENIZE_EXAMPLES: &str = "\
Examples:
  assort tokenize --with tokenizer.json --text \"unbelievably good\"
  assort tokenize --with reviews --text \"as the model sees it\"
  assort tokenize --with english --text \"don't cut :-) here\"";
