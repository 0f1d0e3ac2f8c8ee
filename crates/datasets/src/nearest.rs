//! The name most like a mistyped one.

/// The candidate most similar to `name` by Jaro-Winkler, letter case aside, or `None` if none is similar.
///
/// ```
/// assert_eq!(assort_datasets::nearest("sentimnet", ["content", "sentiment"]), Some("sentiment"));
/// assert_eq!(assort_datasets::nearest("xyz", ["content", "sentiment"]), None);
/// ```
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    const SIMILAR: f64 = 0.75;
    let name = name.to_lowercase();
    let mut best: Option<(f64, &str)> = None;
    for candidate in candidates {
        let score = strsim::jaro_winkler(&name, &candidate.to_lowercase());
        if score >= SIMILAR && best.is_none_or(|(highest, _)| score > highest) {
            best = Some((score, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The words that offer the nearest name in an error.
pub(crate) fn hint(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(", did you mean '{name}'?")).unwrap_or_default()
}
