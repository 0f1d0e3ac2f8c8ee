//! Flags of `assort vectors`.

use std::path::PathBuf;

use assort_text::TokenizerKind;
use assort_vectors::SkipGram;
use clap::{Args, Subcommand};

use super::values;

/// Ask word vectors: of a file, or of the embedding that a trained model has learned.
///
/// A large file gets a binary copy beside it, which opens in an instant the next time.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct VectorsArguments {
    /// GloVe, word2vec or fastText, as text or .bin, a name on the hub, or a model folder
    #[arg(value_name = "FILE|OWNER/NAME:FILE", help_heading = "Input")]
    pub source: PathBuf,
    /// The question.
    #[command(subcommand)]
    pub query: VectorsQuery,
    /// Words to show
    #[arg(long, value_name = "N", help_heading = "Output", global = true, value_parser = values::top,
        default_value = "10")]
    pub count: usize,
    /// Print one JSON object, for programs
    #[arg(long, help_heading = "Output", global = true)]
    pub json: bool,
}

/// The questions.
#[derive(Debug, Subcommand)]
pub enum VectorsQuery {
    /// The words nearest to a word, by the cosine of their vectors
    Nearest {
        /// The word
        #[arg(value_name = "WORD", help_heading = "Input")]
        word: String,
    },
    /// The words nearest to A - B + C: king - man + woman
    Analogy {
        /// The word that is added: king
        #[arg(value_name = "A", help_heading = "Input")]
        a: String,
        /// The word that is taken away: man
        #[arg(value_name = "B", help_heading = "Input")]
        b: String,
        /// The word that is added in its place: woman
        #[arg(value_name = "C", help_heading = "Input")]
        c: String,
    },
    /// Learn vectors from texts and write them to FILE, as text in word2vec's form
    Train(VectorsTrainArguments),
    /// The cosine of two words' vectors, from -1 to 1
    Similarity {
        /// The one word
        #[arg(value_name = "A", help_heading = "Input")]
        a: String,
        /// The other word
        #[arg(value_name = "B", help_heading = "Input")]
        b: String,
    },
}

/// Learn vectors from texts and write them to FILE, as text in word2vec's form.
///
/// Skip-gram with negative sampling, one step after the other on one thread: the same texts and seed give the
/// same file. A model begins with it by --vectors FILE.
#[derive(Args, Debug)]
pub struct VectorsTrainArguments {
    /// File with texts; may be given again
    #[arg(long, value_name = "FILE", help_heading = "Input", required = true, value_parser = values::input())]
    pub data: Vec<PathBuf>,
    /// Column with the texts [default: guessed from its name]
    #[arg(long, value_name = "COLUMN", help_heading = "Input")]
    pub text: Option<String>,
    /// words, english, whitespace or characters
    #[arg(long, help_heading = "Model", default_value = "words", hide_possible_values = true,
        value_parser = values::word::<TokenizerKind>(&["words", "english", "whitespace", "characters"]))]
    pub tokenizer: TokenizerKind,
    /// How often a word must occur
    #[arg(long, value_name = "N", help_heading = "Model", default_value_t = 5)]
    pub minimum_count: u32,
    /// Numbers of a vector
    #[arg(long, value_name = "N", help_heading = "Model", default_value_t = SkipGram::default().width)]
    pub width: usize,
    /// Passes over the texts
    #[arg(long, value_name = "N", help_heading = "Model", default_value_t = SkipGram::default().epochs)]
    pub epochs: usize,
    /// Decides what is drawn
    #[arg(long, value_name = "N", help_heading = "Model", default_value_t = 0, value_parser = values::seed)]
    pub seed: u64,
    /// Replace the file
    #[arg(long, help_heading = "Output")]
    pub overwrite: bool,
}

const EXAMPLES: &str = "\
Examples:
  assort vectors glove.6B.100d.txt nearest dog
  assort vectors glove.6B.100d.txt analogy king man woman
  assort vectors reviews similarity good great --json
  assort vectors own.txt train --data reviews.csv";
