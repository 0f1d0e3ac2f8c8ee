//! Errors.

/// An error of a linear model.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting that cannot work.
    #[error("{parameter} is {found}: {advice}")]
    Setting {
        /// The setting's name, as users write it.
        parameter: &'static str,
        /// Its value.
        found: String,
        /// The words to write instead.
        advice: &'static str,
    },
    /// Not one label a row.
    #[error("{rows} rows have {labels} labels: give one a row")]
    LabelCount {
        /// The number of rows.
        rows: usize,
        /// The number of labels.
        labels: usize,
    },
    /// A label that no class has.
    #[error("row {row} has label {label}, but there are {classes} classes, counted from 0")]
    LabelOutside {
        /// The row, counted from 0.
        row: usize,
        /// Its label.
        label: u32,
        /// The number of classes.
        classes: usize,
    },
    /// A class that nothing can be learned of.
    #[error("label {label} has no training row: leave it out, or add rows that have it")]
    LabelWithoutRows {
        /// The label.
        label: u32,
    },
    /// Fewer than two classes.
    #[error("a classifier needs at least 2 labels, found {found}")]
    Classes {
        /// The number of classes.
        found: usize,
    },
    /// A matrix without columns.
    #[error("the rows have no features: check the vectorizer's settings")]
    NoFeatures,
    /// A feature that is no number.
    #[error("row {row}, column {column} holds {value}: expected a finite number")]
    NotFinite {
        /// The row, counted from 0.
        row: usize,
        /// The column.
        column: u32,
        /// The value found.
        value: f32,
    },
    /// Sums that left the range of numbers.
    #[error(
        "the fit left the range of numbers after {iterations} steps: lower inverse_penalty or norm the rows"
    )]
    Diverged {
        /// Newton steps done.
        iterations: usize,
    },
    /// Rows or weights of another size than the model's.
    #[error("expected {expected} {what}, found {found}: use the vectorizer that the model was fitted with")]
    Size {
        /// The things counted.
        what: &'static str,
        /// As the model has it.
        expected: usize,
        /// As it was handed in.
        found: usize,
    },
}
