//! The name most like a mistyped one.

use crate::names::quoted;

/// The candidate most similar to `name` by Jaro-Winkler, letter case aside, or `None` if none is similar.
///
/// ```
/// assert_eq!(assort_datasets::nearest("sentimnet", ["content", "sentiment"]), Some("sentiment"));
/// assert_eq!(assort_datasets::nearest("xyz", ["content", "sentiment"]), None);
/// ```
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    const SIMILAR: f64 = 0.75;
    let name = name.to_lowercase();
    (candidates.into_iter())
        .map(|candidate| (strsim::jaro_winkler(&name, &candidate.to_lowercase()), candidate))
        .filter(|(score, _)| *score >= SIMILAR)
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, candidate)| candidate)
}

/// The words that offer the nearest name in an error.
pub(crate) fn hint(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(", did you mean {}?", quoted(name))).unwrap_or_default()
}
