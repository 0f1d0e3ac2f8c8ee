//! Flags of `assort map`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{LoadArguments, ReadArguments, values};

/// Draw words or texts in the plane, coloured by group or label.
///
/// Words lie where the vectors of a file, or the embedding of a trained model, put them; texts of --data
/// where the last layer of a network finds them.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct MapArguments {
    /// GloVe, word2vec or fastText, as text or .bin, a name on the hub, or a model folder
    #[arg(value_name = "FILE|OWNER/NAME:FILE", help_heading = "Input")]
    pub source: PathBuf,
    /// File with a word a line, and a tab and its group if it has one [default: --top]
    #[arg(long, value_name = "FILE", help_heading = "Input", conflicts_with = "data")]
    pub words: Option<PathBuf>,
    /// So many of the first words, in most files the most frequent ones
    #[arg(long, value_name = "N", help_heading = "Input", conflicts_with_all = ["words", "data"],
        value_parser = values::top, default_value = "200")]
    pub top: usize,
    /// Labelled file whose texts are drawn in place of words, by the folder of a network
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub data: Option<PathBuf>,
    /// At most so many texts, drawn by --seed
    #[arg(long, value_name = "N", help_heading = "Input", requires = "data", value_parser = values::top,
        default_value = "2000")]
    pub rows: usize,
    #[command(flatten)]
    pub read: ReadArguments,
    /// How the points are laid out: pca keeps distances, tsne keeps neighbours
    #[arg(long, value_name = "NAME", help_heading = "Output", default_value = "pca")]
    pub method: MapMethod,
    /// How many neighbours a point has for tsne [default: 30]
    #[arg(long, value_name = "X", help_heading = "Output", value_parser = values::number)]
    pub perplexity: Option<f64>,
    /// File for the map: .svg, .png, or .html with the text under the pointer; may be repeated
    #[arg(long, value_name = "FILE", help_heading = "Output", required_unless_present = "json")]
    pub out: Vec<PathBuf>,
    /// Replace files that are at --out
    #[arg(long, help_heading = "Output", requires = "out")]
    pub overwrite: bool,
    /// Print one JSON object with all points, for programs
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    /// Decides which texts are drawn, and the layout of tsne
    #[arg(long, value_name = "N", help_heading = "Run", value_parser = values::seed, default_value = "0")]
    pub seed: u64,
    #[command(flatten)]
    pub model: LoadArguments,
}

/// How points are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MapMethod {
    /// On the principal components.
    Pca,
    /// By t-distributed stochastic neighbour embedding.
    Tsne,
}

const EXAMPLES: &str = "\
Examples:
  assort map glove.6B.100d.txt --words animals.tsv --out animals.png --out animals.html
  assort map reviews --top 500 --method tsne --out words.html
  assort map reviews --data test.csv --method tsne --out texts.html";
