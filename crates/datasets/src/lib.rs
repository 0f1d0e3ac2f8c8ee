//! [`Dataset`]: a labelled corpus, read from a local file into columns, then split and audited.
//!
//! [`read`] takes CSV, TSV, JSON Lines, Parquet, fastText's lines and folders of folders, and returns the
//! rows together with a [`ReadReport`] of what was chosen and left out; [`read_texts`] takes texts to
//! predict. Texts lie in one arena ([`Texts`]), labels are small numbers ([`LabelId`]) sorted by name
//! ([`Labels`]), and parts of a data set are lists of row indices: a corpus is held once, whatever is done
//! with it. The price is that a data set does not grow. Nothing is downloaded and nothing is printed; all
//! chance comes from a seed.
//!
#![doc = include_str!("../README.md")]

mod audit;
mod block;
mod carried;
mod carry;
mod cells;
mod collect;
mod columns;
mod dataset;
mod error;
mod groups;
mod invisible;
mod labels;
mod names;
mod nearest;
mod note;
mod options;
mod read;
mod records;
mod request;
mod role;
mod row_labels;
mod split;
mod table;
mod texts;
mod unlabelled;

pub use assort_files::Existing;
pub use assort_rows::Task;
pub use audit::{
    Audit, AuditOptions, Conflict, Conflicts, Duplicate, Duplicates, LabelCount, Leak, LengthAdvice, Lengths,
    NearDuplicates, Shared, leaks, near_duplicates,
};
pub use block::Block;
pub use carry::Carry;
pub use dataset::Dataset;
pub use error::{Advice, ColumnRole, Error, Result};
pub use groups::Groups;
pub use labels::{LabelId, Labels};
pub use names::{join_names, split_names};
pub use nearest::nearest;
pub use note::Note;
pub use options::{Choice, ChosenColumn, Format, ReadOptions, ReadReport};
pub use read::{read, read_blocks, read_texts, read_with_columns};
pub use role::Role;
pub use row_labels::RowLabels;
pub use split::{Fold, Ratios, Resampling, Split};
pub use table::{Column, TableValues, TableWriter, Values, write_table};
pub use texts::Texts;
pub use unlabelled::{KnownLabels, UnlabelledTexts};
