//! Errors of a report.

use crate::numbers::grouped;

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of a report.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A matrix that nobody could look at.
    #[error(
        "{} rows of {} features are too many to lay out: leave out features of few texts, or give fewer \
         texts",
        grouped(*rows),
        grouped(*features)
    )]
    TooLarge {
        /// Its rows.
        rows: usize,
        /// Its columns.
        features: usize,
    },
    /// An error of the vectorizer.
    #[error(transparent)]
    Text(#[from] assort_text::Error),
    /// A setting whose default cannot be told.
    #[error(transparent)]
    Settings(#[from] assort_settings::Error),
    /// A picture that could not be drawn.
    #[error(transparent)]
    Plot(#[from] assort_plot::Error),
}
