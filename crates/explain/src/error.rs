//! The error of this crate.

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of an attribution.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A model that explains something else than it was given.
    #[error(
        "the model explains {found} {what}, but the text has {expected}: load the model with the tokenizer \
         or features it was trained with"
    )]
    Parts {
        /// The counted things.
        what: &'static str,
        /// Those of the text.
        expected: usize,
        /// Those that the model spoke of.
        found: usize,
    },
    /// An error of the model.
    #[error(transparent)]
    Classifier(#[from] assort_classifier::Error),
    /// An error of the tokenizer.
    #[error(transparent)]
    Text(#[from] assort_text::Error),
}
