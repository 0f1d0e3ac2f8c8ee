use assort_rows::Task;
use serde::{Deserialize, Serialize};

use crate::Note;

/// Settings of a reader. The default guesses the columns and the format and keeps every label.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReadOptions {
    /// The column with the texts; guessed from usual names when `None`. Several, as a list that
    /// [`split_names`](crate::split_names) splits, are joined by blanks into one text.
    pub text: Option<String>,
    /// The column with the labels; guessed from usual names when `None`.
    pub label: Option<String>,
    /// Columns that stand for one label each, and say 1 or 0, true or false, yes or no.
    pub label_columns: Vec<String>,
    /// What parts the labels of a cell, where it may hold several.
    pub label_separator: Option<String>,
    /// Whether a row has one label or any number of them. Lists of labels are read only then; the two options
    /// before say so too.
    pub task: Task,
    /// The labels whose rows are kept; all when empty.
    pub keep: Vec<String>,
    /// The fewest rows of a label; rows of rarer labels are left out.
    pub at_least: u64,
    /// Whether the first line of a file of cells is a row like others; its columns are then named 1, 2, ….
    pub no_header: bool,
    /// The format; told from the extension and the content when `None`.
    pub format: Option<Format>,
}

impl ReadOptions {
    /// How many labels a row has by these options.
    pub fn task(&self) -> Task {
        match self.label_separator.is_some() || !self.label_columns.is_empty() {
            true => Task::AnyOf,
            false => self.task,
        }
    }
}

/// The kinds of files that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Format {
    /// Cells parted by commas, semicolons or bars, as the header and the first lines show; RFC 4180 quotes.
    Csv,
    /// Cells parted by tabs.
    Tsv,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
    /// fastText's lines: `__label__name the text`.
    FastText,
    /// A folder with one folder for each label, and in it one text file for each row.
    Folder,
    /// One text a line without labels: for predictions alone.
    Lines,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 7] =
        [Self::Csv, Self::Tsv, Self::Jsonl, Self::Parquet, Self::FastText, Self::Folder, Self::Lines];

    /// The name in configurations: `csv`, `tsv`, `jsonl`, `parquet`, `fasttext`, `folder`, `lines`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
            Self::FastText => "fasttext",
            Self::Folder => "folder",
            Self::Lines => "lines",
        }
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

/// How a column came to be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// An option named it.
    Named,
    /// Its name is a usual one.
    Guessed,
    /// It is the only column left.
    Inferred,
}

/// A column and how it came to be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChosenColumn {
    /// The column's name in the file.
    pub name: String,
    /// Why it was chosen.
    pub choice: Choice,
}

/// The columns and rows that reading a file found, and the rows that it left out.
///
/// Each row of the file is in exactly one of `kept`, `without_label`, `without_text`, `not_kept` and `rare`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReadReport {
    /// The format that was read.
    pub format: Format,
    /// The columns of the file, in order; empty where the format has none.
    pub columns: Vec<String>,
    /// The column of the texts; `None` where the format has no columns.
    pub text: Option<ChosenColumn>,
    /// The column of the labels; `None` where there is none.
    pub label: Option<ChosenColumn>,
    /// Rows of the file. Blank lines count only in files of plain lines.
    pub rows: u64,
    /// Rows that were kept.
    pub kept: u64,
    /// Rows left out because they have no label. Texts that are read for prediction need none.
    pub without_label: u64,
    /// Rows left out because they have no text, or only white space.
    pub without_text: u64,
    /// Rows left out because their label is not one that was to be kept.
    pub not_kept: u64,
    /// Rows left out because too few rows have their label.
    pub rare: u64,
    /// Rows with more than one label.
    pub several: u64,
    /// Rows without any label, where that is an answer.
    pub without_any: u64,
    /// The first rows without label or text, at most five, counted from 1.
    pub incomplete_rows: Vec<u64>,
    /// All labels of the file with their rows, sorted by name, those not kept included.
    pub labels: Vec<(String, u64)>,
    /// Things that may be otherwise than they were meant.
    pub notes: Vec<Note>,
}
