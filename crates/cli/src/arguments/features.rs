//! Flags of `assort features`.

use std::path::PathBuf;

use assort_datasets::{Format, ReadOptions};
use assort_text::{
    Html, InverseDocumentFrequency, Language, Lowercase, NgramRange, Norm, Punctuation, TermFrequency,
    TokenizerKind,
};
use clap::{Args, ValueEnum};

use super::values;

/// Content of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FeatureKind {
    /// A row a word, with a 1 in the word's column
    OneHot,
    /// How often each word occurs in a text
    Counts,
    /// Whether it occurs
    Binary,
    /// Counts weighted by how few texts have the word
    Tfidf,
}

/// Show texts as counts, ones or TF-IDF, or with --by-label what marks the texts of each label.
///
/// Columns are in the order in which words first occur. With --by-label the most frequent n-grams of each
/// label stand beside the most telling ones, by the z-score of their log-odds: rules can be written from
/// them.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct FeaturesArguments {
    /// A text; may be given again
    #[arg(long = "text", value_name = "TEXT", help_heading = "Input",
        conflicts_with_all = ["data", "by_label"], allow_hyphen_values = true,
        required_unless_present = "data")]
    pub texts: Vec<String>,
    /// File with texts
    #[arg(long, value_name = "FILE", help_heading = "Input", value_parser = values::input())]
    pub data: Option<PathBuf>,
    #[command(flatten)]
    pub read: FeatureReadArguments,
    /// one-hot, counts, binary or tfidf
    #[arg(long, help_heading = "Model", default_value = "counts", hide_possible_values = true)]
    pub kind: FeatureKind,
    /// Words in an n-gram: 2, or 1,3 for one to three [default: 1; 2 with --by-label]
    #[arg(long, value_name = "N", help_heading = "Model", value_parser = values::ngrams)]
    pub ngrams: Option<NgramRange>,
    /// words, english, whitespace or characters
    #[arg(long, help_heading = "Model", default_value = "words", hide_possible_values = true,
        value_parser = values::word::<TokenizerKind>(&["words", "english", "whitespace", "characters"]))]
    pub tokenizer: TokenizerKind,
    /// on or off: whether 'Dog' and 'dog' are one
    #[arg(long, help_heading = "Model", default_value = "on", hide_possible_values = true,
        value_parser = values::word::<Lowercase>(&["on", "off"]))]
    pub lowercase: Lowercase,
    /// keep or clean: whether tags of HTML become spaces and its entities characters
    #[arg(long, help_heading = "Model", default_value = "keep", hide_possible_values = true,
        value_parser = values::word::<Html>(&["keep", "clean"]))]
    pub html: Html,
    /// keep or drop: what happens to words that are nothing but punctuation
    #[arg(long, help_heading = "Model", default_value = "keep", hide_possible_values = true,
        value_parser = values::word::<Punctuation>(&["keep", "drop"]))]
    pub punctuation: Punctuation,
    /// Leave out the stop words of a language: english, german, french, …
    #[arg(long, value_name = "LANGUAGE", help_heading = "Model", hide_possible_values = true,
        value_parser = values::language())]
    pub stop_words: Option<Language>,
    /// Cut words to their stems, by the rules of a language
    #[arg(long, value_name = "LANGUAGE", help_heading = "Model", hide_possible_values = true,
        value_parser = values::language())]
    pub stemming: Option<Language>,
    /// In how many texts a feature must occur
    #[arg(long, value_name = "N", help_heading = "Model", default_value = "1",
        value_parser = values::at_least_one)]
    pub minimum_documents: usize,
    /// TF of c occurrences: count (c), sublinear (1 + ln c) or share (c of the text's words)
    #[arg(long, help_heading = "Model", default_value = "share", hide_possible_values = true,
        value_parser = values::word::<TermFrequency>(&["count", "sublinear", "share"]))]
    pub term_frequency: TermFrequency,
    /// IDF: plain (ln N/df), plus-one (ln N/(1+df)) or smoothed (ln (1+N)/(1+df) + 1)
    #[arg(long, help_heading = "Model", default_value = "plain", hide_possible_values = true,
        value_parser = values::word::<InverseDocumentFrequency>(&["plain", "plus-one", "smoothed"]))]
    pub idf: InverseDocumentFrequency,
    /// Norm that TF-IDF rows are divided by: none or l2
    #[arg(long, help_heading = "Model", default_value = "none", hide_possible_values = true,
        value_parser = values::word::<Norm>(&["none", "l2"]))]
    pub norm: Norm,
    /// Show what marks the texts of each label of --data
    #[arg(long, help_heading = "Output", requires = "data")]
    pub by_label: bool,
    /// Features shown, or n-grams for each label; --out and --json have all
    #[arg(long, value_name = "N", help_heading = "Output", default_value = "12", value_parser = values::top)]
    pub top: usize,
    /// CSV file to write [default: none]
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub out: Option<PathBuf>,
    /// Replace the file that is at --out
    #[arg(long, help_heading = "Output", requires = "out")]
    pub overwrite: bool,
    /// Print one JSON object, for programs
    #[arg(long, help_heading = "Output")]
    pub json: bool,
}

/// How --data is read. Here --text is a text.
#[derive(Args, Debug)]
#[command(next_help_heading = "Input")]
pub struct FeatureReadArguments {
    /// Column of --data with the texts [default: guessed from its name]
    #[arg(long, value_name = "COLUMN", requires = "data")]
    pub text_column: Option<String>,
    /// Column of --data with the labels [default: guessed from its name]
    #[arg(long, value_name = "COLUMN", requires = "by_label")]
    pub label: Option<String>,
    /// Labels whose rows are kept [default: all]
    #[arg(long, value_name = "LABEL,…", requires = "by_label", value_parser = values::labels)]
    pub keep: Vec<String>,
    /// Format [default: told from the ending and the content]
    #[arg(long, hide_possible_values = true, requires = "data", value_parser = values::format())]
    pub format: Option<Format>,
    /// Take the first line for a row: columns are named 1, 2, …
    #[arg(long, requires = "data")]
    pub no_header: bool,
}

impl FeatureReadArguments {
    /// The options of the reader.
    pub fn options(&self) -> ReadOptions {
        ReadOptions {
            text: self.text_column.clone(),
            label: self.label.clone(),
            keep: super::labels(&self.keep),
            no_header: self.no_header,
            format: self.format,
            ..ReadOptions::default()
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  assort features --text \"I love love my dog\" --text \"I love my cat\" --kind tfidf
  assort features --data tweets.csv --kind counts --minimum-documents 20 --out counts.csv
  assort features --data tweets.csv --by-label --html clean --punctuation drop --stop-words english";
