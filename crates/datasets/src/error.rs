use std::path::{Path, PathBuf};

use assort_files::Bytes;

use crate::names::{quoted, quoted_list};

/// Everything that can go wrong while corpora are read, split, audited or written.
///
/// Rows are counted from 1, the header not included; lines are counted from 1, the header included.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused, or the library of tables.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// The failed act: `read` or `write`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// There is no such file or folder.
    #[error("{} does not exist: check the path", .0.display())]
    Missing(PathBuf),
    /// The file or folder holds nothing.
    #[error("{} is empty: it needs a header and rows, or one example a line", .0.display())]
    Empty(PathBuf),
    /// There is a header and no row below it.
    #[error("{} holds a header and no rows", .0.display())]
    HeaderOnly(PathBuf),
    /// No row was left after rows without text or label, or without a kept label, were left out.
    #[error("{}: none of its {rows} rows has {needed}: {without_text} lack a text, {without_label} lack \
        a label", path.display())]
    NoRows {
        /// The file or folder.
        path: PathBuf,
        /// The parts a row needs to be kept.
        needed: &'static str,
        /// Rows in the file.
        rows: u64,
        /// Rows that have no text.
        without_text: u64,
        /// Rows that have no label.
        without_label: u64,
    },
    /// Reading takes more memory than can be had.
    #[error("{} holds {size}, and to read it takes {needed} of memory, {free} can be had: give a part of it, \
        or more memory", path.display())]
    Memory {
        /// The file.
        path: PathBuf,
        /// Its size.
        size: Bytes,
        /// What reading takes.
        needed: Bytes,
        /// What can be had.
        free: Bytes,
    },
    /// The file's kind can be told neither from its name nor from its content.
    #[error("{}: its format is not known: use .csv, .tsv, .jsonl, .parquet, .txt or a folder",
        .0.display())]
    UnknownFormat(PathBuf),
    /// The file's kind does not suit the purpose.
    #[error("{}: {problem}", path.display())]
    Format {
        /// The file or folder.
        path: PathBuf,
        /// The fault, and the way to mend it.
        problem: String,
    },
    /// A column that was asked for is not there.
    #[error("{} has no column {}{}: its columns are {}", path.display(), quoted(name),
        crate::nearest::hint(nearest.as_deref()), quoted_list(columns))]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The name that was asked for.
        name: String,
        /// Its role.
        role: ColumnRole,
        /// The most similar name, if one is similar at all.
        nearest: Option<String>,
        /// The columns that are there.
        columns: Vec<String>,
    },
    /// It is in doubt which column is meant.
    #[error("{}: {reason}; its columns are {}", path.display(), quoted_list(columns))]
    UnclearColumn {
        /// The file.
        path: PathBuf,
        /// Its role.
        role: ColumnRole,
        /// Why it is in doubt.
        reason: String,
        /// The columns that could be meant, where several could.
        candidates: Vec<String>,
        /// The columns that are there.
        columns: Vec<String>,
    },
    /// The column taken for the text holds numbers alone.
    #[error("{}: the column {} holds only numbers", path.display(), quoted(column))]
    NumericText {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
    },
    /// Two columns have one name, and it is asked for.
    #[error("{} has two columns named {}: rename one of them", path.display(), quoted(name))]
    DuplicateColumn {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
    },
    /// A row has more cells than the header, or where there is none, than the first row.
    #[error("{}: row {row} (line {line}) has {found} cells, the {} has {expected}: put cells that hold the \
        separator into quotes", path.display(), if *has_header { "header" } else { "first row" })]
    Ragged {
        /// The file.
        path: PathBuf,
        /// The row.
        row: u64,
        /// The line that the row begins on.
        line: u64,
        /// Cells in this row.
        found: usize,
        /// Cells in the header or first row.
        expected: usize,
        /// Whether there is a header.
        has_header: bool,
    },
    /// Quotes that do not pair up, or that do not enclose a whole cell.
    #[error("{}: row {row} (line {line}): {problem}", path.display())]
    Quotes {
        /// The file.
        path: PathBuf,
        /// The row; 0 is the header.
        row: u64,
        /// The line that the row begins on.
        line: u64,
        /// The fault, and the way to mend it.
        problem: &'static str,
    },
    /// Bytes that are not UTF-8.
    #[error("{}: row {row} (line {line}) is not valid UTF-8 at byte {byte} of the file: \
        save the file as UTF-8 (it may be Latin-1 or Windows-1252)", path.display())]
    Utf8 {
        /// The file.
        path: PathBuf,
        /// The row; 0 is the header.
        row: u64,
        /// The line that the row begins on.
        line: u64,
        /// Bytes before the broken one, from the beginning of the file.
        byte: u64,
    },
    /// A line that should hold one JSON object does not.
    #[error("{}: line {line}: {problem}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// The fault.
        problem: String,
    },
    /// A row that should have one label has several.
    #[error("{}: {} has {} ({}): leave one, or read rows with any number of labels",
        path.display(), place(*row, *line), several(labels), quoted_list(labels))]
    SeveralLabels {
        /// The file.
        path: PathBuf,
        /// The row.
        row: u64,
        /// Its line, where a row is a line.
        line: Option<u64>,
        /// The labels.
        labels: Vec<String>,
    },
    /// A column that stands for a label says neither yes nor no.
    #[error("{}: row {row} has {} in the column {}: a column that stands for a label has 1 or 0, true or \
        false, yes or no", path.display(), quoted(value), quoted(column))]
    NoFlag {
        /// The file.
        path: PathBuf,
        /// The row.
        row: u64,
        /// The column.
        column: String,
        /// What stands there.
        value: String,
    },
    /// Rows with any number of labels, where one each is needed.
    #[error("{}: its rows have any number of labels, and this needs rows with one each", .0.display())]
    LabelSets(PathBuf),
    /// All rows have the same labels: there is nothing to tell apart.
    #[error("{}: all {rows} rows have the same labels: a classifier needs a label that some have and others \
        do not", path.display())]
    SameSets {
        /// The file.
        path: PathBuf,
        /// Its rows.
        rows: u64,
    },
    /// What is to part the labels of a cell stands in none of them.
    #[error("{}: {} parts the labels of no row: give what does, or leave it away if each row has one label",
        path.display(), quoted(separator))]
    NoSeparator {
        /// The file.
        path: PathBuf,
        /// The separator.
        separator: String,
    },
    /// A label that was to be kept occurs nowhere.
    #[error("{}: no row has the label {} that was to be kept{}; its labels are {}", path.display(),
        quoted(label), crate::nearest::hint(nearest.as_deref()), quoted_list(known))]
    KeepUnknown {
        /// The file.
        path: PathBuf,
        /// The label that was asked for.
        label: String,
        /// The most similar label, if one is similar at all.
        nearest: Option<String>,
        /// The labels that occur.
        known: Vec<String>,
    },
    /// A label that the other data set, usually the training rows, does not have.
    #[error("{}: row {row} has the label {}, which the training rows do not have{}; they have {}",
        path.display(), quoted(label), crate::nearest::hint(nearest.as_deref()), quoted_list(known))]
    UnknownLabel {
        /// The file.
        path: PathBuf,
        /// The first row with this label.
        row: u64,
        /// The label.
        label: String,
        /// The most similar known label, if one is similar at all.
        nearest: Option<String>,
        /// The labels of the training rows.
        known: Vec<String>,
    },
    /// Fewer than two labels: there is nothing to tell apart.
    #[error("{}: all {rows} rows have the label {}: a classifier needs at least two labels",
        path.display(), quoted(label))]
    OneLabel {
        /// The file.
        path: PathBuf,
        /// The only label.
        label: String,
        /// Rows with this label.
        rows: u64,
    },
    /// Shares that cannot be used to split.
    #[error("split {given}: {problem}")]
    Ratios {
        /// The shares as they were given.
        given: String,
        /// The fault, and the way to mend it.
        problem: String,
    },
    /// Labels with too few rows to be in every part.
    #[error("{}, too few to be split into {parts} parts: add rows", rare(labels))]
    TooFewRows {
        /// The labels and their rows.
        labels: Vec<(String, u64)>,
        /// Parts that each must be split into.
        parts: usize,
    },
    /// Groups that cannot fill all parts.
    #[error(
        "{}: {} cannot fill {parts} parts without one being torn apart: ask for fewer parts, or name a \
         column with more groups",
        path.display(),
        if *groups == 1 { "1 group".to_owned() } else { format!("{groups} groups") }
    )]
    TooFewGroups {
        /// The file or folder.
        path: PathBuf,
        /// The groups.
        groups: usize,
        /// The parts.
        parts: usize,
    },
    /// No label has as many rows as were asked for.
    #[error("{}: none of the labels of its {rows} rows has at least {at_least} of them: ask for fewer",
        path.display())]
    AllRare {
        /// The file or folder.
        path: PathBuf,
        /// Rows that a label needs.
        at_least: u64,
        /// Rows with a text and a label.
        rows: u64,
    },
    /// A row number outside the data set.
    #[error("row index {index} is outside the data set of {rows} rows")]
    OutOfRange {
        /// The index, from 0.
        index: u64,
        /// Rows of the data set.
        rows: u64,
    },
    /// Columns or lists that must be of equal length are not.
    #[error("{what}: expected {expected} values, found {found}")]
    Length {
        /// The columns or lists.
        what: String,
        /// The length that it must have.
        expected: usize,
        /// The length that it has.
        found: usize,
    },
    /// A file of this name is there already.
    #[error("{} exists already: choose another name", .0.display())]
    Exists(PathBuf),
}

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The role of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnRole {
    /// The texts.
    Text,
    /// The labels.
    Label,
    /// Neither: it stays beside them.
    Carried,
    /// Texts and labels: neither column is known.
    TextAndLabel,
    /// The groups of rows.
    Group,
}

impl std::fmt::Display for ColumnRole {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Text => "text",
            Self::Label => "label",
            Self::Carried => "carried",
            Self::TextAndLabel => "text and none for the label",
            Self::Group => "group",
        })
    }
}

/// An option that would mend an error, for the program or service in front to offer in its own words.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Name the column by [`ReadOptions::text`](crate::ReadOptions::text) or
    /// [`ReadOptions::label`](crate::ReadOptions::label).
    NameColumn {
        /// Its role.
        role: ColumnRole,
        /// The columns that could be meant, where several could: texts may be joined.
        candidates: Vec<String>,
    },
    /// Take the first line for a row, by [`ReadOptions::no_header`](crate::ReadOptions::no_header).
    NoHeader {
        /// The role of the column that was looked for.
        role: ColumnRole,
    },
    /// Name this column by [`ReadOptions::text`](crate::ReadOptions::text), if it is the text all the same.
    ConfirmText {
        /// The column.
        column: String,
    },
    /// Name the format by [`ReadOptions::format`](crate::ReadOptions::format).
    NameFormat,
    /// Write a label that has a comma in double quotes, as [`split_names`](crate::split_names) reads it.
    QuoteLabel {
        /// The label.
        label: String,
    },
    /// Leave rare labels out, by [`ReadOptions::at_least`](crate::ReadOptions::at_least).
    LeaveOutRare {
        /// The fewest rows that a label needs.
        at_least: u64,
    },
    /// Read rows with any number of labels, by [`ReadOptions::task`](crate::ReadOptions::task).
    AnyNumberOfLabels,
    /// Allow what is there to be replaced, by [`Existing::Replace`](crate::Existing::Replace).
    Overwrite,
}

impl Error {
    /// The option that would mend it, if one would.
    pub fn advice(&self) -> Option<Advice> {
        Some(match self {
            Self::UnclearColumn { role, columns, .. }
                if columns.iter().any(|name| is_cell(name)) && !are_numbers(columns) =>
            {
                Advice::NoHeader { role: *role }
            }
            Self::UnclearColumn { role, candidates, .. } => {
                Advice::NameColumn { role: *role, candidates: candidates.clone() }
            }
            Self::NoColumn { role, .. } => Advice::NameColumn { role: *role, candidates: Vec::new() },
            Self::KeepUnknown { nearest: Some(label), .. } if label.contains(',') => {
                Advice::QuoteLabel { label: label.clone() }
            }
            Self::NumericText { column, .. } => Advice::ConfirmText { column: column.clone() },
            Self::UnknownFormat(_) => Advice::NameFormat,
            Self::TooFewRows { parts, .. } => Advice::LeaveOutRare { at_least: *parts as u64 },
            Self::Exists(_) => Advice::Overwrite,
            Self::SeveralLabels { .. } => Advice::AnyNumberOfLabels,
            _ => return None,
        })
    }

    pub(crate) fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::NotFound if action == "read" => Self::Missing(path.into()),
            _ => Self::Io { action, path: path.into(), source },
        }
    }

    /// A table that cannot be read, with the reason.
    pub(crate) fn table(path: &Path, reason: impl ToString) -> Self {
        Self::io("read", path, std::io::Error::other(reason.to_string()))
    }

    pub(crate) fn format(path: &Path, problem: impl Into<String>) -> Self {
        Self::Format { path: path.into(), problem: problem.into() }
    }
}

/// Whether a name of a column is more like the cell of a row: a number, or words in a sentence.
fn is_cell(name: &str) -> bool {
    const WORDS: usize = 4;
    name.parse::<f64>().is_ok() || name.split_whitespace().count() >= WORDS
}

/// Whether columns have their numbers for names, as where there is no header.
fn are_numbers(columns: &[String]) -> bool {
    (1..).zip(columns).all(|(number, name): (u64, _)| *name == number.to_string())
}

/// What a row has in place of one label.
fn several(labels: &[String]) -> String {
    match labels.len() {
        0 | 1 => "a list in place of a label".into(),
        count => format!("{count} labels"),
    }
}

/// A row, by its line where it has one.
fn place(row: u64, line: Option<u64>) -> String {
    line.map_or_else(|| format!("row {row}"), |line| format!("line {line}"))
}

/// The labels with few rows, for a message.
fn rare(labels: &[(String, u64)]) -> String {
    const SHOWN: usize = 12;
    let rows = |rows: u64| format!("{rows} row{}", if rows == 1 { "" } else { "s" });
    if let [(label, count)] = labels {
        return format!("the label {} has {}", quoted(label), rows(*count));
    }
    let shown = labels.iter().take(SHOWN).map(|(label, count)| format!("{} {}", quoted(label), rows(*count)));
    let more = labels.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{} labels have few rows ({}{more})", labels.len(), shown.collect::<Vec<_>>().join(", "))
}
