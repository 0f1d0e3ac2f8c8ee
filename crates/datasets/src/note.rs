use serde::Serialize;

use crate::names::{quoted, quoted_list};

/// Something that a reader noticed in a file: it was read all the same, but perhaps not as it was meant.
///
/// The text is one sentence for people; rows and lines are counted as in [`Error`](crate::Error).
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Note {
    /// Quotation marks of a file parted by tabs were read as characters like others: they do not enclose its
    /// cells.
    LiteralQuotes {
        /// The first row that shows it.
        row: u64,
    },
    /// Backslashes stand before the quotation marks inside cells, and are no part of them.
    EscapedQuotes {
        /// The first row that shows it.
        row: u64,
    },
    /// Backslashes stand before quotation marks of cells that are not in quotes, and are a part of them.
    LiteralBackslashes {
        /// The first such row.
        row: u64,
        /// The line that it begins on.
        line: u64,
        /// Further rows of this kind.
        others: u64,
    },
    /// A quoted cell goes over lines that look like rows themselves.
    LongCell {
        /// The first such row.
        row: u64,
        /// The line that it begins on.
        line: u64,
        /// Lines of this row.
        lines: u64,
        /// Further rows of this kind.
        others: u64,
    },
    /// Names that several columns have; none of these is read.
    RepeatedColumns {
        /// The names.
        names: Vec<String>,
    },
    /// Labels that differ by letter case, white space or Unicode form alone.
    SimilarLabels {
        /// Their names.
        names: Vec<String>,
        /// Further groups of such labels, of which no note tells.
        others: u64,
    },
    /// Files and folders that hold no row, since they lie where no text file of a label is looked for, or are
    /// hidden.
    PassedOver {
        /// How many there are.
        entries: u64,
        /// The first of them, by their paths in the folder.
        names: Vec<String>,
    },
    /// A value whose name no column has, since it begins late: it is not carried along.
    LateColumn {
        /// The name.
        name: String,
        /// The first line that has it.
        line: u64,
    },
    /// Columns whose values are of a kind that is not carried along.
    NotCarried {
        /// Their names.
        names: Vec<String>,
    },
    /// Halves of surrogate pairs in JSON strings, which are no characters, became U+FFFD.
    LoneSurrogates {
        /// Rows that had one in their text or label.
        rows: u64,
        /// The line of the first.
        line: u64,
    },
    /// What is to part the labels of a cell stands in none of them.
    NoSeparator {
        /// The separator.
        separator: String,
    },
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::LiteralQuotes { row } => {
                write!(f, "quotation marks are read as characters, since in row {row} they enclose no cell")
            }
            Self::LongCell { row, line, lines, others } => {
                write!(
                    f,
                    "row {row} (line {line}) has a quoted cell over {lines} lines that look like rows"
                )?;
                write!(f, "{}: a quotation mark may open it by mistake", more(*others))
            }
            Self::EscapedQuotes { row } => {
                write!(f, "backslashes before quotation marks are no part of the cells, as row {row} shows")
            }
            Self::LiteralBackslashes { row, line, others } => {
                write!(
                    f,
                    "row {row} (line {line}) has a backslash before a quotation mark, outside of quotes"
                )?;
                write!(f, "{}: the backslash is read as a part of the cell", more(*others))
            }
            Self::RepeatedColumns { names } => {
                write!(f, "more than one column is named {}: none of them is read", quoted_list(names))
            }
            Self::SimilarLabels { names, others } => {
                let more = match others {
                    0 => String::new(),
                    others => format!(" ({others} more groups of labels do)"),
                };
                write!(f, "the labels {} look alike{more}: are they one?", quoted_list(names))
            }
            Self::PassedOver { entries, names } => {
                let more = entries.saturating_sub(names.len() as u64);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                let verb = if *entries == 1 { "is" } else { "are" };
                write!(f, "{}{more} {verb} passed over: no text files of a label", quoted_list(names))
            }
            Self::NoSeparator { separator } => {
                write!(f, "no row has several labels that {} parts", quoted(separator))
            }
            Self::LateColumn { name, line } => {
                write!(f, "{} begins in line {line}, too late to be carried along", quoted(name))
            }
            Self::NotCarried { names } => {
                write!(f, "{}: values of this kind are not carried along", quoted_list(names))
            }
            Self::LoneSurrogates { rows, line } => {
                let noun = if *rows == 1 { "row has" } else { "rows have" };
                write!(f, "{rows} {noun} half of a surrogate pair, read as U+FFFD (first in line {line})")
            }
        }
    }
}

/// A clause on further rows that have the same.
fn more(others: u64) -> String {
    match others {
        0 => String::new(),
        1 => ", as has 1 more".into(),
        others => format!(", as have {others} more"),
    }
}
