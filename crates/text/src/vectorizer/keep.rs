//! A vectorizer of some of its features.

use super::Vectorizer;
use super::alphabet::{Alphabet, Characters};
use super::grams::{GAP, Grams};
use super::unit::Unit;

impl Vectorizer {
    /// The same with some columns alone, ascending numbers, which become 0, 1, 2 …; parts of their n-grams
    /// stay as parts.
    pub fn keep(&self, columns: &[u32]) -> Self {
        let units = self.units.iter().map(|unit| unit.keep(columns)).collect();
        Self::assemble(self.config.clone(), self.subwords.clone(), self.documents, units)
    }
}

impl Unit {
    fn keep(&self, columns: &[u32]) -> Self {
        let (grams, longest) = (&self.grams, self.grams.longest());
        let is_feature = |node: u32| {
            let column = self.columns.get(node as usize).filter(|column| **column != GAP);
            column.is_some_and(|column| columns.binary_search(column).is_ok())
        };
        let mut is_needed: Vec<bool> = (0..grams.len() as u32).map(is_feature).collect();
        // An n-gram is found by way of that without its last symbol and that without its first.
        for length in (2..=longest).rev() {
            for node in grams.level(length).filter(|node| is_needed[*node as usize]).collect::<Vec<_>>() {
                let symbols = grams.spell(node);
                let suffix = symbols.get(1).copied().map(|first| {
                    symbols.iter().skip(2).fold(first, |prefix, symbol| grams.find(prefix, *symbol))
                });
                let prefix = grams.key(node).map(|(prefix, _)| prefix);
                for part in symbols.iter().copied().chain(prefix).chain(suffix) {
                    if let Some(is_needed) = is_needed.get_mut(part as usize) {
                        *is_needed = true;
                    }
                }
            }
        }
        let needed = |length: usize| grams.level(length).filter(|node| is_needed[*node as usize]);
        let mut numbers = vec![GAP; grams.len()];
        let all = (1..=longest).flat_map(needed);
        for (number, node) in (0..).zip(all.clone()) {
            numbers[node as usize] = number;
        }
        let number = |node: u32| numbers.get(node as usize).copied().unwrap_or(GAP);
        let mut kept = Grams::new(needed(1).map(|node| grams.documents(node)).collect());
        for length in 2..=longest {
            let level: Vec<_> = needed(length)
                .filter_map(|node| {
                    let (prefix, symbol) = grams.key(node)?;
                    Some(((number(prefix), number(symbol)), grams.documents(node)))
                })
                .collect();
            // Keys that differ before differ after.
            kept.push_level(level.into_iter());
        }
        let alphabet = match &self.alphabet {
            Alphabet::Words(words) => {
                Alphabet::Words(needed(1).filter_map(|node| words.word(node)).collect())
            }
            Alphabet::Characters(known) => {
                let symbols = needed(1).filter_map(|node| known.all.get(node as usize).copied());
                Alphabet::Characters(Characters::new(symbols.collect()))
            }
        };
        let columns = all.map(|node| if is_feature(node) { 0 } else { GAP }).collect();
        Self { alphabet, grams: kept, columns }
    }
}
