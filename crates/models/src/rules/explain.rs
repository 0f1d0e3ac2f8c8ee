//! Contribution of each match to the logits.

use assort_classifier::{Contributions, Explainable, Inputs, Match, Parts, Result};

use super::Rules;

impl Explainable for Rules {
    /// The parts are the places that the expressions matched, by expression in the order of the file. An
    /// expression that matches in several places divides its weight among them. The rest is what breaks a
    /// tie.
    fn contributions(&self, inputs: &Inputs) -> Result<Vec<Contributions>> {
        Ok(inputs.texts()?.iter().map(|text| self.of(text)).collect())
    }
}

impl Rules {
    fn of(&self, text: &str) -> Contributions {
        let found = self.matches(text);
        let place = |pattern: &str, range: &std::ops::Range<usize>| Match {
            pattern: pattern.into(),
            start: range.start,
            end: range.end,
        };
        let places = found.iter().flat_map(|rule| rule.ranges.iter().map(|range| place(rule.pattern, range)));
        let rest = self.scored(text).rest;
        let mut contributions = Contributions::new(Parts::Matches(places.collect()), rest);
        for rule in &found {
            let share = rule.weight / rule.ranges.len() as f64;
            for _ in &rule.ranges {
                contributions.push((0..rule.label).map(|_| 0.0).chain([share]));
            }
        }
        contributions
    }
}
