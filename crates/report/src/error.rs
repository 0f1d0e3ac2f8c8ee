//! What can go wrong in a report.

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of a report.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A picture that could not be drawn.
    #[error(transparent)]
    Plot(#[from] assort_plot::Error),
}
