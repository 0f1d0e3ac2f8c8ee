//! Flags of `assort vectors`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::values;

/// Ask word vectors: of a file, or of the embedding that a trained model has learned.
///
/// A large file gets a binary copy beside it, which opens in an instant the next time.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct VectorsArguments {
    /// GloVe, word2vec or fastText, text or .bin (also gzip), a name on the hub, or a model folder
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

const EXAMPLES: &str = "\
Examples:
  assort vectors glove.6B.100d.txt nearest dog
  assort vectors glove.6B.100d.txt analogy king man woman
  assort vectors reviews similarity good great --json";
