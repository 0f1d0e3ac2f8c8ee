//! Labels that look alike.

use std::collections::BTreeMap;

use unicode_normalization_alignments::UnicodeNormalization;

use crate::invisible::is_invisible;
use crate::{Labels, Note};

/// Groups of labels that are one if letter case, white space and Unicode form do not count: the first few,
/// and how many more there are.
pub(super) fn similar(labels: &Labels) -> Vec<Note> {
    const SHOWN: usize = 5;
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (_, name) in labels.iter() {
        let seen = name.chars().filter(|character| character.is_whitespace() || !is_invisible(*character));
        let seen: String = seen.collect();
        let folded: String = seen.nfkc().map(|(character, _)| character).collect();
        let words: Vec<&str> = folded.split_whitespace().collect();
        groups.entry(words.join(" ").to_lowercase()).or_default().push(name.to_owned());
    }
    let mut several: Vec<_> = groups.into_values().filter(|names| names.len() > 1).collect();
    let others = several.len().saturating_sub(SHOWN) as u64;
    several.truncate(SHOWN);
    let last = several.len().saturating_sub(1);
    let note = |(index, names)| Note::SimilarLabels { names, others: if index == last { others } else { 0 } };
    several.into_iter().enumerate().map(note).collect()
}
