//! The n-grams that speak most for each label of a linear model.

/// A label with the n-grams that raise its score most.
#[derive(Clone, Debug, PartialEq)]
pub struct StrongestNgrams {
    /// The label.
    pub label: String,
    /// N-grams and what one occurrence adds to the score before a text's values are divided by their norm,
    /// the strongest first.
    pub ngrams: Vec<(String, f64)>,
}
