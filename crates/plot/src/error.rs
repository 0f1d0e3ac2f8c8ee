use thiserror::Error;

/// Reasons why a picture cannot be drawn.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// Two lists that belong together have different lengths.
    #[error("{what}: expected {expected}, found {found}; give one for each name")]
    Length {
        /// Which list, with its place.
        what: String,
        /// The number of names.
        expected: usize,
        /// The length of the list.
        found: usize,
    },
    /// More names than a picture can show with words that are large enough to read.
    #[error("{found} names are too many for one picture (at most {limit}); draw the most frequent ones")]
    TooManyNames {
        /// The number of names given.
        found: usize,
        /// The largest number that is drawn.
        limit: usize,
    },
    /// A fixed range whose ends are not finite or not in order.
    #[error("the range from {low} to {high} cannot be drawn; give two finite numbers, the lower one first")]
    Range {
        /// The lower end given.
        low: f64,
        /// The upper end given.
        high: f64,
    },
    /// The built-in font could not be read.
    #[error("the built-in font cannot be read: {0}; rebuild with an unchanged `dejavu` crate")]
    Font(String),
    /// A drawing backend refused to draw.
    #[error("drawing failed: {0}")]
    Drawing(String),
    /// The PNG could not be encoded.
    #[error("encoding the PNG failed: {0}")]
    Png(#[from] png::EncodingError),
}

/// The result of every function of this crate.
pub type Result<T> = std::result::Result<T, Error>;
