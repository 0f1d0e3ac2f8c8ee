//! Vectors of texts and words as tables.

use assort_pipeline::{TextVectors, TokenVectors};
use assort_vectors::cosine;

use super::table::{Lean, Table};
use crate::numbers::figure;
use crate::text::shortened;

/// Numbers of a vector that are shown.
const SHOWN: usize = 5;

/// The columns of a text beside another.
const TEXT: usize = 40;

/// Each token with the beginnings of its two vectors.
pub fn tokens(vectors: &TextVectors) -> Vec<String> {
    let start = |vector: &[f32]| {
        let shown: Vec<String> = vector.iter().take(SHOWN).map(|value| format!("{value:7.3}")).collect();
        format!("{} …", shown.join(" "))
    };
    let header = [("token", Lean::Left), ("static", Lean::Left), ("contextual", Lean::Left)];
    let mut table = Table::new(&header);
    for token in &vectors.tokens {
        table.row([token.token.clone(), start(&token.fixed), start(&token.contextual)]);
    }
    table.lines()
}

/// Every pair of places where one token stands, by their texts, with the cosines of its static and of its
/// contextual vectors.
pub fn places(places: &[(&str, &TokenVectors)]) -> Vec<String> {
    let header = [("", Lean::Left), ("", Lean::Left), ("static", Lean::Right), ("contextual", Lean::Right)];
    let mut table = Table::new(&header);
    for (number, (one, a)) in places.iter().enumerate() {
        for (other, b) in &places[number + 1..] {
            let cosines = [(&a.fixed[..], &b.fixed[..]), (&a.contextual, &b.contextual)].map(angle);
            table.row([one, other].map(|text| shortened(text, TEXT)).into_iter().chain(cosines));
        }
    }
    table.lines()
}

/// The cosine of each text's vector with each other's.
pub fn cosines(texts: &[(&str, &[f32])]) -> Vec<String> {
    let mut table = Table::plain(&[Lean::Left, Lean::Left, Lean::Right]);
    for (number, (one, a)) in texts.iter().enumerate() {
        for (other, b) in &texts[number + 1..] {
            table.row([shortened(one, TEXT), shortened(other, TEXT), angle((a, b))]);
        }
    }
    table.lines()
}

/// The cosine of the angle between two vectors.
fn angle((a, b): (&[f32], &[f32])) -> String {
    figure(cosine(a, b).map(f64::from))
}

/// Words with their cosines.
pub fn neighbours<'w>(words: impl IntoIterator<Item = (&'w str, f32)>) -> Vec<String> {
    let mut table = Table::plain(&[Lean::Left, Lean::Right]);
    for (word, cosine) in words {
        table.row([shortened(word, 60), figure(f64::from(cosine))]);
    }
    table.lines()
}
